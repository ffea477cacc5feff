// AveragePool against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/lane_sum.h"
#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

Attribute ints(const char* name, Dims values) { return {name, std::move(values)}; }
const Attribute kInclude{"count_include_pad", std::int64_t{1}}, kUp{"ceil_mode", std::int64_t{1}};

TEST(AveragePool, example_of_the_page) {
  const auto pooled = [](std::vector<Attribute> attributes) {
    attributes.push_back(ints("kernel_shape", {2}));
    return run_op("AveragePool", {.inputs = {f32({1, 1, 3})}, .attributes = attributes},
                  {floats({1, 3, 8})})[0];
  };
  EXPECT_EQ(pooled({ints("pads", {1, 0})}), floats({1, 2, 5.5f}));
  EXPECT_EQ(pooled({ints("pads", {1, 0}), kInclude}), floats({0.5f, 2, 5.5f}));
  EXPECT_EQ(pooled({ints("strides", {2}), kUp}), floats({2, 8}));
  EXPECT_EQ(pooled({ints("strides", {2}), kUp, kInclude}), floats({2, 8}));
}

// Along one axis: the extents of X, Y and the window, the step, the pads.
struct Axis {
  std::int64_t n, out, kernel, stride, before, behind;
};

// The page's sentences as loops over one channel.
std::vector<float> pooled(const Axis& h, const Axis& w, bool include, const std::vector<float>& x) {
  std::vector<float> y;
  for (std::int64_t o = 0; o < h.out; ++o)
    for (std::int64_t p = 0; p < w.out; ++p) {
      std::vector<float> taps;
      int count = 0;
      for (std::int64_t i = 0; i < h.kernel; ++i)
        for (std::int64_t j = 0; j < w.kernel; ++j) {
          const std::int64_t row = o * h.stride + i - h.before, column = p * w.stride + j - w.before;
          const bool inside = row >= 0 && row < h.n && column >= 0 && column < w.n;
          const bool padded = row < h.n + h.behind && column < w.n + w.behind;
          taps.push_back(inside ? x[static_cast<std::size_t>(row * w.n + column)] : -0.0f);
          count += inside || (include && padded) ? 1 : 0;
        }
      y.push_back(testing::lane_sum(taps) / static_cast<float>(count));
    }
  return y;
}

TEST(AveragePool, agrees_with_loops_bit_for_bit) {
  std::mt19937_64 random(24);
  struct Row {
    Axis h, w;
    bool up;
  };
  const Row rows[] = {
      {{7, 1, 7, 1, 0, 0}, {7, 1, 7, 1, 0, 0}, false},
      {{9, 3, 6, 2, 1, 0}, {8, 5, 7, 2, 3, 4}, false},
      {{6, 3, 3, 2, 0, 0}, {7, 4, 2, 2, 0, 0}, true},
      {{6, 3, 3, 2, 1, 0}, {5, 3, 4, 3, 2, 1}, true},
  };
  for (const Row& row : rows) {
    for (const bool include : {false, true}) {
      std::vector<float> x;
      for (std::int64_t i = 0; i < row.h.n * row.w.n; ++i)
        x.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30f);
      const OpCase op_case{
          .inputs = {f32({1, 1, row.h.n, row.w.n})},
          .attributes = {ints("kernel_shape", {row.h.kernel, row.w.kernel}),
                         ints("strides", {row.h.stride, row.w.stride}),
                         ints("pads", {row.h.before, row.w.before, row.h.behind, row.w.behind}),
                         {"ceil_mode", std::int64_t{row.up}},
                         {"count_include_pad", std::int64_t{include}}}};
      EXPECT_EQ(as_floats(run_op("AveragePool", op_case, {floats(x)})[0]), pooled(row.h, row.w, include, x));
    }
  }
}

TEST(AveragePool, zeros_keep_their_sign) {
  const OpCase op_case{.inputs = {f32({1, 1, 2})},
                       .attributes = {ints("kernel_shape", {3}), ints("pads", {1, 1})}};
  EXPECT_EQ(run_op("AveragePool", op_case, {floats({-0.0f, -0.0f})})[0], floats({-0.0f, -0.0f}));
}

std::string refused(TensorType x, std::vector<Attribute> attributes) {
  return refusal("AveragePool", {.inputs = {std::move(x)}, .attributes = std::move(attributes)});
}
const TensorType kImage = f32({1, 1, 4, 4});
const Attribute kKernel = ints("kernel_shape", {2, 2});

TEST(Reject, CEP_AVERAGEPOOL_1_integers) {
  EXPECT_EQ(refused({Dtype::kI64, {1, 1, 4, 4}}, {kKernel}), "CEP-AVERAGEPOOL-1");
}
TEST(Reject, CEP_AVERAGEPOOL_2_rank_5) {
  EXPECT_EQ(refused(f32({1, 1, 4, 4, 4}), {ints("kernel_shape", {2, 2, 2})}), "CEP-AVERAGEPOOL-2");
}
TEST(Reject, CEP_AVERAGEPOOL_3_count_include_pad) {
  EXPECT_EQ(refused(kImage, {kKernel, {"count_include_pad", std::int64_t{-1}}}), "CEP-AVERAGEPOOL-3");
}
TEST(Reject, CEP_AVERAGEPOOL_4_windows_of_padding) {
  EXPECT_EQ(refused(kImage, {kKernel, ints("pads", {2, 0, 0, 0})}), "CEP-AVERAGEPOOL-4");
  EXPECT_EQ(refused(kImage, {kKernel, ints("pads", {0, 0, 0, 2})}), "CEP-AVERAGEPOOL-4");
  EXPECT_EQ(refused(f32({1, 1, 0, 4}), {kKernel, ints("pads", {1, 0, 1, 0})}), "CEP-AVERAGEPOOL-4");
}

}  // namespace
}  // namespace cep
