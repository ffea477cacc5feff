// Runs the phases of one nest over one strip: what a thread owns while it works.
//
// Life     one per participant of the pool and launch; sized for the largest nest, so a strip allocates nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "program.h"

namespace acp_cpu {

// Slots for the partial results of a reduction, see reduce.cc.
inline constexpr std::int64_t kPartials = 98;

// Cuts first .. last to the points j with lo <= start + move * j < hi.
void narrow(std::int64_t start, std::int64_t move, std::int64_t lo, std::int64_t hi, std::int64_t& first,
            std::int64_t& last);

class Strip {
 public:
  Strip(const Program& program, std::vector<unsigned char*> operands);

  // Points the strip at a nest; trip numbers of the loops around it, outermost first.
  void enter(const Nest& nest, const std::vector<std::int64_t>& trips);

  // Everything about `count` points from the iterators' present values on: reduction, write values, writes.
  // Returns false at a fault.
  bool run(const std::vector<std::int64_t>& iters, std::int64_t count);

  // The two ends of run, for a reduction done elsewhere: the init of `count` points into acc; write values and writes from acc.
  // acc holds elements of the nest's accumulator. seed needs a nest with init.
  bool seed(const std::vector<std::int64_t>& iters, std::int64_t count, void* acc);
  bool finish(const std::vector<std::int64_t>& iters, std::int64_t count, void* acc);

  // The I64 or BOOL a loop scalar comes to. Returns false at a fault.
  bool evaluate(const LoopScalar& scalar, const std::vector<std::int64_t>& trips, std::int64_t* result);

  // Number of the read that faulted.
  [[nodiscard]] std::uint32_t fault() const { return fault_; }

 private:
  friend class Reducer;
  using Slot = unsigned char*;

  void place(const Phase& phase, std::vector<std::int64_t>& rows,
             const std::vector<std::int64_t>& iters) const;
  bool execute(const Phase& phase, const std::vector<Instruction>& list,
               const std::vector<std::int64_t>& rows, bool lend);
  void ramp(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows);
  void index(const Instruction& instruction);
  void widen(const Instruction& instruction);
  bool read(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows,
            bool lend);
  bool gather(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows,
              std::int64_t first, std::int64_t last);
  bool fail(const Access& access);
  [[nodiscard]] std::int64_t value_at(const Coordinate& c, const Phase& phase,
                                      const std::vector<std::int64_t>& rows, std::int64_t j) const;
  bool write(const std::vector<std::int64_t>& iters);
  void store(const Store& store) const;
  [[nodiscard]] std::int64_t along(const Row& row) const {
    return nest_->strip_axis == nest_->parallel ? 0 : row.iter[nest_->strip_axis];
  }

  const Program& program_;
  std::vector<unsigned char*> operands_;
  const Nest* nest_ = nullptr;
  std::vector<std::int64_t> trips_;
  std::vector<std::uint64_t> storage_;  // kSlotBytes a slot
  std::vector<Slot> slots_;             // where a slot's value is now: its storage, or an operand
  std::vector<std::int64_t> body_rows_, rows_;
  std::vector<std::int64_t> k_iters_;
  std::vector<std::uint64_t> partials_;  // lanes and levels of a reduction
  std::int64_t count_ = 0;
  std::uint32_t fault_ = 0;
};

}  // namespace acp_cpu
