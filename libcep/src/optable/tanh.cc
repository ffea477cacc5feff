// tanh for f32: (e^2x - 1) / (e^2x + 1) in two parts, on |x|.
#include "optable/pairs.h"

namespace cep {

namespace {
// tanh rounds to 1 from 9.02 on.
constexpr float kHighest = 20.0f;
}  // namespace

RegionBuilder::Id build_tanh(RegionBuilder& b, RegionBuilder::Id x) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  using functions::Pair;
  const auto size = b.unary(ACP_SC_ABS, x);
  const auto doubled = b.min(b.add(size, size), b.f32(kHighest));
  const functions::Power power = functions::exp_of(b, {doubled, b.f32(0.0f)});
  const auto factor = functions::power_of_two(b, power.exponent);
  // Both exact. The high part is at least 1, since x was made positive.
  const auto high = b.mul(power.value.high, factor), low = b.mul(power.value.low, factor);
  const Pair less = functions::ordered_sum(b, high, b.f32(-1.0f));
  const Pair more = functions::ordered_sum(b, high, b.f32(1.0f));
  const Pair numerator = functions::ordered_sum(b, less.high, b.add(less.low, low));
  const Pair denominator = functions::ordered_sum(b, more.high, b.add(more.low, low));
  return functions::with_sign_of(b, functions::quotient(b, numerator, denominator), x);
}

}  // namespace cep
