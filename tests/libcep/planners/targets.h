// Targets of tests: devices that run everything exactly, and placements by hand.
#pragma once

#include "cep/planner.h"
#include "support/verify_text.h"

namespace cep::support {

inline std::vector<PlanTarget> exact_targets(const std::vector<std::string>& names) {
  std::vector<PlanTarget> targets(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    targets[i].device = {names[i], names[i], acp::Digest{}};
    targets[i].document = exact_device();
  }
  return targets;
}

inline Placement all_on(const Workload& workload, DeviceId target) {
  return Placement(workload.nodes.size(), {{target}, 0});
}

inline Plan planned(const Workload& workload, const std::vector<PlanTarget>& targets,
                    const Placement& placement) {
  auto plan = plan_workload(workload, targets, placement);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : acp::to_string(plan.error()));
  return plan ? std::move(*plan) : Plan{};
}

inline std::size_t steps_of(const Plan& plan, std::size_t kind) {
  return static_cast<std::size_t>(std::count_if(plan.steps.begin(), plan.steps.end(),
                                                [&](const Step& step) { return step.what.index() == kind; }));
}
inline constexpr std::size_t kComputeStep = 0, kCopyStep = 1, kSignalStep = 4, kWaitStep = 5;

}  // namespace cep::support
