#include "interp/bits.h"

#include <bit>
#include <cmath>
#include <limits>

#include "acp/result.h"

namespace cep::interp {
namespace {

constexpr std::uint32_t kNan = 0x7fc00000U;
constexpr std::uint32_t kSign = 0x80000000U;

float as_float(Value value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.lo)); }
Value pattern(std::uint32_t bits) { return {bits, Value::kConcrete}; }
// The result of an arithmetic operation: every NaN is the one NaN.
Value arithmetic(float value) {
  return pattern(std::isnan(value) ? kNan : std::bit_cast<std::uint32_t>(value));
}

// IEEE 754-2019 maximum (minimum: the mirror image): NaN propagates, -0 < +0.
Value extremum(bool maximum, Value a, Value b) {
  const float x = as_float(a);
  const float y = as_float(b);
  if (std::isnan(x) || std::isnan(y)) return pattern(kNan);
  if (x == y) return std::signbit(x) == maximum ? b : a;
  return (x > y) == maximum ? a : b;
}

// Truncates towards zero, saturates, NaN becomes 0.
template <typename Int>
Value truncated(std::uint8_t dtype, float value) {
  // The limits as doubles: both are powers of two (or their negatives), so exact.
  const double low = static_cast<double>(std::numeric_limits<Int>::min());
  const auto wide = static_cast<double>(value);
  if (std::isnan(value)) return integer(dtype, 0);
  if (wide < low) return integer(dtype, static_cast<std::uint64_t>(std::numeric_limits<Int>::min()));
  if (wide >= -low) return integer(dtype, static_cast<std::uint64_t>(std::numeric_limits<Int>::max()));
  return integer(dtype, static_cast<std::uint64_t>(static_cast<Int>(value)));
}

Value cast_from_float(std::uint8_t dtype, Value a) {
  const float value = as_float(a);
  switch (dtype) {
    case ACP_F32: return a;
    case ACP_I32: return truncated<std::int32_t>(dtype, value);
    case ACP_I64: return truncated<std::int64_t>(dtype, value);
    default: return integer(ACP_BOOL, value != 0.0F ? 1 : 0);
  }
}

Value apply_floats(ScalarOp op, Value a, Value b, Value c) {
  const float x = as_float(a);
  const float y = as_float(b);
  switch (op.code) {
    case ACP_SC_NEG: return pattern(static_cast<std::uint32_t>(a.lo) ^ kSign);
    case ACP_SC_ABS: return pattern(static_cast<std::uint32_t>(a.lo) & ~kSign);
    case ACP_SC_SQRT: return arithmetic(std::sqrt(x));
    case ACP_SC_RINT: return arithmetic(std::nearbyint(x));
    case ACP_SC_ADD: return arithmetic(x + y);
    case ACP_SC_SUB: return arithmetic(x - y);
    case ACP_SC_MUL: return arithmetic(x * y);
    case ACP_SC_DIV: return arithmetic(x / y);
    case ACP_SC_MIN: return extremum(false, a, b);
    case ACP_SC_MAX: return extremum(true, a, b);
    case ACP_SC_FMA: return arithmetic(std::fma(x, y, as_float(c)));
    case ACP_SC_LT: return integer(ACP_BOOL, x < y ? 1 : 0);
    case ACP_SC_LE: return integer(ACP_BOOL, x <= y ? 1 : 0);
    case ACP_SC_EQ: return integer(ACP_BOOL, x == y ? 1 : 0);
    case ACP_SC_CAST: return cast_from_float(op.dtype, a);
    case ACP_SC_BITCAST: return Bits::constant(op.dtype, a.lo);
    default: break;
  }
  acp::assertion_failed("a float operation of region.h", __FILE__, __LINE__);
}

}  // namespace

Value Bits::constant(std::uint8_t dtype, std::uint64_t bits) {
  return dtype == ACP_F32 ? pattern(static_cast<std::uint32_t>(bits)) : integer(dtype, bits);
}

Value Bits::apply(ScalarOp op, Value a, Value b, Value c) {
  if (op.code == ACP_SC_SELECT) return a.lo != 0 ? b : c;
  if (op.operand == ACP_F32) return apply_floats(op, a, b, c);
  if (op.dtype != ACP_F32) return apply_integers(op, a, b, c);
  if (op.code == ACP_SC_BITCAST) return constant(ACP_F32, a.lo);
  return pattern(std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int64_t>(a.lo))));
}

}  // namespace cep::interp
