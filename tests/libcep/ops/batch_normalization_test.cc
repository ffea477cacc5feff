// BatchNormalization against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

OpCase over(const Dims& x, std::int64_t channels, std::vector<Attribute> attributes = {}) {
  return {.inputs = {f32(x), f32({channels}), f32({channels}), f32({channels}), f32({channels})},
          .attributes = std::move(attributes)};
}

TEST(BatchNormalization, example_of_the_page) {
  EXPECT_EQ(run_op("BatchNormalization", over({1, 1, 3}, 1, {{"epsilon", 1.0f}}),
                   {floats({3, 5, -1}), floats({2}), floats({1}), floats({3}), floats({3})})[0],
            floats({1, 3, -3}));
}

std::vector<float> mild(std::size_t count, std::mt19937_64& random) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30f);
  return values;
}

TEST(BatchNormalization, agrees_with_a_loop_bit_for_bit_and_with_doubles) {
  std::mt19937_64 random(22);
  constexpr std::size_t kN = 2, kC = 5, kPixels = 12;
  const std::vector<float> x = mild(kN * kC * kPixels, random), scale = mild(kC, random),
                           bias = mild(kC, random), mean = mild(kC, random);
  std::vector<float> variance = mild(kC, random);
  for (float& v : variance) v = std::abs(v) + 0.5f;
  std::vector<float> expected, from_doubles;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i / kPixels % kC;
    const float root = std::sqrt(variance[c] + 1e-5f);
    const float factor = scale[c] / root;
    const float scaled = (x[i] - mean[c]) * factor;
    expected.push_back(scaled + bias[c]);
    const double exact = (static_cast<double>(x[i]) - mean[c]) / std::sqrt(variance[c] + 1e-5) * scale[c];
    from_doubles.push_back(static_cast<float>(exact + bias[c]));
  }
  const auto y =
      as_floats(run_op("BatchNormalization", over({kN, kC, 3, 4}, kC),
                       {floats(x), floats(scale), floats(bias), floats(mean), floats(variance)})[0]);
  EXPECT_EQ(y, expected);
  // |x - mean| <= 4 and |factor| <= 2 sqrt(2): six roundings stay below 2^-19.
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y[i], from_doubles[i], 0x1p-19);
}

TEST(BatchNormalization, negative_variance_is_nan) {
  EXPECT_EQ(run_op("BatchNormalization", over({1, 1}, 1),
                   {floats({1}), floats({1}), floats({0}), floats({0}), floats({-1})})[0],
            (Elements{{0x7fc00000, Value::kConcrete}}));
}

std::string refused(const OpCase& op_case) { return refusal("BatchNormalization", op_case); }

TEST(Reject, CEP_BATCHNORMALIZATION_1_integers) {
  OpCase op_case = over({2, 3}, 3);
  op_case.inputs[0].dtype = Dtype::kI64;
  EXPECT_EQ(refused(op_case), "CEP-BATCHNORMALIZATION-1");
}
TEST(Reject, CEP_BATCHNORMALIZATION_2_rank_1) {
  EXPECT_EQ(refused(over({3}, 3)), "CEP-BATCHNORMALIZATION-2");
}
TEST(Reject, CEP_BATCHNORMALIZATION_3_channels) {
  for (std::size_t i = 1; i < 5; ++i) {
    OpCase op_case = over({2, 3, 4}, 3);
    op_case.inputs[i].dims = {i == 1 ? 1 : 4};
    EXPECT_EQ(refused(op_case), "CEP-BATCHNORMALIZATION-3");
  }
}
TEST(Reject, CEP_BATCHNORMALIZATION_4_epsilon) {
  for (const float epsilon : {-1e-9f, INFINITY, NAN})
    EXPECT_EQ(refused(over({2, 3}, 3, {{"epsilon", epsilon}})), "CEP-BATCHNORMALIZATION-4");
}
TEST(Reject, CEP_BATCHNORMALIZATION_5_training) {
  EXPECT_EQ(refused(over({2, 3}, 3, {{"training_mode", std::int64_t{1}}})), "CEP-BATCHNORMALIZATION-5");
  OpCase op_case = over({2, 3}, 3);
  op_case.output_count = 3;
  EXPECT_EQ(refused(op_case), "CEP-BATCHNORMALIZATION-5");
}
TEST(Reject, CEP_BATCHNORMALIZATION_6_statistics_of_each_pixel) {
  EXPECT_EQ(refused(over({2, 3}, 3, {{"spatial", std::int64_t{0}}})), "CEP-BATCHNORMALIZATION-6");
}

}  // namespace
}  // namespace cep
