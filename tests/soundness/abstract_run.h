// Executes a plan abstractly: memory is bytes that remember who wrote them, queues take turns at random, and every step runs over
// one of the interpreter's domains. What the plan verifier claims is checked against this, with code it does not share.
//
// A read is good only if all its bytes come from one write of the same element type and address; anything else (bytes nobody wrote, parts
// of other elements, bytes a running step is about to overwrite) yields poison: a value that equals nothing. What a device of
// kWeakShim leaves has other bits, and is the same over the reals.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "cep/interp.h"
#include "cep/plan.h"

namespace cep::fuzz {

struct RunEnd {
  enum class Kind { kFinished, kDeadlock, kFault };
  Kind kind = Kind::kFinished;
  std::string why;                // of a fault
  std::vector<Elements> outputs;  // the workload's outputs; poison where the plan hands nothing out
};

// The elements of every kInput, kWeight and kConstant tensor, by tensor id; empty for values.
using TensorElements = std::vector<Elements>;

class AbstractMachine {
 public:
  // Lowers every step once. The plan may be wrong in any way.
  AbstractMachine(const Workload& workload, const Plan& plan);

  // Nothing is left of earlier runs.
  void forget();
  // One run, in an order drawn from `seed` among those the queues and timelines allow. Memory is what the run before left in it.
  [[nodiscard]] RunEnd run(Domain domain, TermSpace& space, const TensorElements& tensors,
                           std::uint64_t seed);

 private:
  struct Byte {
    std::uint64_t write = 0;  // number of the write; 0: nobody
    Value value;
    std::uint8_t position = 0;  // of this byte in the element
    Dtype dtype = Dtype::kUnknown;
  };
  // A lowered step: its region, and the views behind its inputs and outputs.
  struct Work {
    Region region;
    std::vector<View> inputs;
    std::vector<View> outputs;
    bool weak = false;      // run by a device that does not keep the canonical numerics
    bool overlaps = false;  // an output shares bytes with an input, other than element by element
  };

  [[nodiscard]] bool ids_resolve() const;
  [[nodiscard]] bool view_ok(const View& view) const;
  [[nodiscard]] std::int64_t address(const View& view) const;
  void prepare(const Step& step);
  [[nodiscard]] bool in_place_is_wrong(const Step& step, const Work& work) const;

  [[nodiscard]] Value poison(Dtype dtype);
  [[nodiscard]] Value take(ArenaId arena, std::int64_t address, Dtype dtype);
  void put(ArenaId arena, std::int64_t address, Dtype dtype, Value value);
  [[nodiscard]] Elements gather(const View& view, const acp_operand& operand);
  void scatter(const View& view, const acp_operand& operand, const Elements& elements);
  void spoil(const View& view);
  void disturb(Elements& elements, Dtype dtype);

  [[nodiscard]] bool execute(const Work& work, std::string& why);
  [[nodiscard]] bool host_writes(const TensorElements& tensors);
  [[nodiscard]] std::vector<Elements> host_reads();
  // The step to go on with, or nothing when none may run.
  [[nodiscard]] std::optional<StepId> next(const std::vector<std::size_t>& at);

  const Workload& workload_;
  const Plan& plan_;
  std::string broken_;  // why the plan cannot even be started
  std::vector<std::vector<StepId>> queues_;
  std::vector<Work> works_;  // by step; empty region for signals and waits
  std::vector<std::vector<Byte>> memory_;
  std::vector<std::uint64_t> timelines_;
  std::vector<std::uint32_t> priority_;
  std::uint64_t writes_ = 0;
  std::mt19937_64 random_;
  Domain domain_ = Domain::kBits;
  TermSpace* space_ = nullptr;
};

}  // namespace cep::fuzz
