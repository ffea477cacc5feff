// Affine values over the points of a plan's variables.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cep/logical.h"

namespace cep::logical {

struct Range {
  std::int64_t low = 0, high = 0;  // both are reached
};

// No more coefficients than variables, none of them a trailing zero, and every value within limits::kMaxMagnitude of the constant.
[[nodiscard]] bool affine_ok(const Affine& value, std::span<const Variable> variables);

// The least and the greatest value over all points. The value must be one that affine_ok accepts.
[[nodiscard]] Range range_of(const Affine& value, std::span<const Variable> variables);

// "4*tp+8".
[[nodiscard]] std::string to_text(const Affine& value, std::span<const Variable> variables);
// The shortest text that reads as the same number.
[[nodiscard]] std::string to_text(double value);

// Of every point, in ascending order of points, the last variable running fastest.
template <typename Visit>
void for_each_value(const Affine& value, std::span<const Variable> variables, Visit visit) {
  const auto run = [&](const auto& self, std::size_t v, std::int64_t sum) -> void {
    if (v == variables.size()) return visit(sum);
    const std::int64_t step = v < value.by_variable.size() ? value.by_variable[v] : 0;
    for (std::int64_t i = 0; i < variables[v].size; ++i) self(self, v + 1, sum + i * step);
  };
  run(run, 0, value.constant);
}

}  // namespace cep::logical
