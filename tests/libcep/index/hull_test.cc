// Hulls against every point, and restriction where the operators' own regions do not reach.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "support/region_run.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;
constexpr std::int64_t kExtent = 1000;
const TensorType kLine{Dtype::kF32, {kExtent}};

// A random index expression over the iterators, and what it is at a point.
struct Expression {
  Id id;
  std::function<std::int64_t(const Dims&)> at;
};
Expression random_expression(RegionBuilder& r, int depth, std::mt19937_64& random) {
  const auto small = [&](std::int64_t least) { return least + static_cast<std::int64_t>(random() % 5); };
  if (depth == 0 || random() % 5 == 0) {
    const auto which = static_cast<std::uint32_t>(random() % 3);
    if (random() % 4 == 0) {
      const std::int64_t value = small(-2);
      return {r.ix_const(value), [value](const Dims&) { return value; }};
    }
    return {r.iter(which), [which](const Dims& point) { return point[which]; }};
  }
  const Expression a = random_expression(r, depth - 1, random);
  const auto floor_div = [](std::int64_t x, std::int64_t y) { return x / y - (x % y < 0 ? 1 : 0); };
  switch (random() % 5) {
    case 0: {
      const Expression b = random_expression(r, depth - 1, random);
      return {r.ix_add(a.id, b.id), [a, b](const Dims& p) { return a.at(p) + b.at(p); }};
    }
    case 1: {
      const std::int64_t by = small(-2);
      return {r.ix_scale(a.id, by), [a, by](const Dims& p) { return a.at(p) * by; }};
    }
    case 2: {
      const std::int64_t by = small(1);
      return {r.ix_floordiv(a.id, by), [a, by, floor_div](const Dims& p) { return floor_div(a.at(p), by); }};
    }
    case 3: {
      const std::int64_t by = small(1);
      return {r.ix_mod(a.id, by),
              [a, by, floor_div](const Dims& p) { return a.at(p) - floor_div(a.at(p), by) * by; }};
    }
    default: {
      const std::int64_t by = small(1);
      return {r.ix_wrap(a.id, by), [a, by](const Dims& p) { return a.at(p) < 0 ? a.at(p) + by : a.at(p); }};
    }
  }
}

TEST(Hull, holds_every_point_that_is_read) {
  std::mt19937_64 random(21);
  int guarded = 0, tight = 0;
  for (int round = 0; round < 3000; ++round) {
    RegionBuilder r;
    const Id x = r.input(kLine), y = r.output(kLine);
    r.begin_nest({4}, {3, 4});
    const Expression e = random_expression(r, 3, random);
    const auto lo = static_cast<std::int64_t>(random() % 8) - 4;
    const bool guard = random() % 2 == 0;
    std::vector<RegionBuilder::Guard> guards;
    if (guard) guards.push_back({e.id, lo, lo + 3});
    r.reduce(ACP_COMBINE_ADD, {OrderKind::kChain, 0}, r.f32(0), r.arg(r.read(x, {e.id}, guards, 0)));
    r.write(y, {r.iter(0)}, r.acc(Dtype::kF32));
    r.end_nest();
    Region region = std::move(r).finish();
    region.iters[0] = {1, 3};
    region.nests[0].k_begin = static_cast<std::int64_t>(random() % 6);
    region.nests[0].k_end = region.nests[0].k_begin + 1 + static_cast<std::int64_t>(random() % 6);
    const std::vector<ReadHull> hulls = read_hulls(region, 0);
    ASSERT_EQ(hulls.size(), 1u);
    const Box& box = hulls[0].box;
    std::int64_t least = INT64_MAX, most = INT64_MIN;
    for (std::int64_t i = 1; i < 3; ++i) {
      for (std::int64_t k = region.nests[0].k_begin; k < region.nests[0].k_end; ++k) {
        const std::int64_t at = e.at({i, k / 4, k % 4});
        if (guard && (at < lo || at >= lo + 3)) continue;
        ASSERT_FALSE(box.empty());
        ASSERT_GE(at, box.lo[0]);
        ASSERT_LT(at, box.hi[0]);
        least = std::min(least, at);
        most = std::max(most, at);
      }
    }
    guarded += guard ? 1 : 0;
    tight += least == box.lo[0] && most + 1 == box.hi[0] ? 1 : 0;
  }
  EXPECT_GT(guarded, 1000);
  EXPECT_GT(tight, 1000) << "hulls are bounds, but most are exact";
}

