// Random values of workloads: any numbers in any fields that the limits allow. Few of them are valid graphs.
#pragma once

#include <rapidcheck.h>

#include <bit>
#include <string>
#include <vector>

#include "cep/graph.h"
#include "support/random_plan.h"

namespace cep::support {

inline std::vector<std::uint32_t> random_ids() {
  return some(0, [](std::size_t) { return *rc::gen::element<std::uint32_t>(0, 1, 2, kNoId); });
}

inline float random_float() { return std::bit_cast<float>(*rc::gen::arbitrary<std::uint32_t>()); }

inline AttrValue random_attribute_value() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0: return *rc::gen::arbitrary<std::int64_t>();
    case 1: return random_float();
    case 2: return *rc::gen::string<std::string>();
    case 3: return *rc::gen::container<std::vector<std::int64_t>>(rc::gen::arbitrary<std::int64_t>());
    default: return some(0, [](std::size_t) { return random_float(); });
  }
}

inline Workload random_workload(int depth = 0) {
  Workload workload;
  workload.name = random_name(0);
  workload.tensors = some(0, [](std::size_t i) {
    return Tensor{
        random_name(i),
        *rc::gen::element(TensorKind::kInput, TensorKind::kWeight, TensorKind::kConstant, TensorKind::kValue),
        random_type(), *rc::gen::container<std::vector<std::int64_t>>(rc::gen::arbitrary<std::int64_t>()),
        random_digest()};
  });
  workload.nodes = some(0, [&](std::size_t i) {
    Node node;
    node.name = random_name(i);
    node.domain = random_name(0);
    node.op = random_name(0);
    node.inputs = random_ids();
    node.outputs = random_ids();
    node.attributes =
        some(0, [](std::size_t j) { return Attribute{random_name(j), random_attribute_value()}; });
    node.order = {*rc::gen::element(OrderKind::kNone, OrderKind::kChain, OrderKind::kBlockedTree,
                                    OrderKind::kBlockedIndex, OrderKind::kLanes32, OrderKind::kAny),
                  *rc::gen::arbitrary<std::uint32_t>()};
    if (depth < 2 && *rc::gen::arbitrary<bool>()) node.body = {random_workload(depth + 1)};
    return node;
  });
  workload.inputs = random_ids();
  workload.outputs = random_ids();
  return workload;
}

}  // namespace cep::support
