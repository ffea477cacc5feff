// Boxes and views, one axis at a time. Ranges are half-open.
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule view_axis() {
  RuleBuilder r("view.axis",
                "Two views with the same corner address and the same stride along an axis have the same "
                "address at every step.");
  auto [addr_f, addr_v, stride_f, stride_v] = r.inputs<4>({"addr_f", "addr_v", "stride_f", "stride_v"});
  r.guard("same_corner", addr_f == addr_v);
  r.guard("same_stride", stride_f == stride_v);
  auto d = r.variable("d");
  r.conclusion("same_address", addr_f + d * stride_f == addr_v + d * stride_v);
  return std::move(r).finish();
}

Rule box_cut() {
  RuleBuilder r("box.cut",
                "A range cut by another falls into the part below, the part they share and the part above, "
                "without overlap.");
  auto [lo, hi, clo, chi] = r.inputs<4>({"lo", "hi", "clo", "chi"});
  auto below_lo = r.output("below_lo", lo);
  auto below_hi = r.output("below_hi", min_of(hi, clo));
  auto mid_lo = r.output("mid_lo", max_of(lo, clo));
  auto mid_hi = r.output("mid_hi", min_of(hi, chi));
  auto above_lo = r.output("above_lo", max_of(max_of(lo, clo), chi));  // clo too: an empty cut has chi <= clo
  auto above_hi = r.output("above_hi", hi);
  auto x = r.variable("x");
  auto below = inside(x, below_lo, below_hi);
  auto mid = inside(x, mid_lo, mid_hi);
  auto above = inside(x, above_lo, above_hi);
  r.conclusion("covers", same_truth(inside(x, lo, hi), any_of({below, mid, above})));
  r.conclusion("once", all_of({negated(all_of({below, mid})), negated(all_of({below, above})),
                               negated(all_of({mid, above}))}));
  r.conclusion("shared", same_truth(mid, all_of({inside(x, lo, hi), inside(x, clo, chi)})));
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> box_rules() { return {view_axis(), box_cut()}; }

}  // namespace cep
