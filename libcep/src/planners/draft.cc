// Which parts of which nodes run where, and which boxes move between targets for it.
#include "planners/draft.h"

#include <algorithm>
#include <set>

#include "acp/match.h"

namespace cep::planners {

namespace {

// A view of more separate runs than this is listed by its hull (CEP 6, memory), and two such parts of one buffer would seem to overlap.
constexpr std::int64_t kMaxRuns = 4096;

void join(Box& hull, const Box& box) {
  for (std::size_t d = 0; d < box.rank(); ++d) {
    hull.lo[d] = std::min(hull.lo[d], box.lo[d]);
    hull.hi[d] = std::max(hull.hi[d], box.hi[d]);
  }
}

// The outputs of a node in equal parts along an axis; fewer where there is not enough to share.
std::vector<std::pair<std::int64_t, std::int64_t>> shares(std::int64_t extent, std::size_t count) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  out.reserve(count);
  const auto n = static_cast<std::int64_t>(count);
  for (std::int64_t i = 0; i < n; ++i) out.emplace_back(extent * i / n, extent * (i + 1) / n);
  return out;
}

class Drafting {
 public:
  Drafting(const Workload& workload, const std::vector<PlanTarget>& targets, const Placement& placement)
      : w_(workload), targets_(targets), placement_(placement), made_(workload.tensors.size()) {}

  acp::Result<Draft> run() && {
    const std::vector<bool> needed = needed_nodes();
    for (NodeId node = 0; node < w_.nodes.size(); ++node) {
      if (needed[node]) ACP_CHECK(place(node));
    }
    bind_outputs();
    for (auto& [key, holding] : out_.holdings) {
      const TensorKind kind = w_.tensors[key.second].kind;
      // Written once, for all runs of the plan.
      if (kind == TensorKind::kWeight || kind == TensorKind::kConstant) holding.last = out_.end();
    }
    return std::move(out_);
  }

 private:
  // Nodes that some output depends on. What nobody asks for is not computed.
  std::vector<bool> needed_nodes() const {
    std::vector<bool> wanted(w_.tensors.size(), false), needed(w_.nodes.size(), false);
    for (const TensorId id : w_.outputs) wanted[id] = true;
    for (std::size_t n = w_.nodes.size(); n-- > 0;) {
      const Node& node = w_.nodes[n];
      needed[n] = std::any_of(node.outputs.begin(), node.outputs.end(),
                              [&](TensorId id) { return wanted[id] && !is_empty(id); });
      if (!needed[n]) continue;
      for (const TensorId id : node.inputs) {
        if (id != kNoId) wanted[id] = true;
      }
    }
    return needed;
  }
  bool is_empty(TensorId id) const { return volume(w_.tensors[id].type.dims) == 0; }

  acp::Status place(NodeId node) {
    const std::string path = "node " + w_.nodes[node].name;
    auto region = node_region(w_, node);
    if (!region) return acp::at(path, std::move(region).error());
    const NodePlacement& where = placement_[node];
    const std::vector<TensorId>& outputs = w_.nodes[node].outputs;
    if (std::any_of(outputs.begin(), outputs.end(), [&](TensorId id) { return is_empty(id); }))
      return acp::unsupported("CEP-PLAN-3", path, "an output without elements beside one that has some");
    if (where.targets.size() == 1) {
      std::vector<Box> boxes;
      boxes.reserve(outputs.size());
      for (const TensorId id : outputs) boxes.push_back(Box::whole(w_.tensors[id].type.dims));
      return part(node, where.targets[0], *region, boxes);
    }
    const std::int64_t extent = w_.tensors[outputs[0]].type.dims[where.axis];
    const auto ranges = shares(extent, where.targets.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (ranges[i].first == ranges[i].second) continue;
      std::vector<Box> boxes;
      boxes.reserve(outputs.size());
      for (const TensorId id : outputs) {
        const Dims& dims = w_.tensors[id].type.dims;
        std::int64_t runs = 1;
        for (std::uint32_t d = 0; d < where.axis; ++d) runs *= dims[d];
        if (runs > kMaxRuns)
          return acp::over_limit("CEP-PLAN-4", path, "a part of it lies in more than 4096 runs of bytes");
        Box box = Box::whole(dims);
        box.lo[where.axis] = ranges[i].first;
        box.hi[where.axis] = ranges[i].second;
        boxes.push_back(std::move(box));
      }
      ACP_CHECK(part(node, where.targets[i], *region, boxes));
    }
    return acp::ok();
  }

  acp::Status part(NodeId id, DeviceId target, const Region& whole, const std::vector<Box>& boxes) {
    const Node& node = w_.nodes[id];
    if (!covers(targets_[target], node, whole)) {
      return acp::unsupported(
          "CEP-PLAN-2", "node " + node.name,
          "the document of " + targets_[target].device.name + " does not cover " + node.op);
    }
    Part part{id, {}, {}};
    std::vector<TensorId> present;
    for (const TensorId tensor : node.inputs) {
      if (tensor != kNoId) present.push_back(tensor);
    }
    const std::vector<std::optional<Box>> reads = boxes_read(restrict_outputs(whole, boxes));
    for (const std::uint32_t slot : inputs_read(whole)) {
      const TensorId tensor = present[slot];
      if (is_empty(tensor))
        return acp::unsupported("CEP-PLAN-3", "node " + node.name,
                                "reads \"" + w_.tensors[tensor].name + "\", which has no elements");
      // A step has a slice of every input. Of one that this part does not touch, the first element will do.
      const std::size_t rank = w_.tensors[tensor].type.dims.size();
      part.inputs.push_back({tensor, reads[slot].value_or(Box{Dims(rank, 0), Dims(rank, 1)})});
    }
    for (const Piece& piece : part.inputs) fetch(target, piece);
    const bool whole_node = placement_[id].targets.size() == 1;
    add({whole_node ? node.name : node.name + ":" + targets_[target].device.name, target, {}, {}});
    for (const Piece& piece : part.inputs) touch(target, piece);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const Piece piece{node.outputs[i], boxes[i]};
      touch(target, piece).present.push_back(piece.box);
      made_[piece.tensor].push_back({target, piece.box, now()});
      part.outputs.push_back(piece);
    }
    out_.tasks.back().what = std::move(part);
    return acp::ok();
  }

