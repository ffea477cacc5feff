// The canonical orders against plain loops, written out anew here.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "cep/interp.h"

namespace cep {
namespace {

constexpr std::uint32_t kNan = 0x7fc00000U;

std::uint32_t bits_of(float value) { return std::isnan(value) ? kNan : std::bit_cast<std::uint32_t>(value); }

// Values whose sum depends on order: magnitudes from 2^-20 to 2^20, both signs.
std::vector<float> swamping_values(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const float mantissa = 1.0F + static_cast<float>(random() % 1000) / 1000.0F;
    const float value = std::ldexp(mantissa, static_cast<int>(random() % 41) - 20);
    values.push_back(random() % 2 == 0 ? value : -value);
  }
  return values;
}

Elements elements_of(const std::vector<float>& values) {
  Elements elements;
  for (const float value : values)
    elements.push_back({std::bit_cast<std::uint32_t>(value), Value::kConcrete});
  return elements;
}

struct Reduction {
  std::uint8_t combiner;
  Order order;
  bool has_init;
};

// y = reduction over k of x[k] (FMA: x[k] * w[k]), from the scalar `seed` if it has an init.
std::uint32_t interpreted(const Reduction& reduction, const std::vector<float>& x,
                          const std::vector<float>& w, float seed) {
  const auto length = static_cast<std::int64_t>(x.size());
  RegionBuilder b;
  const auto in = b.input({Dtype::kF32, {length}});
  const auto weights = b.input({Dtype::kF32, {length}});
  const auto start = b.input({Dtype::kF32, {}});
  const auto out = b.output({Dtype::kF32, {}});
  b.begin_nest({}, {length});
  const auto k = b.iter(0);
  const auto body = b.arg(b.read(in, {k}));
  const auto init = reduction.has_init ? b.arg(b.read(start, {})) : RegionBuilder::kTakeFirst;
  const bool fma = reduction.combiner == ACP_COMBINE_FMA;
  b.reduce(reduction.combiner, reduction.order, init, body, fma ? b.arg(b.read(weights, {k})) : ACP_NONE);
  b.write(out, {}, b.acc(Dtype::kF32));
  b.end_nest();
  const Region region = std::move(b).finish();
  Elements a = elements_of(x), v = elements_of(w), s = elements_of({seed}), y(1);
  const acp::Status status = interpret(region, Domain::kBits, {&a, &v, &s, &y});
  EXPECT_TRUE(status.has_value());
  return static_cast<std::uint32_t>(y[0].lo);
}

float levels(std::vector<float> parts) {
  while (parts.size() > 1) {
    std::vector<float> next;
    for (std::size_t t = 0; 2 * t < parts.size(); ++t) {
      next.push_back(2 * t + 1 < parts.size() ? parts[2 * t] + parts[2 * t + 1] : parts[2 * t]);
    }
    parts = next;
  }
  return parts[0];
}

const std::size_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 63, 64, 65, 100};

TEST(Chain, is_fma_in_ascending_order_from_init) {
  for (const std::size_t length : kLengths) {
    const auto x = swamping_values(length, 1), w = swamping_values(length, 2);
    float expected = 0.75F;
    for (std::size_t k = 0; k < length; ++k) expected = std::fma(x[k], w[k], expected);
    const Reduction reduction{ACP_COMBINE_FMA, {OrderKind::kChain, 0}, true};
    EXPECT_EQ(interpreted(reduction, x, w, 0.75F), bits_of(expected)) << length;
  }
}

TEST(Chain, without_init_takes_the_first_element_of_a_sum) {
  // -0 stays -0: it is taken, not added to +0.
  EXPECT_EQ(interpreted({ACP_COMBINE_ADD, {OrderKind::kChain, 0}, false}, {-0.0F}, {0.0F}, 0.0F),
            0x80000000U);
  EXPECT_EQ(interpreted({ACP_COMBINE_ADD, {OrderKind::kChain, 0}, true}, {-0.0F}, {0.0F}, 0.0F), 0U);
}

TEST(Chain, products_round_once) {
  // (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24 exactly; a product rounded first gives 0.
  const float e = 1.0F + std::ldexp(1.0F, -12);
  const float seed = -(1.0F + std::ldexp(1.0F, -11));
  EXPECT_EQ(interpreted({ACP_COMBINE_FMA, {OrderKind::kChain, 0}, true}, {e}, {e}, seed),
            bits_of(std::ldexp(1.0F, -24)));
}

