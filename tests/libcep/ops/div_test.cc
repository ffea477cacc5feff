// Div against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Div, example_of_the_page) {
  EXPECT_EQ(run_op("Div", {.inputs = {f32({3}), f32({3})}}, {floats({1, 2, -1}), floats({3, 0.5f, 0.0f})})[0],
            floats({1.0f / 3, 4, -INFINITY}));
}

TEST(Div, broadcasts_as_nested_loops_do) {
  std::vector<float> a, b, expected;
  for (int i = 0; i < 4 * 3; ++i) a.push_back(static_cast<float>(i) * 1.25f - 3);
  for (int i = 0; i < 5; ++i) b.push_back(static_cast<float>(i * i) - 0.1f);
  // A is 4 x 1 x 3, B is 5 x 1.
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(a[i * 3 + k] / b[j]);
    }
  }
  const OpCase op_case{.inputs = {f32({4, 1, 3}), f32({5, 1})}};
  EXPECT_EQ(testing::as_floats(run_op("Div", op_case, {floats(a), floats(b)})[0]), expected);
}

TEST(Reject, CEP_DIV_1_integers) {
  EXPECT_EQ(refusal("Div", {.inputs = {{Dtype::kI32, {2}}, {Dtype::kI32, {2}}}}), "CEP-DIV-1");
}
TEST(Reject, CEP_BCAST_1_shapes_of_div) {
  EXPECT_EQ(refusal("Div", {.inputs = {f32({2, 3}), f32({2, 2})}}), "CEP-BCAST-1");
  EXPECT_EQ(refusal("Div", {.inputs = {f32({2, 0}), f32({2, 2})}}), "CEP-BCAST-1");
}
TEST(Reject, CEP_BCAST_2_types_of_div) {
  EXPECT_EQ(refusal("Div", {.inputs = {f32({2}), {Dtype::kI32, {2}}}}), "CEP-BCAST-2");
}

}  // namespace
}  // namespace cep
