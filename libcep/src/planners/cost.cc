// A cut by cost: operations over rates, bytes over links.
#include <algorithm>
#include <limits>

#include "planners/draft.h"

namespace cep {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Innermost iterations of a program; loops count once.
double operations_of(const Region& region) {
  double sum = 0;
  for (const acp_nest& nest : region.nests) {
    double points = 1;
    for (std::uint32_t i = 0; i < nest.iter_count; ++i) {
      const acp_iter& iter = region.iters[nest.iter_first + i];
      points *= static_cast<double>(std::max<std::int64_t>(0, iter.end - iter.begin));
    }
    sum += points;
  }
  return sum;
}

double bytes_of(const Tensor& tensor) {
  return static_cast<double>(volume(tensor.type.dims)) * static_cast<double>(size_bytes(tensor.type.dtype));
}

struct NodeCost {
  double operations = 0;
  double bytes = 0;           // of its outputs and of weights first used here
  double crossing_bytes = 0;  // computed before it and used by it or later
  std::vector<bool> runs_on;  // by target
};

acp::Result<std::vector<NodeCost>> costs_of(const Workload& w, const std::vector<PlanTarget>& targets) {
  std::vector<NodeCost> costs(w.nodes.size());
  std::vector<NodeId> made(w.tensors.size(), kNoId), last(w.tensors.size(), 0);
  std::vector<bool> counted(w.tensors.size(), false);
  for (NodeId id = 0; id < w.nodes.size(); ++id) {
    const Node& node = w.nodes[id];
    auto region = node_region(w, id);
    if (!region) return acp::at("node " + node.name, std::move(region).error());
    costs[id].operations = operations_of(*region);
    costs[id].runs_on.reserve(targets.size());
    for (const PlanTarget& target : targets)
      costs[id].runs_on.push_back(planners::covers(target, node, *region));
    if (std::find(costs[id].runs_on.begin(), costs[id].runs_on.end(), true) == costs[id].runs_on.end())
      return acp::unsupported("CEP-PLAN-2", "node " + node.name, "no device's document covers " + node.op);
    for (const TensorId tensor : node.inputs) {
      if (tensor == kNoId) continue;
      last[tensor] = id;
      if (made[tensor] == kNoId && !counted[tensor]) costs[id].bytes += bytes_of(w.tensors[tensor]);
      counted[tensor] = true;
    }
    for (const TensorId tensor : node.outputs) {
      made[tensor] = id;
      costs[id].bytes += bytes_of(w.tensors[tensor]);
    }
  }
  for (TensorId tensor = 0; tensor < w.tensors.size(); ++tensor) {
    if (made[tensor] == kNoId) continue;
    for (NodeId id = made[tensor] + 1; id <= last[tensor]; ++id)
      costs[id].crossing_bytes += bytes_of(w.tensors[tensor]);
  }
  return costs;
}

// The path of least time through (node, target). Where the target changes, all that is still needed moves: more than the plan will
// copy when branches are open, and exact where there is one tensor.
std::vector<DeviceId> least_time(const std::vector<NodeCost>& costs, const std::vector<PlanTarget>& targets) {
  const std::size_t count = targets.size();
  std::vector<double> best(count, 0);
  std::vector<std::vector<DeviceId>> from(costs.size(), std::vector<DeviceId>(count, 0));
  for (std::size_t node = 0; node < costs.size(); ++node) {
    std::vector<double> next(count, kNever);
    for (DeviceId to = 0; to < count; ++to) {
      if (!costs[node].runs_on[to]) continue;
      for (DeviceId by = 0; by < count; ++by) {
        double time = best[by] + costs[node].operations / targets[to].operations_per_second;
        if (by != to && node > 0) {
          const double rate = std::min(targets[by].bytes_per_second, targets[to].bytes_per_second);
          time += targets[to].seconds_per_copy + costs[node].crossing_bytes / rate;
        }
        if (time >= next[to]) continue;
        next[to] = time;
        from[node][to] = by;
      }
    }
    best = std::move(next);
  }
  std::vector<DeviceId> path(costs.size());
  auto at = static_cast<DeviceId>(std::min_element(best.begin(), best.end()) - best.begin());
  for (std::size_t node = costs.size(); node-- > 0; at = from[node][at]) path[node] = at;
  return path;
}

// Consecutive nodes until a target has its share of the load; a node that a target cannot run goes to the next one that can.
template <typename Load, typename Weight>
std::vector<DeviceId> by_shares(const std::vector<NodeCost>& costs, const std::vector<PlanTarget>& targets,
                                Load load, Weight weight) {
  double total = 0, capacity = 0, share_end = 0, done = 0;
  for (const NodeCost& cost : costs) total += load(cost);
  for (const PlanTarget& target : targets) capacity += weight(target);
  DeviceId current = 0;
  share_end = total * weight(targets[0]) / capacity;
  std::vector<DeviceId> out;
  out.reserve(costs.size());
  for (const NodeCost& cost : costs) {
    // A node belongs to the share its middle lies in.
    while (current + 1 < targets.size() && done + load(cost) / 2 > share_end)
      share_end += total * weight(targets[++current]) / capacity;
    DeviceId target = current;
    while (!cost.runs_on[target]) target = (target + 1) % static_cast<DeviceId>(targets.size());
    out.push_back(target);
    done += load(cost);
  }
  return out;
}

double memory_of(const PlanTarget& target) {
  double bytes = 0;
  for (const acp::MemorySpace& memory : target.document.memories)
    bytes += static_cast<double>(memory.size_bytes);
  return std::max(1.0, bytes);
}

}  // namespace

acp::Result<Placement> place_by_cost(const Workload& workload, const std::vector<PlanTarget>& targets,
                                     Objective objective) {
  if (targets.empty()) return acp::invalid("CEP-PLAN-1", "targets", "nothing to plan for");
  if (objective == Objective::kEnergy)
    return acp::unsupported("CEP-PLAN-5", "objective", "no document states the energy of an operation");
  ACP_TRY(const std::vector<NodeCost> costs, costs_of(workload, targets));
  std::vector<DeviceId> path;
  switch (objective) {
    case Objective::kLatency: path = least_time(costs, targets); break;
    case Objective::kThroughput:
      path = by_shares(
          costs, targets, [](const NodeCost& cost) { return cost.operations; },
          [](const PlanTarget& target) { return target.operations_per_second; });
      break;
    default:
      path = by_shares(costs, targets, [](const NodeCost& cost) { return cost.bytes; }, memory_of);
      break;
  }
  Placement out;
  out.reserve(path.size());
  for (const DeviceId target : path) out.push_back({{target}, 0});
  return out;
}

}  // namespace cep
