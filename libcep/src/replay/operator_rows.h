// What the files of operators share: a call, its attributes, and one function an operator.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/array.h"
#include "replay/free.h"
#include "replay/sums.h"

namespace cep::logical::oracle {

inline constexpr const char* kNoInteger = "an index that is not certain to be a whole number";

template <typename N>
struct CallOf {
  const Operation& operation;
  std::span<const ArrayOf<N>* const> in;
  std::span<ArrayOf<N>> out;  // zeros of the declared shape; elements set
  Free& met;                  // functions without a meaning in the field are added
};

// A row of the table of operators. 0 results or operands: any number. Functions return what is wrong, or nothing.
template <typename N>
struct OperatorRowOf {
  using Run = std::string (*)(const CallOf<N>&);
  std::string_view name;
  std::size_t operands, results;
  Run forward;
  std::size_t backward_operands, backward_results;
  Run backward;   // nullptr: has none
  Free free = 0;  // of both directions
};
template <typename N>
[[nodiscard]] std::span<const OperatorRowOf<N>> elementwise_rows();
template <typename N>
[[nodiscard]] std::span<const OperatorRowOf<N>> linear_rows();
template <typename N>
[[nodiscard]] std::span<const OperatorRowOf<N>> expert_rows();

[[nodiscard]] std::optional<std::int64_t> integer(const Operation& operation, std::string_view name);
[[nodiscard]] std::optional<double> real(const Operation& operation, std::string_view name);
template <typename N>
[[nodiscard]] std::optional<N> number(const Operation& operation, std::string_view name) {
  const auto value = real(operation, name);
  return value ? std::optional(Numbers<N>::of(*value)) : std::nullopt;
}
[[nodiscard]] std::optional<std::string> word(const Operation& operation, std::string_view name);
[[nodiscard]] std::vector<std::int64_t> integers(const Operation& operation, std::string_view name);
// The attribute as a dimension of a tensor of that rank, counted from the end when negative.
[[nodiscard]] std::optional<std::size_t> dimension(const Operation& operation, std::string_view name,
                                                   std::size_t rank);

// For each element of `to`, the element of `from` it is a copy of when dimensions of length 1 are stretched; nothing when it cannot be.
[[nodiscard]] std::optional<std::vector<std::size_t>> stretch(const Shape& from, const Shape& to);

}  // namespace cep::logical::oracle
