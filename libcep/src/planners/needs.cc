// What a program reads of its inputs, and whether a target's document covers it.
#include <algorithm>
#include <set>

#include "acp/match.h"
#include "planners/draft.h"

namespace cep::planners {

void widen(Box& hull, const Box& box) {
  for (std::size_t d = 0; d < box.rank(); ++d) {
    hull.lo[d] = std::min(hull.lo[d], box.lo[d]);
    hull.hi[d] = std::max(hull.hi[d], box.hi[d]);
  }
}

std::vector<std::optional<Box>> boxes_read(const Region& region) {
  std::vector<std::optional<Box>> out(region.count(ACP_ROLE_INPUT));
  const auto add = [&](std::uint32_t read, const Box& box) {
    const acp_operand& operand = region.operands[region.reads[read].operand];
    // A hull may reach past the tensor where a guard on another expression keeps the read inside.
    const Box inside = intersect(box, Box::whole(type_of(operand).dims));
    if (operand.role != ACP_ROLE_INPUT || inside.empty()) return;
    std::optional<Box>& hull = out[operand.slot];
    if (!hull) hull = inside;
    widen(*hull, inside);
  };
  for (const acp_stage& stage : region.stages) {
    if (stage.kind == ACP_STAGE_NEST) {
      for (const ReadHull& hull : read_hulls(region, stage.index)) add(hull.read, hull.box);
    } else {
      for (const std::uint32_t read : loop_reads(region, region.loops[stage.index]))
        add(read, Box::whole(type_of(region.operands[region.reads[read].operand]).dims));
    }
  }
  return out;
}

namespace {

bool runs_exactly(const PlanTarget& target, acp::OpQuery query, const Region& region) {
  constexpr std::string_view kOrders[] = {"", "chain", "blocked_tree", "blocked_index", "lanes32", "any"};
  std::set<std::string> dtypes;
  for (const acp_operand& operand : region.operands) {
    dtypes.emplace(dtype_name(static_cast<Dtype>(operand.dtype)));
    const acp::Limits& limits = target.document.limits;
    const auto bytes = static_cast<std::uint64_t>(window_of(operand).volume() *
                                                  size_bytes(static_cast<Dtype>(operand.dtype)));
    if (operand.rank > limits.max_rank.value_or(ACP_MAX_RANK)) return false;
    if (bytes > limits.max_operand_bytes.value_or(UINT64_MAX)) return false;
  }
  for (const acp_scalar_node& scalar : region.scalars)
    dtypes.emplace(dtype_name(static_cast<Dtype>(scalar.dtype)));
  if (region.indices.size() + region.scalars.size() >
      target.document.limits.max_region_nodes.value_or(UINT32_MAX))
    return false;
  query.dtypes.assign(dtypes.begin(), dtypes.end());
  const auto match = acp::find_op_support(target.document, query);
  if (!match) return false;
  const acp::NumericContract& contract = target.document.contracts[match->contract];
  return acp::check_exact(contract, "").has_value() &&
         std::all_of(region.nests.begin(), region.nests.end(), [&](const acp_nest& nest) {
           return acp::check_exact(contract, kOrders[nest.order]).has_value();
         });
}

}  // namespace

bool covers(const PlanTarget& target, const Node& node, const Region& region) {
  const OpDef* op = find_op(node.domain, node.op);
  acp::OpQuery query;
  query.op = node.domain + ":" + node.op;
  query.version = op == nullptr ? 1 : static_cast<std::uint32_t>(op->version);
  return runs_exactly(target, std::move(query), region);
}

bool covers(const PlanTarget& target, const Region& region) {
  acp::OpQuery query;
  query.op = acp::kRegionOp;
  query.version = 1;
  return runs_exactly(target, std::move(query), region);
}

}  // namespace cep::planners
