// The domain of real bits: binary32 with the canonical numerics. F32 values are their pattern in lo.
//
// Spec     numerics, "Rules every exact implementation obeys".
#pragma once

#include "interp/scalar.h"

namespace cep::interp {

class Bits {
 public:
  [[nodiscard]] static Value constant(std::uint8_t dtype, std::uint64_t bits);
  [[nodiscard]] static Value apply(ScalarOp op, Value a, Value b, Value c);
  // Which way a condition goes. Concrete in this domain.
  [[nodiscard]] static bool truth(Value condition) { return condition.lo != 0; }
};

}  // namespace cep::interp
