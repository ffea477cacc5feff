// Conv against the worked example of its page and plain loops.
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

TEST(Conv, example_of_the_page) {
  const OpCase op_case{.inputs = {f32({1, 1, 4}), f32({1, 1, 2}), f32({1})},
                       .attributes = {ints("strides", {2}), ints("pads", {1, 0})}};
  EXPECT_EQ(run_op("Conv", op_case, {floats({1, 2, 3, 4}), floats({1, 10}), floats({100})})[0],
            floats({110, 132}));
}

struct Shape {
  std::int64_t n, c, h, w, m, kh, kw, group;
  std::int64_t pad_top, pad_left, pad_bottom, pad_right, stride_h, stride_w, dilation_h, dilation_w;
  bool bias;
};

// The page's sentence as loops. Returns Y row-major.
std::vector<float> convolved(const Shape& s, const std::vector<float>& x, const std::vector<float>& w,
                             const std::vector<float>& b) {
  const std::int64_t oh = (s.h + s.pad_top + s.pad_bottom - (s.kh - 1) * s.dilation_h - 1) / s.stride_h + 1;
  const std::int64_t ow = (s.w + s.pad_left + s.pad_right - (s.kw - 1) * s.dilation_w - 1) / s.stride_w + 1;
  const std::int64_t channels = s.c / s.group;
  std::vector<float> y;
  for (std::int64_t n = 0; n < s.n; ++n)
    for (std::int64_t m = 0; m < s.m; ++m)
      for (std::int64_t o = 0; o < oh; ++o)
        for (std::int64_t p = 0; p < ow; ++p) {
          float sum = s.bias ? b[static_cast<std::size_t>(m)] : 0.0f;
          for (std::int64_t i = 0; i < s.kh; ++i)
            for (std::int64_t j = 0; j < s.kw; ++j)
              for (std::int64_t c = 0; c < channels; ++c) {
                const std::int64_t row = o * s.stride_h + i * s.dilation_h - s.pad_top;
                const std::int64_t column = p * s.stride_w + j * s.dilation_w - s.pad_left;
                const std::int64_t from = m / (s.m / s.group) * channels + c;
                float value = 0.0f;
                if (row >= 0 && row < s.h && column >= 0 && column < s.w) {
                  value = x[static_cast<std::size_t>(((n * s.c + from) * s.h + row) * s.w + column)];
                }
                sum = std::fma(value, w[static_cast<std::size_t>(((m * channels + c) * s.kh + i) * s.kw + j)],
                               sum);
              }
          y.push_back(sum);
        }
  return y;
}

std::vector<float> mild(std::int64_t count, std::mt19937_64& random) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30f);
  }
  return values;
}

TEST(Conv, agrees_with_seven_loops_bit_for_bit) {
  std::mt19937_64 random(8);
  const Shape shapes[] = {
      // n c h w  m kh kw group  pads         strides dilations bias
      {1, 3, 6, 5, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, false},
      {2, 4, 5, 7, 6, 2, 3, 2, 0, 2, 1, 0, 2, 3, 1, 2, true},
      {1, 2, 4, 4, 2, 1, 1, 2, 2, 2, 2, 2, 3, 1, 5, 5, true},
      {1, 6, 3, 3, 3, 3, 3, 3, 2, 0, 0, 2, 1, 1, 1, 1, false},
  };
  for (const Shape& s : shapes) {
    const std::vector<float> x = mild(s.n * s.c * s.h * s.w, random);
    const std::vector<float> w = mild(s.m * (s.c / s.group) * s.kh * s.kw, random);
    const std::vector<float> b = mild(s.m, random);
    OpCase op_case{.inputs = {f32({s.n, s.c, s.h, s.w}), f32({s.m, s.c / s.group, s.kh, s.kw})},
                   .attributes = {{"group", s.group},
                                  ints("pads", {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}),
                                  ints("strides", {s.stride_h, s.stride_w}),
                                  ints("dilations", {s.dilation_h, s.dilation_w})}};
    std::vector<Elements> inputs = {floats(x), floats(w)};
    if (s.bias) {
      op_case.inputs.push_back(f32({s.m}));
      inputs.push_back(floats(b));
    }
    EXPECT_EQ(as_floats(run_op("Conv", op_case, inputs)[0]), convolved(s, x, w, b));
  }
}

