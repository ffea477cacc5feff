// Conditions 5 and 6: the abstract run. It executes a plan once, over facts instead of bytes, in an order that condition 3 allows;
// condition 4 makes all such orders equal.
#pragma once

#include "verify/fact_store.h"
#include "verify/schedule.h"

namespace cep {

// A step at which a sum left its canonical order, or a device does not keep it.
struct Lowered {
  StepId step = 0;
  NodeId node = 0;
  bool reassociated = false;  // false: the device's contract
  std::string reason;
};

struct AbstractRun {
  std::vector<Finding> findings;  // of condition 5
  std::vector<Lowered> lowered;
  std::vector<Grade> output_grades;  // per plan.outputs
  std::vector<Fact> facts;
  std::vector<std::vector<std::uint32_t>> used;  // per step
  std::vector<std::vector<std::uint32_t>> made;
  std::vector<std::uint32_t> output_facts;
};

// believe: condition 5 is switched off, and every claim of the plan is taken as it stands.
[[nodiscard]] AbstractRun run_abstractly(const Analysis& analysis, const Schedule& schedule,
                                         const std::vector<bool>& exact, bool believe);

// Condition 6: nothing was lowered that the plan does not declare, and every output reaches the plan's guarantee.
[[nodiscard]] std::vector<Finding> check_numerics(const Analysis& analysis, const AbstractRun& run);

}  // namespace cep
