// Forms: what an operator does, as labels on the dimensions of its operands and results.
//
//   result[labels] = sum over the reduced labels of f(operands[labels])
//
// Spec     CEP 11.3 (operators), 11.5 (forms), 11.8 (order of the reduced labels).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cep/logical.h"

namespace cep_check::logical {

struct Form {
  static constexpr int kAlone = -1;  // the dimension has length 1, and broadcasts
  using Labels = std::vector<int>;
  struct Result {
    Labels dims, reduced;
    unsigned scales =
        0;  // bit j: it is linear in operand j, the others given; so a factor of that is one of the result
    unsigned unread = 0;  // bit j: it does not depend on the elements of operand j
  };
  std::vector<Labels> operands;
  std::vector<Result> results;
  std::vector<bool> whole;         // per label: only a whole dimension will do
  Labels averaged;                 // the result is divided by their lengths
  int window = kAlone;             // the label that start and stop cut out
  unsigned ignored = 0;            // bit j: of operand j only the element matters
  std::vector<std::int64_t> adds;  // not empty: the sum of the operands, stretched, times these
};

// Of a node of the reference, from its full shapes. Nothing: no form, or other shapes than the operator makes.
[[nodiscard]] std::optional<Form> form_of(const cep::logical::Program& program,
                                          const cep::logical::Node& node);

[[nodiscard]] const cep::logical::Operation::Value* attribute(const cep::logical::Operation& operation,
                                                              std::string_view name);
// A real or whole attribute that is a whole number other than 0; `instead` where it is not there, 0 where it is neither.
[[nodiscard]] std::int64_t whole_number(const cep::logical::Operation& operation, std::string_view name,
                                        std::int64_t instead);

// Has every attribute of the operation a meaning?
[[nodiscard]] bool known_attributes(const cep::logical::Operation& operation);

enum class Window { kCompared, kLeftOut };
// Dimensions count from the last where they are negative: of operands of rank `rank`.
[[nodiscard]] bool same_operation(const cep::logical::Operation& a, const cep::logical::Operation& b,
                                  std::size_t rank, Window window);

}  // namespace cep_check::logical
