// How a rule's syntax tree is evaluated: 64-bit integers, every step checked.
#pragma once

#include <cstddef>

#include "cep/rule.h"

namespace cep {

// A bound on the nodes of one rule, so that evaluation needs no allocation.
inline constexpr std::size_t kMaxRuleNodes = 512;

// As fire(), for any rule, discharged or not. Also refuses ("division") a quotient or remainder by zero or less, whose meaning
// in the solver's language is not ours.
[[nodiscard]] bool evaluate_rule(const Rule& rule, std::span<const std::int64_t> inputs,
                                 std::span<std::int64_t> out, std::string_view* failed_guard);

}  // namespace cep