TEST(BlockedTree, chains_of_blocks_combined_by_levels) {
  for (const std::uint32_t block : {1U, 2U, 3U, 4U, 16U}) {
    for (const std::size_t length : kLengths) {
      const auto x = swamping_values(length, 3), w = swamping_values(length, 4);
      std::vector<float> parts;
      for (std::size_t first = 0; first < length; first += block) {
        float sum = first == 0 ? 0.75F : 0.0F;
        for (std::size_t k = first; k < std::min(length, first + block); ++k) sum = std::fma(x[k], w[k], sum);
        parts.push_back(sum);
      }
      const Reduction reduction{ACP_COMBINE_FMA, {OrderKind::kBlockedTree, block}, true};
      EXPECT_EQ(interpreted(reduction, x, w, 0.75F), bits_of(levels(parts))) << length << " by " << block;
    }
  }
}

TEST(BlockedTree, an_odd_last_block_passes_up_unchanged) {
  // Blocks of 1 of 2^24, 1, 1: (2^24 + 1) + 1 = 2^24, whereas 2^24 + (1 + 1) = 2^24 + 2.
  const Reduction tree{ACP_COMBINE_ADD, {OrderKind::kBlockedTree, 1}, false};
  EXPECT_EQ(interpreted(tree, {16777216.0F, 1.0F, 1.0F}, {0, 0, 0}, 0.0F), bits_of(16777216.0F));
  EXPECT_EQ(interpreted(tree, {16777216.0F, 0.0F, 1.0F, 1.0F}, {0, 0, 0, 0}, 0.0F), bits_of(16777218.0F));
}

TEST(BlockedIndex, block_sums_from_left_to_right) {
  for (const std::uint32_t block : {1U, 2U, 3U, 4U, 16U}) {
    for (const std::size_t length : kLengths) {
      const auto x = swamping_values(length, 5), w = swamping_values(length, 6);
      float expected = 0.0F;
      for (std::size_t first = 0; first < length; first += block) {
        float sum = first == 0 ? 0.75F : 0.0F;
        for (std::size_t k = first; k < std::min(length, first + block); ++k) sum = std::fma(x[k], w[k], sum);
        expected = first == 0 ? sum : expected + sum;
      }
      const Reduction reduction{ACP_COMBINE_FMA, {OrderKind::kBlockedIndex, block}, true};
      EXPECT_EQ(interpreted(reduction, x, w, 0.75F), bits_of(expected)) << length << " by " << block;
    }
  }
}

// One chunk of at most 4096 elements.
float lanes(const std::vector<float>& x) {
  std::vector<std::vector<float>> lane(32);  // empty: no element yet
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::vector<float>& mine = lane[i % 32];
    mine = {mine.empty() ? x[i] : mine[0] + x[i]};
  }
  for (const std::size_t w : {16UL, 8UL, 4UL, 2UL, 1UL}) {
    for (std::size_t j = 0; j < w; ++j) {
      if (lane[j + w].empty()) continue;
      lane[j] = {lane[j].empty() ? lane[j + w][0] : lane[j][0] + lane[j + w][0]};
    }
  }
  return lane[0][0];
}

TEST(Lanes32, lanes_then_the_halving_tree) {
  for (const std::size_t length : kLengths) {
    const auto x = swamping_values(length, 7);
    const Reduction reduction{ACP_COMBINE_ADD, {OrderKind::kLanes32, 0}, false};
    EXPECT_EQ(interpreted(reduction, x, x, 0.0F), bits_of(lanes(x))) << length;
  }
}

TEST(Lanes32, init_is_added_in_front_at_the_end) {
  const auto x = swamping_values(40, 8);
  const Reduction reduction{ACP_COMBINE_ADD, {OrderKind::kLanes32, 0}, true};
  EXPECT_EQ(interpreted(reduction, x, x, 0.75F), bits_of(0.75F + lanes(x)));
}

