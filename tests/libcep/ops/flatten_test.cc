// Flatten against the worked example of its page; it keeps row-major order.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;

TEST(Flatten, example_of_the_page) {
  const Elements x = floats({1, 2, 3, 4, 5, 6});
  struct Row {
    std::int64_t axis;
    Dims dims;
  };
  const Row rows[] = {{1, {1, 6}}, {2, {2, 3}}, {-1, {2, 3}}, {3, {6, 1}}, {0, {1, 6}}, {-3, {1, 6}}};
  for (const Row& row : rows) {
    const OpCase op_case{.inputs = {{Dtype::kF32, {1, 2, 3}}}, .attributes = {{"axis", row.axis}}};
    const Region region = testing::region_of("Flatten", op_case);
    EXPECT_EQ(type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)]).dims, row.dims);
    EXPECT_EQ(testing::run(region, {x})[0], x);
  }
}

TEST(Flatten, keeps_every_element_in_row_major_order) {
  std::mt19937_64 random(26);
  const TensorType from{Dtype::kF32, {4, 1, 6, 5}};
  const Elements x = testing::random_elements(from, testing::Integers::kSmall, random);
  for (std::int64_t axis = -4; axis <= 4; ++axis)
    EXPECT_EQ(testing::run_op("Flatten", {.inputs = {from}, .attributes = {{"axis", axis}}}, {x})[0], x);
}

TEST(Reject, CEP_FLATTEN_1_axis_outside_of_the_rank) {
  for (const std::int64_t axis : {-3, 3})
    EXPECT_EQ(refusal("Flatten", {.inputs = {{Dtype::kF32, {2, 3}}}, .attributes = {{"axis", axis}}}),
              "CEP-FLATTEN-1");
  EXPECT_EQ(refusal("Flatten", {.inputs = {{Dtype::kF32, {}}}}), "CEP-FLATTEN-1");
}

}  // namespace
}  // namespace cep
