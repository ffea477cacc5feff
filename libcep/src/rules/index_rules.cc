// Bounds of index expressions. Bounds are inclusive: every value of the index lies in [lo, hi].
//
// Each rule is sound (conclusion "bounded") and exact (conclusions "lo_met", "hi_met" name a point that reaches the
// bound, if the operand's range holds any point at all).
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule index_const() {
  RuleBuilder r("index.const", "A constant index is its own lower and upper bound.");
  auto [v] = r.inputs<1>({"v"});
  auto lo = r.output("lo", v);
  auto hi = r.output("hi", v);
  auto x = r.variable("x");
  r.hypothesis("is_v", x == v);
  r.conclusion("bounded", between(x, lo, hi));
  r.conclusion("lo_met", lo == v);
  r.conclusion("hi_met", hi == v);
  return std::move(r).finish();
}

Rule index_range() {
  RuleBuilder r("index.range", "An iterator over [begin, end) takes the values begin to end - 1.");
  auto [begin, end] = r.inputs<2>({"begin", "end"});
  r.guard("nonempty", begin < end);
  auto lo = r.output("lo", begin);
  auto hi = r.output("hi", end - 1);
  auto x = r.variable("x");
  r.conclusion("exact", same_truth(inside(x, begin, end), between(x, lo, hi)));
  r.conclusion("some", lo <= hi);
  return std::move(r).finish();
}

Rule index_add() {
  RuleBuilder r("index.add", "The sum of two bounded indices is bounded by the sums of their bounds.");
  auto [alo, ahi, blo, bhi] = r.inputs<4>({"alo", "ahi", "blo", "bhi"});
  auto lo = r.output("lo", alo + blo);
  auto hi = r.output("hi", ahi + bhi);
  auto a = r.variable("a");
  auto b = r.variable("b");
  r.hypothesis("a_bounded", between(a, alo, ahi));
  r.hypothesis("b_bounded", between(b, blo, bhi));
  r.conclusion("bounded", between(a + b, lo, hi));
  r.conclusion("lo_met", lo == alo + blo);
  r.conclusion("hi_met", hi == ahi + bhi);
  return std::move(r).finish();
}

Rule index_scale() {
  RuleBuilder r("index.scale",
                "A bounded index times c is bounded by its bounds times c, swapped when c is negative.");
  auto [alo, ahi, c] = r.inputs<3>({"alo", "ahi", "c"});
  auto lo = r.output("lo", min_of(alo * c, ahi * c));
  auto hi = r.output("hi", max_of(alo * c, ahi * c));
  auto a = r.variable("a");
  r.hypothesis("a_bounded", between(a, alo, ahi));
  r.conclusion("bounded", between(a * c, lo, hi));
  r.conclusion("lo_met", any_of({lo == alo * c, lo == ahi * c}));
  r.conclusion("hi_met", any_of({hi == alo * c, hi == ahi * c}));
  return std::move(r).finish();
}

Rule index_floordiv() {
  RuleBuilder r("index.floordiv",
                "Division by c > 0, rounded down, keeps order, so it maps bounds to bounds.");
  auto [alo, ahi, c] = r.inputs<3>({"alo", "ahi", "c"});
  r.guard("positive", 0 < c);
  auto lo = r.output("lo", floor_div(alo, c));
  auto hi = r.output("hi", floor_div(ahi, c));
  auto a = r.variable("a");
  auto q = r.variable("q");
  r.hypothesis("a_bounded", between(a, alo, ahi));
  // q is floor(a / c), without naming division.
  r.hypothesis("q_quotient", implies(0 < c, inside(a, q * c, q * c + c)));
  r.conclusion("bounded", between(q, lo, hi));
  r.conclusion("lo_met", inside(alo, lo * c, lo * c + c));
  r.conclusion("hi_met", inside(ahi, hi * c, hi * c + c));
  return std::move(r).finish();
}