TEST(Lanes32, long_axes_in_chunks_of_4096_combined_by_levels) {
  const auto x = swamping_values(3 * 4096 + 17, 9);
  std::vector<float> parts;
  for (std::size_t first = 0; first < x.size(); first += 4096) {
    const auto end = std::min(x.size(), first + 4096);
    parts.push_back(lanes(
        {x.begin() + static_cast<std::ptrdiff_t>(first), x.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  ASSERT_EQ(parts.size(), 4U);
  const Reduction reduction{ACP_COMBINE_ADD, {OrderKind::kLanes32, 0}, false};
  EXPECT_EQ(interpreted(reduction, x, x, 0.0F), bits_of(levels(parts)));
}

TEST(Empty, gives_init_or_the_neutral_element) {
  const OrderKind orders[] = {OrderKind::kChain, OrderKind::kBlockedTree, OrderKind::kBlockedIndex,
                              OrderKind::kLanes32};
  for (const OrderKind kind : orders) {
    const Order order{kind, kind == OrderKind::kBlockedTree || kind == OrderKind::kBlockedIndex ? 4U : 0U};
    EXPECT_EQ(interpreted({ACP_COMBINE_FMA, order, true}, {}, {}, -2.5F), bits_of(-2.5F));
    EXPECT_EQ(interpreted({ACP_COMBINE_FMA, order, false}, {}, {}, 1.0F), 0U);
    EXPECT_EQ(interpreted({ACP_COMBINE_ADD, order, false}, {}, {}, 1.0F), 0U);
    EXPECT_EQ(interpreted({ACP_COMBINE_MAX, order, false}, {}, {}, 1.0F), 0xff800000U);
    EXPECT_EQ(interpreted({ACP_COMBINE_MIN, order, false}, {}, {}, 1.0F), 0x7f800000U);
  }
}

TEST(Extremes, any_order_is_the_largest_and_the_smallest) {
  const std::vector<float> x = {1.0F, -0.0F, 0.0F, -7.0F};
  const Order any{OrderKind::kAny, 0};
  EXPECT_EQ(interpreted({ACP_COMBINE_MAX, any, false}, x, x, 0.0F), bits_of(1.0F));
  EXPECT_EQ(interpreted({ACP_COMBINE_MIN, any, false}, x, x, 0.0F), bits_of(-7.0F));
  EXPECT_EQ(interpreted({ACP_COMBINE_MAX, any, false}, {-0.0F, 0.0F, -0.0F}, {0, 0, 0}, 0.0F), 0U);
  EXPECT_EQ(interpreted({ACP_COMBINE_MIN, any, false}, {0.0F, -0.0F, 0.0F}, {0, 0, 0}, 0.0F), 0x80000000U);
  EXPECT_EQ(interpreted({ACP_COMBINE_MAX, any, false}, {1.0F, NAN, 2.0F}, {0, 0, 0}, 0.0F), kNan);
}

// A restricted range of k: counted from k_begin, as if the rest were not there.
TEST(KRange, orders_count_from_its_beginning) {
  const auto x = swamping_values(23, 10), w = swamping_values(23, 11);
  RegionBuilder b;
  const auto in = b.input({Dtype::kF32, {23}});
  const auto weights = b.input({Dtype::kF32, {23}});
  const auto out = b.output({Dtype::kF32, {}});
  b.begin_nest({}, {23});
  b.reduce(ACP_COMBINE_FMA, {OrderKind::kBlockedTree, 4}, b.f32(0.0F), b.arg(b.read(in, {b.iter(0)})),
           b.arg(b.read(weights, {b.iter(0)})));
  b.write(out, {}, b.acc(Dtype::kF32));
  b.end_nest();
  Region region = std::move(b).finish();
  region.nests[0].k_begin = 6;
  region.nests[0].k_end = 19;
  Elements a = elements_of(x), v = elements_of(w), y(1);
  ASSERT_TRUE(interpret(region, Domain::kBits, {&a, &v, &y}).has_value());
  const std::vector<float> cut_x(x.begin() + 6, x.begin() + 19), cut_w(w.begin() + 6, w.begin() + 19);
  EXPECT_EQ(y[0].lo, interpreted({ACP_COMBINE_FMA, {OrderKind::kBlockedTree, 4}, true}, cut_x, cut_w, 0.0F));
}

}  // namespace
}  // namespace cep
