// The arithmetic of pieces against the rules it rests on and against enumeration: it yields what the rule yields, and refuses where the
// rule does not fire.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "equivalence/fired.h"
#include "equivalence/piece.h"
#include "plans.h"

namespace cep::logical::calculus {
namespace {

using Ints = std::vector<std::int64_t>;

// y has the axes 2, 12 (one dimension), 6 and, summed over, 8.
const std::string kGraph = R"(
input x:f32[24,8]
param w:f32[6,8]
y:f32[24,6] = linear x w
z:f32[2,12,6] = reshape y
output z
plan pieces ranks 1
variable v 4
variable u 3
@0 x0:f32[24,8] = bind x [0:24,0:8]
@0 w0:f32[6,8] = bind w [0:6,0:8]
@0 y0:f32[24,6] = linear x0 w0
@0 z0:f32[2,12,6] = reshape y0
@0 yield z0 as z [0:2,0:12,0:6]
)";
constexpr AxisId kHigh = 0, kLow = 1, kColumn = 2, kSummed = 3;
constexpr Id kV = 0, kU = 1;

struct World {
  Document document = support::logical_text(kGraph);
  ReferenceValues values = ReferenceValues::read(document.reference).value();
  Patterns patterns{values};
  Linears linears{document.plan.variables, {}};
  Id y = 2;
  Id atom = values.view(y).atom;

