// The prime field of p = 2^61 - 1: addition and multiplication are exact and associative, so that only
// differences over the rationals show, not those of order or rounding.
//
// An F32 element is its representative in lo. A finite binary32 constant is the dyadic rational it stands
// for; infinities and NaN are fixed elements, except that max and min treat -inf and +inf as the ends of the
// order (by representative). What has no meaning in a field (square root, comparison, rounding, shifts of
// such) is a hash of the operands' representatives. Spec     CEP 3.3.
#pragma once

#include "interp/scalar.h"

namespace cep::interp {

class Field {
 public:
  [[nodiscard]] static Value constant(std::uint8_t dtype, std::uint64_t bits);
  [[nodiscard]] static Value apply(ScalarOp op, Value a, Value b, Value c);
  [[nodiscard]] static bool truth(Value condition) { return (condition.lo & 1) != 0; }
};

}  // namespace cep::interp
