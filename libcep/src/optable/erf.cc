// erf for f32: x + x * polynomial(x^2) near zero, 1 - e^-(x * polynomial(x)) beyond.
#include "optable/pairs.h"

namespace cep {

namespace {

constexpr float kNear = 0.9f;
// erf rounds to 1 from 3.92 on.
constexpr float kHighest = 4.0f;
// erf(x) / x - 1 in x^2, for x^2 <= 0.8125.
constexpr std::uint32_t kNearZero[] = {0x38b2afb5u, 0xba565f1fu, 0x3baa86d2u, 0xbcdc0ac4u,
                                       0x3de7172du, 0xbec093a2u, 0x3e0375d4u};
// -ln(1 - erf(x)) / x for x from 0.875 to 4: all coefficients but the last.
constexpr std::uint32_t kBeyond[] = {0x34262e08u, 0xb67acb1eu, 0x381f99b2u, 0xb94f53d2u, 0x39bd372cu,
                                     0x3b135be6u, 0xbcb40791u, 0x3dd6b686u, 0x3f22c12eu};
// The last coefficient in two parts.
constexpr std::uint32_t kBeyondFirst = 0x3f9073d7u;
constexpr std::uint32_t kBeyondFirstLow = 0xb364cb89u;

}  // namespace

RegionBuilder::Id build_erf(RegionBuilder& b, RegionBuilder::Id x) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  const auto size = b.min(b.unary(ACP_SC_ABS, x), b.f32(kHighest));
  const auto near_zero = b.fma(size, functions::polynomial(b, kNearZero, b.mul(size, size)), size);
  // The exponent and its power stay in two parts: 1 - power loses nothing but its own rounding.
  const auto grown = b.mul(size, functions::polynomial(b, kBeyond, size));
  const functions::Pair slope = functions::ordered_sum(b, b.f32_bits(kBeyondFirst), grown);
  const auto minus = b.unary(ACP_SC_NEG, size);
  const auto exponent = b.mul(minus, slope.high);
  const auto lost = b.fma(minus, slope.high, b.unary(ACP_SC_NEG, exponent));
  const auto low = b.fma(minus, b.add(slope.low, b.f32_bits(kBeyondFirstLow)), lost);
  const functions::Power power = functions::exp_of(b, {exponent, low});
  const auto factor = functions::power_of_two(b, power.exponent);
  const auto minus_power = b.mul(b.unary(ACP_SC_NEG, power.value.high), factor);
  const functions::Pair rest = functions::ordered_sum(b, b.f32(1.0f), minus_power);
  const auto beyond = b.add(rest.high, b.sub(rest.low, b.mul(power.value.low, factor)));
  const auto is_near = b.binary(ACP_SC_LT, size, b.f32(kNear));
  return functions::with_sign_of(b, b.select(is_near, near_zero, beyond), x);
}

}  // namespace cep
