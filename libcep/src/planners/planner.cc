// From a draft to a plan: arenas, buffers, queues, timelines and steps.
#include "cep/planner.h"

#include <algorithm>
#include <set>

#include "cep/certificate.h"
#include "planners/draft.h"

namespace cep {

namespace {

using planners::Draft;
using planners::Holding;
using planners::Join;
using planners::Move;
using planners::Part;
using planners::Piece;
using planners::Place;
using planners::Synchronisation;
using planners::Task;
using planners::TaskId;

// Names of one kind: as wanted where that is free and not too long, else with a number behind.
class Names {
 public:
  std::string take(std::string wanted) {
    constexpr std::size_t kMaxBytes = 200;  // of the 256 of CEP 5.5, so that the number fits
    if (wanted.size() > kMaxBytes) wanted.resize(kMaxBytes);
    std::string name = wanted;
    for (std::uint32_t n = 2; !taken_.insert(name).second; ++n) name = wanted + ":" + std::to_string(n);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

class Writer {
 public:
  Writer(const Workload& workload, const std::vector<PlanTarget>& targets, const Draft& draft)
      : w_(workload),
        targets_(targets),
        draft_(draft),
        sync_(planners::synchronise(draft, targets.size())),
        id_(targets.size(), kNoId),
        timeline_(targets.size(), kNoId),
        value_(targets.size(), 0),
        point_(draft.tasks.size(), 0) {}

  Plan run() && {
    plan_.name = w_.name;
    plan_.workload = digest_of(w_);
    devices();
    buffers();
    timelines();
    for (const auto& [target, piece] : draft_.outputs) plan_.outputs.push_back(slice(target, piece));
    // Names of nodes are free for the steps that run them whole.
    for (const Task& task : draft_.tasks) task_names_.push_back(steps_.take(task.name));
    for (TaskId task = 1; task <= draft_.tasks.size(); ++task) steps(task);
    return std::move(plan_);
  }

 private:
  void devices() {
    std::vector<bool> used(targets_.size(), false);
    for (const auto& [key, holding] : draft_.holdings) used[key.target] = true;
    if (std::find(used.begin(), used.end(), true) == used.end()) used[0] = true;
    for (DeviceId target = 0; target < targets_.size(); ++target) {
      if (!used[target]) continue;
      id_[target] = static_cast<DeviceId>(plan_.devices.size());
      const Device& device = targets_[target].device;
      plan_.devices.push_back(device);
      plan_.arenas.push_back({device.name + ":memory", id_[target], draft_.arena_bytes[target]});
      plan_.queues.push_back({device.name + ":queue", id_[target]});
    }
  }

  void buffers() {
    Names names;
    for (const auto& [key, holding] : draft_.holdings) {
      const auto& [target, tensor, partial] = key;
      const TensorType& type = w_.tensors[tensor].type;
      const std::string name = w_.tensors[tensor].name + (partial == 0 ? "" : ":" + std::to_string(partial));
      buffer_[key] = static_cast<BufferId>(plan_.buffers.size());
      plan_.buffers.push_back({names.take(name + ":" + targets_[target].device.name),
                               id_[target],
                               holding.offset_bytes,
                               {type.dtype, holding.hull.dims()}});
      if (holding.given) plan_.inputs.push_back(slice(target, {tensor, holding.hull, partial}));
    }
  }

  void timelines() {
    for (TaskId task = 1; task <= draft_.tasks.size(); ++task) {
      const DeviceId target = draft_.tasks[task - 1].target;
      if (!sync_.signalled[task - 1]) continue;
      if (timeline_[target] == kNoId) {
        timeline_[target] = static_cast<TimelineId>(plan_.timelines.size());
        plan_.timelines.push_back({targets_[target].device.name + ":done", id_[target]});
      }
      point_[task - 1] = ++value_[target];
    }
  }

  View view(DeviceId target, const Piece& piece) const {
    const Holding& holding = draft_.holdings.at({target, piece.tensor, piece.partial});
    const BufferId id = buffer_.at({target, piece.tensor, piece.partial});
    Box box = piece.box;
    for (std::size_t d = 0; d < box.rank(); ++d) {
      box.lo[d] -= holding.hull.lo[d];
      box.hi[d] -= holding.hull.lo[d];
    }
    return box_view(id, plan_.buffers[id], box);
  }
  Slice slice(DeviceId target, const Piece& piece) const {
    return {piece.tensor, piece.box, view(target, piece)};
  }

  void steps(TaskId id) {
    const Task& task = draft_.tasks[id - 1];
    const QueueId queue = id_[task.target];
    const std::string& own = targets_[task.target].device.name;
    for (const TaskId before : sync_.waits[id - 1]) {
      const DeviceId other = draft_.tasks[before - 1].target;
      const std::uint64_t value = point_[before - 1];
      plan_.steps.push_back(
          {steps_.take(own + ":wait:" + targets_[other].device.name + ":" + std::to_string(value)), queue,
           Wait{timeline_[other], value}});
    }
    Step step{task_names_[id - 1], queue, {}};
    if (const auto* part = std::get_if<Part>(&task.what)) {
      Compute compute{part->node, {}, {}, part->k, {}};
      for (const Piece& piece : part->inputs) compute.inputs.push_back(slice(task.target, piece));
      for (const Piece& piece : part->outputs) compute.outputs.push_back(slice(task.target, piece));
      step.what = std::move(compute);
    } else if (const auto* join = std::get_if<Join>(&task.what)) {
      Combine combine{CombineOp::kAdd, CombineShape::kTree, {}, view(task.target, join->output)};
      combine.inputs.reserve(join->inputs.size());
      for (const Piece& piece : join->inputs) combine.inputs.push_back(view(task.target, piece));
      step.what = std::move(combine);
    } else {
      const Move& move = std::get<Move>(task.what);
      step.what = Copy{view(move.from, move.piece), view(task.target, move.piece)};
    }
    plan_.steps.push_back(std::move(step));
    if (!sync_.signalled[id - 1]) return;
    plan_.steps.push_back({steps_.take(own + ":signal:" + std::to_string(point_[id - 1])), queue,
                           Signal{timeline_[task.target], point_[id - 1]}});
  }

  const Workload& w_;
  const std::vector<PlanTarget>& targets_;
  const Draft& draft_;
  const Synchronisation sync_;
  std::vector<DeviceId> id_;  // of a target in the plan
  std::vector<TimelineId> timeline_;
  std::vector<std::uint64_t> value_;
  std::vector<std::uint64_t> point_;  // by task - 1
  std::map<Place, BufferId> buffer_;
  std::vector<std::string> task_names_;
  Names steps_;
  Plan plan_;
};

acp::Status check_placement(const Workload& workload, const std::vector<PlanTarget>& targets,
                            const Placement& placement) {
  const auto bad = [](std::string path, const char* why) {
    return acp::invalid("CEP-PLAN-1", std::move(path), why);
  };
  if (targets.empty()) return bad("targets", "nothing to plan for");
  std::set<std::string> names;
  for (const PlanTarget& target : targets) {
    if (!names.insert(target.device.name).second) return bad("targets", "two devices of one name");
  }
  if (placement.size() != workload.nodes.size()) return bad("placement", "not one entry per node");
  for (NodeId node = 0; node < placement.size(); ++node) {
    const NodePlacement& where = placement[node];
    const std::string path = "node " + workload.nodes[node].name;
    const std::set<DeviceId> distinct(where.targets.begin(), where.targets.end());
    if (distinct.empty() || distinct.size() != where.targets.size() || *distinct.rbegin() >= targets.size())
      return bad(path, "no device, one that is not there, or one twice");
    if (distinct.size() == 1 || where.reduction) continue;
    const std::vector<TensorId>& outputs = workload.nodes[node].outputs;
    for (const TensorId id : outputs) {
      const Dims& dims = workload.tensors[id].type.dims;
      if (where.axis >= dims.size() || dims[where.axis] != workload.tensors[outputs[0]].type.dims[where.axis])
        return bad(path, "its outputs do not share the axis it is split along");
    }
  }
  return acp::ok();
}

}  // namespace

acp::Result<Plan> plan_workload(const Workload& workload, const std::vector<PlanTarget>& targets,
                                const Placement& placement) {
  ACP_CHECK(check_placement(workload, targets, placement));
  ACP_TRY(Draft draft, planners::draft(workload, targets, placement));
  draft.arena_bytes.assign(targets.size(), 0);
  planners::place_memory(workload, draft);
  return Writer(workload, targets, draft).run();
}

}  // namespace cep
