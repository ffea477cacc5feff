// LRN against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include <cmath>

#include "support/lane_sum.h"
#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

struct Factors {
  std::int64_t size;
  float alpha, beta, bias;
};
OpCase over(Dims dims, const Factors& f) {
  return {.inputs = {f32(std::move(dims))},
          .attributes = {{"size", f.size}, {"alpha", f.alpha}, {"beta", f.beta}, {"bias", f.bias}}};
}

TEST(LRN, example_of_the_page) {
  EXPECT_EQ(run_op("LRN", over({1, 2}, {3, 3, 0.5f, 4}), {floats({1, 2})})[0],
            floats({1.0f / 3.0f, 2.0f / 3.0f}));
  // The power of one: windows of size 2 begin at the element itself.
  EXPECT_EQ(run_op("LRN", over({1, 2}, {2, 2, 1, 0}), {floats({1, 2})})[0],
            floats({1.0f / 5.0f, 2.0f / 4.0f}));
}

// pow as its page has it, element by element.
std::vector<float> powers(const std::vector<float>& bases, float exponent) {
  RegionBuilder r;
  const TensorType type = f32({static_cast<std::int64_t>(bases.size())});
  const auto x = r.input(type);
  const auto y = r.output(type);
  r.begin_nest(type.dims, {});
  r.write(y, r.iters(), build_pow(r, r.arg(r.read(x, r.iters())), r.f32(exponent)));
  r.end_nest();
  return as_floats(testing::run(std::move(r).finish(), {floats(bases)})[0]);
}

TEST(LRN, agrees_with_loops_bit_for_bit_and_with_doubles) {
  std::mt19937_64 random(29);
  constexpr std::int64_t kChannels = 7, kPixels = 5;
  for (const Factors& f :
       {Factors{5, 1e-4f, 0.75f, 1}, Factors{4, 0.7f, 0.5f, 2}, Factors{40, 3, -1.5f, 0.1f}}) {
    std::vector<float> x, bases;
    std::vector<double> exact;
    for (std::int64_t i = 0; i < kChannels * kPixels; ++i)
      x.push_back(static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-28f);
    for (std::int64_t c = 0; c < kChannels; ++c)
      for (std::int64_t pixel = 0; pixel < kPixels; ++pixel) {
        std::vector<float> squares;
        double sum = 0;
        for (std::int64_t t = 0; t < f.size; ++t) {
          const std::int64_t from = c - (f.size - 1) / 2 + t;
          const float tap =
              from >= 0 && from < kChannels ? x[static_cast<std::size_t>(from * kPixels + pixel)] : 0.0f;
          squares.push_back(tap * tap);
          sum += static_cast<double>(tap) * tap;
        }
        const float weight = f.alpha / static_cast<float>(f.size);
        const float scaled = weight * testing::lane_sum(squares);
        bases.push_back(f.bias + scaled);
        exact.push_back(
            x[static_cast<std::size_t>(c * kPixels + pixel)] /
            std::pow(f.bias + static_cast<double>(f.alpha) / static_cast<double>(f.size) * sum, f.beta));
      }
    const std::vector<float> divisors = powers(bases, f.beta);
    const auto y = as_floats(run_op("LRN", over({1, kChannels, kPixels}, f), {floats(x)})[0]);
    for (std::size_t i = 0; i < y.size(); ++i) {
      EXPECT_EQ(y[i], x[i] / divisors[i]) << i;
      EXPECT_NEAR(y[i], exact[i], std::fabs(exact[i]) * 2e-6) << i;
    }
  }
}

std::string refused(TensorType x, std::vector<Attribute> attributes) {
  return refusal("LRN", {.inputs = {std::move(x)}, .attributes = std::move(attributes)});
}
const Attribute kThree{"size", std::int64_t{3}};

TEST(Reject, CEP_LRN_1_integers) { EXPECT_EQ(refused({Dtype::kI64, {1, 2}}, {kThree}), "CEP-LRN-1"); }
TEST(Reject, CEP_LRN_2_rank_1) { EXPECT_EQ(refused(f32({4}), {kThree}), "CEP-LRN-2"); }
TEST(Reject, CEP_LRN_3_size) {
  EXPECT_EQ(refused(f32({1, 2}), {{"size", std::int64_t{-1}}}), "CEP-LRN-3");
  EXPECT_EQ(refused(f32({1, 2}), {{"size", (std::int64_t{1} << 30) + 1}}), "CEP-LRN-3");
}
TEST(Reject, CEP_LRN_4_not_finite) {
  for (const char* name : {"alpha", "beta", "bias"})
    EXPECT_EQ(refused(f32({1, 2}), {kThree, {name, NAN}}), "CEP-LRN-4");
}

}  // namespace
}  // namespace cep
