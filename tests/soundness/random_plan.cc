#include "soundness/random_plan.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "soundness/plan_sync.h"

namespace cep::fuzz {
namespace {

// A view that holds a box of a tensor.
struct Piece {
  Box box;
  View view;
};

class Planner {
 public:
  Planner(const Workload& workload, Random& random)
      : workload_(workload), random_(random), pieces_(workload.tensors.size()) {}

  Plan make() {
    plan_.name = "random";
    plan_.guarantee = chance(random_, 25) ? Grade::kReal : Grade::kBitwise;
    reuse_percent_ = chance(random_, 50) ? 60 : 0;
    make_devices();
    make_inputs();
    for (NodeId id = 0; id < workload_.nodes.size(); ++id) {
      make_node(id);
      bury_dead(id);
    }
    make_outputs();
    for (std::size_t i = 0; i < plan_.arenas.size(); ++i) plan_.arenas[i].size_bytes = tops_[i];
    synchronise(plan_, random_);
    return std::move(plan_);
  }

 private:
  template <typename T>
  const T& any_of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(random_() % choices.size())];
  }

  void make_devices() {
    const std::int64_t devices = between(random_, 1, 4);
    const std::int64_t movers = chance(random_, 30) ? 1 : 0;
    for (std::int64_t d = 0; d < devices + movers; ++d) {
      const auto device = static_cast<DeviceId>(d);
      // What is asked for over the reals may run where bits are not kept (kWeakShim).
      const bool weak = plan_.guarantee == Grade::kReal && chance(random_, 30);
      plan_.devices.push_back({"d" + std::to_string(d), std::string(weak ? kWeakShim : "cpu"), {}});
      for (std::int64_t a = chance(random_, 25) ? 2 : 1; a > 0; --a)
        plan_.arenas.push_back({"a" + std::to_string(plan_.arenas.size()), device, 0});
      plan_.queues.push_back({"q" + std::to_string(d), device});
    }
    if (movers > 0) mover_ = static_cast<QueueId>(devices);
    if (devices < 4 && chance(random_, 40))
      plan_.queues.push_back({"extra", static_cast<DeviceId>(between(random_, 0, devices - 1))});
    tops_.resize(plan_.arenas.size());
    dead_.resize(plan_.arenas.size());
  }
  QueueId some_queue() {
    std::vector<QueueId> computing;
    for (QueueId q = 0; q < plan_.queues.size(); ++q) {
      if (q != mover_) computing.push_back(q);
    }
    return any_of(computing);
  }
  DeviceId some_device() { return static_cast<DeviceId>(random_() % plan_.devices.size()); }
  DeviceId device_of(QueueId queue) const { return plan_.queues[queue].device; }
  DeviceId home(const View& view) const { return plan_.arenas[plan_.buffers[view.buffer].arena].device; }

  // A buffer over fresh bytes of the device, or over those of a dead one.
  BufferId allocate(DeviceId device, const TensorType& type) {
    const std::int64_t needed = volume(type.dims) * size_bytes(type.dtype);
    std::vector<ArenaId> arenas;
    for (ArenaId id = 0; id < plan_.arenas.size(); ++id) {
      if (plan_.arenas[id].device == device) arenas.push_back(id);
    }
    const ArenaId arena = any_of(arenas);
    Buffer buffer{"b" + std::to_string(plan_.buffers.size()), arena, 0, type};
    std::vector<BufferId>& dead = dead_[arena];
    if (!dead.empty() && chance(random_, reuse_percent_)) {
      const std::size_t at = static_cast<std::size_t>(random_() % dead.size());
      const Buffer& old = plan_.buffers[dead[at]];
      if (volume(old.type.dims) * size_bytes(old.type.dtype) >= needed) {
        buffer.offset_bytes = old.offset_bytes;
        dead.erase(dead.begin() + static_cast<std::ptrdiff_t>(at));
        plan_.buffers.push_back(buffer);
        return static_cast<BufferId>(plan_.buffers.size() - 1);
      }
    }
    buffer.offset_bytes = tops_[arena];
    tops_[arena] += (needed + 7) / 8 * 8;
    plan_.buffers.push_back(buffer);
    return static_cast<BufferId>(plan_.buffers.size() - 1);
  }
  View fresh_view(DeviceId device, Dtype dtype, const Dims& dims) {
    const BufferId id = allocate(device, {dtype, dims});
    return whole_view(id, plan_.buffers[id]);
  }
  View part_of(const Piece& piece, const Box& box) const {
    View view = piece.view;
    view.dims = box.dims();
    for (std::size_t d = 0; d < box.rank(); ++d) {
      view.offset_bytes +=
          (box.lo[d] - piece.box.lo[d]) * view.strides[d] * size_bytes(plan_.buffers[view.buffer].type.dtype);
    }
    return view;
  }

