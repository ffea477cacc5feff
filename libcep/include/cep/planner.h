// Planners: from a workload and the devices at hand to a plan. A plan is proof-carrying, so a planner needs no trust: what it writes is
// proved like any other plan, and a fault here is a refusal there.
//
// The plan: one arena and one queue per device that does anything. Buffers share bytes where their lives do not meet; weights and
// constants keep theirs, so that a plan can run again without writing them again. Each device fetches what it lacks of a tensor, and
// waits only where nothing else orders the two steps.
// Spec     CEP 5.7 (placements), CEP 5.8 (planners).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "acp/document.h"
#include "acp/result.h"
#include "cep/plan.h"

namespace cep {

// A device to plan for. The rates are what the caller knows of it; without knowledge all devices are alike.
struct PlanTarget {
  Device device;
  acp::Class document;
  double operations_per_second = 1e10;  // innermost iterations of region programs
  double bytes_per_second = 4e9;        // between it and the host
  double seconds_per_copy = 2e-5;       // whatever its size
};

// Where a node runs: whole on one target, or on several in equal parts along an axis of its outputs, or each with a part of its
// reduction, which whoever needs the output joins.
struct NodePlacement {
  std::vector<DeviceId> targets;
  std::uint32_t axis = 0;
  bool reduction = false;  // split along the reduction; no axis then
  bool operator==(const NodePlacement&) const = default;
};
using Placement = std::vector<NodePlacement>;  // one per node

// Reads a placement file.
//
// Errors   CEP-PLACE-1 wrong first line; CEP-PLACE-2 unknown words or a bad number; CEP-PLACE-3 a pattern that is no node's name;
//          CEP-PLACE-4 a device not planned for, or given twice; CEP-PLACE-5 a node that no line places; CEP-PLACE-6 an axis its outputs
//          do not share. The path is "line N", or the node.
// Cost     lines times nodes.
// Spec     CEP 5.7, CEP-PLACE-1 to CEP-PLACE-6.
[[nodiscard]] acp::Result<Placement> parse_placement(std::string_view text, const Workload& workload,
                                                     const std::vector<PlanTarget>& targets);

enum class Objective : std::uint8_t { kLatency, kThroughput, kEnergy, kMemory };

// A cut by cost: every node whole, consecutive nodes on one target. kLatency: least time of one run, moving a tensor only where that
// pays; kThroughput: each target, in the order given, a share of the operations in proportion to its rate; kMemory: a share of the bytes in
// proportion to its memory.
//
// Errors   CEP-PLAN-1 no target; CEP-PLAN-2 no target's document covers a node; CEP-PLAN-5 kEnergy: documents
//          state none (unsupported).
// Cost     nodes times targets squared.
// Why      without measured rates a finer search would only fit noise; whoever knows better writes a placement.
// Spec     CEP 5.8, CEP-PLAN-1, CEP-PLAN-2, CEP-PLAN-5.
[[nodiscard]] acp::Result<Placement> place_by_cost(const Workload& workload,
                                                   const std::vector<PlanTarget>& targets,
                                                   Objective objective);

// The plan that carries a checked workload as placed. Targets without work are left out of it.
//
// Errors   CEP-PLAN-1 no target, two of one name, or a placement for other nodes or targets; CEP-PLAN-2 the document of a node's
//          target does not cover it (unsupported); CEP-PLAN-3 a node that reads a tensor without elements, or has outputs with and
//          without (unsupported); CEP-PLAN-4 a split into too many separate runs of bytes (limit); CEP-PLAN-6 a reduction to be split
//          that is not one sum in blocked tree order (unsupported); CEP-PLAN-7 one of fewer blocks than targets (unsupported).
// Cost     near linear in nodes and copies, for the memory of each arena quadratic in the buffers that come and go.
// Spec     CEP 5.8, CEP-PLAN-1 to CEP-PLAN-4, CEP-PLAN-6, CEP-PLAN-7.
[[nodiscard]] acp::Result<Plan> plan_workload(const Workload& workload,
                                              const std::vector<PlanTarget>& targets,
                                              const Placement& placement);

}  // namespace cep
