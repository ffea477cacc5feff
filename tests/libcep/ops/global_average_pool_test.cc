// GlobalAveragePool against the worked example of its page and plain loops.
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

TEST(GlobalAveragePool, example_of_the_page) {
  EXPECT_EQ(run_op("GlobalAveragePool", {.inputs = {f32({1, 1, 2, 2})}}, {floats({1, 2, 3, 6})})[0],
            floats({3}));
  const OpCase long_row{.inputs = {f32({1, 1, 33})}};
  std::vector<float> x(33);
  x[0] = 0x1p24f;
  x[32] = 1;
  EXPECT_EQ(run_op("GlobalAveragePool", long_row, {floats(x)})[0], floats({0x1p24f / 33}));
  x[32] = 0;
  x[1] = x[3] = 1;
  EXPECT_EQ(run_op("GlobalAveragePool", long_row, {floats(x)})[0], floats({(0x1p24f + 2) / 33}));
}

TEST(GlobalAveragePool, agrees_with_a_loop_bit_for_bit) {
  std::mt19937_64 random(25);
  for (const Dims& spatial : {Dims{49}, Dims{7, 9}, Dims{2, 3, 4}, Dims{64, 64}}) {
    const auto pixels = static_cast<std::size_t>(volume(spatial));
    std::vector<float> x, expected;
    for (int channel = 0; channel < 6; ++channel) {
      std::vector<float> one;
      for (std::size_t i = 0; i < pixels; ++i)
        one.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30f);
      expected.push_back(testing::lane_sum(one) / static_cast<float>(pixels));
      x.insert(x.end(), one.begin(), one.end());
    }
    Dims dims = {2, 3};
    dims.insert(dims.end(), spatial.begin(), spatial.end());
    EXPECT_EQ(as_floats(run_op("GlobalAveragePool", {.inputs = {f32(dims)}}, {floats(x)})[0]), expected);
  }
}

TEST(Reject, CEP_GLOBALAVERAGEPOOL_1_integers) {
  EXPECT_EQ(refusal("GlobalAveragePool", {.inputs = {{Dtype::kI64, {1, 1, 4}}}}), "CEP-GLOBALAVERAGEPOOL-1");
}
TEST(Reject, CEP_GLOBALAVERAGEPOOL_2_rank_2) {
  EXPECT_EQ(refusal("GlobalAveragePool", {.inputs = {f32({2, 3})}}), "CEP-GLOBALAVERAGEPOOL-2");
}
TEST(Reject, CEP_GLOBALAVERAGEPOOL_3_no_pixels) {
  EXPECT_EQ(refusal("GlobalAveragePool", {.inputs = {f32({2, 3, 0})}}), "CEP-GLOBALAVERAGEPOOL-3");
}

}  // namespace
}  // namespace cep
