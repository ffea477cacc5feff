// Pieces of logical plans: boxes of axes, cut, joined, summed and delivered, one axis at a time; their factors; where they begin.
//
// A dimension is a list of axes, the outermost first: an axis of `size` around a rest of `inner` elements holds index l, r of them at
// l * inner + r. Spec CEP 11.5, 11.7.
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule axis_regroup() {
  RuleBuilder r("axis.regroup",
                "An axis around another is one axis of their product, each of whose indices is one pair of "
                "theirs; and it does not matter which of three are taken together first.");
  auto [outer, inner] = r.inputs<2>({"outer", "inner"});
  r.guard("positive", 0 < inner);
  auto length = r.output("length", outer * inner);
  auto hi = r.variable("hi");
  auto lo = r.variable("lo");
  auto i = r.variable("i");
  auto a = r.variable("a");
  auto zero = r.constant(0);
  r.hypothesis("hi_digit", inside(hi, zero, outer));
  r.hypothesis("lo_digit", implies(0 < inner, inside(lo, zero, inner)));
  auto q = floor_div(i, inner);
  r.lemma("lemma.row", all_of({0 <= hi * inner, hi * inner + inner <= outer * inner}));
  r.lemma("lemma.quotient", inside(i, q * inner, q * inner + inner));
  r.lemma("lemma.beyond", implies(outer <= q, outer * inner <= q * inner));
  r.lemma("lemma.below", implies(q < 0, q * inner + inner <= 0));
  auto flat = hi * inner + lo;
  auto flat_q = floor_div(flat, inner);
  r.lemma("lemma.flat", inside(flat, flat_q * inner, flat_q * inner + inner));
  r.lemma("lemma.flat_below", implies(flat_q < hi, flat_q * inner + inner <= hi * inner));
  r.lemma("lemma.flat_above", implies(hi < flat_q, hi * inner + inner <= flat_q * inner));
  r.conclusion("inside", inside(flat, zero, length));
  r.conclusion("onto", implies(inside(i, zero, length), inside(q, zero, outer)));
  r.conclusion("once", flat_q == hi);
  r.conclusion("regroup", (a * outer + hi) * inner + lo == a * length + flat);
  return std::move(r).finish();
}

Rule axis_common() {
  RuleBuilder r("axis.common",
                "Two cuts of one length have the smaller of their innermost factors in common when it "
                "divides the other.");
  auto [x, y] = r.inputs<2>({"x", "y"});
  r.guard("x_positive", 0 < x);
  r.guard("y_positive", 0 < y);
  auto least = min_of(x, y);
  r.guard("divides_x", mod(x, least) == 0);
  r.guard("divides_y", mod(y, least) == 0);
  auto step = r.output("step", least);
  auto x_rest = r.output("x_rest", floor_div(x, least));
  auto y_rest = r.output("y_rest", floor_div(y, least));
  r.conclusion("x_factors", x_rest * step == x);
  r.conclusion("y_factors", y_rest * step == y);
  r.conclusion("one_ends", any_of({x_rest == 1, y_rest == 1}));
  return std::move(r).finish();
}

Rule axis_whole() {
  RuleBuilder r("axis.whole",
                "A range of a dimension whose ends are multiples of its innermost axis is a range of the "
                "axes around it, with all of that axis.");
  auto [begin, size, extent] = r.inputs<3>({"begin", "size", "extent"});
  r.guard("positive", 0 < extent);
  r.guard("whole_size", mod(size, extent) == 0);
  r.guard("whole_begin", mod(begin, extent) == 0);
  auto outer_begin = r.output("begin", floor_div(begin, extent));
  auto outer_size = r.output("size", floor_div(size, extent));
  auto h = r.variable("h");  // from the first
  auto l = r.variable("l");
  r.hypothesis("digit", implies(0 < extent, inside(l, r.constant(0), extent)));
  r.lemma("lemma.begin", begin == outer_begin * extent);
  r.lemma("lemma.size", size == outer_size * extent);
  r.lemma("lemma.before", implies(h < 0, h * extent + extent <= 0));
  r.lemma("lemma.from", implies(0 <= h, 0 <= h * extent));
  r.lemma("lemma.to", implies(h < outer_size, h * extent + extent <= outer_size * extent));
  r.lemma("lemma.after", implies(outer_size <= h, outer_size * extent <= h * extent));
  r.conclusion("same", same_truth(inside(begin + h * extent + l, begin, begin + size),
                                  inside(h, r.constant(0), outer_size)));
  r.conclusion("digits", (outer_begin + h) * extent + l == begin + h * extent + l);
  return std::move(r).finish();
}

