// Draft: a plan before its memory and its signals. Parts of nodes, moves of boxes and joins of partial results, in one order that keeps
// every dependency, and for each tensor on each target the one place that holds what is needed of it there.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cep/planner.h"

namespace cep::planners {

using TaskId = std::uint32_t;  // from 1; 0 is before the first task

struct Piece {
  TensorId tensor = 0;
  Box box;
  std::uint32_t partial = 0;  // 0: the tensor's values; n: of its n-th partial result
};

// A node's outputs in these boxes, on the task's target; of a reduction perhaps this range only.
struct Part {
  NodeId node = 0;
  std::vector<Piece> inputs;
  std::vector<Piece> outputs;
  std::optional<KRange> k;
};
// Fetches a box from another target; the task's own target does the copy, so that only its queue writes its memory.
struct Move {
  DeviceId from = 0;
  Piece piece;
};
// Adds partial results of one box, level by level.
struct Join {
  std::vector<Piece> inputs;
  Piece output;
};
struct Task {
  std::string name;
  DeviceId target = 0;
  std::variant<Part, Move, Join> what;
  std::vector<TaskId> after;  // tasks of other targets that must be over before it begins
};

struct Place {
  DeviceId target = 0;
  TensorId tensor = 0;
  std::uint32_t partial = 0;  // as in Piece
  auto operator<=>(const Place&) const = default;
};
// Where a target holds a tensor: a buffer around every box of it that the target makes, fetches or is given.
struct Holding {
  Box hull;
  bool given = false;    // the host writes it
  TaskId first = kNoId;  // the first and the last task that touch it
  TaskId last = 0;
  std::vector<Box> present;       // what it holds when all tasks so far are done
  std::vector<TaskId> moved_out;  // moves that read it
  std::int64_t offset_bytes = 0;  // in the target's arena, once memory is given out
  [[nodiscard]] std::int64_t size_bytes(Dtype dtype) const;
};

struct Draft {
  std::vector<Task> tasks;  // task t is tasks[t - 1]
  std::map<Place, Holding> holdings;
  std::vector<std::pair<DeviceId, Piece>> outputs;
  std::vector<std::int64_t> arena_bytes;  // per target

  [[nodiscard]] TaskId end() const { return static_cast<TaskId>(tasks.size()) + 1; }
};

// Widens the hull to hold the box.
void widen(Box& hull, const Box& box);

// What a program restricted to boxes of its outputs reads of each input slot; nothing where it reads none of it.
[[nodiscard]] std::vector<std::optional<Box>> boxes_read(const Region& region);

// Whether a target's document says that it runs this node's program, to the bit; or any program that is no node's.
[[nodiscard]] bool covers(const PlanTarget& target, const Node& node, const Region& region);
[[nodiscard]] bool covers(const PlanTarget& target, const Region& region);

// Errors   CEP-PLAN-2, CEP-PLAN-3, CEP-PLAN-4, CEP-PLAN-6, CEP-PLAN-7.
// Spec     CEP 5.8.
[[nodiscard]] acp::Result<Draft> draft(const Workload& workload, const std::vector<PlanTarget>& targets,
                                       const Placement& placement);

// Gives every holding its bytes, and makes first writes wait for the moves that still read those bytes.
void place_memory(const Workload& workload, Draft& draft);

// Per task: what its queue waits for first, and whether it is signalled when it is over. A wait that others imply is left out.
struct Synchronisation {
  std::vector<std::vector<TaskId>> waits;  // by task - 1
  std::vector<bool> signalled;             // by task - 1
};
[[nodiscard]] Synchronisation synchronise(const Draft& draft, std::size_t targets);

}  // namespace cep::planners
