// Gather against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_float;
using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

std::vector<Attribute> axis(std::int64_t a) { return {{"axis", a}}; }

TEST(Gather, example_of_the_page) {
  EXPECT_EQ(run_op("Gather", {.inputs = {f32({3}), {Dtype::kI64, {2, 2}}}},
                   {floats({10, 20, 30}), testing::integers({2, 0, -1, 1})})[0],
            floats({30, 10, 30, 20}));
}

TEST(Gather, along_a_middle_axis_as_nested_loops_do) {
  std::mt19937_64 random(10);
  const TensorType data = f32({2, 4, 3});
  const Elements x = testing::random_elements(data, testing::Integers::kSmall, random);
  const std::vector<std::int64_t> indices = {3, -4, 0, -1, 2};
  Elements expected;
  for (std::size_t i = 0; i < 2; ++i) {
    for (const std::int64_t index : indices) {
      const auto j = static_cast<std::size_t>(index < 0 ? index + 4 : index);
      for (std::size_t k = 0; k < 3; ++k) expected.push_back(x[(i * 4 + j) * 3 + k]);
    }
  }
  for (const Dtype dtype : {Dtype::kI32, Dtype::kI64}) {
    EXPECT_EQ(run_op("Gather", {.inputs = {data, {dtype, {5}}}, .attributes = axis(1)},
                     {x, testing::integers(indices)})[0],
              expected);
  }
}

TEST(Gather, an_index_outside_the_axis_is_a_fault_of_the_run) {
  const Region region = testing::region_of("Gather", {.inputs = {f32({3}), {Dtype::kI64, {1}}}});
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{-4}, INT64_MAX, INT64_MIN}) {
    const auto outcome = testing::attempt(region, {floats({1, 2, 3}), testing::integers({index})});
    ASSERT_FALSE(outcome.status.has_value());
    EXPECT_EQ(outcome.status.error().requirement, "CEP-REG-7");
  }
}

TEST(Reject, CEP_GATHER_1_float_indices) {
  EXPECT_EQ(refusal("Gather", {.inputs = {f32({3}), f32({1})}}), "CEP-GATHER-1");
}
TEST(Reject, CEP_GATHER_2_axis_equals_rank) {
  EXPECT_EQ(refusal("Gather", {.inputs = {f32({3}), {Dtype::kI64, {1}}}, .attributes = axis(1)}),
            "CEP-GATHER-2");
}
TEST(Reject, CEP_GATHER_3_nothing_to_choose_from) {
  EXPECT_EQ(refusal("Gather", {.inputs = {f32({2, 0}), {Dtype::kI64, {1}}}, .attributes = axis(1)}),
            "CEP-GATHER-3");
}

}  // namespace
}  // namespace cep