Rule axis_inside() {
  RuleBuilder r("axis.inside",
                "A range of a dimension that stays within one turn of its innermost axis is a range of that "
                "axis, at one index of the axes around it.");
  auto [begin, size, extent] = r.inputs<3>({"begin", "size", "extent"});
  r.guard("positive", 0 < extent);
  auto rest = mod(begin, extent);
  r.guard("one_turn", rest + size <= extent);
  auto outer = r.output("outer", floor_div(begin, extent));
  auto inner = r.output("begin", rest);
  auto h = r.variable("h");  // from the one index
  auto l = r.variable("l");
  r.hypothesis("digit", implies(0 < extent, inside(l, r.constant(0), extent)));
  auto start = begin - inner;
  r.lemma("lemma.begin", all_of({start == outer * extent, 0 <= inner, inner < extent}));
  r.lemma("lemma.before", implies(h < 0, h * extent + extent <= 0));
  r.lemma("lemma.after", implies(0 < h, extent <= h * extent));
  r.conclusion("same", same_truth(inside(start + h * extent + l, begin, begin + size),
                                  all_of({h == 0, inside(l, inner, inner + size)})));
  r.conclusion("digits", (outer + h) * extent + l == start + h * extent + l);
  return std::move(r).finish();
}

Rule piece_cut() {
  RuleBuilder r("piece.cut",
                "Of `count` equal cuts of a dimension, whose outermost axis has a size that count divides, "
                "the one at `position` is a range of that axis.");
  auto [begin, size, count, position] = r.inputs<4>({"begin", "size", "count", "position"});
  r.guard("not_negative", 0 <= position);
  r.guard("one_of_count", position < count);
  r.guard("divides", mod(size, count) == 0);
  auto quotient = floor_div(size, count);
  auto from = r.output("begin", begin + position * quotient);
  auto width = r.output("size", quotient);
  auto l = r.variable("l");
  auto rest = r.variable("rest");
  auto inner = r.variable("inner");
  r.hypothesis("local", inside(l, r.constant(0), width));
  r.lemma("lemma.parts", width * count == size);
  r.lemma("lemma.row", all_of({0 <= position * width, position * width + width <= width * count}));
  r.conclusion("equal", width * count == size);
  r.conclusion("coordinate", begin + (position * width + l) == from + l);
  r.conclusion("inside", inside(position * width + l, r.constant(0), size));
  r.conclusion("flat",
               position * (width * inner) + (l * inner + rest) == (position * width + l) * inner + rest);
  return std::move(r).finish();
}

Rule piece_cut_outer() {
  RuleBuilder r("piece.cut_outer",
                "Of more equal cuts than the outermost axis has indices, the one at `position` lies at one "
                "index of that axis, and is one of fewer cuts of the axes within.");
  auto [begin, size, count, position] = r.inputs<4>({"begin", "size", "count", "position"});
  r.guard("positive", 0 < size);
  r.guard("not_negative", 0 <= position);
  r.guard("one_of_count", position < count);
  r.guard("divides", mod(count, size) == 0);
  auto fewer = floor_div(count, size);
  auto at = r.output("begin", begin + floor_div(position, fewer));
  auto next = r.output("position", mod(position, fewer));
  auto within = r.output("count", fewer);
  auto width = r.variable("width");
  auto j = r.variable("j");
  auto zero = r.constant(0);
  r.hypothesis("local", inside(j, zero, width));
  auto row = at - begin;
  r.lemma("lemma.count", count == size * within);
  r.lemma("lemma.some", 0 < within);
  r.lemma("lemma.digits", all_of({position == row * within + next, 0 <= next, next < within}));
  r.lemma("lemma.row_below", implies(row < 0, row * within + within <= 0));
  r.lemma("lemma.row_above", implies(size <= row, size * within <= row * within));
  r.lemma("lemma.rest", all_of({0 <= next * width, next * width + width <= within * width}));
  r.lemma("lemma.flat", position * width == row * (within * width) + next * width);
  r.conclusion("row", inside(row, zero, size));
  r.conclusion("rest", inside(next * width + j, zero, within * width));
  r.conclusion("flat", position * width + j == row * (within * width) + (next * width + j));
  return std::move(r).finish();
}

