#include "plan/limits.h"

#include <gtest/gtest.h>

namespace cep {
namespace {

constexpr std::int64_t kMax = limits::kMaxMagnitude;

TEST(PlanLimits, boxes) {
  const struct {
    Box box;
    bool ok;
  } rows[] = {
      {{{}, {}}, true},
      {{{0}, {0}}, true},
      {{{1}, {kMax}}, true},
      {{{0}, {kMax + 1}}, false},
      {{{-1}, {0}}, false},
      {{{2}, {1}}, false},
      {{{0, 0}, {1}}, false},
      {{Dims(8, 0), Dims(8, 1)}, true},
      {{Dims(9, 0), Dims(9, 1)}, false},
  };
  for (const auto& row : rows) EXPECT_EQ(limits::box_ok(row.box), row.ok) << to_string(row.box);
}

TEST(PlanLimits, types_by_the_bytes_of_their_widest_form) {
  const auto ok = [](Dims dims) { return limits::type_ok({Dtype::kF32, std::move(dims)}); };
  EXPECT_TRUE(ok({}));
  EXPECT_TRUE(ok({kMax / 8}));
  EXPECT_FALSE(ok({kMax / 8 + 1}));
  EXPECT_FALSE(ok({-1}));
  EXPECT_TRUE(ok({0, kMax / 8}));
  EXPECT_FALSE(ok({0, kMax, kMax}));  // strides would overflow although nothing is held
  EXPECT_FALSE(ok(Dims(9, 1)));
}

TEST(PlanLimits, views_by_how_far_they_reach) {
  EXPECT_TRUE(limits::view_ok({0, kMax, {}, {}}));
  EXPECT_FALSE(limits::view_ok({0, kMax + 1, {}, {}}));
  EXPECT_TRUE(limits::view_ok({0, -kMax, {}, {}}));
  EXPECT_FALSE(limits::view_ok({0, kMax, {1}, {1}}));
  EXPECT_TRUE(limits::view_ok({0, 0, {kMax / 8}, {1}}));
  EXPECT_TRUE(limits::view_ok({0, 0, {kMax / 8}, {-1}}));
  EXPECT_FALSE(limits::view_ok({0, 0, {kMax / 8}, {2}}));
  EXPECT_FALSE(limits::view_ok({0, 0, {2}, {}}));
  EXPECT_FALSE(limits::view_ok({0, 0, {2}, {std::int64_t{1} << 62}}));
}

}  // namespace
}  // namespace cep
