#include "logical/affine.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "logical/limits.h"

namespace cep::logical {

bool affine_ok(const Affine& value, std::span<const Variable> variables) {
  if (!limits::magnitude_ok(value.constant) || value.by_variable.size() > variables.size()) return false;
  if (!value.by_variable.empty() && value.by_variable.back() == 0) return false;
  for (std::size_t v = 0; v < value.by_variable.size(); ++v) {
    const std::int64_t most = limits::kMaxMagnitude / std::max<std::int64_t>(variables[v].size - 1, 1);
    if (value.by_variable[v] < -most || value.by_variable[v] > most) return false;
  }
  return true;
}

Range range_of(const Affine& value, std::span<const Variable> variables) {
  Range range{value.constant, value.constant};
  for (std::size_t v = 0; v < value.by_variable.size(); ++v) {
    const std::int64_t farthest = value.by_variable[v] * (variables[v].size - 1);
    (farthest < 0 ? range.low : range.high) += farthest;
  }
  return range;
}

std::string to_text(const Affine& value, std::span<const Variable> variables) {
  std::string text;
  for (std::size_t v = 0; v < value.by_variable.size(); ++v) {
    const std::int64_t factor = value.by_variable[v];
    if (factor == 0) continue;
    if (!text.empty() && factor > 0) text += '+';
    if (factor != 1) text += std::to_string(factor) + "*";
    text += variables[v].name;
  }
  if (text.empty()) return std::to_string(value.constant);
  if (value.constant > 0) text += '+';
  return value.constant == 0 ? text : text + std::to_string(value.constant);
}

std::string to_text(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

}  // namespace cep::logical
