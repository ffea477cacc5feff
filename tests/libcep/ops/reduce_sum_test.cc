// ReduceSum against the worked example of its page.
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

TEST(ReduceSum, example_of_the_page) {
  const Elements x = floats({1, 2, 3, 4, 5, 9});
  const OpCase columns{.inputs = {f32({2, 3}), {Dtype::kI64, {1}}},
                       .known = {std::nullopt, Dims{0}},
                       .attributes = {{"keepdims", std::int64_t{0}}}};
  EXPECT_EQ(run_op("ReduceSum", columns, {x, integers({0})})[0], floats({5, 7, 12}));
  EXPECT_EQ(run_op("ReduceSum", {.inputs = {f32({2, 3})}}, {x})[0], floats({24}));
  const OpCase nothing{.inputs = {f32({0, 2})}, .attributes = {{"axes", Dims{0}}}};
  EXPECT_EQ(run_op("ReduceSum", nothing, {{}})[0], floats({0, 0}));
}

TEST(ReduceSum, three_elements_show_the_lanes) {
  // (x0 + x2) + x1
  const OpCase op_case{.inputs = {f32({3})}};
  EXPECT_EQ(run_op("ReduceSum", op_case, {floats({16777216, 1, -16777216})})[0], floats({1}));
  EXPECT_EQ(run_op("ReduceSum", op_case, {floats({16777216, -16777216, 1})})[0], floats({0}));
}

TEST(Reject, CEP_REDUCESUM_1_integers) {
  EXPECT_EQ(refusal("ReduceSum", {.inputs = {{Dtype::kI64, {2}}}}), "CEP-REDUCESUM-1");
}

}  // namespace
}  // namespace cep
