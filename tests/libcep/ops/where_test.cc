// Where against the worked example of its page.
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

TEST(Where, example_of_the_page) {
  const OpCase op_case{.inputs = {{Dtype::kBool, {2, 1}}, f32({2}), f32({})}};
  EXPECT_EQ(run_op("Where", op_case, {integers({1, 0}), floats({10, 20}), floats({-1})})[0],
            floats({10, 20, -1, -1}));
}

TEST(Where, keeps_bits) {
  const OpCase op_case{.inputs = {{Dtype::kBool, {2}}, f32({2}), f32({2})}};
  const Elements x = {{0xffc12345u, Value::kConcrete}, {1, Value::kConcrete}};
  const Elements y = {{2, Value::kConcrete}, {0x7f800001u, Value::kConcrete}};
  EXPECT_EQ(run_op("Where", op_case, {integers({1, 0}), x, y})[0], (Elements{x[0], y[1]}));
}

TEST(Reject, CEP_WHERE_1_condition_of_integers) {
  EXPECT_EQ(refusal("Where", {.inputs = {{Dtype::kI32, {2}}, f32({2}), f32({2})}}), "CEP-WHERE-1");
}
TEST(Reject, CEP_WHERE_2_types_differ) {
  EXPECT_EQ(refusal("Where", {.inputs = {{Dtype::kBool, {2}}, f32({2}), {Dtype::kI32, {2}}}}), "CEP-WHERE-2");
}
TEST(Reject, CEP_BCAST_1_shapes_of_where) {
  EXPECT_EQ(refusal("Where", {.inputs = {{Dtype::kBool, {2}}, f32({3}), f32({3})}}), "CEP-BCAST-1");
}

}  // namespace
}  // namespace cep
