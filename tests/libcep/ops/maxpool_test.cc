// MaxPool against the worked example of its page and plain loops.
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

Attribute ints(const char* name, Dims values) { return {name, std::move(values)}; }

TEST(MaxPool, example_of_the_page) {
  const OpCase op_case{.inputs = {f32({1, 1, 4})},
                       .attributes = {ints("kernel_shape", {2}), ints("strides", {2}), ints("pads", {1, 1})}};
  EXPECT_EQ(run_op("MaxPool", op_case, {floats({1, 5, 2, -3})})[0], floats({1, 5, -3}));
  const OpCase up{
      .inputs = {f32({1, 1, 4})},
      .attributes = {ints("kernel_shape", {3}), ints("strides", {2}), {"ceil_mode", std::int64_t{1}}}};
  EXPECT_EQ(run_op("MaxPool", up, {floats({1, 5, 2, -3})})[0], floats({5, 2}));
}

TEST(MaxPool, zeros_and_nans) {
  const OpCase pair{.inputs = {f32({1, 1, 2})}, .attributes = {ints("kernel_shape", {2})}};
  EXPECT_EQ(run_op("MaxPool", pair, {floats({-0.0f, 0.0f})})[0], floats({0.0f}));
  EXPECT_EQ(run_op("MaxPool", pair, {floats({INFINITY, NAN})})[0],
            (Elements{{0x7fc00000, Value::kConcrete}}));
  const OpCase padded{.inputs = {f32({1, 1, 1})},
                      .attributes = {ints("kernel_shape", {1}), ints("pads", {1, 0})}};
  EXPECT_EQ(run_op("MaxPool", padded, {floats({-0.0f})})[0], floats({-INFINITY, -0.0f}));
}

TEST(MaxPool, agrees_with_loops) {
  std::mt19937_64 random(9);
  constexpr std::int64_t kH = 7, kW = 6;
  std::vector<float> x;
  for (int i = 0; i < 2 * kH * kW; ++i) x.push_back(static_cast<float>(static_cast<std::int32_t>(random())));
  // Kernel 3 x 2, strides 2 and 1, dilations 1 and 3, pads 1 (top), 0, 1 (bottom), 2 (right).
  std::vector<float> expected;
  for (std::int64_t c = 0; c < 2; ++c) {
    for (std::int64_t oh = 0; oh < (kH + 2 - 3) / 2 + 1; ++oh) {
      for (std::int64_t ow = 0; ow < kW + 2 - 4 + 1; ++ow) {
        float greatest = -INFINITY;
        for (std::int64_t i = 0; i < 3; ++i) {
          for (std::int64_t j = 0; j < 2; ++j) {
            const std::int64_t h = oh * 2 + i - 1, w = ow + j * 3;
            if (h < 0 || h >= kH || w >= kW) continue;
            greatest = std::max(greatest, x[static_cast<std::size_t>((c * kH + h) * kW + w)]);
          }
        }
        expected.push_back(greatest);
      }
    }
  }
  const OpCase op_case{.inputs = {f32({1, 2, kH, kW})},
                       .attributes = {ints("kernel_shape", {3, 2}), ints("strides", {2, 1}),
                                      ints("dilations", {1, 3}), ints("pads", {1, 0, 1, 2})}};
  EXPECT_EQ(as_floats(run_op("MaxPool", op_case, {floats(x)})[0]), expected);
}

// The output extent and the pads before, from CEP 4.3 counted by hand.
struct WindowRow {
  std::int64_t n, kernel, stride, dilation;
  Dims pads;  // empty: not given
  const char* auto_pad;
  std::int64_t ceil_mode, out, before;
};
TEST(MaxPool, windows) {
  const WindowRow rows[] = {
      {4, 3, 2, 1, {}, "NOTSET", 0, 1, 0},     {4, 3, 2, 1, {}, "NOTSET", 1, 2, 0},
      {4, 3, 2, 1, {}, "VALID", 1, 2, 0},      {4, 3, 2, 1, {}, "SAME_UPPER", 0, 2, 0},
      {4, 3, 2, 1, {}, "SAME_LOWER", 0, 2, 1}, {3, 1, 2, 1, {0, 2}, "NOTSET", 0, 3, 0},
      {3, 1, 2, 1, {0, 1}, "NOTSET", 1, 2, 0}, {5, 4, 1, 1, {}, "SAME_UPPER", 0, 5, 1},
      {5, 4, 1, 1, {}, "SAME_LOWER", 0, 5, 2}, {5, 2, 1, 3, {}, "SAME_UPPER", 0, 5, 1},
      {6, 1, 4, 1, {}, "SAME_LOWER", 1, 2, 0}, {7, 3, 3, 1, {0, 0}, "VALID", 0, 2, 0},
  };
  for (const WindowRow& row : rows) {
    SCOPED_TRACE(row.auto_pad + std::string(" n ") + std::to_string(row.n));
    std::vector<Attribute> attributes = {ints("kernel_shape", {row.kernel}),
                                         ints("strides", {row.stride}),
                                         ints("dilations", {row.dilation}),
                                         {"auto_pad", std::string(row.auto_pad)},
                                         {"ceil_mode", row.ceil_mode}};
    if (!row.pads.empty()) attributes.push_back(ints("pads", row.pads));
    const OpCase op_case{.inputs = {f32({1, 1, row.n})}, .attributes = attributes};
    const auto windows = windows_of(context_of(op_case), {row.n}, {row.kernel});
    ASSERT_TRUE(windows.has_value()) << acp::to_string(windows.error());
    EXPECT_EQ(windows->out, Dims{row.out});
    EXPECT_EQ(windows->pads, Dims{row.before});
  }
}

const TensorType kImage = f32({1, 1, 4, 4});
std::string refused(TensorType x, std::vector<Attribute> attributes, std::size_t outputs = 1) {
  return refusal("MaxPool",
                 {.inputs = {std::move(x)}, .attributes = std::move(attributes), .output_count = outputs});
}

TEST(Reject, CEP_MAXPOOL_1_integers) {
  EXPECT_EQ(refused({Dtype::kI64, {1, 1, 4}}, {ints("kernel_shape", {2})}), "CEP-MAXPOOL-1");
}
TEST(Reject, CEP_MAXPOOL_2_rank_2) {
  EXPECT_EQ(refused(f32({4, 4}), {ints("kernel_shape", {})}), "CEP-MAXPOOL-2");
}
TEST(Reject, CEP_WIN_7_ceil_mode) {
  EXPECT_EQ(refused(kImage, {ints("kernel_shape", {2, 2}), {"ceil_mode", std::int64_t{-1}}}), "CEP-WIN-7");
}
TEST(Reject, CEP_MAXPOOL_4_indices) {
  EXPECT_EQ(refused(kImage, {ints("kernel_shape", {2, 2})}, 2), "CEP-MAXPOOL-4");
  EXPECT_EQ(refused(kImage, {ints("kernel_shape", {2, 2}), {"storage_order", std::int64_t{1}}}),
            "CEP-MAXPOOL-4");
}

}  // namespace
}  // namespace cep
