// What an operator of a logical program computes, as an index form: result[i] = sum over the reduced axes of f(operands at these indices).
//
// How a piece of the operands makes a piece of the result follows from the form alone; there is no split rule per operator.
//
// Spec     CEP 11.3, 11.5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::calculus {

using Axis = std::uint8_t;
inline constexpr Axis kUnit = 0xff;  // a dimension of length 1 that no axis runs over

struct Form {
  struct Result {
    std::vector<Axis> dims = {};
    std::vector<Axis> reduced = {};     // summed over
    std::vector<Axis> divided_by = {};  // the sum is divided by the lengths of these
    std::uint32_t linear_in = 0;  // operands (bits) in each of which, the others given, the result is linear
    std::uint32_t unread = 0;     // operands (bits) on whose elements it does not depend
  };
  std::vector<std::vector<Axis>> operands;  // per operand, per dimension
  std::vector<Result> results;
  std::uint32_t opaque = 0;  // axes (bits) that only a whole dimension can serve
  Axis axes = 0;
  std::optional<Axis> window;  // the attributes start and stop name this axis' piece
  std::vector<std::int64_t> adds =
      {};                      // not empty: the result is the sum of the stretched operands times these
  bool reads_operands = true;  // false: shapes only
  bool discontinuous = false;
  std::string_view assumption;
};

// The other things an operator can be. `operand` and `factor`: per result.
enum class Kind : std::uint8_t { kForm, kSame, kTranspose, kReshape, kSum };
struct Meaning {
  Kind kind = Kind::kForm;
  Form form;
  std::vector<std::uint8_t> operand;  // kSame: result r is this operand,
  std::int64_t numerator = 1;         // kSame, one result or several alike: times numerator / denominator
  std::int64_t denominator = 1;
  std::vector<std::int64_t> factors;  // kSum: per operand
  std::uint8_t dim0 = 0, dim1 = 0;    // kTranspose
  [[nodiscard]] bool fits(std::size_t inputs, std::size_t outputs) const {
    if (kind == Kind::kSame) return operand.size() == outputs;
    if (kind != Kind::kForm) return outputs == 1;
    return form.results.size() == outputs && form.operands.size() == inputs;
  }
};

struct Typed {
  const Shape* shape;
  Element element;
};
// Errors   CEP-EQV-10 an operator without a rule, or operands it does not take.
[[nodiscard]] acp::Result<Meaning> meaning_of(const Operation& operation, std::span<const Typed> inputs,
                                              std::span<const Typed> outputs);

[[nodiscard]] const Operation::Value* find_attribute(const Operation& operation, std::string_view name);
// The name under which the reference is searched: everything but the window.
[[nodiscard]] std::string operator_key(const Operation& operation, std::size_t rank);

}  // namespace cep::logical::calculus
