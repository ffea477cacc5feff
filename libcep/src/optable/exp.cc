// exp for f32: range reduction by multiples of ln 2, a polynomial, and two exact scalings by powers of two.
#include "cep/op.h"

namespace cep {

namespace {

using Id = RegionBuilder::Id;

// Below the first every result rounds to +0, above the second to +inf.
constexpr std::uint32_t kLowest = 0xc2d00000u;   // -104
constexpr std::uint32_t kHighest = 0x42b20000u;  // 89
constexpr std::uint32_t kLog2E = 0x3fb8aa3bu;
// -ln 2 in two parts: the first is ln 2 rounded to nearest.
constexpr std::uint32_t kMinusLn2High = 0xbf317218u;
constexpr std::uint32_t kMinusLn2Low = 0x3102e308u;
// (e^r - 1 - r) / r^2 on |r| <= ln(2)/2, highest power first.
constexpr std::uint32_t kPolynomial[] = {0x3ab6887eu, 0x3c0905b1u, 0x3d2aaa8du, 0x3e2aaa6fu, 0x3f000000u};
constexpr std::int32_t kExponentBias = 127;
constexpr std::int32_t kMantissaBits = 23;

// 2^e for an i32 e with a normal result.
Id power_of_two(RegionBuilder& b, Id e) {
  const Id biased = b.add(e, b.i32(kExponentBias));
  return b.bitcast(b.binary(ACP_SC_SHL, biased, b.i32(kMantissaBits)), Dtype::kF32);
}

}  // namespace

RegionBuilder::Id build_exp(RegionBuilder& b, RegionBuilder::Id x) {
  ACP_ASSERT(b.dtype_of(x) == Dtype::kF32);
  const Id clamped = b.min(b.max(x, b.f32_bits(kLowest)), b.f32_bits(kHighest));
  const Id n = b.unary(ACP_SC_RINT, b.mul(clamped, b.f32_bits(kLog2E)));
  const Id coarse = b.fma(n, b.f32_bits(kMinusLn2High), clamped);
  const Id r = b.fma(n, b.f32_bits(kMinusLn2Low), coarse);
  Id q = b.f32_bits(kPolynomial[0]);
  for (std::size_t i = 1; i < std::size(kPolynomial); ++i) q = b.fma(q, r, b.f32_bits(kPolynomial[i]));
  // 1 + r, and what rounding it lost: exact, since 1 > |r|.
  const Id one = b.f32(1.0f);
  const Id sum = b.add(one, r);
  const Id lost = b.add(b.sub(one, sum), r);
  const Id p = b.add(sum, b.fma(b.mul(r, r), q, lost));
  // Two scalings: 2^n itself is out of range for results near the ends. The first is exact, the second rounds subnormal results once.
  const Id whole = b.cast(n, Dtype::kI32);
  const Id half = b.binary(ACP_SC_SHR, whole, b.i32(1));
  return b.mul(b.mul(p, power_of_two(b, half)), power_of_two(b, b.sub(whole, half)));
}

}  // namespace cep
