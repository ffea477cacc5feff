// log for f32: the logarithm in two parts, rounded.
#include "optable/pairs.h"

namespace cep {

RegionBuilder::Id build_log(RegionBuilder& b, RegionBuilder::Id x) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  const auto zero = b.f32(0.0f);
  const auto infinity = b.f32_bits(0x7f800000u), minus_infinity = b.f32_bits(0xff800000u),
             nan = b.f32_bits(0x7fc00000u);
  const functions::Pair log = functions::log_of(b, x);
  const auto above = b.select(b.binary(ACP_SC_LT, x, infinity), log.high, infinity);
  const auto from_zero = b.select(b.binary(ACP_SC_EQ, x, zero), minus_infinity, above);
  return b.select(b.binary(ACP_SC_LE, zero, x), from_zero, nan);
}

}  // namespace cep
