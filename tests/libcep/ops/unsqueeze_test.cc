// Unsqueeze against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;

const TensorType kData{Dtype::kF32, {3, 2}};

void expect_unsqueezed(const OpCase& op_case, const Dims& dims) {
  const Region region = testing::region_of("Unsqueeze", op_case);
  EXPECT_EQ(type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)]).dims, dims);
  const Elements x = floats({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(testing::run(region, std::vector<Elements>(op_case.inputs.size(), x))[0], x);
}

TEST(Unsqueeze, example_of_the_page) {
  expect_unsqueezed({.inputs = {kData}, .attributes = {{"axes", Dims{0}}}}, {1, 3, 2});
  expect_unsqueezed({.inputs = {kData}, .attributes = {{"axes", Dims{-1, 1}}}}, {3, 1, 2, 1});
  expect_unsqueezed({.inputs = {kData, {Dtype::kI64, {6}}}, .known = {{}, Dims{0, 1, 2, 3, 4, 7}}},
                    {1, 1, 1, 1, 1, 3, 2, 1});
}

TEST(Reject, CEP_UNSQUEEZE_1_no_axes) {
  EXPECT_EQ(refusal("Unsqueeze", {.inputs = {kData}}), "CEP-UNSQUEEZE-1");
}
TEST(Reject, CEP_AXES_4_outside_of_the_rank_of_the_result) {
  EXPECT_EQ(refusal("Unsqueeze", {.inputs = {kData}, .attributes = {{"axes", Dims{3}}}}), "CEP-AXES-4");
}

}  // namespace
}  // namespace cep
