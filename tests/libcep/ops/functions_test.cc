// Elementary functions against the C library in double precision, on samples that have every exponent, and their special values.
#include <gtest/gtest.h>

#include <random>

#include "support/function_error.h"

namespace cep {
namespace {

using testing::Bits;
using testing::Errors;
using testing::UnaryFunction;
using Ids = std::vector<RegionBuilder::Id>;

class Unary : public ::testing::TestWithParam<UnaryFunction> {};

// Every 1021st bit pattern, 4.2 million of them: 1021 is prime, so all exponents and mantissa ends are met.
TEST_P(Unary, sample_is_within_one_ulp) {
  const acp::Device device = vendors_test::device_of("cpu");
  const Errors errors = testing::errors_of(
      GetParam(), device, {.first = 0, .count = (std::uint64_t{1} << 32) / 1021 + 1, .step = 1021});
  EXPECT_GE(errors.compared, std::uint64_t{1} << 22);
  EXPECT_LT(errors.worst_ulp, 1.0) << testing::to_string(errors);
  RecordProperty("worst", testing::to_string(errors));
}

INSTANTIATE_TEST_SUITE_P(Functions, Unary, ::testing::ValuesIn(testing::kUnaryFunctions),
                         [](const auto& function) { return std::string(function.param.name); });

Bits pow_of(const Bits& x, const Bits& y) {
  const auto build = [](RegionBuilder& r, const Ids& v) { return build_pow(r, v[0], v[1]); };
  const Bits power = testing::function_on(vendors_test::device_of("cpu"), {x, y}, build);
  EXPECT_EQ(power, testing::function_on(vendors_test::device_of("template"), {x, y}, build));
  return power;
}

Errors pow_errors(const std::vector<Bits>& arguments) {
  Errors errors;
  const Bits power =
      testing::function_on(vendors_test::device_of("cpu"), arguments,
                           [](RegionBuilder& r, const Ids& v) { return build_pow(r, v[0], v[1]); });
  testing::add_errors(errors, arguments, power, [](const double* v) { return std::pow(v[0], v[1]); });
  return errors;
}

// Any bits for both: all exponents, NaNs, infinities, subnormals, both signs.
TEST(Pow, any_arguments_are_within_two_ulp) {
  std::mt19937 random(5);
  std::vector<Bits> arguments(2, Bits(1 << 20));
  for (Bits& argument : arguments) {
    for (std::uint32_t& bits : argument) bits = static_cast<std::uint32_t>(random());
  }
  const Errors errors = pow_errors(arguments);
  EXPECT_LT(errors.worst_ulp, 2.0) << testing::to_string(errors);
  RecordProperty("worst", testing::to_string(errors));
}

// Exponents that bring the power back into the range of binary32: where the logarithm must be most accurate.
TEST(Pow, powers_in_range_are_within_two_ulp) {
  std::mt19937_64 random(6);
  std::uniform_real_distribution<double> target(-104, 89);
  std::vector<Bits> arguments(2);
  while (arguments[0].size() < 3u << 20) {
    auto bits = static_cast<std::uint32_t>(random() % 0x7f800000u);
    if (random() % 2 == 0) bits = 0x3f800000u + static_cast<std::uint32_t>(random() % 0x1000000u) - 0x800000u;
    const auto x = static_cast<double>(std::bit_cast<float>(bits));
    const auto y = static_cast<float>(target(random) / std::log(x));
    arguments[0].push_back(bits);
    arguments[1].push_back(std::bit_cast<std::uint32_t>(y));
  }
  const Errors errors = pow_errors(arguments);
  EXPECT_LT(errors.worst_ulp, 2.0) << testing::to_string(errors);
  RecordProperty("worst", testing::to_string(errors));
}

// Exponents that models write.
TEST(Pow, common_exponents_are_within_one_ulp) {
  std::mt19937 random(7);
  for (const float y : {2.0f, 3.0f, 0.5f, -0.5f, -1.0f, 0.75f, 1.0f, -2.0f}) {
    std::vector<Bits> arguments = {Bits(1 << 18), Bits(1 << 18, std::bit_cast<std::uint32_t>(y))};
    for (std::uint32_t& bits : arguments[0]) bits = static_cast<std::uint32_t>(random());
    const Errors errors = pow_errors(arguments);
    EXPECT_LT(errors.worst_ulp, 1.0) << y << " " << testing::to_string(errors);
  }
}

// Where the power is a binary32 number, it is the result.
TEST(Pow, exact_powers_are_exact) {
  Bits x, y, expected;
  for (std::int32_t base = 1; base <= 4096; ++base) {
    for (const std::int32_t exponent : {1, 2}) {
      const auto from = static_cast<float>(base);
      x.push_back(std::bit_cast<std::uint32_t>(-from));
      y.push_back(std::bit_cast<std::uint32_t>(static_cast<float>(exponent)));
      expected.push_back(std::bit_cast<std::uint32_t>(exponent == 1 ? -from : from * from));
    }
  }
  EXPECT_EQ(pow_of(x, y), expected);
}

// IEEE 754-2019, 9.2.1.
TEST(Pow, special_values) {
  constexpr std::uint32_t kNan = 0x7fc00000, kInf = 0x7f800000, kMinusInf = 0xff800000,
                          kMinusZero = 0x80000000;
  constexpr std::uint32_t kOne = 0x3f800000, kMinusOne = 0xbf800000, kTwo = 0x40000000, kThree = 0x40400000;
  constexpr std::uint32_t kMinusTwo = 0xc0000000, kMinusThree = 0xc0400000, kHalf = 0x3f000000,
                          kMinusHalf = 0xbf000000;
  struct Row {
    std::uint32_t x, y, power;
  };
  constexpr Row kRows[] = {
      {kNan, 0, kOne},
      {0xffc12345, kMinusZero, kOne},
      {0, 0, kOne},
      {kOne, kNan, kOne},
      {kOne, kMinusInf, kOne},
      {kMinusOne, kInf, kOne},
      {kMinusOne, kMinusInf, kOne},
      {kNan, kOne, kNan},
      {0xffc12345, kThree, kNan},
      {kTwo, 0xff812345, kNan},
      {0, kMinusThree, kInf},
      {kMinusZero, kMinusThree, kMinusInf},
      {kMinusZero, kMinusTwo, kInf},
      {kMinusZero, kMinusHalf, kInf},
      {0, kMinusInf, kInf},
      {kMinusZero, kMinusInf, kInf},
      {kMinusZero, kThree, kMinusZero},
      {kMinusZero, kTwo, 0},
      {kMinusZero, kHalf, 0},
      {0, kInf, 0},
      {kHalf, kInf, 0},
      {kHalf, kMinusInf, kInf},
      {kMinusTwo, kInf, kInf},
      {kMinusTwo, kMinusInf, 0},
      {kInf, kHalf, kInf},
      {kInf, kMinusHalf, 0},
      {kMinusInf, kThree, kMinusInf},
      {kMinusInf, kTwo, kInf},
      {kMinusInf, kHalf, kInf},
      {kMinusInf, kMinusThree, kMinusZero},
      {kMinusInf, kMinusTwo, 0},
      {kMinusInf, kMinusHalf, 0},
      {kMinusTwo, kHalf, kNan},
      {kMinusTwo, kThree, 0xc1000000},
      {kMinusTwo, 0x7f7fffff, kInf},
      {kMinusTwo, 0xff7fffff, 0},
      {kMinusOne, 0x4b7fffff, kMinusOne},
      {kMinusOne, 0x4b800000, kOne},
      {kMinusTwo, 0x00000001, kNan},
      {0x00000001, kOne, 0x00000001},
      {0x7f7fffff, kOne, 0x7f7fffff},
      {kTwo, 0x80000001, kOne},
      {kTwo, kHalf, 0x3fb504f3},
      {kThree, kTwo, 0x41100000},
  };
  Bits x, y, expected;
  for (const Row& row : kRows) {
    x.push_back(row.x);
    y.push_back(row.y);
    expected.push_back(row.power);
  }
  const Bits power = pow_of(x, y);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(power[i], expected[i]) << "row " << i;
}

}  // namespace
}  // namespace cep
