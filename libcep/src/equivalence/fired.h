// The arithmetic of pieces comes from the rule table: what fires is proved for all integers (CEP 6a), what does not is not followed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "cep/rule.h"

namespace cep::logical::calculus {

// The outputs of a rule of the table; nothing when it does not fire.
// Shape    as many inputs, and outputs, as the rule has.
template <std::size_t Outputs, std::size_t Inputs>
[[nodiscard]] std::optional<std::array<std::int64_t, Outputs>> fired(
    const Rule& rule, const std::array<std::int64_t, Inputs>& inputs) {
  std::array<std::int64_t, Outputs> out{};
  if (!fire(rule, inputs, out)) return std::nullopt;
  return out;
}

// Of the table; each found once.
struct PieceRules {
  const Rule& regroup = *find_rule("axis.regroup");
  const Rule& common = *find_rule("axis.common");
  const Rule& whole = *find_rule("axis.whole");
  const Rule& inside = *find_rule("axis.inside");
  const Rule& cut = *find_rule("piece.cut");
  const Rule& cut_outer = *find_rule("piece.cut_outer");
  const Rule& join = *find_rule("piece.join");
  const Rule& sum_join = *find_rule("sum.join");
  const Rule& neighbours = *find_rule("sum.neighbours");
  const Rule& window = *find_rule("window.piece");
  const Rule& apart = *find_rule("box.apart");
};
[[nodiscard]] inline const PieceRules& piece_rules() {
  static const PieceRules rules;
  return rules;
}

}  // namespace cep::logical::calculus
