// What the files of operators share: a call, its attributes, and one function an operator.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "soundness/logical/array.h"

namespace cep::logical::oracle {

struct Call {
  const Operation& operation;
  std::span<const Array* const> in;
  std::span<Array> out;  // zeros of the declared shape; elements set
};
using Run1 = std::string (*)(const Call&);  // returns what is wrong, or nothing

// A row of the table of operators. 0 results or operands: any number.
struct OperatorRow {
  std::string_view name;
  std::size_t operands, results;
  Run1 forward;
  std::size_t backward_operands, backward_results;
  Run1 backward;  // nullptr: has none
};
[[nodiscard]] std::span<const OperatorRow> elementwise_rows();
[[nodiscard]] std::span<const OperatorRow> linear_rows();
[[nodiscard]] std::span<const OperatorRow> expert_rows();

[[nodiscard]] std::optional<std::int64_t> integer(const Operation& operation, std::string_view name);
[[nodiscard]] std::optional<Scalar> number(const Operation& operation, std::string_view name);
[[nodiscard]] std::optional<std::string> word(const Operation& operation, std::string_view name);
[[nodiscard]] std::vector<std::int64_t> integers(const Operation& operation, std::string_view name);
// The attribute as a dimension of a tensor of that rank, counted from the end when negative.
[[nodiscard]] std::optional<std::size_t> dimension(const Operation& operation, std::string_view name,
                                                   std::size_t rank);

// For each element of `to`, the element of `from` it is a copy of when dimensions of length 1 are stretched; nothing when it cannot be.
[[nodiscard]] std::optional<std::vector<std::size_t>> stretch(const Shape& from, const Shape& to);

}  // namespace cep::logical::oracle
