// Softmax against the worked example of its page and plain loops.
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

constexpr float kInf = INFINITY;

TEST(Softmax, example_of_the_page) {
  EXPECT_EQ(run_op("Softmax", {.inputs = {f32({2})}}, {floats({0, 0})})[0], floats({0.5f, 0.5f}));
  EXPECT_EQ(run_op("Softmax", {.inputs = {f32({5})}}, {floats({5, 5, -kInf, 5, 5})})[0],
            floats({0.25f, 0.25f, 0, 0.25f, 0.25f}));
  EXPECT_EQ(run_op("Softmax", {.inputs = {f32({2})}}, {floats({0, -200})})[0], floats({1, 0}));
}

TEST(Softmax, example_of_the_page_coerced) {
  std::vector<Attribute> attributes = {{"axis", std::int64_t{1}}};
  const Elements zeros = floats({0, 0, 0, 0});
  EXPECT_EQ(run_op("Softmax", {.inputs = {f32({1, 2, 2})}, .attributes = attributes}, {zeros})[0],
            floats({0.5f, 0.5f, 0.5f, 0.5f}));
  attributes.push_back({"coerce", std::int64_t{1}});
  EXPECT_EQ(run_op("Softmax", {.inputs = {f32({1, 2, 2})}, .attributes = attributes}, {zeros})[0],
            floats({0.25f, 0.25f, 0.25f, 0.25f}));
}

// Coerced, it is the softmax of the matrix.
TEST(Softmax, coerced_is_that_of_the_rows_of_the_matrix) {
  std::mt19937_64 random(28);
  const TensorType type = f32({2, 3, 5, 7});
  std::vector<float> x;
  for (int i = 0; i < 2 * 3 * 5 * 7; ++i) x.push_back(static_cast<float>(random() % 1000) / 100);
  struct Row {
    std::int64_t axis, rows, columns;
  };
  const Row rows[] = {{0, 1, 210}, {1, 2, 105}, {-2, 6, 35}, {3, 30, 7}};
  for (const Row& row : rows) {
    const OpCase coerced{.inputs = {type}, .attributes = {{"axis", row.axis}, {"coerce", std::int64_t{1}}}};
    EXPECT_EQ(run_op("Softmax", coerced, {floats(x)})[0],
              run_op("Softmax", {.inputs = {f32({row.rows, row.columns})}}, {floats(x)})[0]);
  }
  // Its axis is 1 when none is given.
  const Attribute coerce{"coerce", std::int64_t{1}};
  EXPECT_EQ(run_op("Softmax", {.inputs = {type}, .attributes = {coerce}}, {floats(x)})[0],
            run_op("Softmax", {.inputs = {f32({2, 105})}}, {floats(x)})[0]);
}

TEST(Softmax, rows_without_a_distribution_are_nan) {
  const Elements nan3(3, Value{0x7fc00000, Value::kConcrete});
  for (const auto& row : {std::vector<float>{1, NAN, 2}, {1, kInf, 2}, {-kInf, -kInf, -kInf}}) {
    EXPECT_EQ(run_op("Softmax", {.inputs = {f32({3})}}, {floats(row)})[0], nan3);
  }
}

// Within the sum of the roundings of the quotient in double precision, along both axes.
TEST(Softmax, is_close_to_the_quotient_in_double_precision) {
  std::vector<float> x;
  for (int i = 0; i < 3 * 40; ++i) x.push_back(std::sin(static_cast<float>(i)) * 6);
  for (const std::int64_t axis : {0, 1}) {
    const std::size_t count = axis == 0 ? 3 : 40, step = axis == 0 ? 40 : 1, rows = 120 / count;
    const auto y = as_floats(
        run_op("Softmax", {.inputs = {f32({3, 40})}, .attributes = {{"axis", axis}}}, {floats(x)})[0]);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t first = axis == 0 ? row : row * 40;
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(x[first + i * step]));
      for (std::size_t i = 0; i < count; ++i) {
        const double expected = std::exp(static_cast<double>(x[first + i * step])) / sum;
        EXPECT_NEAR(y[first + i * step], expected, expected * 2e-6);
      }
    }
  }
}

// With all elements equal, each power is 1 and the sum counts them exactly.
TEST(Softmax, sum_runs_over_the_whole_row) {
  for (const std::int64_t n : {1, 31, 32, 33, 64, 100}) {
    const Elements x(static_cast<std::size_t>(n), Value{0x40490fdb, Value::kConcrete});
    const auto y = as_floats(run_op("Softmax", {.inputs = {f32({n})}}, {x})[0]);
    EXPECT_EQ(y, std::vector<float>(static_cast<std::size_t>(n), 1.0f / static_cast<float>(n)));
  }
}

TEST(Reject, CEP_SOFTMAX_1_integers) {
  EXPECT_EQ(refusal("Softmax", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-SOFTMAX-1");
}
TEST(Reject, CEP_SOFTMAX_2_axis_equals_rank) {
  EXPECT_EQ(refusal("Softmax", {.inputs = {f32({2})}, .attributes = {{"axis", std::int64_t{1}}}}),
            "CEP-SOFTMAX-2");
}
TEST(Reject, CEP_SOFTMAX_3_neither_0_nor_1) {
  EXPECT_EQ(refusal("Softmax", {.inputs = {f32({2})}, .attributes = {{"coerce", std::int64_t{-1}}}}),
            "CEP-SOFTMAX-3");
}

}  // namespace
}  // namespace cep
