// One scalar operation, and what it does to concrete integers and booleans. The three domains share this;
// they differ in F32 only.
#pragma once

#include <cstdint>

#include "acp/region.h"
#include "cep/interp.h"

namespace cep::interp {

// A scalar node without its operands: its operator, the dtype of its result, and that of its first operand.
struct ScalarOp {
  std::uint8_t code = ACP_SC_UNKNOWN;
  std::uint8_t dtype = ACP_DTYPE_UNKNOWN;
  std::uint8_t operand = ACP_DTYPE_UNKNOWN;
};

[[nodiscard]] constexpr bool is_concrete(Value value) { return value.hi == Value::kConcrete; }

// A concrete integer or boolean: wrapped to the width of its dtype, I32 sign-extended.
[[nodiscard]] Value integer(std::uint8_t dtype, std::uint64_t wrapped);

// A concrete element by its bits in memory, of which there are as many as its type has: any BOOL byte but 0 is 1 (CEP 3.3).
[[nodiscard]] Value element_from_bits(Dtype dtype, std::uint64_t bits);

// Arithmetic, comparison, selection of bits, shift or cast where operands and result are concrete integers or
// booleans.
[[nodiscard]] Value apply_integers(ScalarOp op, Value a, Value b, Value c);

}  // namespace cep::interp
