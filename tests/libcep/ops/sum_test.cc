// Sum against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Sum, example_of_the_page) {
  EXPECT_EQ(run_op("Sum", {.inputs = {f32({2}), f32({2, 1}), f32({})}},
                   {floats({1, 2}), floats({10, 20}), floats({100})})[0],
            floats({111, 112, 121, 122}));
  const OpCase three{.inputs = {f32({}), f32({}), f32({})}};
  EXPECT_EQ(run_op("Sum", three, {floats({0x1p24f}), floats({1}), floats({1})})[0], floats({0x1p24f}));
  EXPECT_EQ(run_op("Sum", three, {floats({1}), floats({1}), floats({0x1p24f})})[0], floats({0x1p24f + 2}));
}

TEST(Sum, of_one_keeps_bits) {
  Elements x = floats({-0.0f, 1});
  x[1].lo = 0xffc12345;
  EXPECT_EQ(run_op("Sum", {.inputs = {f32({2})}}, {x})[0], x);
}

TEST(Sum, agrees_with_a_loop) {
  std::mt19937_64 random(21);
  std::vector<std::vector<float>> x(4);
  for (auto& values : x) {
    for (int i = 0; i < 15; ++i)
      values.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-20f);
  }
  x[1].resize(5);  // one row for all
  x[2].resize(3);  // one column for all
  std::vector<float> expected;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 5; ++j)
      expected.push_back(((x[0][i * 5 + j] + x[1][j]) + x[2][i]) + x[3][i * 5 + j]);
  const OpCase op_case{.inputs = {f32({3, 5}), f32({5}), f32({3, 1}), f32({3, 5})}};
  EXPECT_EQ(as_floats(run_op("Sum", op_case, {floats(x[0]), floats(x[1]), floats(x[2]), floats(x[3])})[0]),
            expected);
}

TEST(Reject, CEP_SUM_1_integers) {
  EXPECT_EQ(refusal("Sum", {.inputs = {{Dtype::kI64, {2}}, {Dtype::kI64, {2}}}}), "CEP-SUM-1");
}
TEST(Reject, CEP_SUM_2_extents_that_do_not_broadcast) {
  EXPECT_EQ(refusal("Sum", {.inputs = {f32({1}), f32({2}), f32({3})}}), "CEP-SUM-2");
}
TEST(Reject, CEP_SUM_3_left_out) { EXPECT_EQ(refusal("Sum", {.inputs = {f32({2}), {}}}), "CEP-SUM-3"); }

}  // namespace
}  // namespace cep
