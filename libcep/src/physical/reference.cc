#include "physical/reference.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace cep::physical {

Reference::Reference(const Workload& workload, const Draw& draw, Budget& budget, std::uint64_t max_elements,
                     bool watch)
    : workload_(workload),
      draw_(draw),
      budget_(budget),
      elements_left_(max_elements),
      watch_(watch),
      values_(workload.tensors.size()),
      maker_(workload.tensors.size(), kNoId) {
  for (NodeId node = 0; node < workload.nodes.size(); ++node) {
    for (const TensorId id : workload.nodes[node].outputs) maker_[id] = node;
  }
}

// Nodes stand in an order in which every tensor is made before it is used.
std::vector<NodeId> Reference::wanted(TensorId tensor) const {
  std::vector<bool> seen(workload_.nodes.size());
  std::vector<TensorId> open = {tensor};
  std::vector<NodeId> nodes;
  while (!open.empty()) {
    const TensorId id = open.back();
    open.pop_back();
    if (id == kNoId || maker_[id] == kNoId || values_[id] || seen[maker_[id]]) continue;
    const NodeId node = maker_[id];
    seen[node] = true;
    nodes.push_back(node);
    open.insert(open.end(), workload_.nodes[node].inputs.begin(), workload_.nodes[node].inputs.end());
  }
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

acp::Status Reference::make(TensorId tensor) {
  for (const NodeId node : wanted(tensor)) {
    if (auto status = run_node(node); !status)
      return acp::at("nodes[" + std::to_string(node) + "]", std::move(status).error());
  }
  return acp::ok();
}

acp::Status Reference::run_node(NodeId node) {
  ACP_TRY(const Region region, node_region(workload_, node));
  std::uint64_t operands = 0, made = 0;
  const auto count = [&](TensorId id) {
    return static_cast<std::uint64_t>(volume(workload_.tensors[id].type.dims));
  };
  for (const TensorId id : workload_.nodes[node].inputs) operands += id == kNoId ? 0 : count(id);
  for (const TensorId id : workload_.nodes[node].outputs) made += count(id);
  if (made > elements_left_ || operands > elements_left_ || !budget_.take(operations(region)))
    return acp::unsupported("CEP-REPLAY-5", "", "the reference takes more than a replay may");
  elements_left_ -= made;
  std::deque<Elements> given;  // pointers to its items stay
  std::vector<Elements*> buffers;
  for (const TensorId id : workload_.nodes[node].inputs) {
    if (id == kNoId) continue;
    buffers.push_back(values_[id] ? &*values_[id] : &given.emplace_back(draw_.elements(id)));
  }
  for (const TensorId id : workload_.nodes[node].outputs)
    buffers.push_back(&values_[id].emplace(static_cast<std::size_t>(count(id))));
  if (!watch_) return interpret(region, Domain::kBits, buffers);
  ACP_TRY(const bool exact, interpret_exactly(region, buffers));
  exact_ = exact_ && exact;
  return acp::ok();
}

Value Reference::element(TensorId tensor, std::int64_t position) const {
  if (maker_[tensor] == kNoId) return draw_.element(tensor, position);
  ACP_ASSERT(values_[tensor].has_value());
  return (*values_[tensor])[static_cast<std::size_t>(position)];
}

}  // namespace cep::physical
