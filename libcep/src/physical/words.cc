// A replay's answer, for a person.
#include <bit>
#include <cstdio>

#include "cep/physical_replay.h"

namespace cep::physical {
namespace {

// Its bits, and the number they stand for: enough digits to tell any two apart.
std::string element_text(Dtype dtype, std::uint64_t bits) {
  char text[64];
  if (dtype == Dtype::kF32) {
    const auto pattern = static_cast<std::uint32_t>(bits);
    std::snprintf(text, sizeof text, "0x%08x (%.9g)", pattern,
                  static_cast<double>(std::bit_cast<float>(pattern)));
    return text;
  }
  return std::to_string(static_cast<std::int64_t>(bits));
}

std::string place(const std::string& tensor, const Dims& index) {
  std::string text = tensor + "[";
  for (std::size_t d = 0; d < index.size(); ++d) text += (d > 0 ? "," : "") + std::to_string(index[d]);
  return text + "]";
}

std::string step_name(const Plan& plan, StepId step) {
  return step == kNoId ? "nobody" : "step " + plan.steps[step].name;
}

std::string draws_text(std::uint64_t seed, std::uint64_t draws) {
  if (draws == 1) return "1 set of inputs, seed " + std::to_string(seed);
  return std::to_string(draws) + " sets of inputs, seeds " + std::to_string(seed) + " to " +
         std::to_string(seed + draws - 1);
}

std::string text_of(const Workload&, const Plan& plan, const Agrees& agrees) {
  std::string text = "no difference";
  if (agrees.draws > 0) text += " on " + draws_text(agrees.seed, agrees.draws);
  if (agrees.stopped_at != kNoId) {
    text += std::string(agrees.draws > 0 ? ", nor" : "") + " at seed " +
            std::to_string(agrees.seed + agrees.draws) + " before step " +
            plan.steps[agrees.stopped_at].name +
            ": from there on the plan is too large to be run [CEP-REPLAY-5]";
  }
  return text + "; this proves nothing";
}
std::string text_of(const Workload& workload, const Plan& plan, const Differs& differs) {
  std::string text = to_string(workload, plan, differs.first);
  if (differs.first.output) return text;
  if (differs.output) return text + "; " + to_string(workload, plan, *differs.output);
  if (differs.to_the_end) return text + "; the outputs do not show it on these inputs";
  return text + "; not run from there on";
}
std::string text_of(const Workload&, const Plan&, const CannotRun& cannot) {
  return acp::to_string(cannot.error);
}

}  // namespace

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::kBits: return "bits";
    case Evidence::kReal: return "real";
    case Evidence::kFault: return "fault";
    case Evidence::kRounded: return "rounded";
  }
  return "unknown";
}

std::string to_string(const Workload& workload, const Plan& plan, const Witness& witness) {
  const std::string seed = "at seed " + std::to_string(witness.seed) + " ";
  const std::string step = step_name(plan, witness.step);
  if (witness.tensor == kNoId) return seed + step + " fails where the reference does not: " + witness.fault;
  const std::string what = place(workload.tensors[witness.tensor].name, witness.index);
  const std::string values =
      element_text(witness.dtype, witness.found) + ", not " + element_text(witness.dtype, witness.expected);
  std::string text = witness.output ? seed + "output " + what + " is " + values + ", last written by " + step
                                    : seed + step + " says it makes " + what + ", which is " + values;
  text += ", in " + plan.buffers[witness.buffer].name + " at byte " + std::to_string(witness.byte);
  switch (witness.evidence) {
    case Evidence::kReal: return text + ": no operation was rounded, so that real numbers differ";
    case Evidence::kRounded: return text + ": rounding, or a device's contract, may be the reason";
    default: return text;
  }
}

std::string to_string(const Workload& workload, const Plan& plan, const ReplayVerdict& verdict) {
  return std::visit([&](const auto& answer) { return text_of(workload, plan, answer); }, verdict);
}

}  // namespace cep::physical
