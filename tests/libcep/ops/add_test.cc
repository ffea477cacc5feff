// Add against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }
TensorType i32(Dims dims) { return {Dtype::kI32, std::move(dims)}; }

TEST(Add, example_of_the_page) {
  EXPECT_EQ(run_op("Add", {.inputs = {f32({2, 1}), f32({3})}}, {floats({1, 2}), floats({10, 20, 30})})[0],
            floats({11, 21, 31, 12, 22, 32}));
  EXPECT_EQ(run_op("Add", {.inputs = {i32({}), i32({1})}},
                   {testing::integers({2147483647}), testing::integers({1})})[0],
            testing::integers({-2147483648}));
}

TEST(Add, i64_wraps_around) {
  const TensorType one{Dtype::kI64, {}};
  EXPECT_EQ(
      run_op("Add", {.inputs = {one, one}}, {testing::integers({INT64_MAX}), testing::integers({2})})[0],
      testing::integers({INT64_MIN + 1}));
}

TEST(Add, broadcasts_both_ways_as_nested_loops_do) {
  std::vector<float> a, b, expected;
  for (int i = 0; i < 4 * 3; ++i) a.push_back(static_cast<float>(i) * 1.25f);
  for (int i = 0; i < 5; ++i) b.push_back(static_cast<float>(i * i) - 0.1f);
  // A is 4 x 1 x 3, B is 5 x 1.
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(a[i * 3 + k] + b[j]);
    }
  }
  EXPECT_EQ(as_floats(run_op("Add", {.inputs = {f32({4, 1, 3}), f32({5, 1})}}, {floats(a), floats(b)})[0]),
            expected);
}

TEST(Reject, CEP_ADD_1_bool) {
  EXPECT_EQ(refusal("Add", {.inputs = {{Dtype::kBool, {}}, {Dtype::kBool, {}}}}), "CEP-ADD-1");
}
TEST(Reject, CEP_BCAST_2_types_of_add) {
  EXPECT_EQ(refusal("Add", {.inputs = {i32({2}), f32({2})}}), "CEP-BCAST-2");
}
TEST(Reject, CEP_BCAST_1_shapes_of_add) {
  EXPECT_EQ(refusal("Add", {.inputs = {f32({2, 3}), f32({2, 2})}}), "CEP-BCAST-1");
  EXPECT_EQ(refusal("Add", {.inputs = {f32({2, 0}), f32({2, 2})}}), "CEP-BCAST-1");
}

}  // namespace
}  // namespace cep
