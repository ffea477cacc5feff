// Which parts of which nodes run where, and which boxes move between targets for it.
#include "planners/draft.h"

#include <algorithm>
#include <set>

#include "planners/reduction.h"

namespace cep::planners {

namespace {

// A view of more separate runs than this is listed by its hull (CEP 6, memory), and two such parts of one buffer would seem to overlap.
constexpr std::int64_t kMaxRuns = 4096;

// The outputs of a node in equal parts along an axis; fewer where there is not enough to share.
std::vector<std::pair<std::int64_t, std::int64_t>> shares(std::int64_t extent, std::size_t count) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  out.reserve(count);
  const auto n = static_cast<std::int64_t>(count);
  for (std::int64_t i = 0; i < n; ++i) out.emplace_back(extent * i / n, extent * (i + 1) / n);
  return out;
}

// How many separate runs of bytes of its tensor a box lies in.
std::int64_t runs_of(const Box& box, const Dims& dims) {
  std::int64_t runs = 1, until_here = 1;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (box.hi[d] - box.lo[d] != dims[d]) runs = until_here;
    until_here *= box.hi[d] - box.lo[d];
  }
  return runs;
}

acp::Status check_runs(const Box& box, const Dims& dims, const std::string& path) {
  if (runs_of(box, dims) > kMaxRuns)
    return acp::over_limit("CEP-PLAN-4", path, "a part of it lies in more than 4096 runs of bytes");
  return acp::ok();
}

// What of a box lies in none of the others.
std::vector<Box> without(const Box& box, const std::vector<Box>& others) {
  std::vector<Box> open = {box};
  for (const Box& other : others) {
    std::vector<Box> rest;
    for (const Box& part : open) {
      for (Box& more : subtract(part, other)) rest.push_back(std::move(more));
    }
    open = std::move(rest);
  }
  return open;
}

// The program of a node, limited to a part of its reduction: past the first the start is not read.
Region limited_to(const Region& whole, const KRange& k) {
  Region region = whole;
  acp_nest& nest = region.nests.front();
  nest.k_begin = k.begin;
  nest.k_end = k.end;
  if (k.begin > 0) nest.init = ACP_NONE;
  return region;
}

