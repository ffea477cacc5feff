// Sub against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Sub, example_of_the_page) {
  EXPECT_EQ(run_op("Sub", {.inputs = {f32({3}), f32({1})}}, {floats({1, 2, 3}), floats({10})})[0],
            floats({-9, -8, -7}));
  const TensorType one{Dtype::kI32, {1}};
  EXPECT_EQ(
      run_op("Sub", {.inputs = {one, one}}, {testing::integers({-2147483648}), testing::integers({1})})[0],
      testing::integers({2147483647}));
}

TEST(Sub, broadcasts_as_nested_loops_do) {
  std::vector<float> a, b, expected;
  for (int i = 0; i < 4 * 3; ++i) a.push_back(static_cast<float>(i) * 1.25f - 3);
  for (int i = 0; i < 5; ++i) b.push_back(static_cast<float>(i * i) - 0.1f);
  // A is 4 x 1 x 3, B is 5 x 1.
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(a[i * 3 + k] - b[j]);
    }
  }
  const OpCase op_case{.inputs = {f32({4, 1, 3}), f32({5, 1})}};
  EXPECT_EQ(testing::as_floats(run_op("Sub", op_case, {floats(a), floats(b)})[0]), expected);
}

TEST(Reject, CEP_SUB_1_bool) {
  EXPECT_EQ(refusal("Sub", {.inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}}), "CEP-SUB-1");
}
TEST(Reject, CEP_BCAST_1_shapes_of_sub) {
  EXPECT_EQ(refusal("Sub", {.inputs = {f32({2, 3}), f32({2, 2})}}), "CEP-BCAST-1");
  EXPECT_EQ(refusal("Sub", {.inputs = {f32({2, 0}), f32({2, 2})}}), "CEP-BCAST-1");
}
TEST(Reject, CEP_BCAST_2_types_of_sub) {
  EXPECT_EQ(refusal("Sub", {.inputs = {f32({2}), {Dtype::kI32, {2}}}}), "CEP-BCAST-2");
}

}  // namespace
}  // namespace cep
