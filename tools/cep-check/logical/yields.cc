// What the plan delivers, and that it is all of every output.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

void PlanCheck::check_yields() {
  std::map<Id, std::map<lp::Box, Parts>> outputs;
  for (const Id output : document_.reference.outputs) outputs[output];
  for (const lp::Yield& yield : plan_.yields)
    outputs[yield.reference][yield.box][yield.part].push_back(&yield);
  for (const auto& [output, deliveries] : outputs) {
    std::vector<lp::Box> boxes;
    for (const auto& [box, parts] : deliveries) {
      check_delivery(box, parts);
      boxes.push_back(box);
    }
    if (!covered(reference_.program().shape(output), boxes))
      refuse("CEP-LCHK-11", item("reference.tensors", output), "an element that is not delivered, or twice");
  }
}

// All deliveries of one box: what each part is, once; copies alike; together the box.
void PlanCheck::check_delivery(const lp::Box& box, const Parts& parts) {
  const lp::Yield& head = *parts.begin()->second[0];
  const auto no = [&](const lp::Yield* yield, const char* what) {
    refuse("CEP-LCHK-10", item("plan.yields", static_cast<std::size_t>(yield - plan_.yields.data())), what);
  };
  const std::vector<Id> across = moving(box);
  std::vector<lp::Box> numbers;
  Pieces sum;
  for (const auto& [part, copies] : parts) {
    const Pieces pieces = facts_.pieces(copies[0]->tensor);
    for (const lp::Yield* yield : copies) {
      if (yield->parts != head.parts) no(yield, "delivered in different numbers of parts");
      if (yield != copies[0] && !reference_.same(facts_.pieces(yield->tensor), pieces))
        no(yield, "another value than a copy of the same part");
    }
    numbers.push_back({{part, 1}});
    const std::vector<Id> along = moving(numbers.back());
    if (std::ranges::find_first_of(along, across) != along.end())
      no(copies[0], "part and box depend on one variable");
    add_over(linears_, pieces, along, sum);
  }
  if (!covered({head.parts}, numbers)) no(&head, "a part is missing, or there twice");
  const auto expected = delivered(head.reference, box);
  if (!expected || !reference_.same(sum, {*expected}))
    no(&head, "not this box of the output, or parts that do not add up to it, or a box of none of the axes");
}

// The digits that a begin of the box depends on.
std::vector<Id> PlanCheck::moving(const lp::Box& box) {
  std::vector<Id> all;
  for (Id digit = 0; digit < linears_.digits(); ++digit) {
    if (std::ranges::any_of(box, [&](const lp::Interval& side) {
          return linears_.coefficient(linears_.begin(side.begin).linear, digit) != 0;
        }))
      all.push_back(digit);
  }
  return all;
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
    add_over(linears_, {point}, moving(box), all);
  }
  return same_sum(all, {whole});
}

}  // namespace cep_check::logical