Rule piece_join() {
  RuleBuilder r("piece.join",
                "`count` pieces in a row, each where the one before it ends along the outermost axis of a "
                "dimension, are one piece when they are laid one behind the other.");
  auto [step, size, count] = r.inputs<3>({"step", "size", "count"});
  r.guard("in_step", step == size);
  auto length = r.output("size", size * count);
  auto begin = r.variable("begin");
  auto i = r.variable("i");
  auto l = r.variable("l");
  auto rest = r.variable("rest");
  auto inner = r.variable("inner");
  auto k = r.variable("k");
  auto zero = r.constant(0);
  r.hypothesis("member", inside(i, zero, count));
  r.hypothesis("local", inside(l, zero, size));
  auto q = floor_div(k, size);
  r.lemma("lemma.row", all_of({0 <= i * size, i * size + size <= size * count}));
  r.lemma("lemma.quotient", inside(k, q * size, q * size + size));
  r.lemma("lemma.below", implies(q < 0, q * size + size <= 0));
  r.lemma("lemma.beyond", implies(count <= q, size * count <= q * size));
  r.conclusion("coordinate", (begin + i * step) + l == begin + (i * size + l));
  r.conclusion("inside", inside(i * size + l, zero, length));
  r.conclusion("onto", implies(inside(k, zero, length), inside(q, zero, count)));
  r.conclusion("flat", i * (size * inner) + (l * inner + rest) == (i * size + l) * inner + rest);
  return std::move(r).finish();
}

Rule sum_join() {
  RuleBuilder r("sum.join",
                "Partial sums over `count` ranges in a row, each where the one before it ends, are the sum "
                "over all of it: with one range more, every k still counts once.",
                Schema::kExactlyOnce);
  auto [step, size, count] = r.inputs<3>({"step", "size", "count"});
  r.guard("in_step", step == size);
  auto length = r.output("size", size * count);
  auto i = r.variable("i");
  auto k = r.variable("k");
  auto zero = r.constant(0);
  r.hypothesis("member", 0 <= i);
  auto done = i * size;
  auto from = i * step;
  r.lemma("lemma.forward", implies(0 <= size, 0 <= i * size));
  r.lemma("lemma.backward", implies(size <= 0, i * size <= 0));
  r.lemma("lemma.next", (i + 1) * size == i * size + size);
  r.conclusion("union", same_truth(inside(k, zero, (i + 1) * size),
                                   any_of({inside(k, zero, done), inside(k, from, from + size)})));
  r.conclusion("last", implies(i + 1 == count, (i + 1) * size == length));
  r.argument("a_lo", zero);
  r.argument("a_hi", done);
  r.argument("b_lo", from);
  r.argument("b_hi", from + size);
  return std::move(r).finish();
}

Rule sum_neighbours() {
  RuleBuilder r("sum.neighbours",
                "Partial sums over two ranges, one beginning where the other ends, are the sum over both, "
                "which is one range.",
                Schema::kExactlyOnce);
  auto [a_begin, a_size, b_begin, b_size] = r.inputs<4>({"a_begin", "a_size", "b_begin", "b_size"});
  r.guard("touch", a_begin + a_size == b_begin);
  r.guard("a_size", 0 <= a_size);
  r.guard("b_size", 0 <= b_size);
  auto size = r.output("size", a_size + b_size);
  auto k = r.variable("k");
  auto a_end = a_begin + a_size;
  auto b_end = b_begin + b_size;
  r.conclusion("union", same_truth(inside(k, a_begin, a_begin + size),
                                   any_of({inside(k, a_begin, a_end), inside(k, b_begin, b_end)})));
  r.argument("a_lo", a_begin);
  r.argument("a_hi", a_end);
  r.argument("b_lo", b_begin);
  r.argument("b_hi", b_end);
  return std::move(r).finish();
}

Rule window_piece() {
  RuleBuilder r("window.piece",
                "A window from start to stop is the piece that begins at start and is stop - start long.");
  auto [start, stop, begin, size] = r.inputs<4>({"start", "stop", "begin", "size"});
  r.guard("same_begin", start == begin);
  r.guard("same_length", stop - start == size);
  auto x = r.variable("x");
  r.conclusion("same", same_truth(inside(x, start, stop), inside(x, begin, begin + size)));
  r.conclusion("same_place", x - start == x - begin);
  return std::move(r).finish();
}