TEST(Conv, taps_in_the_padding_take_part) {
  // 0 * inf is NaN, so the weight of a tap in the padding can be seen.
  const OpCase op_case{.inputs = {f32({1, 1, 1}), f32({1, 1, 2})}, .attributes = {ints("pads", {1, 0})}};
  const Elements y = run_op("Conv", op_case, {floats({1}), floats({INFINITY, 2})})[0];
  EXPECT_EQ(y, (Elements{{0x7fc00000, Value::kConcrete}}));
}

const OpCase kPlain{.inputs = {f32({1, 2, 4, 4}), f32({2, 2, 3, 3})}};
std::string refused(std::vector<TensorType> inputs, std::vector<Attribute> attributes = {}) {
  return refusal("Conv", {.inputs = std::move(inputs), .attributes = std::move(attributes)});
}

TEST(Reject, CEP_CONV_1_integer_bias) {
  EXPECT_EQ(refused({kPlain.inputs[0], kPlain.inputs[1], {Dtype::kI32, {2}}}), "CEP-CONV-1");
}
TEST(Reject, CEP_CONV_2_three_spatial_axes) {
  EXPECT_EQ(refused({f32({1, 2, 4, 4, 4}), f32({2, 2, 3, 3, 3})}), "CEP-CONV-2");
}
TEST(Reject, CEP_CONV_3_ranks_differ) {
  EXPECT_EQ(refused({f32({1, 2, 4}), kPlain.inputs[1]}), "CEP-CONV-3");
}
TEST(Reject, CEP_CONV_4_groups) {
  EXPECT_EQ(refused(kPlain.inputs, {{"group", std::int64_t{3}}}), "CEP-CONV-4");
  EXPECT_EQ(refused({f32({1, 2, 4, 4}), f32({3, 1, 3, 3})}, {{"group", std::int64_t{2}}}), "CEP-CONV-4");
}
TEST(Reject, CEP_CONV_5_bias_length) {
  EXPECT_EQ(refused({kPlain.inputs[0], kPlain.inputs[1], f32({3})}), "CEP-CONV-5");
}
TEST(Reject, CEP_CONV_6_kernel_shape) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("kernel_shape", {3, 1})}), "CEP-CONV-6");
}

TEST(Reject, CEP_WIN_1_auto_pad) {
  EXPECT_EQ(refused(kPlain.inputs, {{"auto_pad", std::string("SAME")}}), "CEP-WIN-1");
  EXPECT_EQ(refused(kPlain.inputs, {{"auto_pad", std::string("VALID")}, ints("pads", {0, 0, 0, 1})}),
            "CEP-WIN-1");
}
TEST(Reject, CEP_WIN_2_lengths) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("strides", {1})}), "CEP-WIN-2");
  EXPECT_EQ(refused(kPlain.inputs, {ints("dilations", {1, 1, 1})}), "CEP-WIN-2");
  EXPECT_EQ(refused(kPlain.inputs, {ints("pads", {1, 1})}), "CEP-WIN-2");
}
TEST(Reject, CEP_WIN_3_below_one) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("strides", {0, 1})}), "CEP-WIN-3");
  EXPECT_EQ(refused(kPlain.inputs, {ints("dilations", {1, -1})}), "CEP-WIN-3");
  EXPECT_EQ(refused({f32({1, 2, 4, 4}), f32({2, 2, 3, 0})}), "CEP-WIN-3");
}
TEST(Reject, CEP_WIN_4_negative_pad) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("pads", {0, -1, 0, 0})}), "CEP-WIN-4");
}
TEST(Reject, CEP_WIN_5_window_too_large) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("dilations", {2, 1})}), "CEP-WIN-5");
}
TEST(Reject, CEP_WIN_6_over_the_limit) {
  EXPECT_EQ(refused(kPlain.inputs, {ints("strides", {(std::int64_t{1} << 30) + 1, 1})}), "CEP-WIN-6");
}

}  // namespace
}  // namespace cep
