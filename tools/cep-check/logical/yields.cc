// What the plan delivers, and that it is all of every output.
#include <algorithm>
#include <map>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

namespace {

std::string place_of(const lp::Plan& plan, const lp::Yield& yield) {
  return item("plan.yields", static_cast<std::size_t>(&yield - plan.yields.data()));
}

bool moves(const lp::Affine& affine, Id variable) {
  return variable < affine.by_variable.size() && affine.by_variable[variable] != 0;
}
bool moves(const lp::Box& box, Id variable) {
  return std::ranges::any_of(box, [&](const lp::Interval& side) { return moves(side.begin, variable); });
}

// Of the variables of which `which` is true.
template <typename Which>
std::vector<Id> digits_where(const Linears& linears, const lp::Plan& plan, Which which) {
  std::vector<Id> all;
  for (Id v = 0; v < plan.variables.size(); ++v) {
    const std::vector<Id> digits = which(v) ? linears.digits(v) : std::vector<Id>();
    all.insert(all.end(), digits.begin(), digits.end());
  }
  return all;
}

}  // namespace

void PlanCheck::check_yields() {
  std::map<Id, std::vector<const lp::Yield*>> by_output;
  for (const Id output : document_.reference.outputs) by_output[output];
  for (const lp::Yield& yield : plan_.yields) {
    if (!there_[yield.tensor]) refuse("CEP-LCHK-9", place_of(plan_, yield), "a tensor that is not there");
    by_output[yield.reference].push_back(&yield);
  }
  for (auto& [output, yields] : by_output) {
    std::ranges::sort(yields, {},
                      [](const lp::Yield* y) { return std::tie(y->box, y->parts, y->part, y->tensor); });
    check_output(output, yields);
  }
}

void PlanCheck::check_output(Id output, std::span<const lp::Yield* const> yields) {
  std::vector<lp::Box> boxes;  // one of each
  for (std::size_t first = 0; first < yields.size();) {
    std::size_t next = first + 1;
    while (next < yields.size() && yields[next]->box == yields[first]->box) ++next;
    check_delivery(yields.subspan(first, next - first));
    boxes.push_back(yields[first]->box);
    first = next;
  }
  if (!covered(reference_.program().shape(output), boxes))
    refuse("CEP-LCHK-11", item("reference.tensors", output), "an element that is not delivered, or twice");
}

// All deliveries of one box, in the order of their parts: what each part is, once; copies alike; together the box.
void PlanCheck::check_delivery(std::span<const lp::Yield* const> yields) {
  const lp::Yield& head = *yields[0];
  const std::string where = place_of(plan_, head);
  const Pieces expected = {delivered(head.reference, head.box, "CEP-LCHK-10", where)};
  if (yields.back()->parts != head.parts)
    refuse("CEP-LCHK-10", where, "delivered in different numbers of parts");
  if (head.parts == 1) {
    for (const lp::Yield* yield : yields) {
      if (!reference_.same(facts_.pieces(yield->tensor), expected))
        refuse("CEP-LCHK-10", place_of(plan_, *yield), "not this box of the output");
    }
    return;
  }
  check_parts(yields);
  Pieces sum;
  for (std::size_t i = 0; i < yields.size(); ++i) {
    const Pieces pieces = facts_.pieces(yields[i]->tensor);
    if (i > 0 && yields[i]->part == yields[i - 1]->part) {
      if (!reference_.same(facts_.pieces(yields[i - 1]->tensor), pieces))
        refuse("CEP-LCHK-10", place_of(plan_, *yields[i]), "another value than a copy of the same part");
      continue;
    }
    const auto along = digits_where(linears_, plan_, [&](Id v) { return moves(yields[i]->part, v); });
    add_over(linears_, pieces, along, sum);
  }
  if (!reference_.same(sum, expected))
    refuse("CEP-LCHK-10", where, "parts that do not add up to this box of the output");
}

// Every number from 0 to parts - 1 once, copies left out.
void PlanCheck::check_parts(std::span<const lp::Yield* const> yields) {
  const lp::Yield& head = *yields[0];
  std::vector<lp::Box> numbers;
  for (std::size_t i = 0; i < yields.size(); ++i) {
    const lp::Affine& part = yields[i]->part;
    if (i > 0 && part == yields[i - 1]->part) continue;
    for (Id v = 0; v < plan_.variables.size(); ++v) {
      if (moves(part, v) && moves(head.box, v))
        refuse("CEP-LCHK-10", place_of(plan_, head), "part and box depend on one variable");
    }
    numbers.push_back({{part, 1}});
  }
  if (!covered({head.parts}, numbers))
    refuse("CEP-LCHK-10", place_of(plan_, head), "a part is missing, or there twice");
}

// Boxes as pieces of a value that is summed over every dimension: together they must be one box, the whole.
bool PlanCheck::covered(const lp::Shape& shape, std::span<const lp::Box> boxes) {
  Piece whole;
  whole.axes = static_cast<std::uint8_t>(shape.size());
  std::ranges::copy(shape, whole.sizes.begin());
  Pieces all;
  for (const lp::Box& box : boxes) {
    Piece point = whole;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      point.sizes[d] = box[d].size;
      point.begins[d] = linears_.begin(box[d].begin);
    }
    add_over(linears_, {point}, digits_where(linears_, plan_, [&](Id v) { return moves(box, v); }), all);
  }
  return same_sum(all, {whole});
}

}  // namespace cep_check::logical
