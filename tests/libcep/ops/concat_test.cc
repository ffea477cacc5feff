// Concat against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }
std::vector<Attribute> axis(std::int64_t a) { return {{"axis", a}}; }

TEST(Concat, example_of_the_page) {
  EXPECT_EQ(run_op("Concat", {.inputs = {f32({2, 2}), f32({2, 1})}, .attributes = axis(1)},
                   {floats({1, 2, 3, 4}), floats({5, 6})})[0],
            floats({1, 2, 5, 3, 4, 6}));
}

TEST(Concat, along_the_first_axis_is_one_behind_another) {
  std::mt19937_64 random(6);
  Elements all;
  std::vector<Elements> parts;
  OpCase op_case{.attributes = axis(0)};
  for (const std::int64_t rows : {2, 0, 3, 1}) {
    op_case.inputs.push_back(f32({rows, 3}));
    parts.push_back(testing::random_elements(op_case.inputs.back(), testing::Integers::kSmall, random));
    all.insert(all.end(), parts.back().begin(), parts.back().end());
  }
  EXPECT_EQ(run_op("Concat", op_case, parts)[0], all);
}

TEST(Concat, along_a_middle_axis_as_nested_loops_do) {
  std::vector<float> a, b, expected;
  for (int i = 0; i < 2 * 2 * 3; ++i) a.push_back(static_cast<float>(i));
  for (int i = 0; i < 2 * 1 * 3; ++i) b.push_back(static_cast<float>(100 + i));
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(j < 2 ? a[(i * 2 + j) * 3 + k] : b[i * 3 + k]);
    }
  }
  EXPECT_EQ(as_floats(run_op("Concat", {.inputs = {f32({2, 2, 3}), f32({2, 1, 3})}, .attributes = axis(-2)},
                             {floats(a), floats(b)})[0]),
            expected);
}

TEST(Reject, CEP_CONCAT_1_types) {
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1}), {Dtype::kBool, {1}}}, .attributes = axis(0)}),
            "CEP-CONCAT-1");
}
TEST(Reject, CEP_CONCAT_2_ranks) {
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1}), f32({})}, .attributes = axis(0)}), "CEP-CONCAT-2");
}
TEST(Reject, CEP_CONCAT_3_axis_equals_rank) {
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1, 1})}, .attributes = axis(2)}), "CEP-CONCAT-3");
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1, 1})}, .attributes = axis(-3)}), "CEP-CONCAT-3");
}
TEST(Reject, CEP_CONCAT_4_other_extents) {
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1, 2}), f32({1, 3})}, .attributes = axis(0)}), "CEP-CONCAT-4");
}
TEST(Reject, CEP_CONCAT_5_input_left_out) {
  EXPECT_EQ(refusal("Concat", {.inputs = {f32({1}), {}}, .attributes = axis(0)}), "CEP-CONCAT-5");
}

}  // namespace
}  // namespace cep
