// The domain of free terms: an F32 element is a 128-bit hash of the operator and its operands, so that any
// change of order, operator or operand shows.
//
// Exactly the equalities that hold bit for bit in the canonical numerics are built in: add and mul commute,
// fma commutes in its factors, max and min are sets of leaves with -inf and +inf neutral, -0 is neutral for
// addition. The last two also make a NaN canonical, so a term remembers whether its bits are already those of
// an arithmetic result. Integers stay concrete; what is computed from terms is a term of its dtype. Spec
// CEP 3.3.
#pragma once

#include "interp/scalar.h"

namespace cep::interp {

class Terms {
 public:
  explicit Terms(TermSpace& space) : space_(space) {}

  [[nodiscard]] static Value constant(std::uint8_t dtype, std::uint64_t bits);
  [[nodiscard]] Value apply(ScalarOp op, Value a, Value b, Value c);
  // Which way an undetermined condition goes: always the same way for the same term.
  [[nodiscard]] static bool truth(Value condition);

 private:
  [[nodiscard]] Value extremum(ScalarOp op, Value a, Value b);
  [[nodiscard]] Value apply_floats(ScalarOp op, Value a, Value b, Value c);

  TermSpace& space_;
};

}  // namespace cep::interp
