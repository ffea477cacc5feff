// Squeeze against the worked example of its page; lists of axes in both of their forms.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;

const TensorType kData{Dtype::kF32, {1, 3, 1, 2}}, kOne{Dtype::kI64, {1}};

Attribute axes(Dims values) { return {"axes", std::move(values)}; }

void expect_squeezed(const OpCase& op_case, const Dims& dims) {
  const Elements x = floats({1, 2, 3, 4, 5, 6});
  const Region region = testing::region_of("Squeeze", op_case);
  EXPECT_EQ(type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)]).dims, dims);
  std::vector<Elements> inputs = {x};
  if (op_case.inputs.size() > 1) inputs.emplace_back();
  EXPECT_EQ(testing::run(region, inputs)[0], x);
}

TEST(Squeeze, example_of_the_page) {
  expect_squeezed({.inputs = {kData}}, {3, 2});
  expect_squeezed({.inputs = {kData}, .attributes = {axes({2})}}, {1, 3, 2});
  expect_squeezed({.inputs = {kData, kOne}, .known = {{}, Dims{-2}}}, {1, 3, 2});
  expect_squeezed({.inputs = {kData, {Dtype::kI64, {2}}}, .known = {{}, Dims{2, 0}}}, {3, 2});
  expect_squeezed({.inputs = {kData}, .attributes = {axes({})}}, {1, 3, 1, 2});
}

TEST(Reject, CEP_SQUEEZE_1_axis_of_three_elements) {
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData}, .attributes = {axes({1})}}), "CEP-SQUEEZE-1");
  EXPECT_EQ(refusal("Squeeze", {.inputs = {{Dtype::kF32, {0}}}, .attributes = {axes({0})}}), "CEP-SQUEEZE-1");
}

TEST(Reject, CEP_AXES_1_not_constant) {
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData, kOne}}), "CEP-AXES-1");
}
TEST(Reject, CEP_AXES_2_another_type) {
  for (const TensorType& type : {TensorType{Dtype::kI32, {1}}, {Dtype::kI64, {}}, {Dtype::kI64, {1, 1}}})
    EXPECT_EQ(refusal("Squeeze", {.inputs = {kData, type}, .known = {{}, Dims{0}}}), "CEP-AXES-2");
}
TEST(Reject, CEP_AXES_3_attribute_and_input) {
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData, kOne}, .known = {{}, Dims{0}}, .attributes = {axes({0})}}),
            "CEP-AXES-3");
}
TEST(Reject, CEP_AXES_4_outside_of_the_rank) {
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData}, .attributes = {axes({4})}}), "CEP-AXES-4");
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData}, .attributes = {axes({-5})}}), "CEP-AXES-4");
}
TEST(Reject, CEP_AXES_5_twice) {
  EXPECT_EQ(refusal("Squeeze", {.inputs = {kData}, .attributes = {axes({2, -2})}}), "CEP-AXES-5");
}

}  // namespace
}  // namespace cep
