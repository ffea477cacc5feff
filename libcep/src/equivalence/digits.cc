#include "digits.h"

#include <algorithm>
#include <set>

#include "fired.h"

namespace cep::logical::calculus {
namespace {

// Where a variable's digits may end: multiples of these numbers of points. Per variable.
using Steps = std::vector<std::set<std::int64_t>>;

void suggest(const Plan& plan, std::size_t variable, std::int64_t step, Steps& steps) {
  const std::int64_t points = plan.variables[variable].size;
  if (step > 1 && step < points && points % step == 0) steps[variable].insert(step);
}

// A dimension of these axes is cut into as many as a variable has points, maybe after others cut it.
void suggest_cuts(const Plan& plan, const std::vector<std::int64_t>& axes, Steps& steps) {
  std::vector<std::int64_t> before{1};
  for (const Variable& variable : plan.variables) before.push_back(variable.size);
  std::int64_t outer = 1;
  for (std::size_t i = 0; i + 1 < axes.size(); ++i) {
    outer *= axes[i];
    for (std::size_t v = 0; v < plan.variables.size(); ++v) {
      for (const std::int64_t cuts : before) {
        if (outer % cuts == 0 && plan.variables[v].size % (outer / cuts) == 0)
          suggest(plan, v, plan.variables[v].size / (outer / cuts), steps);
      }
    }
  }
}

// A box of the dimension moves with variables.
void suggest_box(const Plan& plan, const std::vector<std::int64_t>& axes, const Affine& begin, Steps& steps) {
  std::int64_t inner = 1;
  for (std::size_t i = axes.size(); i-- > 1;) {
    inner *= axes[i];
    for (std::size_t v = 0; v < begin.by_variable.size(); ++v) {
      const std::int64_t by = begin.by_variable[v];
      if (by > 0 && inner % by == 0) suggest(plan, v, inner / by, steps);
    }
  }
}

// Steps each of which divides the next, as radices.
std::vector<std::int64_t> radices(std::int64_t points, const std::set<std::int64_t>& steps) {
  std::vector<std::int64_t> list;
  std::int64_t last = 1;
  for (const std::int64_t step : steps) {
    if (step % last != 0) continue;
    list.push_back(step / last);
    last = step;
  }
  list.push_back(points / last);
  std::ranges::reverse(list);
  // A digit around the others: as many points as the variable has.
  std::int64_t product = 1;
  for (auto radix = list.rbegin(); radix != list.rend(); ++radix) {
    const auto grown = fired<1>(piece_rules().regroup, std::array{*radix, product});
    if (!grown) return {points};
    product = (*grown)[0];
  }
  return product == points ? list : std::vector{points};
}

}  // namespace

Radices radices_of(const Plan& plan, const ReferenceValues& values) {
  Steps steps(plan.variables.size());
  const auto axes_of = [&](Id tensor, std::size_t dim) {
    const View& view = values.view(tensor);
    std::vector<std::int64_t> axes;
    for (const AxisId axis : view.dims[dim]) axes.push_back(values.atom(view.atom).extents[axis]);
    return axes;
  };
  std::set<std::vector<std::int64_t>> cut;
  for (Id tensor = 0; !plan.variables.empty() && tensor < values.views(); ++tensor) {
    for (std::size_t dim = 0; dim < values.view(tensor).dims.size(); ++dim) {
      if (values.view(tensor).dims[dim].size() > 1) cut.insert(axes_of(tensor, dim));
    }
  }
  for (const auto& axes : cut) suggest_cuts(plan, axes, steps);
  const auto suggest_boxes = [&](Id reference, const Box& box) {
    for (std::size_t dim = 0; dim < std::min(box.size(), values.view(reference).dims.size()); ++dim)
      suggest_box(plan, axes_of(reference, dim), box[dim].begin, steps);
  };
  for (const Bind& bind : plan.binds) {
    if (!plan.variables.empty()) suggest_boxes(bind.reference, bind.box);
  }
  for (const Yield& yield : plan.yields) {
    if (!plan.variables.empty()) suggest_boxes(yield.reference, yield.box);
  }
  if (std::ranges::all_of(steps, [](const auto& some) { return some.empty(); })) return {};
  Radices all;
  all.reserve(steps.size());
  for (std::size_t v = 0; v < steps.size(); ++v) all.push_back(radices(plan.variables[v].size, steps[v]));
  return all;
}

}  // namespace cep::logical::calculus
