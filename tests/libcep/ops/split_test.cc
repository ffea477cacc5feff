// Split against the worked example of its page.
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

Attribute parts(Dims extents) { return {"split", std::move(extents)}; }

TEST(Split, example_of_the_page) {
  const Elements x = floats({1, 2, 3, 4, 5, 6});
  const OpCase columns{
      .inputs = {f32({2, 3})}, .attributes = {{"axis", std::int64_t{1}}, parts({1, 2})}, .output_count = 2};
  EXPECT_EQ(run_op("Split", columns, {x}), (std::vector<Elements>{floats({1, 4}), floats({2, 3, 5, 6})}));
  EXPECT_EQ(run_op("Split", {.inputs = {f32({6})}, .output_count = 4}, {x}),
            (std::vector<Elements>{floats({1, 2}), floats({3, 4}), floats({5, 6}), {}}));
}

TEST(Reject, CEP_SPLIT_1_axis_equals_rank) {
  EXPECT_EQ(refusal("Split", {.inputs = {f32({2})}, .attributes = {{"axis", std::int64_t{1}}}}),
            "CEP-SPLIT-1");
}
TEST(Reject, CEP_SPLIT_2_parts_not_constant) {
  EXPECT_EQ(refusal("Split", {.inputs = {f32({2}), {Dtype::kI64, {1}}}}), "CEP-SPLIT-2");
}
TEST(Reject, CEP_SPLIT_3_parts_do_not_fill) {
  EXPECT_EQ(refusal("Split", {.inputs = {f32({5})}, .attributes = {parts({2, 4})}, .output_count = 2}),
            "CEP-SPLIT-3");
  EXPECT_EQ(refusal("Split", {.inputs = {f32({5})}, .attributes = {parts({2, 2})}, .output_count = 2}),
            "CEP-SPLIT-3");
  EXPECT_EQ(refusal("Split", {.inputs = {f32({5})}, .attributes = {parts({2, 3})}, .output_count = 1}),
            "CEP-SPLIT-3");
}
TEST(Reject, CEP_SPLIT_4_more_parts_than_elements) {
  EXPECT_EQ(refusal("Split", {.inputs = {f32({2})}, .output_count = 4}), "CEP-SPLIT-4");
}
TEST(Reject, CEP_SPLIT_5_another_number_of_outputs) {
  EXPECT_EQ(refusal("Split", {.inputs = {f32({4})}, .attributes = {{"num_outputs", std::int64_t{2}}}}),
            "CEP-SPLIT-5");
}

}  // namespace
}  // namespace cep
