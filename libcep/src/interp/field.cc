#include "interp/field.h"

#include <bit>

#include "interp/hash.h"

namespace cep::interp {
namespace {

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
// hi of a field element, and of a number that is no longer concrete.
constexpr std::uint64_t kElement = 1;
// Where the infinities stand. Fixed at random; nothing else maps there on purpose.
constexpr std::uint64_t kPlusInfinity = 0x0c0ffee123456789ULL;
constexpr std::uint64_t kMinusInfinity = kPrime - kPlusInfinity;
constexpr std::uint64_t kNan = 0x0badcafe87654321ULL;

__extension__ using Wide = unsigned __int128;

std::uint64_t reduced(Wide value) {
  const auto low = static_cast<std::uint64_t>(value & kPrime);
  const auto high = static_cast<std::uint64_t>(value >> 61);
  const std::uint64_t sum = (high >= kPrime ? high % kPrime : high) + low;
  return sum >= kPrime ? sum % kPrime : sum;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return reduced(Wide{a} + b); }
std::uint64_t minus(std::uint64_t a) { return a == 0 ? 0 : kPrime - a; }
std::uint64_t times(std::uint64_t a, std::uint64_t b) { return reduced(Wide{a} * b); }

// a^(p-2): the inverse of every a but 0.
std::uint64_t inverse(std::uint64_t a) {
  std::uint64_t result = 1;
  for (std::uint64_t power = kPrime - 2; power != 0; power >>= 1) {
    if ((power & 1) != 0) result = times(result, a);
    a = times(a, a);
  }
  return result;
}

Value element(std::uint64_t representative) { return {representative, kElement}; }

Value element_of_integer(std::int64_t value) {
  const std::uint64_t magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const std::uint64_t representative = magnitude % kPrime;
  return element(value < 0 ? minus(representative) : representative);
}

// A binary32 pattern as a dyadic rational. 2 has order 61, so only the exponent modulo 61 matters.
Value element_of_float(std::uint32_t bits) {
  const std::uint32_t exponent = (bits >> 23) & 0xffU;
  const std::uint32_t fraction = bits & 0x7fffffU;
  const bool negative = (bits >> 31) != 0;
  if (exponent == 0xff && fraction != 0) return element(kNan);
  if (exponent == 0xff) return element(negative ? kMinusInfinity : kPlusInfinity);
  const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | 0x800000U;
  // mantissa * 2^(max(exponent,1) - 150); 183 = 3 * 61 makes the exponent non-negative.
  const std::uint32_t shift = ((exponent == 0 ? 1 : exponent) + 183 - 150) % 61;
  const std::uint64_t magnitude = times(mantissa, std::uint64_t{1} << shift);
  return element(negative ? minus(magnitude) : magnitude);
}

Value hashed(ScalarOp op, Value a, Value b, Value c) {
  Hash hash(op.code);
  hash.add((std::uint64_t{op.dtype} << 8) | op.operand);
  hash.add(a);
  hash.add(b);
  hash.add(c);
  return element(hash.finish().lo % kPrime);
}

// Greater in the order -inf < 0 < 1 < ... < p-1 < +inf.
bool greater(std::uint64_t a, std::uint64_t b) {
  if (a == b || a == kMinusInfinity || b == kPlusInfinity) return false;
  return a == kPlusInfinity || b == kMinusInfinity || a > b;
}

Value apply_floats(ScalarOp op, Value a, Value b, Value c) {
  switch (op.code) {
    case ACP_SC_NEG: return element(minus(a.lo));
    case ACP_SC_ADD: return element(plus(a.lo, b.lo));
    case ACP_SC_SUB: return element(plus(a.lo, minus(b.lo)));
    case ACP_SC_MUL: return element(times(a.lo, b.lo));
    case ACP_SC_DIV: return b.lo == 0 ? hashed(op, a, b, c) : element(times(a.lo, inverse(b.lo)));
    case ACP_SC_FMA: return element(plus(times(a.lo, b.lo), c.lo));
    case ACP_SC_MAX: return greater(a.lo, b.lo) ? a : b;
    case ACP_SC_MIN: return greater(a.lo, b.lo) ? b : a;
    case ACP_SC_CAST:
      if (op.dtype == op.operand) return a;
      break;
    default: break;
  }
  return hashed(op, a, b, c);
}

}  // namespace

Value Field::constant(std::uint8_t dtype, std::uint64_t bits) {
  return dtype == ACP_F32 ? element_of_float(static_cast<std::uint32_t>(bits)) : integer(dtype, bits);
}

Value Field::apply(ScalarOp op, Value a, Value b, Value c) {
  if (op.code == ACP_SC_SELECT) {
    if (is_concrete(a)) return a.lo != 0 ? b : c;
    return b == c ? b : hashed(op, a, b, c);
  }
  if (op.operand == ACP_F32) return apply_floats(op, a, b, c);
  const bool concrete = is_concrete(a) && is_concrete(b) && is_concrete(c);
  if (!concrete) return hashed(op, a, b, c);
  if (op.dtype != ACP_F32) return apply_integers(op, a, b, c);
  if (op.code == ACP_SC_BITCAST) return element_of_float(static_cast<std::uint32_t>(a.lo));
  return element_of_integer(static_cast<std::int64_t>(a.lo));
}

}  // namespace cep::interp