TEST(Hull, data_makes_an_axis_whole) {
  RegionBuilder r;
  const Id x = r.input({Dtype::kF32, {7, 9}}), at = r.input({Dtype::kI64, {2}}),
           y = r.output({Dtype::kF32, {2}});
  r.begin_nest({2}, {});
  const Id loaded = r.read(at, r.iters());
  r.write(y, r.iters(), r.arg(r.read(x, {r.ix_load(loaded), r.ix_mod(r.ix_load(loaded), 4)})));
  r.end_nest();
  const Region region = std::move(r).finish();
  const auto hulls = read_hulls(region, 0);
  ASSERT_EQ(hulls.size(), 2u);
  EXPECT_EQ(hulls[0].box, (Box{{0}, {2}}));
  EXPECT_EQ(hulls[1].box, (Box{{0, 0}, {7, 4}}));
}

// t[i] = x[i - 1] where 1 <= i, else 0, guarded on i and not on i - 1; y[i] = t[i - 1] likewise.
TEST(Restrict, a_guard_on_another_expression_keeps_temporaries_inside_the_tensor) {
  RegionBuilder r;
  const TensorType type{Dtype::kF32, {5}};
  const Id x = r.input(type), y = r.output(type), t = r.temp(type);
  for (const auto& [from, to] : {std::pair(x, t), std::pair(t, y)}) {
    r.begin_nest(type.dims, {});
    r.write(to, r.iters(),
            r.arg(r.read(from, {r.ix_add(r.iter(0), std::int64_t{-1})}, {{r.iter(0), 1, 5}}, 0)));
    r.end_nest();
  }
  const Region region = std::move(r).finish();
  ASSERT_TRUE(check_region(region).has_value());
  const Elements in = testing::floats({1, 2, 3, 4, 5});
  EXPECT_EQ(testing::run(region, {in})[0], testing::floats({0, 0, 1, 2, 3}));
  for (std::int64_t lo = 0; lo <= 5; ++lo) {
    for (std::int64_t hi = lo; hi <= 5; ++hi) {
      const Region part = restrict_outputs(region, {Box{{lo}, {hi}}});
      const acp::Status status = check_region(part);
      ASSERT_TRUE(status.has_value()) << acp::to_string(status.error());
      const std::vector<float> all = {0, 0, 1, 2, 3};
      EXPECT_EQ(testing::run(part, {in})[0], testing::floats({all.begin() + lo, all.begin() + hi}));
    }
  }
}

// What nobody needs is not computed.
TEST(Restrict, drops_nests_and_shrinks_temporaries) {
  RegionBuilder r;
  const TensorType type{Dtype::kF32, {8}};
  const Id x = r.input(type), y = r.output(type), z = r.output(type), t = r.temp(type), u = r.temp(type);
  for (const auto& [from, to] : {std::pair(x, t), std::pair(t, y), std::pair(x, u), std::pair(u, z)}) {
    r.begin_nest(type.dims, {});
    r.write(to, r.iters(), r.arg(r.read(from, r.iters())));
    r.end_nest();
  }
  const Region part = restrict_outputs(std::move(r).finish(), {Box{{2}, {5}}, Box{{3}, {3}}});
  EXPECT_EQ(part.stages.size(), 2u);
  EXPECT_EQ(window_of(part.operands[t]), (Box{{2}, {5}}));
  EXPECT_TRUE(window_of(part.operands[u]).empty());
}

// A chain of sums of one node with itself has 2^40 paths.
TEST(Restrict, shared_sums_are_walked_once) {
  RegionBuilder r;
  const TensorType type{Dtype::kF32, {3}};
  const Id x = r.input(type), y = r.output(type);
  r.begin_nest(type.dims, {});
  Id zero = r.ix_const(0);
  for (int i = 0; i < 40; ++i) zero = r.ix_add(zero, zero);
  r.write(y, {r.ix_add(r.iter(0), zero)}, r.arg(r.read(x, r.iters())));
  r.end_nest();
  const Region region = std::move(r).finish();
  ASSERT_TRUE(check_region(region).has_value());
  EXPECT_EQ(testing::run(restrict_outputs(region, {Box{{1}, {3}}}), {testing::floats({1, 2, 3})})[0],
            testing::floats({2, 3}));
}

}  // namespace
}  // namespace cep
