#include "replay/shrink.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cep::logical::oracle {
namespace {

// Small enough as they are; and a length of 1 would be stretched.
constexpr std::int64_t kSmall = 4;

// Lengths that attributes speak of stay: experts are counted, and put into groups.
void keep_experts(const Program& program, std::set<std::int64_t>& lengths) {
  for (const Node& node : program.nodes) {
    const Operation& operation = program.operations[node.operation];
    const bool router = operation.name == "router";
    if (!router && operation.name != "experts") continue;
    const std::size_t at = (router ? 1u : 3u) + (operation.backward ? 1u : 0u);
    if (at >= node.inputs) continue;
    const Shape& weights = program.shape(program.inputs(node)[at]);
    if (!weights.empty()) lengths.erase(weights[0]);
  }
}

std::set<std::int64_t> lengths_of(const Program& program) {
  std::set<std::int64_t> lengths;
  const auto take = [&](const Shape& shape) {
    for (const std::int64_t length : shape) {
      if (length > kSmall) lengths.insert(length);
    }
  };
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].role != Role::kValue) take(program.shape(id));
  }
  for (const Node& node : program.nodes) {
    if (program.operations[node.operation].name != "reshape") continue;
    for (const Id result : program.outputs(node)) take(program.shape(result));
  }
  keep_experts(program, lengths);
  return lengths;
}

}  // namespace

std::optional<Shrunk> shrink(const Document& document) {
  constexpr std::size_t kMostLengths =
      32;  // A hostile plan must not ask for one run over its lines for each of many lengths.
  std::optional<Shrunk> best;
  Lengths lengths;
  const std::set<std::int64_t> all = lengths_of(document.reference.program);
  if (all.size() > kMostLengths) return std::nullopt;
  for (const std::int64_t length : all) {
    for (const std::int64_t small : {2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 1024}) {
      if (small >= length) break;
      Lengths tried = lengths;
      tried[length] = small;
      Scaled scaled = scale_down(document, tried);
      if (!scaled.fault.empty()) continue;
      lengths = tried;
      best = Shrunk{std::move(scaled.document), std::move(tried)};
      break;
    }
  }
  return best;
}

}  // namespace cep::logical::oracle
