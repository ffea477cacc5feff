// pow for f32: e^(y ln |x|) with both parts of the logarithm, then the cases of IEEE 754-2019.
#include "optable/pairs.h"

namespace cep {

using Id = RegionBuilder::Id;

namespace {

// Below the first every power rounds to +0, above the second to +inf.
constexpr float kLowest = -104.0f;
constexpr float kHighest = 89.0f;
constexpr std::uint32_t kInfinity = 0x7f800000u;
constexpr std::uint32_t kMinusInfinity = 0xff800000u;
constexpr std::uint32_t kNan = 0x7fc00000u;

// |x|^y, where y is not 0 and |x| is not 1.
Id magnitude(RegionBuilder& b, Id size, Id y) {
  const functions::Pair log = functions::log_of(b, size);
  const Id infinity = b.f32_bits(kInfinity);
  const Id regular = b.binary(ACP_SC_LT, size, infinity);
  const Id above_zero = b.select(regular, log.high, size);  // ln inf = inf; a NaN stays
  const Id is_zero = b.binary(ACP_SC_EQ, size, b.f32(0.0f));
  const Id log_high = b.select(is_zero, b.f32_bits(kMinusInfinity), above_zero);
  const Id product = b.mul(y, log_high);
  const Id inside = b.binary(ACP_SC_LT, b.unary(ACP_SC_ABS, product), b.f32(-kLowest));
  const Id product_low = b.fma(y, log.low, b.fma(y, log_high, b.unary(ACP_SC_NEG, product)));
  const Id low = b.select(inside, product_low, b.f32(0.0f));
  const Id high = b.min(b.max(product, b.f32(kLowest)), b.f32(kHighest));
  const functions::Power power = functions::exp_of(b, {high, low});
  return functions::scaled(b, b.add(power.value.high, power.value.low), power.exponent);
}

Id is_integer(RegionBuilder& b, Id y) { return b.binary(ACP_SC_EQ, b.unary(ACP_SC_RINT, y), y); }

}  // namespace

RegionBuilder::Id build_pow(RegionBuilder& b, Id x, Id y) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  ACP_ASSERT(b.dtype_of(y) == Dtype::kF32);
  const auto both = [&](Id p, Id q) { return b.binary(ACP_SC_AND, p, q); };
  const auto either = [&](Id p, Id q) { return b.binary(ACP_SC_OR, p, q); };
  const auto negated = [&](Id p) { return b.binary(ACP_SC_XOR, p, b.boolean(true)); };
  const Id zero = b.f32(0.0f), one = b.f32(1.0f), infinity = b.f32_bits(kInfinity);
  const Id size = b.unary(ACP_SC_ABS, x);
  const Id whole = is_integer(b, y);
  const Id odd = both(whole, negated(is_integer(b, b.mul(y, b.f32(0.5f)))));
  const Id sign_bit = b.binary(ACP_SC_LT, b.bitcast(x, Dtype::kI32), b.i32(0));
  const Id sign = b.select(both(odd, sign_bit), b.f32(-1.0f), one);
  const Id signed_power = b.mul(magnitude(b, size, y), sign);
  // A negative number has no power of a fraction; infinities count as the limits of large numbers.
  const Id negative = both(b.binary(ACP_SC_LT, x, zero), b.binary(ACP_SC_LT, size, infinity));
  const Id power = b.select(both(negative, negated(whole)), b.f32_bits(kNan), signed_power);
  const Id unit = b.binary(ACP_SC_EQ, size, one);
  const Id endless = b.binary(ACP_SC_EQ, b.unary(ACP_SC_ABS, y), infinity);
  const Id always_one =
      either(either(b.binary(ACP_SC_EQ, y, zero), b.binary(ACP_SC_EQ, x, one)), both(unit, endless));
  return b.select(always_one, one, power);
}

}  // namespace cep
