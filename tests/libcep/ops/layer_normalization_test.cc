// LayerNormalization against the worked example of its page and double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::integers;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

Attribute axis(std::int64_t value) { return {"axis", value}; }

TEST(LayerNormalization, example_of_the_page) {
  const OpCase op_case{.inputs = {f32({2, 2}), f32({2}), f32({2})}, .attributes = {{"epsilon", 0.0f}}};
  EXPECT_EQ(
      run_op("LayerNormalization", op_case, {floats({1, 3, -2, 6}), floats({1, 10}), floats({0, 5})})[0],
      floats({-1, 15, -1, 15}));
}

TEST(LayerNormalization, epsilon_lies_inside_the_root) {
  const OpCase op_case{.inputs = {f32({2}), f32({1})}, .attributes = {{"epsilon", 3.0f}}};
  EXPECT_EQ(run_op("LayerNormalization", op_case, {floats({-1, 1}), floats({1})})[0], floats({-0.5f, 0.5f}));
}

TEST(LayerNormalization, is_close_to_double_precision_over_two_axes) {
  std::vector<float> x, scale, bias;
  for (int i = 0; i < 2 * 3 * 40; ++i) x.push_back(std::sin(static_cast<float>(i)) * 3 + 7);
  for (int i = 0; i < 120; ++i) scale.push_back(static_cast<float>(i % 7) * 0.5f);
  for (int i = 0; i < 40; ++i) bias.push_back(static_cast<float>(i) * 0.1f);
  const OpCase op_case{.inputs = {f32({2, 3, 40}), f32({3, 40}), f32({40})}, .attributes = {axis(-2)}};
  const auto y =
      testing::as_floats(run_op("LayerNormalization", op_case, {floats(x), floats(scale), floats(bias)})[0]);
  for (std::size_t row = 0; row < 2; ++row) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < 120; ++i) sum += x[row * 120 + i];
    for (std::size_t i = 0; i < 120; ++i) squares += std::pow(x[row * 120 + i] - sum / 120, 2);
    const double deviation = std::sqrt(squares / 120 + 1e-5f);
    for (std::size_t i = 0; i < 120; ++i) {
      const double expected = (x[row * 120 + i] - sum / 120) / deviation * scale[i] + bias[i % 40];
      EXPECT_NEAR(y[row * 120 + i], expected, 1e-5);
    }
  }
}

TEST(Reject, CEP_LAYERNORM_1_integers) {
  EXPECT_EQ(refusal("LayerNormalization", {.inputs = {f32({3}), {Dtype::kI32, {3}}}}), "CEP-LAYERNORM-1");
}
TEST(Reject, CEP_LAYERNORM_2_axis_equals_rank) {
  EXPECT_EQ(refusal("LayerNormalization", {.inputs = {f32({3}), f32({3})}, .attributes = {axis(1)}}),
            "CEP-LAYERNORM-2");
}
TEST(Reject, CEP_LAYERNORM_3_scale_of_another_extent) {
  EXPECT_EQ(refusal("LayerNormalization", {.inputs = {f32({3}), f32({2})}}), "CEP-LAYERNORM-3");
  EXPECT_EQ(refusal("LayerNormalization", {.inputs = {f32({1}), f32({3})}}), "CEP-LAYERNORM-3");
}
TEST(Reject, CEP_LAYERNORM_4_further_outputs) {
  EXPECT_EQ(refusal("LayerNormalization", {.inputs = {f32({3}), f32({3})}, .output_count = 3}),
            "CEP-LAYERNORM-4");
}
TEST(Reject, CEP_LAYERNORM_5_stash_type) {
  EXPECT_EQ(refusal("LayerNormalization",
                    {.inputs = {f32({3}), f32({3})}, .attributes = {{"stash_type", std::int64_t{10}}}}),
            "CEP-LAYERNORM-5");
}

}  // namespace
}  // namespace cep
