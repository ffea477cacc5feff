// Collective: what a group of queues does together, defined by the steps of a plan that it expands into.
//
// A plan holds the steps alone; so everything that is proved of steps (CEP 6) is proved of collectives, with no rule of their own.
// Spec     CEP 5.9 (collectives).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cep/plan.h"

namespace cep {

// One that takes part: the queue that does its share, and the timeline by which it says how far it is.
struct Member {
  QueueId queue = 0;
  TimelineId timeline = 0;
  bool operator==(const Member&) const = default;
};

enum class CollectiveKind : std::uint8_t {
  kAllGather,      // everyone gets all inputs, joined along an axis
  kReduceScatter,  // the inputs are added; everyone gets a piece of the sum, in order along an axis
  kAllReduce,      // everyone gets the whole sum
  kAllToAll,  // everyone cuts its input into equal parts along one axis, and joins what it gets along another
  kBroadcast,  // everyone gets the root's input
};
[[nodiscard]] std::span<const CollectiveKind> collective_kinds();
[[nodiscard]] std::string_view collective_name(CollectiveKind kind);
// Does it join values by an operator, and so need scratch?
[[nodiscard]] bool reduces(CollectiveKind kind);

struct Collective {
  std::string name;  // in front of the names of its steps
  CollectiveKind kind = CollectiveKind::kAllGather;
  std::vector<Member> members;
  std::size_t axis = 0;    // joined (all-gather) or cut (the others)
  std::size_t joined = 0;  // all-to-all: the axis along which it is joined
  std::size_t root = 0;    // broadcast: a member
  CombineOp op = CombineOp::kAdd;
  CombineShape shape = CombineShape::kFold;  // in the order of members
  // In the order of members; of a broadcast one input, the root's. Scratch: room for a piece of each member, [members, piece...].
  std::vector<View> inputs, scratch, outputs;
};

// The steps, to be appended to the plan's. `raised`: of each timeline of the plan, the value it has been raised to so far; raised on.
// A member's step `NAME:start:i` says that its input may be read, `NAME:finish:i` that it has all it needs of the others; behind the last step
// of a member's queue its output is there, and nobody reads its input any more. But for an all-to-all an input may lie where the output does.
// Errors   CEP-COLL-1 members; CEP-COLL-2 numbers of views; CEP-COLL-3 element types, ranks or extents that do not fit;
//          CEP-COLL-4 a limit.
// Cost     linear in the steps, which are quadratic in the members.
// Spec     CEP 5.9 (collectives).
[[nodiscard]] acp::Result<std::vector<Step>> expand(const Plan& plan, const Collective& collective,
                                                    std::span<std::uint64_t> raised);

}  // namespace cep
