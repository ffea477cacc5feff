// ReduceMean against the worked example of its page and plain loops.
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

TEST(ReduceMean, example_of_the_page) {
  const Elements x = floats({1, 2, 3, 4, 5, 9});
  const OpCase rows{.inputs = {f32({2, 3})}, .attributes = {{"axes", Dims{1}}}};
  EXPECT_EQ(run_op("ReduceMean", rows, {x})[0], floats({2, 6}));
  EXPECT_EQ(run_op("ReduceMean", {.inputs = {f32({2, 3})}}, {x})[0], floats({4}));
  const OpCase none{.inputs = {f32({2, 3})}, .attributes = {{"noop_with_empty_axes", std::int64_t{1}}}};
  EXPECT_EQ(run_op("ReduceMean", none, {x})[0], x);
}

// Lanes of 32 over the reduced axes, row-major, whatever their places and the order they are named in.
TEST(ReduceMean, order_is_lanes_over_the_axes) {
  std::mt19937_64 random(9);
  std::vector<float> x;
  for (int i = 0; i < 5 * 3 * 11; ++i) x.push_back(static_cast<float>(random() % 1000003) * 0.37f - 9e4f);
  const OpCase op_case{.inputs = {f32({5, 3, 11})},
                       .attributes = {{"axes", Dims{2, 0}}, {"keepdims", std::int64_t{0}}}};
  const auto y = testing::as_floats(run_op("ReduceMean", op_case, {floats(x)})[0]);
  ASSERT_EQ(y.size(), 3u);
  for (std::size_t b = 0; b < 3; ++b) {
    std::vector<float> lane(32);
    for (std::size_t i = 0; i < 55; ++i) {
      const float value = x[(i / 11 * 3 + b) * 11 + i % 11];
      lane[i % 32] = i < 32 ? value : lane[i % 32] + value;
    }
    for (std::size_t w = 16; w > 0; w /= 2) {
      for (std::size_t l = 0; l < w; ++l) lane[l] += lane[l + w];
    }
    EXPECT_EQ(y[b], lane[0] / 55);
  }
}

TEST(ReduceMean, of_nothing_is_nan) {
  const OpCase op_case{.inputs = {f32({1, 0})}, .attributes = {{"axes", Dims{1}}}};
  EXPECT_EQ(run_op("ReduceMean", op_case, {{}})[0], (Elements{{0x7fc00000u, Value::kConcrete}}));
}

TEST(Reject, CEP_REDUCEMEAN_1_integers) {
  EXPECT_EQ(refusal("ReduceMean", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-REDUCEMEAN-1");
}
TEST(Reject, CEP_AXES_1_axes_of_a_mean_not_constant) {
  EXPECT_EQ(refusal("ReduceMean", {.inputs = {f32({4, 3}), {Dtype::kI64, {1}}}}), "CEP-AXES-1");
}
TEST(Reject, CEP_AXES_4_axis_of_a_mean_equals_rank) {
  EXPECT_EQ(refusal("ReduceMean", {.inputs = {f32({4, 3})}, .attributes = {{"axes", Dims{2}}}}),
            "CEP-AXES-4");
}
TEST(Reject, CEP_AXES_5_axis_of_a_mean_twice) {
  EXPECT_EQ(refusal("ReduceMean", {.inputs = {f32({4, 3})}, .attributes = {{"axes", Dims{1, -1}}}}),
            "CEP-AXES-5");
}
TEST(Reject, CEP_AXES_3_of_a_mean) {
  EXPECT_EQ(refusal("ReduceMean", {.inputs = {f32({4, 3}), {Dtype::kI64, {1}}},
                                   .known = {std::nullopt, Dims{0}},
                                   .attributes = {{"axes", Dims{1}}}}),
            "CEP-AXES-3");
}

}  // namespace
}  // namespace cep
