// CEP-VER-2, capability: every step is one its device claims to run, on memory that is the device's.
#include <algorithm>
#include <set>

#include "acp/match.h"
#include "verify/schedule.h"

namespace cep {

namespace {

// Whether a contract is the canonical numerics themselves for everything the program reduces.
bool keeps_exactly(const acp::NumericContract& contract, const Region& region) {
  constexpr std::string_view kOrders[] = {"", "chain", "blocked_tree", "blocked_index", "lanes32", "any"};
  if (!acp::check_exact(contract, "")) return false;
  return std::all_of(region.nests.begin(), region.nests.end(), [&](const acp_nest& nest) {
    return acp::check_exact(contract, kOrders[nest.order]).has_value();
  });
}

std::vector<std::string> dtypes_of(const Region& region) {
  std::set<std::string> names;
  for (const acp_operand& operand : region.operands)
    names.insert(std::string(dtype_name(static_cast<Dtype>(operand.dtype))));
  for (const acp_scalar_node& node : region.scalars)
    names.insert(std::string(dtype_name(static_cast<Dtype>(node.dtype))));
  return {names.begin(), names.end()};
}

class Capability {
 public:
  Capability(const Analysis& analysis, const Context& context, std::vector<bool>& exact)
      : a_(analysis), c_(context), exact_(exact) {}

  std::vector<Finding> run() {
    exact_.assign(a_.plan.steps.size(), true);
    for (std::size_t d = 0; d < a_.plan.devices.size(); ++d) {
      if (a_.plan.devices[d].document != c_.digests[d]) {
        findings_.push_back(finding(Condition::kCapability, "CEP-CAP-1",
                                    item_path("devices", d) + ".document", "",
                                    "the plan was made for another document of this device"));
      }
    }
    for (StepId i = 0; i < a_.plan.steps.size(); ++i) {
      std::visit([&](const auto& what) { step(i, what); }, a_.plan.steps[i].what);
    }
    return std::move(findings_);
  }

 private:
  void add(const char* id, StepId step, const std::string& message) {
    findings_.push_back(
        finding(Condition::kCapability, id, step_path(step), a_.plan.steps[step].name, message));
  }
  DeviceId device(StepId step) const { return a_.plan.queues[a_.plan.steps[step].queue].device; }
  DeviceId home(const View& view) const { return a_.plan.arenas[a_.plan.buffers[view.buffer].arena].device; }

  void on_device(StepId step, const View& view) {
    if (home(view) != device(step)) add("CEP-CAP-3", step, "touches memory of another device");
  }

  void runs(StepId step, std::string_view domain, std::string_view op, int version) {
    const acp::Class& document = c_.documents[device(step)];
    acp::OpQuery query;
    query.op = op.empty() ? std::string(acp::kRegionOp) : std::string(domain) + ":" + std::string(op);
    query.version = static_cast<std::uint32_t>(version);
    query.dtypes = dtypes_of(*a_.steps[step].region);
    const auto match = acp::find_op_support(document, query);
    if (!match)
      return add("CEP-CAP-2", step,
                 "no row of the device's document covers this: " + acp::to_string(match.error()));
    within_limits(step, document.limits);
    exact_[step] = keeps_exactly(document.contracts[match->contract], *a_.steps[step].region);
  }

  void within_limits(StepId step, const acp::Limits& limits) {
    const Region& region = *a_.steps[step].region;
    for (const acp_operand& operand : region.operands) {
      const std::int64_t bytes = window_of(operand).volume() * size_bytes(static_cast<Dtype>(operand.dtype));
      if (limits.max_rank && operand.rank > *limits.max_rank)
        add("CEP-CAP-5", step, "an operand's rank is above the device's limit");
      if (limits.max_operand_bytes && static_cast<std::uint64_t>(bytes) > *limits.max_operand_bytes) {
        add("CEP-CAP-5", step, "an operand is larger than the device's limit");
      }
    }
    if (limits.max_region_nodes && region.indices.size() + region.scalars.size() > *limits.max_region_nodes) {
      add("CEP-CAP-5", step, "the program has more nodes than the device's limit");
    }
  }

  // A copy between devices goes through the host: out of one over a link to it, into the other over a link from it.
  void linked(StepId step, DeviceId from, DeviceId to) {
    const auto has = [&](DeviceId device, bool out) {
      const std::vector<acp::Link>& links = c_.documents[device].links;
      return std::any_of(links.begin(), links.end(), [&](const acp::Link& link) {
        return (out ? link.to : link.from) == acp::kHostMemory;
      });
    };
    if (!has(from, true) || !has(to, false))
      add("CEP-CAP-6", step, "a device's document has no link for this copy");
  }

  void step(StepId i, const Compute& compute) {
    for (const Slice& slice : compute.inputs) on_device(i, slice.view);
    for (const Slice& slice : compute.outputs) on_device(i, slice.view);
    if (compute.seed) on_device(i, *compute.seed);
    const Node& node = a_.workload.nodes[compute.node];
    const OpDef* op = find_op(node.domain, node.op);
    runs(i, node.domain, node.op, op == nullptr ? 1 : op->version);
  }
  void step(StepId i, const Combine& combine) {
    for (const View& view : combine.inputs) on_device(i, view);
    on_device(i, combine.target);
    runs(i, "", "", 1);
  }
  void step(StepId i, const Fill& fill) {
    on_device(i, fill.target);
    runs(i, "", "", 1);
  }
  void step(StepId i, const Copy& copy) {
    if (home(copy.source) == home(copy.target)) {
      on_device(i, copy.target);
      return runs(i, "", "", 1);
    }
    if (home(copy.source) != device(i) && home(copy.target) != device(i)) {
      add("CEP-CAP-4", i, "a copy between two devices, queued on a third");
    }
    linked(i, home(copy.source), home(copy.target));
  }
  void step(StepId, const Signal&) {}
  void step(StepId, const Wait&) {}

  const Analysis& a_;
  const Context& c_;
  std::vector<bool>& exact_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_capability(const Analysis& analysis, const Context& context,
                                      std::vector<bool>& exact) {
  return Capability(analysis, context, exact).run();
}

}  // namespace cep
