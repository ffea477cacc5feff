// Boxes against the sets of their points.
#include "cep/box.h"

#include <gtest/gtest.h>

#include <set>

namespace cep {
namespace {

using Points = std::set<Dims>;

Points points_of(const Box& box) {
  Points points;
  for (std::int64_t i = -1; i <= 5; ++i) {
    for (std::int64_t j = -1; j <= 5; ++j) {
      if (i >= box.lo[0] && i < box.hi[0] && j >= box.lo[1] && j < box.hi[1]) points.insert({i, j});
    }
  }
  return points;
}

std::vector<Box> some_boxes() {
  std::vector<Box> boxes;
  for (std::int64_t a = 0; a < 4; ++a) {
    for (std::int64_t b = a; b < 5; ++b) boxes.push_back({{a, 3 - a}, {b, 4}});
  }
  boxes.push_back({{2, 3}, {1, 4}});
  return boxes;
}

TEST(Box, intersection_containment_and_difference_are_those_of_sets) {
  for (const Box& a : some_boxes()) {
    for (const Box& b : some_boxes()) {
      const Points left = points_of(a), right = points_of(b);
      Points both, rest;
      for (const Dims& point : left) (right.contains(point) ? both : rest).insert(point);
      EXPECT_EQ(points_of(intersect(a, b)), both);
      EXPECT_EQ(b.contains(a), rest.empty());
      Points parts;
      std::size_t count = 0;
      for (const Box& part : subtract(a, b)) {
        const Points own = points_of(part);
        EXPECT_FALSE(own.empty());
        count += own.size();
        parts.insert(own.begin(), own.end());
      }
      EXPECT_EQ(parts, rest);
      EXPECT_EQ(count, rest.size()) << "parts overlap";
      EXPECT_EQ(a.volume(), static_cast<std::int64_t>(left.size()));
      EXPECT_EQ(a.empty(), left.empty());
    }
  }
}

TEST(Box, of_rank_0_holds_one_coordinate) {
  const Box box = Box::whole({});
  EXPECT_FALSE(box.empty());
  EXPECT_EQ(box.volume(), 1);
  EXPECT_TRUE(subtract(box, box).empty());
}

TEST(Box, prints_half_open_ranges) { EXPECT_EQ(to_string(Box{{0, 2}, {4, 8}}), "[0:4,2:8]"); }

}  // namespace
}  // namespace cep
