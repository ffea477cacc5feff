// The verdict (CEP-VER-0): conditions in order, each from its own file.
#include "cep/verify.h"

#include <algorithm>
#include <set>

#include "verify/meaning.h"

namespace cep {

std::string_view condition_name(Condition condition) {
  switch (condition) {
    case Condition::kWellFormed: return "well-formed";
    case Condition::kCapability: return "capability";
    case Condition::kOrder: return "order";
    case Condition::kMemory: return "memory";
    case Condition::kMeaning: return "meaning";
    case Condition::kNumerics: return "numerics";
    case Condition::kCoverage: return "coverage";
  }
  return "unknown";
}

std::string to_string(const Finding& finding) {
  std::string text = finding.path + ": " + finding.message + " [" + finding.id + "]";
  return finding.step.empty() ? text : "step " + finding.step + ", " + text;
}

namespace {

class Findings {
 public:
  explicit Findings(const VerifyOptions& options) : options_(options) {}
  [[nodiscard]] bool on(Condition condition) const { return options_.without.count(condition) == 0; }
  void add(Condition condition, std::vector<Finding> found) {
    if (on(condition))
      all_.insert(all_.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] Verdict verdict() && {
    const bool certain = std::any_of(all_.begin(), all_.end(), [](const Finding& f) { return f.certain; });
    if (certain) return Refuted{std::move(all_)};
    return Undecided{std::move(all_)};
  }

 private:
  const VerifyOptions& options_;
  std::vector<Finding> all_;
};

std::vector<Assumption> assumptions_of(const Analysis& analysis, const Context& context) {
  std::vector<Assumption> out;
  std::set<DeviceId> used;
  for (std::size_t i = 0; i < analysis.steps.size(); ++i) {
    const DeviceId device = analysis.plan.queues[analysis.plan.steps[i].queue].device;
    if (!analysis.steps[i].region || !used.insert(device).second) continue;
    out.push_back({analysis.plan.devices[device].name, context.digests[device],
                   "runs region programs as its document's rows and contracts say"});
  }
  return out;
}

Proved proof_of(const Analysis& analysis, const Context& context, Schedule schedule, AbstractRun run) {
  const Plan& plan = analysis.plan;
  Proved proved;
  proved.guarantee = Grade::kBitwise;
  for (const TensorId tensor : analysis.workload.outputs) {
    Grade grade = Grade::kBitwise;
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      if (plan.outputs[i].tensor == tensor) grade = std::min(grade, run.output_grades[i]);
    }
    proved.outputs.push_back({analysis.workload.tensors[tensor].name, grade});
    proved.guarantee = std::min(proved.guarantee, grade);
  }
  proved.assumptions = assumptions_of(analysis, context);
  for (const Lowered& lowered : run.lowered) {
    proved.lowered_by.push_back("step " + plan.steps[lowered.step].name + ": " + lowered.reason);
  }
  proved.order = std::move(schedule.order);
  proved.facts = std::move(run.facts);
  proved.used = std::move(run.used);
  proved.made = std::move(run.made);
  proved.output_facts = std::move(run.output_facts);
  return proved;
}

}  // namespace

Verdict verify(const Workload& workload, const Plan& plan, const Context& context,
               const VerifyOptions& options) {
  // Condition 1 cannot be switched off: the others rely on it.
  if (auto found = check_well_formed(workload, plan, context); !found.empty())
    return Refuted{std::move(found)};
  Analysis analysis{workload, plan, {}, {}};
  if (auto found = analyse(analysis); !found.empty()) return Refuted{std::move(found)};

  Findings findings(options);
  std::vector<bool> exact;
  findings.add(Condition::kCapability, check_capability(analysis, context, exact));
  Schedule schedule;
  if (auto found = check_order(plan, schedule); !found.empty()) {
    // Without an order there is nothing to run.
    findings.add(Condition::kOrder, found);
    if (findings.on(Condition::kOrder)) return std::move(findings).verdict();
    schedule = Schedule{};
    order_as_written(plan, schedule);
  }
  findings.add(Condition::kMemory, check_memory(analysis, context, schedule));
  AbstractRun run = run_abstractly(analysis, schedule, exact, !findings.on(Condition::kMeaning));
  findings.add(Condition::kMeaning, run.findings);
  findings.add(Condition::kNumerics, check_numerics(analysis, run));
  findings.add(Condition::kCoverage, check_coverage(workload, plan));
  if (!findings.empty()) return std::move(findings).verdict();
  return proof_of(analysis, context, std::move(schedule), std::move(run));
}

}  // namespace cep
