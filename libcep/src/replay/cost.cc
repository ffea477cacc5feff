#include "replay/cost.h"

#include <algorithm>
#include <limits>
#include <span>

namespace cep::logical::oracle {
namespace {

using Count = std::uint64_t;

Count plus(Count a, Count b) {
  return a > std::numeric_limits<Count>::max() - b ? std::numeric_limits<Count>::max() : a + b;
}
Count times(Count a, Count b) {
  Count product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<Count>::max() : product;
}
Count length(std::int64_t of) { return of < 1 ? 1 : static_cast<Count>(of); }
Count volume(const Shape& shape) {
  Count product = 1;
  for (const std::int64_t extent : shape) product = times(product, length(extent));
  return product;
}
Count at(const Shape& shape, std::size_t from_end) {
  return from_end < shape.size() ? length(shape[shape.size() - 1 - from_end]) : 1;
}

// Multiplications of a contraction; of anything else as many as it has elements, counted elsewhere.
Count contraction(const Program& program, const Node& node, Places places) {
  const Operation& operation = program.operations[node.operation];
  const auto in = program.inputs(node);
  const std::size_t first = operation.backward ? 1 : 0;
  const Count ways = operation.backward ? 3 : 1;
  const auto shape = [&](std::size_t i) -> const Shape& { return program.shape(in[first + i]); };
  const auto has = [&](std::size_t operands) { return in.size() >= first + operands; };
  if (operation.name == "linear" && has(2)) return times(ways, times(volume(shape(0)), at(shape(1), 1)));
  if (operation.name == "matmul" && has(2)) return times(ways, times(volume(shape(0)), at(shape(1), 0)));
  if (operation.name == "router" && has(2)) {
    // The scores, and putting them in order: every expert with every other at worst.
    const Count experts = at(shape(1), 1);
    return times(ways, times(at(shape(0), 1), times(experts, plus(experts, at(shape(0), 0)))));
  }
  if (operation.name == "experts" && has(6)) {
    // Every row in the experts it chose, or in all of them.
    const Count rows =
        places == Places::kDropped ? volume(shape(1)) : times(at(shape(1), 1), at(shape(3), 2));
    return times(times(ways, 3), times(rows, times(at(shape(3), 0), at(shape(3), 1))));
  }
  if (operation.name == "embedding" && operation.backward && places == Places::kKept && has(2))
    return times(volume(shape(0)), volume(shape(1)));
  // At most ten squarings, and as many products.
  if (operation.name == "power" && has(1)) return times(20, volume(shape(0)));
  return 0;
}

Cost cost_of(const Program& program, Places places) {
  Cost cost{.lines = program.nodes.size(),
            .items = program.tensors.size() + program.operands.size(),
            .elements = 0,
            .operations = 0};
  for (const Tensor& tensor : program.tensors) {
    const Count wide = tensor.element == Element::kC64 ? 2 : 1;
    cost.elements = plus(cost.elements, times(wide, volume(program.shapes[tensor.shape])));
  }
  for (const Node& node : program.nodes) {
    if (node.comm == CommKind::kNoComm)
      cost.operations = plus(cost.operations, contraction(program, node, places));
    for (const auto list : {program.inputs(node), program.outputs(node)}) {
      for (const Id id : list) cost.operations = plus(cost.operations, volume(program.shape(id)));
    }
  }
  return cost;
}

}  // namespace

Cost cost_of(const Document& document, Places places) {
  Count points = 1;
  for (const Variable& variable : document.plan.variables) points = times(points, length(variable.size));
  const Cost once = cost_of(document.reference.program, places);
  const Cost each = cost_of(document.plan.program, places);
  Cost cost{.lines = plus(once.lines, times(points, each.lines)),
            .items = plus(once.items, times(points, each.items)),
            .elements = plus(once.elements, times(points, each.elements)),
            .operations = plus(once.operations, times(points, each.operations))};
  // The members of a communication are listed at every point.
  for (const Node& node : document.plan.program.nodes) {
    if (node.group == kNone) continue;
    const Group& group = document.plan.groups[node.group];
    const Count members =
        group.variable == kNone ? group.ranks.size() : length(document.plan.variables[group.variable].size);
    cost.items = plus(cost.items, times(points, members));
  }
  // Every addend of an output is put together in an array of its own.
  for (const Yield& yield : document.plan.yields) {
    const Count copies = yield.parts > 1 ? points : 1;
    cost.elements =
        plus(cost.elements, times(copies, volume(document.reference.program.shape(yield.reference))));
  }
  return cost;
}

}  // namespace cep::logical::oracle
