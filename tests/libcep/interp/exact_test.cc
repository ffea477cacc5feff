// Whether an operation was exact: as the processor's own flags say.
#include <gtest/gtest.h>

#include <bit>
#include <cfenv>
#include <cmath>
#include <random>

#include "cep/interp.h"

namespace cep {
namespace {

using Random = std::mt19937_64;

float drawn(Random& random) {
  const std::uint64_t bits = random();
  switch (bits % 6) {
    case 0: return std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32));
    case 1: return static_cast<float>(static_cast<std::int64_t>(bits >> 32 & 31) - 16);
    case 2: return std::ldexp(1.0F, static_cast<int>(bits >> 32 & 63) - 32);
    case 3: return std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32 & 0x807fffff));  // subnormal
    case 4: return 1.0F + static_cast<float>(bits >> 32 & 7) * 0x1p-23F;
    default: return std::ldexp(static_cast<float>(bits >> 32 & 0xffff), -8);
  }
}

Region program_of(std::uint8_t code, Dtype from, Dtype to) {
  RegionBuilder b;
  const auto x = b.input({from, {}}), y = b.input({from, {}}), z = b.input({from, {}});
  const auto out = b.output({to, {}});
  b.begin_nest({}, {});
  const auto p = b.arg(b.read(x, {})), q = b.arg(b.read(y, {})), r = b.arg(b.read(z, {}));
  RegionBuilder::Id value = 0;
  switch (code) {
    case ACP_SC_SQRT: value = b.unary(code, p); break;
    case ACP_SC_FMA: value = b.fma(p, q, r); break;
    case ACP_SC_CAST: value = b.cast(p, to); break;
    case ACP_SC_BITCAST: value = b.bitcast(p, to); break;
    default: value = b.binary(code, p, q); break;
  }
  b.write(out, {}, value);
  b.end_nest();
  return std::move(b).finish();
}

struct Answer {
  bool exact = false;
  std::uint64_t bits = 0;
};
Answer run(const Region& region, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  Elements x = {{a, 0}}, y = {{b, 0}}, z = {{c, 0}}, result(1);
  const auto exact = interpret_exactly(region, {&x, &y, &z, &result});
  EXPECT_TRUE(exact.has_value());
  return {exact && *exact, result[0].lo};
}
std::uint64_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

float computed(std::uint8_t code, float a, float b, float c) {
  volatile float x = a, y = b, z = c;
  switch (code) {
    case ACP_SC_ADD: return x + y;
    case ACP_SC_SUB: return x - y;
    case ACP_SC_MUL: return x * y;
    case ACP_SC_DIV: return x / y;
    case ACP_SC_SQRT: return std::sqrt(x);
    default: return std::fma(x, y, z);
  }
}

TEST(Exact, as_the_processor_says) {
  Random random(11);
  for (const std::uint8_t code : {ACP_SC_ADD, ACP_SC_SUB, ACP_SC_MUL, ACP_SC_DIV, ACP_SC_SQRT, ACP_SC_FMA}) {
    const Region region = program_of(code, Dtype::kF32, Dtype::kF32);
    int exact = 0, rounded = 0;
    for (int i = 0; i < 4000; ++i) {
      const float a = drawn(random), b = drawn(random), c = drawn(random);
      std::feclearexcept(FE_ALL_EXCEPT);
      volatile float result = computed(code, a, b, c);
      const bool expected = std::fetestexcept(FE_INEXACT | FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID) == 0 &&
                            std::isfinite(result);
      const Answer answer = run(region, bits_of(a), bits_of(b), bits_of(c));
      ASSERT_EQ(answer.exact, expected) << "operator " << int{code} << " of " << a << ", " << b << ", " << c;
      ++(expected ? exact : rounded);
    }
    EXPECT_GT(exact, 100) << "operator " << int{code};
    EXPECT_GT(rounded, 100) << "operator " << int{code};
  }
}

TEST(Exact, the_same_bits_as_without_watching) {
  Random random(12);
  for (const std::uint8_t code : {ACP_SC_ADD, ACP_SC_DIV, ACP_SC_FMA, ACP_SC_MAX}) {
    const Region region = program_of(code, Dtype::kF32, Dtype::kF32);
    for (int i = 0; i < 500; ++i) {
      Elements x = {{bits_of(drawn(random)), 0}}, y = {{bits_of(drawn(random)), 0}},
               z = {{bits_of(drawn(random)), 0}}, result(1);
      ASSERT_TRUE(interpret(region, Domain::kBits, {&x, &y, &z, &result}).has_value());
      EXPECT_EQ(run(region, x[0].lo, y[0].lo, z[0].lo).bits, result[0].lo);
    }
  }
}

TEST(Exact, what_a_real_number_has_no_say_in) {
  const auto exact = [](std::uint8_t code, Dtype from, Dtype to, std::uint64_t a, std::uint64_t b = 0) {
    return run(program_of(code, from, to), a, b, 0).exact;
  };
  constexpr Dtype kF = Dtype::kF32, kI = Dtype::kI32, kL = Dtype::kI64;
  // The larger of minus infinity, where a maximum begins, and a number is a number; that of two infinities is none.
  EXPECT_TRUE(exact(ACP_SC_MAX, kF, kF, 0xff800000, bits_of(3)));
  EXPECT_FALSE(exact(ACP_SC_MAX, kF, kF, 0xff800000, 0xff800000));
  EXPECT_FALSE(exact(ACP_SC_ADD, kF, kF, 0x7fc00000, bits_of(3)));
  // Zero has two patterns.
  EXPECT_TRUE(exact(ACP_SC_BITCAST, kF, kI, bits_of(3)));
  EXPECT_FALSE(exact(ACP_SC_BITCAST, kF, kI, bits_of(-0.0F)));
  // Integers of more than 24 bits.
  EXPECT_TRUE(exact(ACP_SC_CAST, kL, kF, 1U << 24));
  EXPECT_FALSE(exact(ACP_SC_CAST, kL, kF, (1U << 24) + 1));
  EXPECT_FALSE(exact(ACP_SC_CAST, kL, kF, ~std::uint64_t{0} >> 1));
  EXPECT_TRUE(exact(ACP_SC_CAST, kL, kF, std::uint64_t{1} << 63));
}

}  // namespace
}  // namespace cep
