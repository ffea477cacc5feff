// Reshape against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

// A case over `from`, to the shape in `to`.
OpCase to_shape(TensorType from, const Dims& to, std::vector<Attribute> attributes = {}) {
  const TensorType shape{Dtype::kI64, {static_cast<std::int64_t>(to.size())}};
  return {.inputs = {std::move(from), shape}, .known = {{}, to}, .attributes = std::move(attributes)};
}
const TensorType kFrom{Dtype::kF32, {2, 3}};

Dims shape_of(const OpCase& op_case) {
  const Region region = testing::region_of("Reshape", op_case);
  return type_of(region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)]).dims;
}

TEST(Reshape, example_of_the_page) {
  EXPECT_EQ(shape_of(to_shape(kFrom, {0, -1, 1})), (Dims{2, 3, 1}));
  EXPECT_EQ(shape_of(to_shape(kFrom, {3, -1})), (Dims{3, 2}));
  const auto y =
      run_op("Reshape", to_shape(kFrom, {3, -1}), {floats({1, 2, 3, 4, 5, 6}), testing::integers({3, -1})});
  EXPECT_EQ(as_floats(y[0]), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(Reshape, keeps_every_element_in_row_major_order) {
  std::mt19937_64 random(4);
  const TensorType from{Dtype::kF32, {4, 1, 6, 5}};
  const Elements x = testing::random_elements(from, testing::Integers::kSmall, random);
  for (const Dims& to : {Dims{120}, Dims{2, 60}, Dims{3, 4, 10}, Dims{5, 1, 2, 12}, Dims{120, 1},
                         Dims{4, 3, 2, 5, 1}, Dims{1, 4, 30}, Dims{2, 2, 1, 1, 30}, Dims{8, 3, 1, 5}}) {
    EXPECT_EQ(run_op("Reshape", to_shape(from, to), {x, {}})[0], x);
  }
}

// What a box of the output reads.
Box read_of(const Dims& from, const Dims& to, const Box& box) {
  const Region region = testing::region_of("Reshape", to_shape({Dtype::kF32, from}, to));
  const auto hulls = read_hulls(restrict_outputs(region, {box}), 0);
  EXPECT_EQ(hulls.size(), 1u);
  return hulls.front().box;
}

TEST(Reshape, a_cut_by_heads_is_a_cut_of_columns) {
  const Dims flat = {2, 5, 12}, heads = {2, 5, 3, 4};
  EXPECT_EQ(read_of(flat, heads, {{0, 0, 1, 0}, {2, 5, 3, 4}}), (Box{{0, 0, 4}, {2, 5, 12}}));
  EXPECT_EQ(read_of(heads, flat, {{0, 0, 4}, {2, 5, 12}}), (Box{{0, 0, 1, 0}, {2, 5, 3, 4}}));
  EXPECT_EQ(read_of(heads, flat, {{1, 2, 0}, {2, 3, 12}}), (Box{{1, 2, 0, 0}, {2, 3, 3, 4}}));
}

TEST(Reshape, allowzero_makes_zero_an_extent) {
  const TensorType none{Dtype::kF32, {3, 0}};
  EXPECT_EQ(shape_of(to_shape(none, {0, 7}, {{"allowzero", std::int64_t{1}}})), (Dims{0, 7}));
  EXPECT_EQ(shape_of(to_shape(none, {2, 0})), (Dims{2, 0}));
}

TEST(Reject, CEP_RESHAPE_1_shape_is_computed) {
  EXPECT_EQ(refusal("Reshape", {.inputs = {kFrom, {Dtype::kI64, {1}}}}), "CEP-RESHAPE-1");
}
TEST(Reject, CEP_RESHAPE_2_shape_of_rank_2) {
  EXPECT_EQ(refusal("Reshape", {.inputs = {kFrom, {Dtype::kI64, {1, 1}}}, .known = {{}, Dims{6}}}),
            "CEP-RESHAPE-2");
}
TEST(Reject, CEP_RESHAPE_3_two_unknown_extents) {
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {-1, -1})), "CEP-RESHAPE-3");
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {-6})), "CEP-RESHAPE-3");
}
TEST(Reject, CEP_RESHAPE_4_zero_past_the_rank) {
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {2, 3, 0})), "CEP-RESHAPE-4");
}
TEST(Reject, CEP_RESHAPE_5_counts_differ) {
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {4, 2})), "CEP-RESHAPE-5");
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {4, -1})), "CEP-RESHAPE-5");
  EXPECT_EQ(refusal("Reshape", to_shape(kFrom, {INT64_MAX, INT64_MAX, 2})), "CEP-RESHAPE-5");
  EXPECT_EQ(refusal("Reshape", to_shape({Dtype::kF32, {0}}, {4})), "CEP-RESHAPE-5");
}
TEST(Reject, CEP_RESHAPE_6_zero_and_unknown_together) {
  EXPECT_EQ(refusal("Reshape", to_shape({Dtype::kF32, {0}}, {0, -1}, {{"allowzero", std::int64_t{1}}})),
            "CEP-RESHAPE-6");
}

}  // namespace
}  // namespace cep
