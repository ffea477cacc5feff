// What a replay found, in words.
#include <algorithm>
#include <string>

#include "cep/replay.h"

namespace cep::logical {
namespace {

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : ", ") + words[i];
  return text;
}

std::string at_lengths(const std::vector<ScaledLength>& scaled) {
  if (scaled.empty()) return ", at the plan's own shapes";
  std::string text = ", at smaller shapes than the plan's own (";
  for (std::size_t i = 0; i < scaled.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(scaled[i].run) + " for " + std::to_string(scaled[i].own);
  return text + ")";
}

std::string in_words(const Differs& differs) {
  const Witness& witness = differs.witness;
  std::string text = witness.name + " [";
  for (std::size_t d = 0; d < witness.index.size(); ++d)
    text += (d == 0 ? "" : ", ") + std::to_string(witness.index[d]);
  text += "]: ";
  switch (witness.evidence) {
    case Evidence::kStructure: text += witness.what; break;
    case Evidence::kReal: text += "should be " + witness.expected + ", is " + witness.found; break;
    case Evidence::kExact:
      text += "should be " + witness.expected + ", is " + witness.found +
              " (modulo 2^61 - 1; both are rational functions of the inputs, and not the same one)";
      break;
    case Evidence::kBits: text += "should be " + witness.expected + ", is " + witness.found; break;
    case Evidence::kFree:
      text += "should be " + witness.expected + ", is " + witness.found + " (modulo 2^61 - 1, with " +
              list(differs.free) + " as arbitrary functions)";
      break;
  }
  if (witness.rank >= 0)
    text += ", delivered by rank " + std::to_string(witness.rank) + " as tensor " +
            std::to_string(witness.delivered);
  if (!witness.held.empty()) text += ", which holds " + witness.held;
  text += "; inputs of seed " + std::to_string(witness.seed) + at_lengths(differs.scaled) + "\n";
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(differs.suspects.size(), kShown); ++i) {
    const Suspect& suspect = differs.suspects[i];
    text += "  rank " + std::to_string(suspect.rank) + ", line " + std::to_string(suspect.line) + ": " +
            suspect.text + "\n";
  }
  if (differs.suspects.size() > kShown)
    text += "  and " + std::to_string(differs.suspects.size() - kShown) + " more lines\n";
  return text;
}

std::string in_words(const SameBits& same) {
  std::string types;
  for (const Element type : same.types)
    types += (types.empty() ? "" : ", ") + std::string(cep::logical::to_string(type));
  std::string text = "executed in " + types + " on " + std::to_string(same.inputs) + " sets of inputs" +
                     at_lengths(same.scaled) + ": " + std::to_string(same.outputs) + " outputs, " +
                     std::to_string(same.elements) + " elements equal bit by bit";
  if (same.not_numbers != 0)
    text += ", " + std::to_string(same.not_numbers) + " of them no numbers in the last set";
  if (same.same_terms) return text + ", and computed alike\n";
  if (!same.other) return text + "\n";
  text += "; but " + same.other->name + " [";
  for (std::size_t d = 0; d < same.other->index.size(); ++d)
    text += (d == 0 ? "" : ", ") + std::to_string(same.other->index[d]);
  return text + "] is computed in another way, so that other inputs may give other bits\n";
}

}  // namespace

std::string to_string(const BitVerdict& verdict) {
  if (const auto* same = std::get_if<SameBits>(&verdict)) return in_words(*same);
  if (const auto* cannot = std::get_if<CannotRun>(&verdict)) return acp::to_string(cannot->error) + "\n";
  const Differs& differs = std::get<Differs>(verdict);
  return (differs.refutes() ? "differs at " : "seems to differ at ") + in_words(differs);
}

std::string to_string(const ReplayVerdict& verdict) {
  if (const auto* agrees = std::get_if<Agrees>(&verdict))
    return "reference and plan agree on " + std::to_string(agrees->inputs) + " sets of inputs" +
           at_lengths(agrees->scaled) + ", which proves nothing\n";
  if (const auto* cannot = std::get_if<CannotRun>(&verdict)) return acp::to_string(cannot->error) + "\n";
  const Differs& differs = std::get<Differs>(verdict);
  return (differs.refutes() ? "differs at " : "seems to differ at ") + in_words(differs);
}

}  // namespace cep::logical
