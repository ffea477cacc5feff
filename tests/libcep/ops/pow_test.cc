// Pow against the worked example of its page. The function itself: functions_test.cc.
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

TEST(Pow, example_of_the_page) {
  EXPECT_EQ(
      run_op("Pow", {.inputs = {f32({4}), f32({})}}, {floats({3, -2, -0.0f, 16777216}), floats({2})})[0],
      floats({9, 4, 0, 0x1p48f}));
  EXPECT_EQ(
      run_op("Pow", {.inputs = {f32({2, 1}), {Dtype::kI64, {2}}}}, {floats({2, 3}), integers({3, -1})})[0],
      floats({8, 0.5f, 27, 0x1.555556p-2f}));
}

TEST(Reject, CEP_POW_1_integer_base) {
  EXPECT_EQ(refusal("Pow", {.inputs = {{Dtype::kI32, {2}}, f32({2})}}), "CEP-POW-1");
}
TEST(Reject, CEP_POW_2_bool_exponent) {
  EXPECT_EQ(refusal("Pow", {.inputs = {f32({2}), {Dtype::kBool, {2}}}}), "CEP-POW-2");
}
TEST(Reject, CEP_BCAST_1_shapes_of_pow) {
  EXPECT_EQ(refusal("Pow", {.inputs = {f32({2, 3}), f32({2})}}), "CEP-BCAST-1");
}

}  // namespace
}  // namespace cep
