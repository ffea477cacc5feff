// The arithmetic of machines against the machine's own, and against patterns that are written out.
#include "replay/rounded.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "replay/functions.h"

namespace cep::logical::oracle {
namespace {

using Arithmetic = Numbers<Rounded>;

Rounded f32(float value) { return {.value = double{value}, .element = Element::kF32}; }
float back(const Rounded& x) { return static_cast<float>(x.value); }

TEST(Rounded, is_the_arithmetic_of_floats) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100000; ++i) {
    // All exponents, subnormal numbers too.
    const float a = std::bit_cast<float>(static_cast<std::uint32_t>(random())),
                b = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isnan(a) || std::isnan(b)) continue;
    const auto expect = [&](const Rounded& found, float expected, const char* what) {
      EXPECT_FALSE(Arithmetic::certainly_differ(found, f32(expected))) << a << what << b;
    };
    expect(add(f32(a), f32(b)), a + b, " + ");
    expect(subtract(f32(a), f32(b)), a - b, " - ");
    expect(multiply(f32(a), f32(b)), a * b, " * ");
    expect(quotient(f32(a), f32(b)), a / b, " / ");
    expect(rsqrt(f32(std::fabs(a))), 1 / std::sqrt(std::fabs(a)), " root ");
  }
}

TEST(Rounded, sums_are_trees) {
  const float t[] = {0.1f, 0.7f, -0.3f, 1e7f, 0.9f, 3.3f, -1e7f, 0.2f, 5.5f, 0.6f, 1.1f, 2.2f};
  SumOf<Rounded> sum;
  for (const float term : t) sum.take(f32(term));
  const float expected =
      ((t[0] + t[1] + t[2]) + (t[3] + t[4] + t[5])) + ((t[6] + t[7] + t[8]) + (t[9] + t[10] + t[11]));
  EXPECT_EQ(back(sum.value()), expected);
  float running = 0;
  for (const float term : t) running += term;
  EXPECT_NE(expected, running);
  SumOf<Rounded> left_out;
  left_out.take(f32(-0.0f));
  left_out.take_nothing();
  EXPECT_EQ(bits_of(left_out.value()), "0x00000000") << "what is left out is +0, and is added";
}

TEST(Rounded, constants_are_those_of_the_element_they_meet) {
  EXPECT_EQ(back(multiply(f32(3), Arithmetic::of(0.1))), 3 * 0.1f);
  EXPECT_EQ(back(DivisorOf<Rounded>(Arithmetic::of(0.3)).divide(f32(2))), 2 / 0.3f);
  const Rounded narrow = Arithmetic::stored({.value = 1}, Element::kBf16);
  EXPECT_EQ(bits_of(add(narrow, Arithmetic::of(0.1))), "0x3f8d");  // 1 + 0.10009765625, to 8 digits
}

TEST(Rounded, patterns) {
  const auto bits = [](double value, Element element) {
    return bits_of(Arithmetic::stored({.value = value}, element));
  };
  EXPECT_EQ(bits(1.1, Element::kF32), "0x3f8ccccd");
  EXPECT_EQ(bits(1.1, Element::kF64), "0x3ff199999999999a");
  EXPECT_EQ(bits(1.1, Element::kBf16), "0x3f8d");
  EXPECT_EQ(bits(1.1, Element::kF16), "0x3c66");
  EXPECT_EQ(bits(-65504, Element::kF16), "0xfbff");
  EXPECT_EQ(bits(65520, Element::kF16), "0x7c00");
  EXPECT_EQ(bits(0x1p-24, Element::kF16), "0x0001");
  EXPECT_EQ(bits(0x1.ffp-15, Element::kF16), "0x03fe");
  EXPECT_EQ(bits(0x1p-14, Element::kF16), "0x0400");
  EXPECT_EQ(bits(-0.0, Element::kF32), "0x80000000");
  EXPECT_EQ(bits(0x1.ffffffp127, Element::kF32), "0x7f800000");
  EXPECT_EQ(bits(0x1.fffffefp127, Element::kF32), "0x7f7fffff");
  EXPECT_EQ(bits(7, Element::kI64), "7");
}

TEST(Rounded, only_payloads_of_nan_are_alike) {
  const Rounded nan = f32(std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(Arithmetic::certainly_differ(nan, negate(nan)));
  EXPECT_TRUE(Arithmetic::certainly_differ(nan, f32(0)));
  EXPECT_TRUE(Arithmetic::certainly_differ(f32(0), f32(-0.0f)));
  EXPECT_TRUE(Arithmetic::certainly_differ(f32(1), f32(std::nextafter(1.0f, 2.0f))));
}

// Worked examples of spec/cep/numerics-functions.md, and the functions themselves.
TEST(Rounded, functions) {
  EXPECT_EQ(bits_of(exponential(f32(1))), "0x402df854");
  EXPECT_EQ(bits_of(exponential(f32(-HUGE_VALF))), "0x00000000");
  EXPECT_EQ(bits_of(sigmoid(f32(0))), "0x3f000000");
  EXPECT_EQ(bits_of(Arithmetic::power(f32(2), 0.5)), "0x3fb504f3");
  EXPECT_EQ(bits_of(Arithmetic::power(f32(3), -2)), bits_of(f32(1 / 9.0f)));
  for (const float x : {-20.0f, -3.5f, -0.1f, 0.3f, 2.0f, 30.0f}) {
    EXPECT_NEAR(exp_of_binary32(x) / std::exp(x), 1, 0x1p-22);
    EXPECT_NEAR(sigmoid_of_binary32(x) * (1 + std::exp(-x)), 1, 0x1p-22);
    EXPECT_NEAR(pow_of_binary32(std::fabs(x), 0.3f) / std::pow(std::fabs(x), 0.3f), 1, 0x1p-21);
    const double y = 1 / (1 + std::exp(-double{x}));
    EXPECT_NEAR(sigmoid_slope(f32(x)).value, y * (1 - y), 1e-6);
    EXPECT_NEAR(rsqrt_slope(f32(std::fabs(x))).value * -2 * std::pow(std::fabs(double{x}), 1.5), 1, 1e-6);
  }
}

}  // namespace
}  // namespace cep::logical::oracle