// The program that adds so many tensors of a shape.
acp::Result<Region> sum_of(std::size_t count, const TensorType& type) {
  Plan plan;
  plan.buffers.push_back({"", 0, 0, type});
  const View view = whole_view(0, plan.buffers.front());
  return lower(plan, Combine{CombineOp::kAdd, CombineShape::kTree, std::vector<View>(count, view), view});
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
    ACP_CHECK(bind_outputs());
    for (auto& [key, holding] : out_.holdings) {
      const TensorKind kind = w_.tensors[key.tensor].kind;
      // Written once, for all runs of the plan.
      if (kind == TensorKind::kWeight || kind == TensorKind::kConstant) holding.last = out_.end();
    }
    return std::move(out_);
  }

 private:
  struct Made {
    DeviceId target = 0;
    Box box;
    TaskId task = 0;
  };
  // Of a split reduction: where each part's result lies, and what makes them whole (reduction.h).
  struct Pending {
    std::vector<Made> partials;
    std::vector<std::vector<std::uint32_t>> joins;
  };

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
    if (where.reduction) return place_reduction(node, where.targets, *region);
    const std::int64_t extent = w_.tensors[outputs[0]].type.dims[where.axis];
    const auto ranges = shares(extent, where.targets.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (ranges[i].first == ranges[i].second) continue;
      std::vector<Box> boxes;
      boxes.reserve(outputs.size());
      for (const TensorId id : outputs) {
        const Dims& dims = w_.tensors[id].type.dims;
        Box box = Box::whole(dims);
        box.lo[where.axis] = ranges[i].first;
        box.hi[where.axis] = ranges[i].second;
        ACP_CHECK(check_runs(box, dims, path));
        boxes.push_back(std::move(box));
      }
      ACP_CHECK(part(node, where.targets[i], *region, boxes));
    }
    return acp::ok();
  }

  // Each target runs one node of the reduction's tree and keeps its partial result.
  acp::Status place_reduction(NodeId id, const std::vector<DeviceId>& targets, const Region& region) {
    const Node& node = w_.nodes[id];
    ACP_TRY(ReductionCut cut, cut_of(node, targets.size(), region));
    const TensorId output = node.outputs.front();
    const Box whole = Box::whole(w_.tensors[output].type.dims);
    Pending& pending = pending_[output];
    for (std::size_t i = 0; i < targets.size(); ++i) {
      ACP_CHECK(part(id, targets[i], region, {whole}, {cut.parts[i]}, static_cast<std::uint32_t>(i) + 1));
      pending.partials.push_back({targets[i], whole, now()});
    }
    pending.joins = std::move(cut.joins);
    return acp::ok();
  }

  static acp::Result<ReductionCut> cut_of(const Node& node, std::size_t count, const Region& region) {
    const std::string path = "node " + node.name;
    const std::optional<SplitReduction> split = split_reduction(region);
    if (!split || (split->combiner != ACP_COMBINE_FMA && split->combiner != ACP_COMBINE_ADD)) {
      return acp::unsupported("CEP-PLAN-6", path,
                              "its program is not one sum that is its output; split along an axis instead");
    }
    if (split->order.kind != OrderKind::kBlockedTree) {
      return acp::unsupported("CEP-PLAN-6", path,
                              "its reduction is not in blocked tree order, so partial sums have other bits; "
                              "import with --order blocked:N, or split along an axis instead");
    }
    const std::int64_t blocks = blocks_of(split->length, split->order.block);
    const auto wanted = static_cast<std::int64_t>(count);
    if (blocks < wanted) {
      std::string message = "its reduction of " + std::to_string(split->length) + " has " +
                            std::to_string(blocks) + " blocks of " + std::to_string(split->order.block) +
                            " for " + std::to_string(wanted) + " devices";
      if (split->length >= wanted) {
        message += "; blocks of at most " + std::to_string((split->length - 1) / (wanted - 1)) + " would do";
      }
      return acp::unsupported("CEP-PLAN-7", path, message);
    }
    return cut_reduction(split->length, split->order.block, count);
  }

  acp::Status part(NodeId id, DeviceId target, const Region& whole, const std::vector<Box>& boxes,
                   std::optional<KRange> k = std::nullopt, std::uint32_t partial = 0) {
    const Node& node = w_.nodes[id];
    if (!covers(targets_[target], node, whole)) {
      return acp::unsupported(
          "CEP-PLAN-2", "node " + node.name,
          "the document of " + targets_[target].device.name + " does not cover " + node.op);
    }
    Part part{id, {}, {}, k};
    std::vector<TensorId> present;
    for (const TensorId tensor : node.inputs) {
      if (tensor != kNoId) present.push_back(tensor);
    }
    const std::vector<std::optional<Box>> reads =
        boxes_read(restrict_outputs(k ? limited_to(whole, *k) : whole, boxes));
    for (const std::uint32_t slot : inputs_read(whole)) {
      const TensorId tensor = present[slot];
      if (is_empty(tensor))
        return acp::unsupported("CEP-PLAN-3", "node " + node.name,
                                "reads \"" + w_.tensors[tensor].name + "\", which has no elements");
      // A step has a slice of every input. Of one that this part does not touch, the first element will do.
      const std::size_t rank = w_.tensors[tensor].type.dims.size();
      part.inputs.push_back({tensor, reads[slot].value_or(Box{Dims(rank, 0), Dims(rank, 1)})});
    }
    for (const Piece& piece : part.inputs) ACP_CHECK(fetch(target, piece));
    const bool whole_node = placement_[id].targets.size() == 1;
    add({whole_node ? node.name : node.name + ":" + targets_[target].device.name, target, {}, {}});
    for (const Piece& piece : part.inputs) touch(target, piece);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const Piece piece{node.outputs[i], boxes[i], partial};
      touch(target, piece).present.push_back(piece.box);
      if (partial == 0) made_[piece.tensor].push_back({target, piece.box, now()});
      part.outputs.push_back(piece);
    }
    out_.tasks.back().what = std::move(part);
    return acp::ok();
  }

  // Makes a box of a tensor present on a target: by the host, by moves from where its parts were made, or by a join of partial results.
  acp::Status fetch(DeviceId target, const Piece& piece) {
    Holding& holding = hold(target, piece);
    if (w_.tensors[piece.tensor].kind != TensorKind::kValue) {
      holding.given = true;
      holding.first = 0;
      return acp::ok();
    }
    for (const Box& box : without(piece.box, holding.present)) {
      for (const Made& source : made_[piece.tensor]) {
        const Box common = intersect(box, source.box);
        if (source.target != target && !common.empty()) move(source, target, {piece.tensor, common, 0});
      }
    }
    return join(target, piece);
  }

  void move(const Made& source, DeviceId target, const Piece& piece) {
    add({w_.tensors[piece.tensor].name + ":" + targets_[source.target].device.name + ":" +
             targets_[target].device.name,
         target,
         Move{source.target, piece},
         {source.task}});
    touch(source.target, piece).moved_out.push_back(now());
    touch(target, piece).present.push_back(piece.box);
  }

  // Joins, on this target, what no target has joined yet. Who needs it later copies it from here.
  acp::Status join(DeviceId target, const Piece& piece) {
    const auto found = pending_.find(piece.tensor);
    if (found == pending_.end()) return acp::ok();
    std::vector<Box> made;
    made.reserve(made_[piece.tensor].size());
    for (const Made& source : made_[piece.tensor]) made.push_back(source.box);
    const Pending& pending = found->second;
    for (const Box& box : without(piece.box, made)) {
      const Tensor& tensor = w_.tensors[piece.tensor];
      ACP_CHECK(check_runs(box, tensor.type.dims, "tensor " + tensor.name));
      std::uint32_t values = 0;
      for (const Made& partial : pending.partials) {
        ++values;
        if (partial.target != target) move(partial, target, {piece.tensor, box, values});
      }
      for (const std::vector<std::uint32_t>& inputs : pending.joins) {
        const bool root = &inputs == &pending.joins.back();
        ACP_CHECK(join(target, inputs, {piece.tensor, box, root ? 0 : ++values}));
      }
      made_[piece.tensor].push_back({target, box, now()});
    }
    return acp::ok();
  }

  acp::Status join(DeviceId target, const std::vector<std::uint32_t>& inputs, const Piece& output) {
    const Tensor& tensor = w_.tensors[output.tensor];
    ACP_TRY(const Region sum, sum_of(inputs.size(), {tensor.type.dtype, output.box.dims()}));
    const std::string& device = targets_[target].device.name;
    if (!covers(targets_[target], sum)) {
      return acp::unsupported("CEP-PLAN-2", "tensor " + tensor.name,
                              "the document of " + device + " does not cover the sum of partial results");
    }
    Join join{{}, output};
    join.inputs.reserve(inputs.size());
    for (const std::uint32_t value : inputs) join.inputs.push_back({output.tensor, output.box, value + 1});
    add({tensor.name + ":sum:" + device, target, {}, {}});
    for (const Piece& input : join.inputs) touch(target, input);
    touch(target, output).present.push_back(output.box);
    out_.tasks.back().what = std::move(join);
    return acp::ok();
  }

  acp::Status bind_outputs() {
    const std::set<TensorId> distinct(w_.outputs.begin(), w_.outputs.end());
    std::vector<Place> bound;
    for (const TensorId tensor : distinct) {
      if (is_empty(tensor)) continue;
      if (w_.tensors[tensor].kind != TensorKind::kValue) {
        const Piece whole{tensor, Box::whole(w_.tensors[tensor].type.dims), 0};
        ACP_CHECK(fetch(0, whole));
        made_[tensor] = {{0, whole.box, 0}};
      }
      const auto pending = pending_.find(tensor);
      if (pending != pending_.end()) {
        const Box whole = Box::whole(w_.tensors[tensor].type.dims);
        ACP_CHECK(join(pending->second.partials.front().target, {tensor, whole, 0}));
      }
      for (const Made& made : made_[tensor]) {
        out_.outputs.push_back({made.target, {tensor, made.box, 0}});
        bound.push_back({made.target, tensor, 0});
      }
    }
    // Kept to the end, which is known now.
    for (const Place& place : bound) out_.holdings.at(place).last = out_.end();
    return acp::ok();
  }

  TaskId now() const { return static_cast<TaskId>(out_.tasks.size()); }
  void add(Task task) { out_.tasks.push_back(std::move(task)); }

  Holding& hold(DeviceId target, const Piece& piece) {
    auto [found, fresh] = out_.holdings.try_emplace({target, piece.tensor, piece.partial});
    if (fresh) found->second.hull = piece.box;
    widen(found->second.hull, piece.box);
    return found->second;
  }
  // The task added last touches this piece.
  Holding& touch(DeviceId target, const Piece& piece) {
    Holding& holding = hold(target, piece);
    holding.first = std::min(holding.first, now());
    holding.last = std::max(holding.last, now());
    return holding;
  }

  const Workload& w_;
  const std::vector<PlanTarget>& targets_;
  const Placement& placement_;
  std::vector<std::vector<Made>> made_;  // by tensor
  std::map<TensorId, Pending> pending_;
  Draft out_;
};

}  // namespace

std::int64_t Holding::size_bytes(Dtype dtype) const { return hull.volume() * cep::size_bytes(dtype); }

acp::Result<Draft> draft(const Workload& workload, const std::vector<PlanTarget>& targets,
                         const Placement& placement) {
  return Drafting(workload, targets, placement).run();
}

}  // namespace cep::planners