  // Makes a box of a tensor present on a target: by the host, or by moves from where its parts were made.
  void fetch(DeviceId target, const Piece& piece) {
    Holding& holding = hold(target, piece);
    if (w_.tensors[piece.tensor].kind != TensorKind::kValue) {
      holding.given = true;
      holding.first = 0;
      return;
    }
    std::vector<Box> open = {piece.box};
    for (const Box& present : holding.present) {
      std::vector<Box> rest;
      for (const Box& box : open) {
        for (Box& more : subtract(box, present)) rest.push_back(std::move(more));
      }
      open = std::move(rest);
    }
    for (const Box& box : open) {
      for (const Made& source : made_[piece.tensor]) {
        const Box common = intersect(box, source.box);
        if (source.target == target || common.empty()) continue;
        const Tensor& tensor = w_.tensors[piece.tensor];
        add({tensor.name + ":" + targets_[source.target].device.name + ":" + targets_[target].device.name,
             target,
             Move{source.target, {piece.tensor, common}},
             {source.task}});
        touch(source.target, {piece.tensor, common}).moved_out.push_back(now());
        touch(target, {piece.tensor, common}).present.push_back(common);
      }
    }
  }

  void bind_outputs() {
    const std::set<TensorId> distinct(w_.outputs.begin(), w_.outputs.end());
    for (const TensorId tensor : distinct) {
      if (is_empty(tensor)) continue;
      if (w_.tensors[tensor].kind != TensorKind::kValue) {
        const Piece whole{tensor, Box::whole(w_.tensors[tensor].type.dims)};
        fetch(0, whole);
        made_[tensor] = {{0, whole.box, 0}};
      }
      for (const Made& made : made_[tensor]) {
        out_.outputs.push_back({made.target, {tensor, made.box}});
        out_.holdings.at({made.target, tensor}).last = out_.end();
      }
    }
  }

  TaskId now() const { return static_cast<TaskId>(out_.tasks.size()); }
  void add(Task task) { out_.tasks.push_back(std::move(task)); }

  Holding& hold(DeviceId target, const Piece& piece) {
    auto [found, fresh] = out_.holdings.try_emplace({target, piece.tensor});
    if (fresh) found->second.hull = piece.box;
    join(found->second.hull, piece.box);
    return found->second;
  }
  // The task added last touches this piece.
  Holding& touch(DeviceId target, const Piece& piece) {
    Holding& holding = hold(target, piece);
    holding.first = std::min(holding.first, now());
    holding.last = std::max(holding.last, now());
    return holding;
  }

  struct Made {
    DeviceId target = 0;
    Box box;
    TaskId task = 0;
  };
  const Workload& w_;
  const std::vector<PlanTarget>& targets_;
  const Placement& placement_;
  std::vector<std::vector<Made>> made_;  // by tensor
  Draft out_;
};

}  // namespace

std::int64_t Holding::size_bytes(Dtype dtype) const { return hull.volume() * cep::size_bytes(dtype); }

std::vector<std::optional<Box>> boxes_read(const Region& region) {
  std::vector<std::optional<Box>> out(region.count(ACP_ROLE_INPUT));
  const auto add = [&](std::uint32_t read, const Box& box) {
    const acp_operand& operand = region.operands[region.reads[read].operand];
    // A hull may reach past the tensor where a guard on another expression keeps the read inside.
    const Box inside = intersect(box, Box::whole(type_of(operand).dims));
    if (operand.role != ACP_ROLE_INPUT || inside.empty()) return;
    std::optional<Box>& hull = out[operand.slot];
    if (!hull) hull = inside;
    join(*hull, inside);
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

bool covers(const PlanTarget& target, const Node& node, const Region& region) {
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
  const OpDef* op = find_op(node.domain, node.op);
  acp::OpQuery query;
  query.op = node.domain + ":" + node.op;
  query.version = op == nullptr ? 1 : static_cast<std::uint32_t>(op->version);
  query.dtypes.assign(dtypes.begin(), dtypes.end());
  const auto match = acp::find_op_support(target.document, query);
  if (!match) return false;
  const acp::NumericContract& contract = target.document.contracts[match->contract];
  return acp::check_exact(contract, "").has_value() &&
         std::all_of(region.nests.begin(), region.nests.end(), [&](const acp_nest& nest) {
           return acp::check_exact(contract, kOrders[nest.order]).has_value();
         });
}

acp::Result<Draft> draft(const Workload& workload, const std::vector<PlanTarget>& targets,
                         const Placement& placement) {
  return Drafting(workload, targets, placement).run();
}

}  // namespace cep::planners
