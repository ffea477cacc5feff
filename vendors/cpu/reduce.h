// The canonical orders over a strip: one accumulator a point, all moving together, k always ascending.
//
// Why      the pairs of a level are joined as soon as both are there, like the carries of a binary counter: the same tree as
//          joining level by level, with one partial result a level.
#pragma once

#include "strip.h"

namespace acp_cpu {

class Reducer {
 public:
  explicit Reducer(Strip& strip) : strip_(strip), nest_(*strip.nest_) {}
  // Leaves the result in the accumulator's slot. Returns false at a fault.
  bool run(const std::vector<std::int64_t>& iters);
  // The first element as it is.
  void take(unsigned char* acc, const Value& value) const;

 private:
  using Slot = unsigned char*;
  bool begin(const std::vector<std::int64_t>& iters, Slot acc);
  bool chain(Slot acc, bool begun, std::int64_t steps);
  void fma_run(Slot acc, std::int64_t steps);
  bool blocked(Slot acc);
  bool lanes32(Slot acc);
  bool piece(std::int64_t steps);
  void push(Slot part, std::int64_t number);
  void collapse(std::int64_t pieces, Slot acc);
  void advance();
  void move_rows(std::size_t iter, std::int64_t times);

  void copy(Slot to, Slot from) const;
  void join(Slot acc, Slot part) const;
  void neutral(Slot acc) const;
  [[nodiscard]] Slot partial(std::int64_t number) const;
  [[nodiscard]] std::size_t element_bytes() const { return nest_.dtype == ACP_I64 ? 8 : 4; }
  [[nodiscard]] bool adds() const {
    return nest_.combiner == ACP_COMBINE_ADD || nest_.combiner == ACP_COMBINE_FMA;
  }

  Strip& strip_;
  const Nest& nest_;
};

}  // namespace acp_cpu
