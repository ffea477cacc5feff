// Slice against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

using testing::as_integers;

// One axis of a list 0, 1, ..., extent - 1.
std::vector<std::int64_t> sliced(std::int64_t extent, std::int64_t start, std::int64_t end,
                                 std::int64_t step) {
  const TensorType one{Dtype::kI64, {1}};
  std::vector<std::int64_t> list;
  for (std::int64_t i = 0; i < extent; ++i) list.push_back(i);
  const OpCase op_case{.inputs = {{Dtype::kI64, {extent}}, one, one, one, one},
                       .known = {{}, Dims{start}, Dims{end}, Dims{0}, Dims{step}}};
  return as_integers(run_op("Slice", op_case, {testing::integers(list), {}, {}, {}, {}})[0]);
}

TEST(Slice, example_of_the_page) {
  EXPECT_EQ(sliced(7, 1, 6, 2), (std::vector<std::int64_t>{1, 3, 5}));
  EXPECT_EQ(sliced(7, -1, -100, -3), (std::vector<std::int64_t>{6, 3, 0}));
  EXPECT_EQ(sliced(7, 5, 2, 1), std::vector<std::int64_t>{});
}

// The page's sentence, walked element by element.
TEST(Slice, every_small_slice_is_the_walk) {
  for (std::int64_t extent = 0; extent <= 4; ++extent) {
    for (std::int64_t start = -6; start <= 6; ++start) {
      for (std::int64_t end = -6; end <= 6; ++end) {
        for (const std::int64_t step : {-5, -2, -1, 1, 2, 7}) {
          std::int64_t from = start < 0 ? start + extent : start;
          std::int64_t to = end < 0 ? end + extent : end;
          const std::int64_t last = extent - (step < 0 ? 1 : 0);
          from = std::max<std::int64_t>(0, std::min(from, last));
          to = std::max<std::int64_t>(step < 0 ? -1 : 0, std::min(to, last));
          std::vector<std::int64_t> expected;
          for (std::int64_t i = from; extent > 0 && (step > 0 ? i < to : i > to); i += step)
            expected.push_back(i);
          ASSERT_EQ(sliced(extent, start, end, step), expected)
              << extent << ": " << start << " " << end << " " << step;
        }
      }
    }
  }
}

TEST(Slice, ends_of_the_integers_are_bounds_like_others) {
  EXPECT_EQ(sliced(3, INT64_MIN, INT64_MAX, 1), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(sliced(3, INT64_MAX, INT64_MIN, -1), (std::vector<std::int64_t>{2, 1, 0}));
  EXPECT_EQ(sliced(3, 0, INT64_MAX, INT64_MAX), std::vector<std::int64_t>{0});
  EXPECT_EQ(sliced(3, 2, INT64_MIN, INT64_MIN), std::vector<std::int64_t>{2});
}

TEST(Slice, cuts_two_axes_and_keeps_bits) {
  std::mt19937_64 random(7);
  const TensorType type{Dtype::kF32, {4, 5}}, two{Dtype::kI64, {2}};
  const Elements x = testing::random_elements(type, testing::Integers::kSmall, random);
  Elements expected;
  for (const std::size_t i : {3u, 1u}) {
    for (const std::size_t j : {1u, 2u, 3u}) expected.push_back(x[i * 5 + j]);
  }
  const OpCase op_case{.inputs = {type, two, two, two, two},
                       .known = {{}, Dims{1, 3}, Dims{-1, 0}, Dims{1, 0}, Dims{1, -2}}};
  EXPECT_EQ(run_op("Slice", op_case, {x, {}, {}, {}, {}})[0], expected);
}

const TensorType kData{Dtype::kF32, {3, 3}};
const TensorType kOne{Dtype::kI64, {1}};

TEST(Reject, CEP_SLICE_1_bounds_are_computed) {
  EXPECT_EQ(refusal("Slice", {.inputs = {kData, kOne, kOne}, .known = {{}, {}, Dims{1}}}), "CEP-SLICE-1");
}
TEST(Reject, CEP_SLICE_2_lists_of_two_lengths) {
  EXPECT_EQ(
      refusal("Slice", {.inputs = {kData, kOne, {Dtype::kI64, {2}}}, .known = {{}, Dims{0}, Dims{1, 1}}}),
      "CEP-SLICE-2");
}
TEST(Reject, CEP_SLICE_3_axis_twice) {
  const TensorType two{Dtype::kI64, {2}};
  EXPECT_EQ(refusal("Slice",
                    {.inputs = {kData, two, two, two}, .known = {{}, Dims{0, 0}, Dims{1, 1}, Dims{0, -2}}}),
            "CEP-SLICE-3");
  EXPECT_EQ(
      refusal("Slice", {.inputs = {{Dtype::kF32, {3}}, two, two}, .known = {{}, Dims{0, 0}, Dims{1, 1}}}),
      "CEP-SLICE-3");
}
TEST(Reject, CEP_SLICE_4_step_zero) {
  EXPECT_EQ(refusal("Slice",
                    {.inputs = {kData, kOne, kOne, {}, kOne}, .known = {{}, Dims{0}, Dims{1}, {}, Dims{0}}}),
            "CEP-SLICE-4");
}

}  // namespace
}  // namespace cep
