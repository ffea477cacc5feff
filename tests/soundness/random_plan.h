// Random plans that are right, and random changes that may make them wrong.
#pragma once

#include <span>
#include <string_view>

#include "cep/plan.h"
#include "cep/verify.h"
#include "soundness/random_workload.h"

namespace cep::fuzz {

// The shim that a device names whose document does not keep the canonical numerics: what it makes, and what it moves, has other bits.
inline constexpr std::string_view kWeakShim = "weak";

// A plan that computes the workload at the grade it states: one to four devices of one or two arenas, now and then one that only moves
// bytes, and queues; nodes split by boxes of
// their outputs and by ranges of k (chains carried on, also in place or over no k, aligned shards of blocked orders, maxima that take a k
// twice, any shards where the plan declares it), copies between arenas, bytes used again once their contents are dead, and no more
// signals and waits than the conflicts between steps need.
[[nodiscard]] Plan random_plan(const Workload& workload, Random& random);

// A way to change a plan. apply() returns false when the plan has nothing of the kind.
struct Mutation {
  std::string_view name;
  bool (*apply)(Plan& plan, const Workload& workload, Random& random);
};
[[nodiscard]] std::span<const Mutation> mutations();

// Documents of devices that run every region program in every order and link everything: exactly, but for those of kWeakShim.
[[nodiscard]] Context generous_context(Plan& plan);

}  // namespace cep::fuzz
