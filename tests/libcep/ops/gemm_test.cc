// Gemm against the worked example of its page and plain loops.
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

TEST(Gemm, example_of_the_page) {
  OpCase op_case{.inputs = {f32({1, 2}), f32({2, 1}), f32({1})}};
  EXPECT_EQ(run_op("Gemm", op_case, {floats({1, 2}), floats({3, 4}), floats({10})})[0], floats({21}));
  EXPECT_EQ(run_op("Gemm", op_case, {floats({1, 1}), floats({1, 1}), floats({0x1p24f})})[0],
            floats({0x1p24f}));
  op_case.attributes = {{"alpha", 2.0f}, {"beta", 3.0f}};
  EXPECT_EQ(run_op("Gemm", op_case, {floats({1, 2}), floats({3, 4}), floats({10})})[0], floats({52}));
  op_case.attributes = {{"alpha", 0.5f}, {"beta", 0.5f}};
  EXPECT_EQ(run_op("Gemm", op_case, {floats({1, 1}), floats({1, 1}), floats({0x1p24f})})[0],
            floats({8388609}));
}

struct Shape {
  std::size_t m, k, n;
  bool trans_a, trans_b;
  float alpha, beta;
  Dims c;  // C has 6 extents when there is none
};

// The page's sentences as loops. Returns Y row-major.
std::vector<float> product(const Shape& s, const std::vector<float>& a, const std::vector<float>& b,
                           const std::vector<float>& c) {
  std::vector<float> y;
  const bool has_c = s.c.size() <= 2;
  for (std::size_t i = 0; i < s.m; ++i)
    for (std::size_t j = 0; j < s.n; ++j) {
      const std::size_t columns = s.c.empty() || !has_c ? 1 : static_cast<std::size_t>(s.c.back());
      const std::size_t rows = s.c.size() == 2 ? static_cast<std::size_t>(s.c[0]) : 1;
      const float addend = has_c ? c[(rows == 1 ? 0 : i) * columns + (columns == 1 ? 0 : j)] : 0.0f;
      const bool seeds = has_c && s.alpha == 1 && s.beta == 1;
      float sum = seeds ? addend : 0.0f;
      for (std::size_t k = 0; k < s.k; ++k)
        sum =
            std::fma(a[s.trans_a ? k * s.m + i : i * s.k + k], b[s.trans_b ? j * s.k + k : k * s.n + j], sum);
      if (!seeds) {
        const float scaled = s.alpha * sum, other = s.beta * addend;
        sum = has_c ? scaled + other : scaled;
      }
      y.push_back(sum);
    }
  return y;
}

std::vector<float> mild(std::size_t count, std::mt19937_64& random) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30f);
  return values;
}

TEST(Gemm, agrees_with_three_loops_bit_for_bit) {
  std::mt19937_64 random(23);
  const Dims none(6, 1);
  const Shape shapes[] = {
      {3, 40, 4, false, false, 1, 1, none},  {3, 40, 4, false, true, 1, 1, {4}},
      {2, 7, 5, true, false, 1, 1, {2, 1}},  {2, 7, 5, true, true, 0.3f, 1, {}},
      {4, 9, 3, false, true, 1, -2, {1, 3}}, {4, 9, 3, false, false, 0.7f, 0.1f, {4, 3}},
      {2, 33, 2, true, false, -3, 1, none},  {2, 3, 2, false, false, 1, 0, {2}},
  };
  for (const Shape& s : shapes) {
    const auto m = static_cast<std::int64_t>(s.m), k = static_cast<std::int64_t>(s.k),
               n = static_cast<std::int64_t>(s.n);
    const std::vector<float> a = mild(s.m * s.k, random), b = mild(s.k * s.n, random), c = mild(12, random);
    OpCase op_case{
        .inputs = {f32(s.trans_a ? Dims{k, m} : Dims{m, k}), f32(s.trans_b ? Dims{n, k} : Dims{k, n})},
        .attributes = {{"alpha", s.alpha},
                       {"beta", s.beta},
                       {"transA", std::int64_t{s.trans_a}},
                       {"transB", std::int64_t{s.trans_b}}}};
    std::vector<Elements> inputs = {floats(a), floats(b)};
    if (s.c.size() <= 2) {
      op_case.inputs.push_back(f32(s.c));
      inputs.push_back(floats({c.begin(), c.begin() + volume(s.c)}));
    }
    EXPECT_EQ(as_floats(run_op("Gemm", op_case, inputs)[0]), product(s, a, b, c));
  }
}

TEST(Gemm, takes_the_order_of_the_node) {
  // Blocks of one, by pairs: (2^24 + 0) + (1 + 1); the chain loses both ones.
  const OpCase op_case{.inputs = {f32({1, 4}), f32({4, 1}), f32({})}};
  const Region region = testing::region_of("Gemm", op_case, {OrderKind::kBlockedTree, 1});
  const std::vector<Elements> inputs = {floats({1, 0, 1, 1}), floats({0x1p24f, 1, 1, 1}), floats({0})};
  EXPECT_EQ(testing::run(region, inputs)[0], floats({0x1p24f + 2}));
  EXPECT_EQ(run_op("Gemm", op_case, inputs)[0], floats({0x1p24f}));
}

TEST(Gemm, beta_zero_multiplies) {
  const OpCase op_case{.inputs = {f32({1, 1}), f32({1, 1}), f32({})}, .attributes = {{"beta", 0.0f}}};
  EXPECT_EQ(run_op("Gemm", op_case, {floats({1}), floats({1}), floats({INFINITY})})[0],
            (Elements{{0x7fc00000, Value::kConcrete}}));
}

std::string refused(std::vector<TensorType> inputs, std::vector<Attribute> attributes = {}) {
  return refusal("Gemm", {.inputs = std::move(inputs), .attributes = std::move(attributes)});
}
const TensorType kA = f32({2, 3}), kB = f32({3, 4});

TEST(Reject, CEP_GEMM_1_integers) { EXPECT_EQ(refused({kA, {Dtype::kI64, {3, 4}}}), "CEP-GEMM-1"); }
TEST(Reject, CEP_GEMM_2_rank) {
  EXPECT_EQ(refused({f32({3}), kB}), "CEP-GEMM-2");
  EXPECT_EQ(refused({kA, f32({1, 3, 4})}), "CEP-GEMM-2");
}
TEST(Reject, CEP_GEMM_3_inner_extents) {
  EXPECT_EQ(refused({kA, f32({4, 3})}), "CEP-GEMM-3");
  EXPECT_EQ(refused({kA, kB}, {{"transA", std::int64_t{1}}}), "CEP-GEMM-3");
}
TEST(Reject, CEP_GEMM_4_neither_0_nor_1) {
  EXPECT_EQ(refused({kA, kB}, {{"transB", std::int64_t{-1}}}), "CEP-GEMM-4");
}
TEST(Reject, CEP_GEMM_5_addend_does_not_fit) {
  EXPECT_EQ(refused({kA, kB, f32({2})}), "CEP-GEMM-5");
  EXPECT_EQ(refused({kA, kB, f32({1, 2, 4})}), "CEP-GEMM-5");
}
TEST(Reject, CEP_GEMM_6_not_finite) { EXPECT_EQ(refused({kA, kB}, {{"beta", NAN}}), "CEP-GEMM-6"); }

}  // namespace
}  // namespace cep