Rule index_mod() {
  RuleBuilder r("index.mod",
                "The remainder by c > 0 runs from alo mod c to ahi mod c when both lie in one period, else "
                "over [0, c - 1].");
  auto [alo, ahi, c] = r.inputs<3>({"alo", "ahi", "c"});
  r.guard("positive", 0 < c);
  auto one_period = floor_div(alo, c) == floor_div(ahi, c);
  auto lo = r.output("lo", choose(one_period, mod(alo, c), r.constant(0)));
  auto hi = r.output("hi", choose(one_period, mod(ahi, c), c - 1));
  auto a = r.variable("a");
  auto q = r.variable("q");
  r.hypothesis("a_bounded", between(a, alo, ahi));
  r.hypothesis("q_quotient", implies(0 < c, inside(a, q * c, q * c + c)));
  auto first = floor_div(alo, c);
  auto last = floor_div(ahi, c);
  r.lemma("lemma.alo", inside(alo, first * c, first * c + c));
  r.lemma("lemma.ahi", inside(ahi, last * c, last * c + c));
  r.lemma("lemma.not_before", first <= q);
  r.lemma("lemma.not_after", q <= last);
  r.lemma("lemma.one_period", implies(first == last, q * c == first * c));
  r.lemma("lemma.next_period", implies(first < last, first * c + c <= last * c));
  r.conclusion("bounded", between(a - q * c, lo, hi));
  // Across periods the multiple of c at or below ahi gives 0, the number before it c - 1; both are in [alo, ahi].
  auto border = floor_div(ahi, c) * c;
  auto one = inside(alo, border, border + c);
  r.conclusion("lo_met",
               implies(alo <= ahi, choose(one, lo == alo - border, all_of({alo <= border, lo == 0}))));
  r.conclusion("hi_met", implies(alo <= ahi,
                                 choose(one, hi == ahi - border, all_of({alo <= border - 1, hi == c - 1}))));
  return std::move(r).finish();
}

Rule index_wrap() {
  RuleBuilder r("index.wrap",
                "Negative indices have c added, others stay; the hull of both parts that exist.");
  auto [alo, ahi, c] = r.inputs<3>({"alo", "ahi", "c"});
  auto zero = r.constant(0);
  auto lo = r.output("lo", choose(ahi < 0, alo + c, choose(zero <= alo, alo, min_of(alo + c, zero))));
  auto hi = r.output("hi", choose(ahi < 0, ahi + c, choose(zero <= alo, ahi, max_of(c - 1, ahi))));
  auto a = r.variable("a");
  auto wrapped = [&](Term x) { return choose(x < 0, x + c, x); };
  r.hypothesis("a_bounded", between(a, alo, ahi));
  r.conclusion("bounded", between(wrapped(a), lo, hi));
  // The bounds are met at alo, ahi, 0 or -1.
  auto met = [&](Term bound, Term point) {
    return all_of({between(point, alo, ahi), bound == wrapped(point)});
  };
  auto minus_one = r.constant(-1);
  r.conclusion("lo_met", implies(alo <= ahi, any_of({met(lo, alo), met(lo, r.constant(0))})));
  r.conclusion("hi_met", implies(alo <= ahi, any_of({met(hi, ahi), met(hi, minus_one)})));
  return std::move(r).finish();
}

Rule index_guard() {
  RuleBuilder r("index.guard",
                "A bounded index that also passes glo <= index < ghi lies in the intersection; lo > hi when "
                "none does.");
  auto [alo, ahi, glo, ghi] = r.inputs<4>({"alo", "ahi", "glo", "ghi"});
  auto lo = r.output("lo", max_of(alo, glo));
  auto hi = r.output("hi", min_of(ahi, ghi - 1));
  auto a = r.variable("a");
  r.conclusion("exact", same_truth(all_of({between(a, alo, ahi), inside(a, glo, ghi)}), between(a, lo, hi)));
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> index_rules() {
  return {index_const(),    index_range(), index_add(),  index_scale(),
          index_floordiv(), index_mod(),   index_wrap(), index_guard()};
}

}  // namespace cep
