#include "contracts.h"

#include <algorithm>
#include <array>
#include <set>

#include "acp/match.h"
#include "steps.h"

namespace cep_check {

namespace {

constexpr std::string_view kContract = "runs region programs as its document's rows and contracts say";
constexpr std::array<std::string_view, 6> kOrderNames{"",        "chain", "blocked_tree", "blocked_index",
                                                      "lanes32", "any"};

acp::Result<std::optional<cep::Region>> program_of(const cep::Workload& workload, const cep::Plan& plan,
                                                   const cep::Step& step) {
  const auto lowered = [](acp::Result<cep::Region> region) -> acp::Result<std::optional<cep::Region>> {
    if (!region) return std::move(region).error();
    return std::optional(std::move(*region));
  };
  const auto device = [&](const cep::View& view) {
    return plan.arenas[plan.buffers[view.buffer].arena].device;
  };
  if (const auto* compute = std::get_if<cep::Compute>(&step.what))
    return lowered(cep::lower(workload, *compute));
  if (const auto* combine = std::get_if<cep::Combine>(&step.what)) return lowered(cep::lower(plan, *combine));
  if (const auto* fill = std::get_if<cep::Fill>(&step.what)) return lowered(cep::lower(plan, *fill));
  const auto* copy = std::get_if<cep::Copy>(&step.what);
  if (copy != nullptr && device(copy->source) == device(copy->target))
    return lowered(cep::lower(plan, *copy));
  return std::optional<cep::Region>();
}

acp::OpQuery query_for(const cep::Workload& workload, const cep::Step& step, const cep::Region& region) {
  acp::OpQuery query;
  query.op = acp::kRegionOp;
  query.version = ACP_REGION_VERSION;
  if (const auto* compute = std::get_if<cep::Compute>(&step.what)) {
    const cep::Node& node = workload.nodes[compute->node];
    const cep::OpDef* op = cep::find_op(node.domain, node.op);
    query.op = node.domain + ":" + node.op;
    query.version = op == nullptr ? 0 : static_cast<std::uint32_t>(op->version);
  }
  std::set<std::string_view> dtypes;
  for (const acp_operand& operand : region.operands)
    dtypes.insert(cep::dtype_name(static_cast<cep::Dtype>(operand.dtype)));
  for (const acp_scalar_node& node : region.scalars)
    dtypes.insert(cep::dtype_name(static_cast<cep::Dtype>(node.dtype)));
  query.dtypes.assign(dtypes.begin(), dtypes.end());
  return query;
}

bool keeps_bits(const acp::NumericContract& contract, const cep::Region& region) {
  return acp::check_exact(contract, "").has_value() &&
         std::all_of(region.nests.begin(), region.nests.end(), [&](const acp_nest& nest) {
           return acp::check_exact(contract, kOrderNames[nest.order % kOrderNames.size()]).has_value();
         });
}

acp::Status check_limits(const acp::Limits& limits, const cep::Region& region) {
  const auto over = [](const char* what) {
    return acp::unsupported("CEP-CHECK-16", what, "over the device's limit");
  };
  if (limits.max_region_nodes && region.indices.size() + region.scalars.size() > *limits.max_region_nodes)
    return over("nodes");
  for (const acp_operand& operand : region.operands) {
    std::uint64_t bytes = static_cast<std::uint64_t>(cep::size_bytes(static_cast<cep::Dtype>(operand.dtype)));
    for (std::size_t d = 0; d < operand.rank; ++d) bytes *= static_cast<std::uint64_t>(operand.held[d]);
    if (limits.max_rank && operand.rank > *limits.max_rank) return over("rank");
    if (limits.max_operand_bytes && bytes > *limits.max_operand_bytes) return over("operand");
  }
  return acp::ok();
}

// A copy between two devices goes out of one to the host, and from the host into the other.
acp::Status check_links(const cep::Plan& plan, const cep::Step& step, const cep::Context& context) {
  const auto* copy = std::get_if<cep::Copy>(&step.what);
  if (copy == nullptr) return acp::ok();
  const auto linked = [&](const cep::View& view, std::string acp::Link::* end) {
    const cep::DeviceId device = plan.arenas[plan.buffers[view.buffer].arena].device;
    return std::ranges::find(context.documents[device].links, acp::kHostMemory, end) !=
           context.documents[device].links.end();
  };
  if (linked(copy->source, &acp::Link::to) && linked(copy->target, &acp::Link::from)) return acp::ok();
  return acp::unsupported("CEP-CHECK-16", "copy", "no link to or from the host");
}

}  // namespace

acp::Result<Contract> contract_of(const cep::Workload& workload, const cep::Plan& plan,
                                  const cep::Context& context, const cep::Step& step) {
  Contract out;
  ACP_TRY(out.program, program_of(workload, plan, step));
  if (!out.program) {
    ACP_CHECK(check_links(plan, step, context));
    return out;
  }
  const acp::Class& document = context.documents[plan.queues[step.queue].device];
  const auto match = acp::find_op_support(document, query_for(workload, step, *out.program));
  if (!match)
    return acp::unsupported("CEP-CHECK-16", "", "not offered by its device: " + to_string(match.error()));
  ACP_CHECK(check_limits(document.limits, *out.program));
  out.exact = keeps_bits(document.contracts[match->contract], *out.program);
  return out;
}

acp::Status check_assumptions(const cep::Plan& plan, const cep::Proved& proof, const cep::Context& context) {
  std::set<cep::DeviceId> relied;
  for (const cep::Step& step : plan.steps) {
    const bool waits = std::holds_alternative<cep::Wait>(step.what);
    if (!waits && !std::holds_alternative<cep::Signal>(step.what))
      relied.insert(plan.queues[step.queue].device);
  }
  for (std::size_t i = 0; i < proof.assumptions.size(); ++i) {
    const cep::Assumption& assumption = proof.assumptions[i];
    const auto device = std::find_if(relied.begin(), relied.end(), [&](cep::DeviceId d) {
      return plan.devices[d].name == assumption.device && context.digests[d] == assumption.document;
    });
    if (device == relied.end() || assumption.contract != kContract) {
      return acp::invalid("CEP-CHECK-16", item("proof.assumptions", i),
                          "of no device the plan uses, or listed twice");
    }
    relied.erase(device);
  }
  if (relied.empty()) return acp::ok();
  return acp::invalid("CEP-CHECK-16", "proof.assumptions",
                      "nothing about \"" + plan.devices[*relied.begin()].name + "\"");
}

}  // namespace cep_check
