// CEP-VER-6, numerics: what lowered an output below the canonical bits is declared, and the plan's guarantee is reached.
#include <algorithm>

#include "verify/meaning.h"

namespace cep {

std::vector<Finding> check_numerics(const Analysis& analysis, const AbstractRun& run) {
  const Plan& plan = analysis.plan;
  std::vector<Finding> findings;
  const auto add = [&](const char* id, const std::string& path, const std::string& step,
                       const std::string& message) {
    findings.push_back(finding(Condition::kNumerics, id, path, step, message));
  };
  for (const Lowered& lowered : run.lowered) {
    const bool declared = std::find(plan.reassociated.begin(), plan.reassociated.end(), lowered.node) !=
                          plan.reassociated.end();
    if (lowered.reassociated && !declared) {
      add("CEP-NUM-1", step_path(lowered.step), plan.steps[lowered.step].name,
          lowered.reason + ", and the plan does not declare it");
    }
  }
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    if (run.output_grades[i] >= plan.guarantee) continue;
    const std::string reason = run.lowered.empty() ? "" : ": " + run.lowered.front().reason;
    add("CEP-NUM-2", item_path("outputs", i),
        run.lowered.empty() ? "" : plan.steps[run.lowered.front().step].name,
        "is " + std::string(grade_name(run.output_grades[i])) + ", the plan promises " +
            std::string(grade_name(plan.guarantee)) + reason);
  }
  return findings;
}

}  // namespace cep
