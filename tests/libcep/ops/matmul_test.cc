// MatMul against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(MatMul, example_of_the_page) {
  const auto y = run_op("MatMul", {.inputs = {f32({2, 3}), f32({3, 2})}},
                        {floats({1, 2, 3, 4, 5, 6}), floats({1, 0, 0, 1, 2, 2})});
  EXPECT_EQ(as_floats(y[0]), (std::vector<float>{7, 8, 16, 17}));
}

TEST(MatMul, order_is_ascending_from_plus_zero) {
  const OpCase row{.inputs = {f32({1, 3}), f32({3, 1})}};
  const Elements ones = floats({1, 1, 1});
  EXPECT_EQ(as_floats(run_op("MatMul", row, {floats({1, 16777216, -16777216}), ones})[0]),
            std::vector<float>{0});
  EXPECT_EQ(as_floats(run_op("MatMul", row, {floats({16777216, -16777216, 1}), ones})[0]),
            std::vector<float>{1});
  // From +0, not from the first product: -0 + +0 is +0.
  EXPECT_EQ(run_op("MatMul", {.inputs = {f32({1, 1}), f32({1, 1})}}, {floats({-0.0f}), floats({1})})[0],
            floats({0.0f}));
}

TEST(MatMul, an_empty_inner_extent_gives_plus_zero) {
  EXPECT_EQ(run_op("MatMul", {.inputs = {f32({1, 0}), f32({0, 2})}}, {{}, {}})[0], floats({0, 0}));
}

TEST(MatMul, agrees_with_a_triple_loop) {
  std::mt19937_64 random(3);
  const TensorType a_type = f32({4, 37}), b_type = f32({37, 5});
  const Elements a = testing::random_elements(a_type, testing::Integers::kSmall, random);
  const Elements b = testing::random_elements(b_type, testing::Integers::kSmall, random);
  const Elements y = run_op("MatMul", {.inputs = {a_type, b_type}}, {a, b})[0];
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 37; ++k)
        sum = std::fma(testing::as_float(a[i * 37 + k]), testing::as_float(b[k * 5 + j]), sum);
      const Elements expected = std::isnan(sum) ? Elements{{0x7fc00000, Value::kConcrete}} : floats({sum});
      EXPECT_EQ(y[i * 5 + j], expected[0]);
    }
  }
}

// Batches 3 x 1 and 2 broadcast to 3 x 2.
TEST(MatMul, batches_are_products_of_their_own) {
  std::mt19937_64 random(4);
  const TensorType a_type = f32({3, 1, 2, 5}), b_type = f32({2, 5, 4});
  const Elements a = testing::random_elements(a_type, testing::Integers::kSmall, random);
  const Elements b = testing::random_elements(b_type, testing::Integers::kSmall, random);
  const Elements y = run_op("MatMul", {.inputs = {a_type, b_type}}, {a, b})[0];
  ASSERT_EQ(y.size(), 3u * 2 * 2 * 4);
  for (std::ptrdiff_t p = 0; p < 3; ++p) {
    for (std::ptrdiff_t q = 0; q < 2; ++q) {
      const Elements left(a.begin() + p * 10, a.begin() + (p + 1) * 10);
      const Elements right(b.begin() + q * 20, b.begin() + (q + 1) * 20);
      const Elements one = run_op("MatMul", {.inputs = {f32({2, 5}), f32({5, 4})}}, {left, right})[0];
      const auto first = y.begin() + (p * 2 + q) * 8;
      EXPECT_EQ(Elements(first, first + 8), one);
    }
  }
}

TEST(Reject, CEP_MATMUL_1_integers) {
  EXPECT_EQ(refusal("MatMul", {.inputs = {f32({2, 2}), {Dtype::kI32, {2, 2}}}}), "CEP-MATMUL-1");
}
TEST(Reject, CEP_MATMUL_2_rank_1) {
  EXPECT_EQ(refusal("MatMul", {.inputs = {f32({2}), f32({2, 2})}}), "CEP-MATMUL-2");
}
TEST(Reject, CEP_MATMUL_3_inner_extents) {
  EXPECT_EQ(refusal("MatMul", {.inputs = {f32({2, 3}), f32({2, 3})}}), "CEP-MATMUL-3");
}

TEST(Reject, CEP_MATMUL_4_batches) {
  EXPECT_EQ(refusal("MatMul", {.inputs = {f32({2, 1, 3}), f32({3, 3, 1})}}), "CEP-MATMUL-4");
}

}  // namespace
}  // namespace cep