  Piece piece(const Ints& sizes, const Ints& begins, const Rational& factor = {}) {
    std::vector<std::vector<AxisId>> dims(2);
    for (const AxisId axis : {kHigh, kLow, kColumn}) {
      if (sizes[axis] > 1) dims[axis == kColumn ? 1 : 0].push_back(axis);
    }
    Piece made{patterns.intern(factor, atom, sizes, dims), {}};
    for (const std::int64_t begin : begins) made.begins.push_back({begin, 0});
    return made;
  }
  const Ints& sizes(const Piece& piece) const { return patterns[piece.pattern].sizes; }
  // What the elements along dimension 0 are of y, in their order.
  Ints rows(const Piece& piece) const {
    Ints all;
    const Ints& size = sizes(piece);
    for (std::int64_t h = 0; h < size[kHigh]; ++h) {
      for (std::int64_t l = 0; l < size[kLow]; ++l)
        all.push_back((piece.begins[kHigh].constant + h) * 12 + piece.begins[kLow].constant + l);
    }
    return all;
  }
};

std::int64_t in(std::int64_t lo, std::int64_t hi) { return *rc::gen::inRange(lo, hi + 1); }

TEST(World, has_the_axes_the_cases_speak_of) {
  World world;
  EXPECT_EQ(world.values.atom(world.atom).extents, (Ints{2, 12, 6, 8}));
  EXPECT_EQ(world.values.atom(world.atom).coordinates, 3);
}

RC_GTEST_PROP(PieceRules, a_chunk_is_its_range_of_the_dimension, ()) {
  World world;
  const std::int64_t high = in(1, 2), low = *rc::gen::element<std::int64_t>(1, 2, 3, 4, 6, 8, 12);
  const Piece piece = world.piece({high, low, 6, 8}, {in(0, 2 - high), in(0, 12 - low), 0, 0});
  const std::int64_t count = in(1, 26), position = in(-1, count);
  const auto cut = cut_out(world.patterns, world.linears, piece, 0, count, {position, 0});
  if (count == 1) return;
  const AxisId first = high > 1 ? kHigh : kLow;
  const std::array question{piece.begins[first].constant, high > 1 ? high : low, count, position};
  const bool fires = fired<2>(piece_rules().cut, question) || fired<3>(piece_rules().cut_outer, question);
  if (!fires) RC_ASSERT(!cut);
  const Ints all = world.rows(piece);
  RC_ASSERT(!cut || (position >= 0 && position < count && std::ssize(all) % count == 0));
  if (!cut) return;
  const std::int64_t width = std::ssize(all) / count;
  RC_ASSERT(world.rows(*cut) == Ints(all.begin() + position * width, all.begin() + (position + 1) * width));
}

RC_GTEST_PROP(PieceRules, members_in_step_are_one_piece, ()) {
  World world;
  const std::int64_t size = in(1, 4), count = in(2, 4), step = in(-1, 5), begin = in(0, 4);
  std::vector<Piece> members;
  Ints together;
  for (std::int64_t i = 0; i < count; ++i) {
    members.push_back(world.piece({1, size, 6, 8}, {1, begin + i * step, 0, 0}));
    const Ints rows = world.rows(members.back());
    together.insert(together.end(), rows.begin(), rows.end());
  }
  const auto whole = joined(world.patterns, members, 0);
  const auto rule = fired<1>(piece_rules().join, std::array{step, size, count});
  RC_ASSERT(whole.has_value() == (rule && (*rule)[0] <= 12));
  if (whole) RC_ASSERT(world.sizes(*whole)[kLow] == (*rule)[0]);
  if (whole) RC_ASSERT(world.rows(*whole) == together);
}

RC_GTEST_PROP(PieceRules, over_a_variable_too, ()) {
  World world;
  const std::int64_t size = in(1, 3), step = in(0, 4), other = in(0, 2), points = 4;
  const AxisId axis = *rc::gen::element(kLow, kSummed);
  Ints sizes{1, 3, 6, 8};
  sizes[axis] = size;
  Piece piece = world.piece(sizes, {0, 0, 0, 0}, {3, 2});
  piece.begins[axis].linear = world.linears.id({step, other});
  const auto rule = fired<1>(piece_rules().join, std::array{step, size, points});
  const auto by = [&](const Piece& made, Id v) { return world.linears.by(made.begins[axis].linear, v); };
  const auto wide = joined_over(world.patterns, world.linears, piece, 0, kV);
  RC_ASSERT(wide.has_value() == (axis == kLow && rule && (*rule)[0] <= 12));
  const auto sum = summed_over(world.patterns, world.linears, piece, kV);
  // What does not move is met as many times as there are points; what moves along a coordinate cannot be added.
  const auto sum_rule = fired<1>(piece_rules().sum_join, std::array{step, size, points});
  RC_ASSERT(sum.has_value() == (step == 0 || (axis == kSummed && sum_rule && (*sum_rule)[0] <= 8)));
  for (const auto& made : {wide, sum}) {
    if (!made || (made == sum && step == 0)) continue;
    RC_ASSERT(world.sizes(*made)[axis] == (*rule)[0]);
    RC_ASSERT(by(*made, kV) == 0 && by(*made, kU) == other);
  }
  if (step == 0) {
    const auto times_points = fired<1>(*find_rule("factor.repeat"), std::array<std::int64_t, 2>{3, points});
    RC_ASSERT(world.patterns[sum->pattern].factor == *fraction((*times_points)[0], 2));
  }
}

RC_GTEST_PROP(PieceRules, neighbours_of_one_sum_become_one, ()) {
  World world;
  const std::int64_t a = in(0, 4), a_size = in(1, 4), b = in(0, 4), b_size = in(1, 4);
  RC_PRE(a != b || a_size != b_size);
  Pieces pieces{world.piece({2, 12, 6, a_size}, {0, 0, 0, a}), world.piece({2, 12, 6, b_size}, {0, 0, 0, b})};
  std::map<Id, std::int64_t> joins;
  Id named = kNone;
  RC_ASSERT(add_up(world.patterns, pieces, joins, named));
  const auto forward = fired<1>(piece_rules().neighbours, std::array{a, a_size, b, b_size});
  const auto backward = fired<1>(piece_rules().neighbours, std::array{b, b_size, a, a_size});
  RC_ASSERT((pieces.size() == 1) == (forward || backward));
  if (pieces.size() != 1) return;
  RC_ASSERT(world.sizes(pieces[0])[kSummed] == (forward ? *forward : *backward)[0]);
  RC_ASSERT(pieces[0].begins[kSummed].constant == std::min(a, b));
}

RC_GTEST_PROP(PieceRules, a_range_of_a_dimension_is_a_box_of_its_axes, ()) {
  World world;
  const std::int64_t begin = in(0, 23), size = in(1, 24 - begin);
  Ints sizes;
  std::vector<Begin> begins;
  const Box box{{{begin, {}}, size}, {{0, {}}, 6}};
  const bool done = world.values.cut(world.y, box, world.linears, sizes, begins);
  const std::array question{begin, size, std::int64_t{12}};
  RC_ASSERT(done == (fired<2>(piece_rules().whole, question) || fired<2>(piece_rules().inside, question)));
  if (!done) return;
  Ints range(static_cast<std::size_t>(size));
  std::iota(range.begin(), range.end(), begin);
  Ints constants;
  for (const Begin& at : begins) constants.push_back(at.constant);
  RC_ASSERT(world.rows(world.piece(sizes, constants)) == range);
}

RC_GTEST_PROP(PieceRules, a_form_that_moves_by_whole_rows, ()) {
  World world;
  const std::int64_t by = in(-48, 48);
  Ints sizes;
  std::vector<Begin> begins;
  const Box box{{{0, {by}}, 12}, {{0, {}}, 6}};
  const bool done = world.values.cut(world.y, box, world.linears, sizes, begins);
  const auto rule = fired<1>(*find_rule("affine.divide"), std::array<std::int64_t, 2>{by, 12});
  RC_ASSERT(done == rule.has_value());
  if (done) RC_ASSERT(world.linears.by(begins[kHigh].linear, kV) == (*rule)[0]);
}

RC_GTEST_PROP(PieceRules, factors_of_two_lengths_in_common, ()) {
  const std::int64_t x = in(1, 24), y = in(1, 24), z = in(1, 6);
  Ints cut;
  const bool done = common_cut({z, x}, {z, y}, cut);
  RC_ASSERT(done == (x == y));
  if (done) RC_ASSERT(std::accumulate(cut.begin(), cut.end(), std::int64_t{1}, std::multiplies<>()) == x * z);
  // Two cuts of one length, where neither factor need divide the other.
  Ints common;
  if (x > 1 && y > 1 && z > 1) {
    const std::int64_t outer = std::lcm(x, y);
    const auto rule = fired<3>(piece_rules().common, std::array{x, y});
    RC_ASSERT(common_cut({outer / x, x}, {outer / y, y}, common) == rule.has_value());
  }
  Ints same;
  RC_ASSERT(common_cut({x * y}, {x, y}, same));
  std::erase_if(same, [](std::int64_t factor) { return factor == 1; });
  Ints factors{x, y};
  std::erase_if(factors, [](std::int64_t factor) { return factor == 1; });
  RC_ASSERT(same == factors);
}

RC_GTEST_PROP(PieceRules, reshapes_keep_borders, ()) {
  World world;
  const Piece piece = world.piece({2, 12, 6, 8}, {0, 0, 0, 0});
  const std::int64_t a = in(1, 144), b = in(1, 144 / a);
  const Shape shape{a, b, 144 / (a * b)};
  const auto made = reshaped(world.patterns, piece.pattern, shape);
  const auto border = [](std::int64_t product) {
    return product == 1 || product == 2 || product == 24 || product == 144;
  };
  RC_ASSERT(made.has_value() == (a * b * shape[2] == 144 && border(a) && border(a * b)));
  if (made) RC_ASSERT(world.patterns[*made].shape == shape);
}

RC_GTEST_PROP(PieceRules, fractions, (std::int32_t an, std::int32_t bn)) {
  const std::int64_t ad = in(1, 1 << 15), bd = in(1, 1 << 15);
  const Rational a = *fraction(an, ad), b = *fraction(bn, bd);
  const auto expect = [](const Rational& made, const char* id, const std::array<std::int64_t, 4>& inputs) {
    const auto rule = fired<2>(*find_rule(id), inputs);
    RC_ASSERT(rule.has_value());
    const auto [n, d] = *rule;
    RC_ASSERT(made.denominator > 0 && std::gcd(made.numerator, made.denominator) == 1);
    // In lowest terms of exactly what the rule gives.
    const auto low = fired<2>(*find_rule("factor.lowest"), std::array{n, d, d / made.denominator});
    RC_ASSERT(low.has_value());
    RC_ASSERT((*low)[0] == made.numerator && (*low)[1] == made.denominator);
  };
  const std::array inputs{a.numerator, a.denominator, b.numerator, b.denominator};
  expect(*plus(a, b), "factor.sum", inputs);
  expect(*times(a, b), "factor.product", inputs);
  if (bn != 0) RC_ASSERT(*times(*ratio(a, b), b) == a);
}

TEST(PieceRulesAtTheEdge, fractions_that_leave_64_bits_are_refused) {
  constexpr std::int64_t kMost = INT64_MAX;
  EXPECT_FALSE(plus({kMost, 1}, {1, 1}));
  EXPECT_FALSE(times({kMost, 1}, {2, 1}));
  EXPECT_FALSE(times({1, kMost}, {1, 2}));
  EXPECT_EQ(times({kMost, 1}, {1, kMost}), kOne);
  EXPECT_EQ(plus({kMost, 1}, {-kMost, 1}), (Rational{0, 1}));
}

RC_GTEST_PROP(PieceRules, forms_add_by_coefficient, (std::int16_t a, std::int16_t b, std::int16_t factor)) {
  World world;
  const std::int64_t u = in(-9, 9);
  const Id sum = world.linears.add(world.linears.id({a, u}), world.linears.id({b}), factor);
  const auto rule = fired<1>(*find_rule("affine.add"), std::array<std::int64_t, 3>{a, b, factor});
  RC_ASSERT(rule && world.linears.by(sum, kV) == (*rule)[0]);
  RC_ASSERT(world.linears.by(sum, kU) == u);
}

}  // namespace
}  // namespace cep::logical::calculus