Rule box_apart() {
  RuleBuilder r("box.apart",
                "Two boxes, one of which ends where or before the other begins along some axis, share no "
                "element.");
  auto [a_begin, a_size, b_begin, b_size] = r.inputs<4>({"a_begin", "a_size", "b_begin", "b_size"});
  r.guard("apart", any_of({a_begin + a_size <= b_begin, b_begin + b_size <= a_begin}));
  auto x = r.variable("x");
  r.conclusion("no_shared_element",
               negated(all_of({inside(x, a_begin, a_begin + a_size), inside(x, b_begin, b_begin + b_size)})));
  return std::move(r).finish();
}

// Factors are fractions. A value that is x = d * t for a denominator d: all its parts are whole multiples of t, so that integers say it.
Rule factor_sum() {
  RuleBuilder r("factor.sum", "a and b of a value are (an * bd + bn * ad) / (ad * bd) of it.");
  auto [an, ad, bn, bd] = r.inputs<4>({"an", "ad", "bn", "bd"});
  auto n = r.output("n", an * bd + bn * ad);
  auto d = r.output("d", ad * bd);
  auto t = r.variable("t");
  r.conclusion("a_part", ad * (bd * t) == d * t);
  r.conclusion("b_part", bd * (ad * t) == d * t);
  r.conclusion("together", an * (bd * t) + bn * (ad * t) == n * t);
  return std::move(r).finish();
}

Rule factor_product() {
  RuleBuilder r("factor.product", "a of b of a value are (an * bn) / (ad * bd) of it.");
  auto [an, ad, bn, bd] = r.inputs<4>({"an", "ad", "bn", "bd"});
  auto n = r.output("n", an * bn);
  auto d = r.output("d", ad * bd);
  auto t = r.variable("t");
  r.conclusion("b_part", bd * (ad * t) == d * t);
  r.conclusion("a_part", ad * (bn * t) == bn * (ad * t));
  r.conclusion("product", an * (bn * t) == n * t);
  return std::move(r).finish();
}

Rule factor_lowest() {
  RuleBuilder r("factor.lowest",
                "A fraction keeps its value when both its numbers are divided by one divisor.");
  auto [n, d, g] = r.inputs<3>({"n", "d", "g"});
  r.guard("positive", 0 < g);
  r.guard("divides_n", mod(n, g) == 0);
  r.guard("divides_d", mod(d, g) == 0);
  auto low_n = r.output("n", floor_div(n, g));
  auto low_d = r.output("d", floor_div(d, g));
  r.lemma("lemma.n", n == low_n * g);
  r.lemma("lemma.d", d == low_d * g);
  auto t = r.variable("t");
  r.conclusion("whole", low_d * (g * t) == d * t);
  r.conclusion("part", low_n * (g * t) == n * t);
  return std::move(r).finish();
}

Rule factor_repeat() {
  RuleBuilder r("factor.repeat",
                "As many equal addends as there are points are that many times one of them.");
  auto [n, points] = r.inputs<2>({"n", "points"});
  auto all = r.output("n", n * points);
  auto i = r.variable("i");
  auto x = r.variable("x");
  r.conclusion("one_more", (n * i) * x + n * x == (n * (i + 1)) * x);
  r.conclusion("last", implies(i == points, (n * i) * x == all * x));
  return std::move(r).finish();
}

Rule affine_add() {
  RuleBuilder r("affine.add",
                "Where a form is a of a variable and another b of it, a + factor * b is what the first "
                "and factor times the second are of it.");
  auto [a, b, factor] = r.inputs<3>({"a", "b", "factor"});
  auto sum = r.output("form", a + factor * b);
  auto v = r.variable("v");
  r.conclusion("everywhere", a * v + factor * (b * v) == sum * v);
  return std::move(r).finish();
}

Rule affine_divide() {
  RuleBuilder r("affine.divide",
                "A form whose coefficient is a multiple of `by` is a multiple of it everywhere.");
  auto [c, by] = r.inputs<2>({"c", "by"});
  r.guard("positive", 0 < by);
  r.guard("divides", mod(c, by) == 0);
  auto quotient = r.output("c", floor_div(c, by));
  auto v = r.variable("v");
  r.lemma("lemma.c", c == quotient * by);
  r.conclusion("everywhere", (quotient * v) * by == c * v);
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> piece_rules() {
  return {axis_regroup(),    axis_common(),  axis_whole(),     axis_inside(),    piece_cut(),
          piece_cut_outer(), piece_join(),   sum_join(),       sum_neighbours(), window_piece(),
          box_apart(),       factor_sum(),   factor_product(), factor_lowest(),  factor_repeat(),
          affine_add(),      affine_divide()};
}

}  // namespace cep
