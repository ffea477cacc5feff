// Min against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Min, example_of_the_page) {
  EXPECT_EQ(run_op("Min", {.inputs = {f32({3}), f32({3})}},
                   {floats({1, -0.0f, 3}), floats({2, 0.0f, INFINITY})})[0],
            floats({1, -0.0f, 3}));
  const Elements nan = {{0xffc12345u, Value::kConcrete}}, canonical = {{0x7fc00000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Min", {.inputs = {f32({1}), f32({1})}}, {nan, floats({1})})[0], canonical);
  const TensorType one{Dtype::kI32, {1}};
  EXPECT_EQ(run_op("Min", {.inputs = {one, one}}, {testing::integers({-7}), testing::integers({3})})[0],
            testing::integers({-7}));
}

TEST(Min, broadcasts_as_nested_loops_do) {
  std::vector<float> a, b, expected;
  for (int i = 0; i < 4 * 3; ++i) a.push_back(static_cast<float>(i) * 1.25f - 3);
  for (int i = 0; i < 5; ++i) b.push_back(static_cast<float>(i * i) - 0.1f);
  // A is 4 x 1 x 3, B is 5 x 1.
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(std::min(a[i * 3 + k], b[j]));
    }
  }
  const OpCase op_case{.inputs = {f32({4, 1, 3}), f32({5, 1})}};
  EXPECT_EQ(testing::as_floats(run_op("Min", op_case, {floats(a), floats(b)})[0]), expected);
}

TEST(Reject, CEP_MIN_1_bool) {
  EXPECT_EQ(refusal("Min", {.inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}}), "CEP-MIN-1");
}
TEST(Reject, CEP_BCAST_1_shapes_of_min) {
  EXPECT_EQ(refusal("Min", {.inputs = {f32({2, 3}), f32({2, 2})}}), "CEP-BCAST-1");
  EXPECT_EQ(refusal("Min", {.inputs = {f32({2, 0}), f32({2, 2})}}), "CEP-BCAST-1");
}
TEST(Reject, CEP_BCAST_2_types_of_min) {
  EXPECT_EQ(refusal("Min", {.inputs = {f32({2}), {Dtype::kI32, {2}}}}), "CEP-BCAST-2");
}
TEST(Min, of_one_tensor_keeps_bits_and_of_three_folds) {
  const Elements odd = {{0xffc12345u, Value::kConcrete}};
  EXPECT_EQ(run_op("Min", {.inputs = {f32({1})}}, {odd})[0], odd);
  EXPECT_EQ(
      run_op("Min", {.inputs = {f32({}), f32({2}), f32({1})}}, {floats({3}), floats({1, 5}), floats({4})})[0],
      floats({1, 3}));
}
TEST(Reject, CEP_BCAST_3_an_input_of_min_left_out) {
  EXPECT_EQ(refusal("Min", {.inputs = {f32({2}), {}, f32({2})}}), "CEP-BCAST-3");
}

}  // namespace
}  // namespace cep
