#include "optable/pairs.h"

namespace cep::functions {

namespace {

constexpr std::int32_t kExponentBias = 127;
constexpr std::int32_t kMantissaBits = 23;

// exp.
constexpr std::uint32_t kLog2E = 0x3fb8aa3bu;
// -ln 2: rounded to nearest, and the rest.
constexpr std::uint32_t kMinusLn2High = 0xbf317218u;
constexpr std::uint32_t kMinusLn2Low = 0x3102e308u;
// (e^r - 1 - r) / r^2 on |r| <= ln(2)/2.
constexpr std::uint32_t kExpRest[] = {0x39509272u, 0x3ab6a18bu, 0x3c088870u,
                                      0x3d2aaa75u, 0x3e2aaaabu, 0x3f000000u};

// log.
constexpr std::uint32_t kLeastNormal = 0x00800000u;
constexpr std::uint32_t kTwoTo24 = 0x4b800000u;
constexpr std::int32_t kRootOfHalf = 0x3f3504f3;  // the largest binary32 below sqrt(1/2)
// ln 2: its first 16 bits, so that products with exponents are exact, and the rest.
constexpr std::uint32_t kLn2Short = 0x3f317200u;
constexpr std::uint32_t kLn2Rest = 0x35bfbe8eu;
constexpr std::uint32_t kTwoThirds = 0x3f2aaaabu;
constexpr std::uint32_t kTwoThirdsLow = 0xb2aaaaabu;
// (2 atanh(s) / s - 2 - 2 z / 3) / z^2, z = s^2, for |s| <= 3 - sqrt(8).
constexpr std::uint32_t kLogRest[] = {0x3e43cadfu, 0x3e636076u, 0x3e924947u, 0x3ecccccdu};

}  // namespace

Pair ordered_sum(RegionBuilder& b, Id larger, Id smaller) {
  const Id high = b.add(larger, smaller);
  return {high, b.sub(smaller, b.sub(high, larger))};
}

Pair settled(RegionBuilder& b, Pair sum) { return ordered_sum(b, sum.high, sum.low); }

Id quotient(RegionBuilder& b, Pair numerator, Pair denominator) {
  const Id first = b.div(numerator.high, denominator.high);
  const Id minus_first = b.unary(ACP_SC_NEG, first);
  const Id left = b.fma(minus_first, denominator.high, numerator.high);
  const Id more = b.fma(minus_first, denominator.low, numerator.low);
  return b.add(first, b.div(b.add(left, more), denominator.high));
}

Id polynomial(RegionBuilder& b, std::span<const std::uint32_t> coefficients, Id x) {
  Id value = b.f32_bits(coefficients.front());
  for (const std::uint32_t next : coefficients.subspan(1)) value = b.fma(value, x, b.f32_bits(next));
  return value;
}

Id power_of_two(RegionBuilder& b, Id exponent) {
  const Id biased = b.add(exponent, b.i32(kExponentBias));
  return b.bitcast(b.binary(ACP_SC_SHL, biased, b.i32(kMantissaBits)), Dtype::kF32);
}

// Two factors: 2^exponent itself may be out of range. The first product is exact.
Id scaled(RegionBuilder& b, Id value, Id exponent) {
  const Id half = b.binary(ACP_SC_SHR, exponent, b.i32(1));
  return b.mul(b.mul(value, power_of_two(b, half)), power_of_two(b, b.sub(exponent, half)));
}

Power exp_of(RegionBuilder& b, Pair x) {
  const Id n = b.unary(ACP_SC_RINT, b.mul(x.high, b.f32_bits(kLog2E)));
  // high is exact: x.high and its difference from n ln 2 are multiples of the same power of two.
  const Id high = b.fma(n, b.f32_bits(kMinusLn2High), x.high);
  const Id low = b.fma(n, b.f32_bits(kMinusLn2Low), x.low);
  const Id r = b.add(high, low);
  const Id q = polynomial(b, kExpRest, r);
  const Pair sum = ordered_sum(b, b.f32(1.0f), high);
  return {{sum.high, b.fma(b.mul(r, r), q, b.add(sum.low, low))}, b.cast(n, Dtype::kI32)};
}

Pair log_of(RegionBuilder& b, Id x) {
  // x = m * 2^e with sqrt(1/2) < m < sqrt(2).
  const Id subnormal = b.binary(ACP_SC_LT, x, b.f32_bits(kLeastNormal));
  const Id normal = b.select(subnormal, b.mul(x, b.f32_bits(kTwoTo24)), x);
  const Id bits = b.bitcast(normal, Dtype::kI32);
  const Id shift = b.i32(kMantissaBits);
  const Id exponent = b.binary(ACP_SC_SHR, b.sub(bits, b.i32(kRootOfHalf)), shift);
  const Id m = b.bitcast(b.sub(bits, b.binary(ACP_SC_SHL, exponent, shift)), Dtype::kF32);
  const Id e = b.cast(b.sub(exponent, b.select(subnormal, b.i32(24), b.i32(0))), Dtype::kF32);
  // s = f / (2 + f), f = m - 1 exactly; ln m = 2 s + 2/3 s^3 + ...
  const Id f = b.sub(m, b.f32(1.0f));
  const Pair below = ordered_sum(b, b.f32(2.0f), f);
  const Id s = b.div(f, below.high);
  const Id minus_s = b.unary(ACP_SC_NEG, s);
  const Id left = b.fma(minus_s, below.low, b.fma(minus_s, below.high, f));
  const Id s_low = b.div(left, below.high);
  const Id z = b.mul(s, s);
  const Id z_low = b.fma(b.add(s, s), s_low, b.fma(s, s, b.unary(ACP_SC_NEG, z)));
  // cube = s * z; weight = 2/3 + z * rest.
  const Id cube = b.mul(s, z);
  const Id cube_low = b.fma(s, z_low, b.fma(s_low, z, b.fma(s, z, b.unary(ACP_SC_NEG, cube))));
  const Pair weight = ordered_sum(b, b.f32_bits(kTwoThirds), b.mul(z, polynomial(b, kLogRest, z)));
  const Id weight_low = b.add(weight.low, b.f32_bits(kTwoThirdsLow));
  const Id tail = b.mul(cube, weight.high);
  const Id tail_low = b.fma(
      cube, weight_low, b.fma(cube_low, weight.high, b.fma(cube, weight.high, b.unary(ACP_SC_NEG, tail))));
  // e ln 2 + 2 s + tail, the large parts first; e times the short part is exact.
  const Pair head = ordered_sum(b, b.mul(e, b.f32_bits(kLn2Short)), b.add(s, s));
  const Pair sum = ordered_sum(b, head.high, tail);
  const Id rest = b.add(b.add(head.low, sum.low), b.fma(e, b.f32_bits(kLn2Rest), b.add(s_low, s_low)));
  return settled(b, {sum.high, b.add(rest, tail_low)});
}

Id with_sign_of(RegionBuilder& b, Id y, Id x) {
  const Id sign = b.binary(ACP_SC_AND, b.bitcast(x, Dtype::kI32), b.i32(INT32_MIN));
  const Id one = b.binary(ACP_SC_OR, sign, b.i32(0x3f800000));
  return b.mul(y, b.bitcast(one, Dtype::kF32));
}

}  // namespace cep::functions
