// Replay of a physical plan: reference and plan run on numbers, to find out whether a plan that is undecided is wrong, and where.
//
// What the verifier could not follow may be right all the same, or be wrong. Both programs are run here, in this process and by the
// reference interpreter: the plan over bytes of its arenas, step after step, its operands where its views say. What nobody has written is
// noise, as it may be on a device. A difference is a witness anybody can compute again; none proves nothing.
//
// Spec     CEP 6.9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cep/verify.h"

namespace cep::physical {

struct ReplayOptions {
  std::uint64_t seed = 1;   // of the first set of inputs; the next ones are seed + 1, ...
  std::uint64_t draws = 4;  // sets of inputs to run while nothing differs
  // A hostile plan must not fill a machine's memory, or keep it busy: 2^24 elements of the interpreter are 256 MB, 2^30 operations (all
  // draws together) some ten seconds.
  std::uint64_t max_bytes = std::uint64_t{1} << 28;  // of all arenas
  std::uint64_t max_elements = std::uint64_t{1}
                               << 24;  // of the reference's values, and of one step's or node's operands
  std::uint64_t max_operations = std::uint64_t{1} << 30;
};

// What a difference is made of; all but the last are certain.
enum class Evidence : std::uint8_t {
  kBits,     // the plan promises bits, on devices with the canonical numerics, and gives others
  kReal,     // two real numbers: no operation before them was rounded, in either program
  kFault,    // the plan loads from outside of what it was given, where the reference does not
  kRounded,  // other bits where rounding, or a device's contract, may be the reason
};
[[nodiscard]] std::string_view to_string(Evidence evidence);

// One element that is not the workload's.
struct Witness {
  Evidence evidence = Evidence::kRounded;
  std::uint64_t seed = 0;   // of the inputs
  bool output = false;      // of what the host reads; else of what a step says it makes
  StepId step = kNoId;      // that makes it, or last wrote its first byte; kNoId: nobody did
  TensorId tensor = kNoId;  // kNoId: a fault, where no element was made
  Dims index;               // in the tensor
  Dtype dtype = Dtype::kUnknown;
  std::uint64_t expected = 0;  // bits of the reference's element
  std::uint64_t found = 0;     // bits of the plan's
  BufferId buffer = 0;         // where the plan has it
  std::int64_t byte = 0;       // of the buffer
  std::string fault;
};

struct Differs {
  Witness first;                  // in the order in which the plan was run
  std::optional<Witness> output;  // the first of the outputs, where the plan could be run to its end
  bool to_the_end = false;        // it could
  [[nodiscard]] bool refutes() const { return first.evidence != Evidence::kRounded; }
};
struct Agrees {
  std::uint64_t seed = 0;     // of the first set of inputs
  std::uint64_t draws = 0;    // that were run to the end
  StepId stopped_at = kNoId;  // in the draw after them: the step that went over a limit
};
struct CannotRun {
  acp::Error error;
};
using ReplayVerdict = std::variant<Agrees, Differs, CannotRun>;

// For a plan that verify() leaves undecided, though it takes any. All executions of a plan that keeps conditions 1 to 4 compute the
// same: one order stands for all.
// Errors   in the verdict: CEP-REPLAY-4 the plan breaks one of these conditions; CEP-REPLAY-5 over a limit before anything was compared;
//          CEP-REPLAY-6 the reference has no value on any inputs drawn.
// Cost     of both programs, once for each set of inputs; where max_operations do not reach for that, up to the first difference.
// Why      what a step makes is compared, not only outputs: a step that does not make what it says breaks condition 5 by itself.
// Spec     CEP 6.9, CEP-REPLAY-4 to CEP-REPLAY-6.
[[nodiscard]] ReplayVerdict replay(const Workload& workload, const Plan& plan, const Context& context,
                                   const ReplayOptions& options = {});

// "y[0,3] is 0x40400000 (3), not 0x3f800000 (1): ...".
[[nodiscard]] std::string to_string(const Workload& workload, const Plan& plan, const Witness& witness);
[[nodiscard]] std::string to_string(const Workload& workload, const Plan& plan, const ReplayVerdict& verdict);

}  // namespace cep::physical
