// sigmoid for f32: with p = e^-|x| in two parts, 1 / (1 + p) for x >= 0 and p / (1 + p) for x < 0.
#include "optable/pairs.h"

namespace cep {

namespace {
// Below it every result rounds to +0.
constexpr float kLowest = -104.0f;
}  // namespace

RegionBuilder::Id build_sigmoid(RegionBuilder& b, RegionBuilder::Id x) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  using functions::Pair;
  const auto zero = b.f32(0.0f), one = b.f32(1.0f);
  const auto below = b.max(b.unary(ACP_SC_NEG, b.unary(ACP_SC_ABS, x)), b.f32(kLowest));
  const functions::Power power = functions::exp_of(b, {below, zero});
  const auto scaled_part = [&](functions::Id part) { return functions::scaled(b, part, power.exponent); };
  const Pair sum = functions::ordered_sum(b, one, scaled_part(power.value.high));
  const Pair denominator = functions::ordered_sum(b, sum.high, b.add(sum.low, scaled_part(power.value.low)));
  // The power of two of a small numerator is applied last, so that a subnormal result is rounded from an accurate one.
  const auto negative = b.binary(ACP_SC_LT, x, zero);
  const Pair numerator = {b.select(negative, power.value.high, one),
                          b.select(negative, power.value.low, zero)};
  const auto exponent = b.select(negative, power.exponent, b.i32(0));
  return functions::scaled(b, functions::quotient(b, numerator, denominator), exponent);
}

}  // namespace cep
