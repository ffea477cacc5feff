// Random plans that are right, and random changes that may make them wrong.
#pragma once

#include <span>
#include <string_view>

#include "cep/plan.h"
#include "cep/verify.h"
#include "soundness/random_workload.h"

namespace cep::fuzz {

// A plan that computes the workload at the grade it states: one to four devices and queues, nodes split by boxes of their outputs and
// by ranges of k (carried chains, aligned shards of blocked orders, any shards where the plan declares it), copies between arenas,
// bytes used again once their contents are dead, and no more signals and waits than the conflicts between steps need.
[[nodiscard]] Plan random_plan(const Workload& workload, Random& random);

// A way to change a plan. apply() returns false when the plan has nothing of the kind.
struct Mutation {
  std::string_view name;
  bool (*apply)(Plan& plan, const Workload& workload, Random& random);
};
[[nodiscard]] std::span<const Mutation> mutations();

// Documents of devices that run every region program in every order exactly and link everything.
[[nodiscard]] Context generous_context(Plan& plan);

}  // namespace cep::fuzz
