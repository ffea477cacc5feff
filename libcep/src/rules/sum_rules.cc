// Sums and maxima over sets of k, where order does not count. Ranges are half-open.
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule sum_disjoint() {
  RuleBuilder r(
      "sum.disjoint",
      "Partial sums over two ranges without a common k add up to the sum over both: every k counts once.",
      Schema::kExactlyOnce);
  auto [a_lo, a_hi, b_lo, b_hi] = r.inputs<4>({"a_lo", "a_hi", "b_lo", "b_hi"});
  r.guard("disjoint", any_of({a_hi <= b_lo, b_hi <= a_lo}));
  r.argument("a_lo", a_lo);
  r.argument("a_hi", a_hi);
  r.argument("b_lo", b_lo);
  r.argument("b_hi", b_hi);
  return std::move(r).finish();
}

Rule sum_whole() {
  RuleBuilder r("sum.whole", "The range [0, length) holds every k of the reduction and nothing else.");
  auto [lo, hi, length] = r.inputs<3>({"lo", "hi", "length"});
  r.guard("from_zero", lo == 0);
  r.guard("to_length", hi == length);
  auto k = r.variable("k");
  r.conclusion("every_k", same_truth(inside(k, r.constant(0), length), inside(k, lo, hi)));
  return std::move(r).finish();
}

Rule semilattice_union() {
  RuleBuilder r("semilattice.union",
                "Maxima (or minima) over two ranges that touch or overlap give the one over their union: "
                "twice does no harm.",
                Schema::kSemilattice);
  auto [a_lo, a_hi, b_lo, b_hi] = r.inputs<4>({"a_lo", "a_hi", "b_lo", "b_hi"});
  r.guard("a_reaches_b", b_lo <= a_hi);
  r.guard("b_reaches_a", a_lo <= b_hi);
  auto lo = r.output("lo", min_of(a_lo, b_lo));
  auto hi = r.output("hi", max_of(a_hi, b_hi));
  r.argument("a_lo", a_lo);
  r.argument("a_hi", a_hi);
  r.argument("b_lo", b_lo);
  r.argument("b_hi", b_hi);
  r.argument("lo", lo);
  r.argument("hi", hi);
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> sum_rules() { return {sum_disjoint(), sum_whole(), semilattice_union()}; }

}  // namespace cep
