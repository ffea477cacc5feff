// Condition 3, order: the happens-before relation of queues and timelines.
#pragma once

#include "verify/analysis.h"

namespace cep {

// Built from a well-formed plan. When check_order found nothing, `order` lists every step, and before() answers.
struct Schedule {
  std::vector<StepId> order;  // a topological order; ties go to the step that stands first in the plan
  std::vector<std::uint32_t> position;  // of a step in its queue, from 1
  std::vector<std::vector<std::uint32_t>>
      clock;  // per step and queue: how many of its steps are over before this one starts, itself included
  // Whether step a is over before step b starts, in every execution.
  [[nodiscard]] bool before(const Plan& plan, StepId a, StepId b) const;
};
[[nodiscard]] std::vector<Finding> check_order(const Plan& plan, Schedule& schedule);

// Condition 3 switched off: steps run one after the other as the plan lists them.
void order_as_written(const Plan& plan, Schedule& schedule);

// Condition 2: devices, their documents, and what each step needs of them. Fills, per step, whether the device keeps the
// canonical numerics exactly.
[[nodiscard]] std::vector<Finding> check_capability(const Analysis& analysis, const Context& context,
                                                    std::vector<bool>& exact);
// Condition 4: races, aliasing inside a step, capacity.
[[nodiscard]] std::vector<Finding> check_memory(const Analysis& analysis, const Context& context,
                                                const Schedule& schedule);
// Condition 8: every element of every output bound exactly once.
[[nodiscard]] std::vector<Finding> check_coverage(const Workload& workload, const Plan& plan);

}  // namespace cep
