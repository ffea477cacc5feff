// What the operators of a logical program compute, as index forms: result[i] = sum over the reduced axes of f(operands at these indices).
//
// How a piece of the operands makes a piece of the result follows from the form alone; there is no split rule per operator. The forms are a table
// (libcep/src/logical/form_rows.cc), which the prover, the checker and the rules on batches share.
//
// Why      one table: what an operator means is part of what a proof relies on, whoever checks it (decision 0016). Every row is tried out, by
//          running the operator on pieces.
// Spec     CEP 11.3, 11.5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

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
  std::optional<Axis> window;      // the attributes start and stop name this axis' piece
  std::vector<std::int64_t> adds;  // not empty: the result is the sum of the stretched operands times these
  bool reads_operands = true;      // false: shapes only; then the operands have no axes
  bool discontinuous = false;
  bool masks = false;          // it makes minus infinity
  std::uint32_t hides = 0;     // operands (bits) whose minus infinity makes none in a result
  std::uint32_t infinite = 0;  // operands (bits) that may hold it where the node stands: see limit_linear
  std::string_view assumption;
};

// A form, or one of the other things an operator can be.
struct Meaning {
  enum class Kind : std::uint8_t { kForm, kSame, kTranspose, kReshape, kSum };
  Kind kind = Kind::kForm;
  Form form;
  std::int64_t denominator = 1;       // kSame: every result is operand 0, divided by this
  std::vector<std::int64_t> factors;  // kSum: per operand
  std::uint8_t dim0 = 0, dim1 = 0;    // kTranspose: of operand 0; kReshape: operand 0, too
};

struct Typed {
  const Shape* shape;
  Element element;
};
// Errors   CEP-EQV-4 a window of another length than its piece; CEP-EQV-10 an operator without a form, or operands, results or attributes it
//          does not have.
// Spec     CEP 11.5, CEP-EQV-4, CEP-EQV-10.
[[nodiscard]] acp::Result<Meaning> meaning_of(const Operation& operation, std::span<const Typed> inputs,
                                              std::span<const Typed> outputs);
[[nodiscard]] acp::Result<Meaning> meaning_of(const Program& program, const Node& node);

// Beside operands (bits) that may hold minus infinity a result is linear in no other: x m + y m is not (x + y) m where x and y are of both signs.
// Returns the results (bits) that may hold it.
std::uint32_t limit_linear(Form& form, std::uint32_t infinite);

// Where a program may hold minus infinity, the one constant of the language that is no real number: what makes a mask, and what is made of it, but
// where it is hidden. Nodes in order.
// Spec     CEP 11.5.
class Infinities {
 public:
  explicit Infinities(const Program& program) : program_(program), may_hold_(program.tensors.size()) {}
  // Of a form's operands, as bits.
  [[nodiscard]] std::uint32_t operands(const Node& node) const;
  // Takes from the meaning the linearity that it does not have here, and notes what the results may hold.
  void pass(const Node& node, Meaning& meaning);

 private:
  const Program& program_;
  std::vector<bool> may_hold_;  // per tensor
};

// Whether, at some shapes, it is no form.
[[nodiscard]] bool may_be_view(const Operation& operation);

[[nodiscard]] const Operation::Value* find_attribute(const Operation& operation, std::string_view name);
// An attribute that may vary with the plan's variables. Nothing: it is not there, or no number.
[[nodiscard]] std::optional<Affine> affine_attribute(const Operation& operation, std::string_view name);
// Equal for operators that differ in their windows alone. Dimensions count from the last where they are negative: of operands of rank `rank`.
[[nodiscard]] std::string operator_key(const Operation& operation, std::size_t rank);

// The table as the specification prints it.
[[nodiscard]] std::string forms_table();

}  // namespace cep::logical