  template <typename What>
  void emit(QueueId queue, What what) {
    plan_.steps.push_back({"s" + std::to_string(plan_.steps.size()), queue, std::move(what)});
  }

  // Cuts a box along a random axis into up to `most` parts.
  std::vector<Box> cut(const Box& box, std::int64_t most) {
    std::vector<std::size_t> axes;
    for (std::size_t d = 0; d < box.rank(); ++d) {
      if (box.hi[d] - box.lo[d] > 1) axes.push_back(d);
    }
    if (axes.empty() || most < 2) return {box};
    const std::size_t axis = any_of(axes);
    std::vector<std::int64_t> bounds = cuts(box.lo[axis], box.hi[axis], most);
    std::vector<Box> parts;
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
      Box part = box;
      part.lo[axis] = bounds[i];
      part.hi[axis] = bounds[i + 1];
      parts.push_back(part);
    }
    return parts;
  }
  // lo, some points between, hi.
  std::vector<std::int64_t> cuts(std::int64_t lo, std::int64_t hi, std::int64_t most) {
    std::vector<std::int64_t> bounds = {lo, hi};
    for (std::int64_t i = between(random_, 1, most - 1); i > 0 && hi - lo > 1; --i)
      bounds.push_back(between(random_, lo + 1, hi - 1));
    std::sort(bounds.begin(), bounds.end());
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    return bounds;
  }

  void make_inputs() {
    for (TensorId id = 0; id < workload_.tensors.size(); ++id) {
      const Tensor& tensor = workload_.tensors[id];
      if (tensor.kind == TensorKind::kValue || volume(tensor.type.dims) == 0 || !is_read(id)) continue;
      const std::int64_t copies = chance(random_, 25) ? 2 : 1;
      for (std::int64_t c = 0; c < copies; ++c) {
        for (const Box& box : cut(Box::whole(tensor.type.dims), chance(random_, 30) ? 3 : 1)) {
          const View view = fresh_view(some_device(), tensor.type.dtype, box.dims());
          plan_.inputs.push_back({id, box, view});
          pieces_[id].push_back({box, view});
        }
      }
    }
  }
  // Read by the program of a node, not only while the workload was built.
  bool is_read(TensorId id) const {
    for (NodeId node = 0; node < workload_.nodes.size(); ++node) {
      const std::vector<TensorId> inputs = tensors_read(node);
      if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) return true;
    }
    return false;
  }
  std::vector<TensorId> tensors_read(NodeId id) const {
    const auto region = node_region(workload_, id);
    ACP_ASSERT(region.has_value());
    std::vector<TensorId> present;
    for (const TensorId input : workload_.nodes[id].inputs) {
      if (input != kNoId) present.push_back(input);
    }
    std::vector<TensorId> read;
    for (const std::uint32_t slot : inputs_read(*region)) read.push_back(present[slot]);
    return read;
  }

  // A view of a box of a tensor on a device: part of what is there already, or brought together by copies.
  View fetch(TensorId tensor, const Box& box, DeviceId device) {
    std::vector<Piece> fitting;
    for (const Piece& piece : pieces_[tensor]) {
      if (home(piece.view) == device && piece.box.contains(box)) fitting.push_back(piece);
    }
    if (!fitting.empty() && !chance(random_, 5)) return part_of(any_of(fitting), box);
    const View target = fresh_view(device, workload_.tensors[tensor].type.dtype, box.dims());
    const Piece whole{box, target};
    std::vector<Piece> sources = pieces_[tensor];
    std::shuffle(sources.begin(), sources.end(), random_);
    std::vector<Box> missing = {box};
    for (const Piece& source : sources) {
      std::vector<Box> left;
      for (const Box& want : missing) {
        const Box both = intersect(want, source.box);
        if (both.empty()) {
          left.push_back(want);
          continue;
        }
        emit(copy_queue(source.view, target), Copy{part_of(source, both), part_of(whole, both)});
        for (Box& rest : subtract(want, both)) left.push_back(std::move(rest));
      }
      missing = std::move(left);
    }
    ACP_ASSERT(missing.empty());
    pieces_[tensor].push_back(whole);
    return target;
  }
  // A queue of either end's device.
  QueueId copy_queue(const View& source, const View& target) {
    std::vector<QueueId> fitting;
    for (QueueId q = 0; q < plan_.queues.size(); ++q) {
      if (device_of(q) == home(source) || device_of(q) == home(target)) fitting.push_back(q);
    }
    return any_of(fitting);
  }
  View bring(const View& view, Dtype dtype, DeviceId device) {
    if (home(view) == device && !chance(random_, 5)) return view;
    const View target = fresh_view(device, dtype, view.dims);
    emit(copy_queue(view, target), Copy{view, target});
    partials_.push_back(target.buffer);
    return target;
  }

  // What the node's program reads for these outputs and this range of k.
  std::vector<Box> needed(NodeId node, const std::vector<Box>& outputs, const std::optional<KRange>& k) {
    Compute probe;
    probe.node = node;
    probe.k = k;
    const std::vector<TensorId> read = tensors_read(node);
    const auto dense = [&](TensorId id, const Box& box) {
      return Slice{id, box, {0, 0, box.dims(), row_major_strides(box.dims())}};
    };
    for (const TensorId id : read)
      probe.inputs.push_back(dense(id, Box::whole(workload_.tensors[id].type.dims)));
    for (std::size_t i = 0; i < outputs.size(); ++i)
      probe.outputs.push_back(dense(workload_.nodes[node].outputs[i], outputs[i]));
    const auto region = lower(workload_, probe);
    ACP_ASSERT(region.has_value());
    std::vector<std::optional<Box>> hulls(read.size());
    const auto reach = [&](std::uint32_t operand, const Box& box) {
      const acp_operand& window = region->operands[operand];
      if (window.role != ACP_ROLE_INPUT || box.empty()) return;
      std::optional<Box>& hull = hulls[window.slot];
      if (!hull) hull = box;
      for (std::size_t d = 0; d < box.rank(); ++d) {
        hull->lo[d] = std::min(hull->lo[d], box.lo[d]);
        hull->hi[d] = std::max(hull->hi[d], box.hi[d]);
      }
    };
    for (std::uint32_t nest = 0; nest < region->nests.size(); ++nest) {
      for (const ReadHull& hull : read_hulls(*region, nest))
        reach(region->reads[hull.read].operand, hull.box);
    }
    for (const acp_loop& loop : region->loops) {
      for (const std::uint32_t id : loop_reads(*region, loop)) {
        const std::uint32_t operand = region->reads[id].operand;
        reach(operand, Box::whole(type_of(region->operands[operand]).dims));
      }
    }
    std::vector<Box> boxes;
    for (std::size_t i = 0; i < read.size(); ++i) {
      const Dims& dims = workload_.tensors[read[i]].type.dims;
      Box box = hulls[i].value_or(Box{Dims(dims.size(), 0), Dims(dims.size(), 1)});
      // More than needed does no harm.
      for (std::size_t d = 0; d < dims.size(); ++d) {
        if (chance(random_, 8)) box.lo[d] = between(random_, 0, box.lo[d]);
        if (chance(random_, 8)) box.hi[d] = between(random_, box.hi[d], dims[d]);
      }
      boxes.push_back(box);
    }
    return boxes;
  }

  // One compute step; its outputs in these views, or in fresh ones.
  std::vector<View> compute(NodeId node, const std::vector<Box>& outputs, QueueId queue,
                            std::optional<KRange> k, std::optional<View> seed, std::vector<View> targets) {
    const DeviceId device = device_of(queue);
    Compute step;
    step.node = node;
    step.k = k;
    const std::vector<TensorId> read = tensors_read(node);
    const std::vector<Box> boxes = needed(node, outputs, k);
    for (std::size_t i = 0; i < read.size(); ++i)
      step.inputs.push_back({read[i], boxes[i], fetch(read[i], boxes[i], device)});
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const TensorId tensor = workload_.nodes[node].outputs[i];
      if (targets.size() <= i)
        targets.push_back(fresh_view(device, workload_.tensors[tensor].type.dtype, outputs[i].dims()));
      step.outputs.push_back({tensor, outputs[i], targets[i]});
    }
    step.seed = std::move(seed);
    emit(queue, std::move(step));
    return targets;
  }

  void make_node(NodeId id) {
    const Node& node = workload_.nodes[id];
    const auto region = node_region(workload_, id);
    ACP_ASSERT(region.has_value());
    std::vector<Box> wholes;
    for (const TensorId output : node.outputs)
      wholes.push_back(Box::whole(workload_.tensors[output].type.dims));
    // Nothing to make: no step has a box without elements.
    if (wholes.front().empty()) return;
    if (node.outputs.size() > 1) {
      const std::vector<View> views = compute(id, wholes, some_queue(), {}, {}, {});
      for (std::size_t i = 0; i < wholes.size(); ++i)
        pieces_[node.outputs[i]].push_back({wholes[i], views[i]});
      return;
    }
    const TensorId output = node.outputs.front();
    std::vector<Box> parts = {wholes.front()};
    if (chance(random_, 60)) parts = cut(wholes.front(), 3);
    if (chance(random_, 20)) {
      const std::vector<Box> again = cut(parts.back(), 2);
      parts.pop_back();
      parts.insert(parts.end(), again.begin(), again.end());
    }
    std::shuffle(parts.begin(), parts.end(), random_);
    const bool one_place = chance(random_, 50);  // all parts into one buffer, as far as they share a device
    std::vector<std::optional<View>> common(plan_.devices.size());
    std::vector<std::size_t> there(plan_.devices.size());
    for (const Box& part : parts) {
      const QueueId queue = some_queue();
      const DeviceId device = device_of(queue);
      std::vector<View> target;
      if (one_place) {
        if (!common[device])
          common[device] = fresh_view(device, workload_.tensors[output].type.dtype, wholes.front().dims());
        target = {part_of({wholes.front(), *common[device]}, part)};
        ++there[device];
      }
      const View view = make_part(id, part, queue, *region, target);
      pieces_[output].push_back({part, view});
      if (one_place && there[device] == parts.size())
        pieces_[output].push_back({wholes.front(), *common[device]});
    }
  }

  // One box of a node's only output: at once, or in ranges of k.
  View make_part(NodeId id, const Box& box, QueueId queue, const Region& region,
                 const std::vector<View>& target) {
    const std::optional<SplitReduction> split = split_reduction(region);
    if (!split || split->length < 2 || chance(random_, 30))
      return compute(id, {box}, queue, {}, {}, target).front();
    const bool real = plan_.guarantee == Grade::kReal && chance(random_, 60);
    const bool semilattice = split->combiner == ACP_COMBINE_MAX || split->combiner == ACP_COMBINE_MIN;
    if (real && !semilattice) {
      if (!split->starts_from_zero && !split->has_init && split->combiner != ACP_COMBINE_ADD)
        return compute(id, {box}, queue, {}, {}, target).front();
      if (std::find(plan_.reassociated.begin(), plan_.reassociated.end(), id) == plan_.reassociated.end())
        plan_.reassociated.push_back(id);
      return shards(id, box, queue, *split, target, cuts(0, split->length, 4), true);
    }
    if (semilattice) return shards(id, box, queue, *split, target, cuts(0, split->length, 4), true);
    switch (split->order.kind) {
      case OrderKind::kChain: return carried(id, box, queue, *split, target);
      case OrderKind::kBlockedTree:
        return shards(id, box, queue, *split, target, aligned_cuts(*split), false);
      case OrderKind::kBlockedIndex:
        return shards(id, box, queue, *split, target, prefix_cuts(*split), false);
      default: return compute(id, {box}, queue, {}, {}, target).front();
    }
  }

  // A chain: each range of k continues from the accumulator of the one before.
  View carried(NodeId id, const Box& box, QueueId last_queue, const SplitReduction& split,
               const std::vector<View>& target) {
    std::vector<std::int64_t> bounds = cuts(0, split.length, 3);
    // A range of no k hands the state on; before the first k there is one only where the node has an init.
    if (chance(random_, 15)) {
      const auto at = static_cast<std::size_t>(between(random_, split.has_init ? 0 : 1, 1));
      bounds.insert(bounds.begin() + static_cast<std::ptrdiff_t>(at), bounds[at]);
    }
    const Dtype dtype = workload_.tensors[workload_.nodes[id].outputs.front()].type.dtype;
    std::optional<View> state;
    // The start of the chain may be written out.
    if (split.zero_bits && chance(random_, 20)) {
      const QueueId queue = mover_ && chance(random_, 50) ? *mover_ : some_queue();
      state = fresh_view(device_of(queue), dtype, box.dims());
      emit(queue, Fill{*state, *split.zero_bits});
      partials_.push_back(state->buffer);
    }
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
      const bool last = i + 2 == bounds.size();
      const QueueId queue = last ? last_queue : some_queue();
      std::optional<View> seed;
      if (state) seed = bring(*state, dtype, device_of(queue));
      std::vector<View> into = last ? target : std::vector<View>{};
      // Where it stands, now and then; the last state is no partial result any more.
      const bool in_place = seed && into.empty() && chance(random_, 40);
      if (in_place) into = {*seed};
      if (in_place && last) std::erase(partials_, seed->buffer);
      state = compute(id, {box}, queue, KRange{bounds[i], bounds[i + 1]}, seed, std::move(into)).front();
      if (!last && !in_place) partials_.push_back(state->buffer);
    }
    return *state;
  }

  // Shards of 2^level blocks: every one a node of the canonical tree.
  std::vector<std::int64_t> aligned_cuts(const SplitReduction& split) {
    const std::int64_t size = std::int64_t{split.order.block} << between(random_, 0, 2);
    std::vector<std::int64_t> bounds;
    for (std::int64_t k = 0; k < split.length; k += size) bounds.push_back(k);
    bounds.push_back(split.length);
    return bounds;
  }
  // A prefix of whole blocks, then single blocks.
  std::vector<std::int64_t> prefix_cuts(const SplitReduction& split) {
    const std::int64_t block = split.order.block;
    const std::int64_t blocks = (split.length + block - 1) / block;
    std::vector<std::int64_t> bounds = {0};
    for (std::int64_t b = between(random_, 1, blocks); b < blocks; ++b) bounds.push_back(b * block);
    bounds.push_back(split.length);
    return bounds;
  }

  // Ranges of k side by side, then joined. any_order: as the plan likes; else as the node's canonical order says.
  View shards(NodeId id, const Box& box, QueueId queue, const SplitReduction& split,
              const std::vector<View>& target, const std::vector<std::int64_t>& bounds, bool any_order) {
    if (bounds.size() == 2) return compute(id, {box}, queue, KRange{0, split.length}, {}, target).front();
    const DeviceId device = device_of(queue);
    const Dtype dtype = workload_.tensors[workload_.nodes[id].outputs.front()].type.dtype;
    const bool extremum = split.combiner == ACP_COMBINE_MAX || split.combiner == ACP_COMBINE_MIN;
    std::vector<View> parts;
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
      KRange k{bounds[i], bounds[i + 1]};
      // A maximum takes any k twice; all of them, or two parts of three that have all, would be no part any more.
      if (extremum && bounds.size() == 3 && i == 1 && chance(random_, 30))
        k.begin = between(random_, 1, k.begin);
      const View part = compute(id, {box}, some_queue(), k, {}, {}).front();
      partials_.push_back(part.buffer);
      parts.push_back(bring(part, dtype, device));
    }
    Combine last;
    last.op = split.combiner == ACP_COMBINE_MAX   ? CombineOp::kMax
              : split.combiner == ACP_COMBINE_MIN ? CombineOp::kMin
                                                  : CombineOp::kAdd;
    last.shape = split.order.kind == OrderKind::kBlockedTree ? CombineShape::kTree : CombineShape::kFold;
    if (any_order) {
      std::shuffle(parts.begin(), parts.end(), random_);
      last.shape = chance(random_, 50) ? CombineShape::kTree : CombineShape::kFold;
    }
    // The first level of the tree, or the first steps of the fold, as a step of its own now and then.
    if (parts.size() > 2 && chance(random_, 40)) {
      Combine first = last;
      first.inputs = {parts[0], parts[1]};
      first.target = fresh_view(device, dtype, box.dims());
      const bool tree = last.shape == CombineShape::kTree;
      emit(queue, first);
      partials_.push_back(first.target.buffer);
      std::vector<View> rest = {first.target};
      std::size_t i = 2;
      for (; tree && i + 1 < parts.size(); i += 2) {
        Combine next = last;
        next.inputs = {parts[i], parts[i + 1]};
        next.target = fresh_view(device, dtype, box.dims());
        emit(queue, next);
        partials_.push_back(next.target.buffer);
        rest.push_back(next.target);
      }
      rest.insert(rest.end(), parts.begin() + static_cast<std::ptrdiff_t>(i), parts.end());
      parts = std::move(rest);
    }
    last.inputs = std::move(parts);
    last.target = target.empty() ? fresh_view(device, dtype, box.dims()) : target.front();
    emit(queue, last);
    return last.target;
  }

  // Gives back the bytes of what no later node and no output needs.
  void bury_dead(NodeId now) {
    for (const BufferId id : partials_) dead_[plan_.buffers[id].arena].push_back(id);
    partials_.clear();
    for (TensorId id = 0; id < workload_.tensors.size(); ++id) {
      // The host writes its inputs anew before every run, so their bytes are free after their last use as well.
      const bool value = workload_.tensors[id].kind == TensorKind::kValue ||
                         workload_.tensors[id].kind == TensorKind::kInput;
      const bool output =
          std::find(workload_.outputs.begin(), workload_.outputs.end(), id) != workload_.outputs.end();
      if (!value || output || pieces_[id].empty() || used_after(id, now)) continue;
      std::vector<BufferId> buffers;
      for (const Piece& piece : pieces_[id]) buffers.push_back(piece.view.buffer);
      std::sort(buffers.begin(), buffers.end());
      buffers.erase(std::unique(buffers.begin(), buffers.end()), buffers.end());
      for (const BufferId buffer : buffers) dead_[plan_.buffers[buffer].arena].push_back(buffer);
      pieces_[id].clear();
    }
  }
  bool used_after(TensorId id, NodeId now) const {
    for (NodeId node = now + 1; node < workload_.nodes.size(); ++node) {
      const auto& inputs = workload_.nodes[node].inputs;
      if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) return true;
    }
    return false;
  }

  // By way of the device that computes nothing, if there is one: there from one place to another.
  View moved(const View& view) {
    if (!mover_ || chance(random_, 40)) return view;
    const Dtype dtype = plan_.buffers[view.buffer].type.dtype;
    const View there = fresh_view(device_of(*mover_), dtype, view.dims);
    emit(copy_queue(view, there), Copy{view, there});
    const View aside = fresh_view(device_of(*mover_), dtype, view.dims);
    emit(*mover_, Copy{there, aside});
    return aside;
  }

  void make_outputs() {
    for (const TensorId id : workload_.outputs) {
      if (volume(workload_.tensors[id].type.dims) == 0) continue;
      std::vector<Box> missing = {Box::whole(workload_.tensors[id].type.dims)};
      if (chance(random_, 40)) {
        plan_.outputs.push_back({id, missing.front(), moved(fetch(id, missing.front(), some_device()))});
        continue;
      }
      std::vector<Piece> pieces = pieces_[id];
      std::shuffle(pieces.begin(), pieces.end(), random_);
      for (const Piece& piece : pieces) {
        std::vector<Box> left;
        for (const Box& want : missing) {
          const Box both = intersect(want, piece.box);
          if (both.empty()) {
            left.push_back(want);
            continue;
          }
          plan_.outputs.push_back({id, both, moved(part_of(piece, both))});
          for (Box& rest : subtract(want, both)) left.push_back(std::move(rest));
        }
        missing = std::move(left);
      }
      ACP_ASSERT(missing.empty());
    }
  }

  const Workload& workload_;
  Random& random_;
  Plan plan_;
  std::vector<std::vector<Piece>> pieces_;   // by tensor
  std::vector<std::int64_t> tops_;           // by arena
  std::vector<std::vector<BufferId>> dead_;  // by arena
  std::vector<BufferId> partials_;
  std::optional<QueueId> mover_;  // of a device that fills and copies, and computes nothing
  int reuse_percent_ = 0;
};

}  // namespace

Plan random_plan(const Workload& workload, Random& random) { return Planner(workload, random).make(); }

}  // namespace cep::fuzz
