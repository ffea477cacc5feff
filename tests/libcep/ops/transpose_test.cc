// Transpose against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

std::vector<Attribute> perm(Dims axes) { return {{"perm", std::move(axes)}}; }
const TensorType kCube{Dtype::kF32, {2, 3, 4}};

TEST(Transpose, example_of_the_page) {
  EXPECT_EQ(run_op("Transpose", {.inputs = {{Dtype::kF32, {2, 3}}}}, {floats({1, 2, 3, 4, 5, 6})})[0],
            floats({1, 4, 2, 5, 3, 6}));
}

TEST(Transpose, moves_bits_as_nested_loops_do) {
  std::mt19937_64 random(5);
  const Elements x = testing::random_elements(kCube, testing::Integers::kSmall, random);
  Elements expected;
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 2; ++b) {
      for (std::size_t c = 0; c < 3; ++c) expected.push_back(x[(b * 3 + c) * 4 + a]);
    }
  }
  const OpCase turned{.inputs = {kCube}, .attributes = perm({2, 0, 1})};
  EXPECT_EQ(run_op("Transpose", turned, {x})[0], expected);
  const Region region = testing::region_of("Transpose", turned);
  EXPECT_EQ(type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)]).dims, (Dims{4, 2, 3}));
}

TEST(Reject, CEP_TRANSPOSE_1_axis_twice) {
  EXPECT_EQ(refusal("Transpose", {.inputs = {kCube}, .attributes = perm({0, 0, 1})}), "CEP-TRANSPOSE-1");
  EXPECT_EQ(refusal("Transpose", {.inputs = {kCube}, .attributes = perm({0, 1, 2, 3})}), "CEP-TRANSPOSE-1");
  EXPECT_EQ(refusal("Transpose", {.inputs = {kCube}, .attributes = perm({0, 1, -1})}), "CEP-TRANSPOSE-1");
}

}  // namespace
}  // namespace cep
