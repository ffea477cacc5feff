// Sums of boxes against the same sums counted point by point.
#include "tools/cep-check/logical/piece.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace cep_check::logical {
namespace {

using Random = std::mt19937_64;
std::int64_t below(Random& random, std::int64_t end) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
}

// Of a value with two coordinates and two reduced axes.
Piece box(Random& random) {
  Piece piece;
  piece.coordinates = 2;
  for (std::size_t a = 0; a < 4; ++a) add_axis(piece, 1 + below(random, 3), {below(random, 3), 0});
  piece.sizes[0] = piece.sizes[1] = 2;
  piece.begins[0] = piece.begins[1] = {below(random, 8) == 0 ? 1 : 0, 0};
  piece.factor = fraction(below(random, 4) == 0 ? -1 : 1, 1 + below(random, 2));
  return piece;
}

// How much of each element of the reduced axes stands in each kind of piece: sign, place and element.
using Counted = std::map<std::array<std::int64_t, 5>, Fraction>;
Counted counted(const Pieces& pieces) {
  Counted all;
  for (const Piece& piece : pieces) {
    for (std::int64_t i = 0; i < piece.sizes[2]; ++i) {
      for (std::int64_t j = 0; j < piece.sizes[3]; ++j) {
        const auto at = [&](std::size_t a) { return piece.begins[a].constant; };
        Fraction& sum =
            all.try_emplace({piece.factor.numerator < 0, at(0), at(1), at(2) + i, at(3) + j}, Fraction{0})
                .first->second;
        sum = sum + piece.factor;
      }
    }
  }
  return all;
}

TEST(Pieces, neighbours_are_one_piece) {
  Random random(20261123);
  int joined = 0;
  for (int round = 0; round < 20000; ++round) {
    Piece piece = box(random), next = piece;
    const auto axis = static_cast<std::size_t>(below(random, 4));
    next.begins[axis].constant += below(random, 2) == 0 ? piece.sizes[axis] : below(random, 4);
    next.sizes[axis] = 1 + below(random, 3);
    if (below(random, 4) == 0) next.begins[static_cast<std::size_t>(below(random, 4))].linear = 1;
    if (below(random, 4) == 0) next.sizes[static_cast<std::size_t>(below(random, 4))] = 2;
    if (below(random, 8) == 0) next.factor = next.factor * Fraction{2};
    const Pieces both = {piece, next};
    const Piece before = piece;
    if (extend(piece, next)) {
      ++joined;
      ASSERT_EQ(counted({piece}), counted(both)) << round;
      ASSERT_TRUE(same_sum({piece}, both)) << round;
    } else {
      ASSERT_EQ(piece, before);
    }
  }
  EXPECT_GT(joined, 2000);
}

// The same boxes, some of them cut in two, or there twice with half of the factor.
Pieces recut(Random& random, const Pieces& pieces) {
  Pieces all;
  for (Piece piece : pieces) {
    const auto axis = static_cast<std::size_t>(2 + below(random, 2));
    Piece rest = piece;
    if (below(random, 3) == 0) {
      piece.factor = rest.factor = piece.factor / Fraction{2};
      all.push_back(rest);
    } else if (piece.sizes[axis] > 1) {
      piece.sizes[axis] = 1;
      rest.sizes[axis] -= 1;
      rest.begins[axis].constant += 1;
      all.push_back(rest);
    }
    all.push_back(piece);
  }
  std::shuffle(all.begin(), all.end(), random);
  return all;
}

TEST(Pieces, sums_are_the_same_where_every_element_is) {
  Random random(20261122);
  int same = 0, other = 0;
  for (int round = 0; round < 4000; ++round) {
    Pieces sum;
    for (std::int64_t i = 0, count = 1 + below(random, 5); i < count; ++i) sum.push_back(box(random));
    Pieces cut = recut(random, recut(random, sum));
    if (below(random, 2) == 0) {
      Piece& one = cut[static_cast<std::size_t>(below(random, static_cast<std::int64_t>(cut.size())))];
      const auto axis = static_cast<std::size_t>(2 + below(random, 2));
      switch (below(random, 4)) {
        case 0: one.begins[axis].constant += 1; break;
        case 1: one.sizes[axis] += 1; break;
        case 2: one.begins[0].constant ^= 1; break;
        default: one.factor = one.factor * Fraction{-1};
      }
    }
    const bool expected = counted(sum) == counted(cut);
    (expected ? same : other) += 1;
    ASSERT_EQ(same_sum(sum, cut), expected) << round;
  }
  EXPECT_GT(same, 1000);
  EXPECT_GT(other, 1000);
}

// Over two variables, one of them of two digits; a begin may depend on any of them.
TEST(Pieces, added_over_digits_as_point_by_point) {
  Random random(5);
  for (int round = 0; round < 2000; ++round) {
    Linears linears({{"a", 4}, {"b", 3}}, {{2, 2}, {3}});
    Pieces pieces;
    for (std::int64_t i = 0, count = 1 + below(random, 2); i < count; ++i) {
      pieces.push_back(box(random));
      for (std::size_t a = 2; a < 4; ++a) {
        std::vector<std::int64_t> form;
        for (int digit = 0; digit < 3; ++digit) form.push_back(below(random, 2) * below(random, 4));
        pieces.back().begins[a].linear = linears.number(form);
      }
    }
    std::vector<Id> digits;
    for (Id digit = 0; digit < linears.digits(); ++digit) {
      if (below(random, 4) != 0) digits.push_back(digit);
    }
    Pieces sum, points = pieces;
    add_over(linears, pieces, digits, sum);
    // The digits that are not summed over are at a point of their own.
    const auto at = [&](Pieces& all, Id digit, std::int64_t point) {
      for (Piece& piece : all) {
        for (Begin& begin : piece.begins) begin = linears.put(begin, digit, point);
      }
    };
    for (Id digit = 0; digit < linears.digits(); ++digit) {
      const Pieces before = std::exchange(points, {});
      const bool over = std::ranges::find(digits, digit) != digits.end();
      for (std::int64_t point = over ? 0 : 1; point < (over ? linears.points(digit) : 2); ++point) {
        Pieces there = before;
        at(there, digit, point);
        points.insert(points.end(), there.begin(), there.end());
      }
      if (!over) at(sum, digit, 1);
    }
    ASSERT_EQ(counted(sum), counted(points)) << round;
    ASSERT_TRUE(same_sum(sum, points)) << round;
  }
}

// Boxes that lie one over another along every axis.
TEST(Reject, CEP_LCHK_12_a_sum_of_boxes_with_too_many_corners) {
  Random random(1);
  Pieces a, b;
  for (Pieces* sum : {&a, &b}) {
    for (int i = 0; i < 2048; ++i) {
      Piece piece;
      for (std::size_t axis = 0; axis < kMaxAxes; ++axis)
        add_axis(piece, 1 + below(random, 2), {below(random, 2), 0});
      sum->push_back(piece);
    }
  }
  const auto both = [](Pieces x, const Pieces& y) {
    x.insert(x.end(), y.begin(), y.end());
    return x;
  };
  try {
    (void)same_sum(both(a, b), both(b, a));
    ADD_FAILURE() << "looked at";
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.error.requirement, "CEP-LCHK-12");
  }
}

}  // namespace
}  // namespace cep_check::logical
