// Verifying plan text in tests: devices that claim everything, edits of single lines, and what a verdict says.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cep/verify.h"
#include "support/edit.h"
#include "support/thread_plan.h"

namespace cep::support {

// A device that runs every region program with the canonical numerics in every order.
inline acp::Class exact_device() {
  acp::Class document;
  document.identity = {"test", "exact", "a0", "1"};
  document.memories = {{"main", 1 << 20, 64}};
  document.links = {{"host", "main"}, {"main", "host"}};
  document.contracts = {{"exact",
                         acp::Rounding::kNearestEven,
                         acp::Subnormals::kKept,
                         acp::Nan::kCanonical,
                         acp::Contraction::kFma,
                         {"chain", "blocked_tree", "blocked_index", "lanes32"}}};
  document.ops = {{std::string(acp::kRegionOp), 1, {"f32", "i32", "i64", "bool"}, "exact", {}}};
  return document;
}

inline Context exact_context(const Plan& plan) {
  Context context;
  for (const Device& device : plan.devices) {
    context.documents.push_back(exact_device());
    context.digests.push_back(device.document);
  }
  return context;
}

inline Plan plan_of(const Workload& workload, const std::string& text) {
  auto plan = parse_plan(text, workload);
  EXPECT_TRUE(plan.has_value()) << (plan ? "" : acp::to_string(plan.error()));
  return plan ? *plan : Plan{};
}

inline const std::vector<Finding>& findings_of(const Verdict& verdict) {
  static const std::vector<Finding> none;
  if (const auto* refuted = std::get_if<Refuted>(&verdict)) return refuted->findings;
  if (const auto* undecided = std::get_if<Undecided>(&verdict)) return undecided->findings;
  return none;
}

inline std::string describe(const Verdict& verdict) {
  if (const auto* proved = std::get_if<Proved>(&verdict))
    return "Proved " + std::string(grade_name(proved->guarantee));
  std::string text = std::holds_alternative<Refuted>(verdict) ? "Refuted" : "Undecided";
  for (const Finding& finding : findings_of(verdict)) text += "\n  " + to_string(finding);
  return text;
}

inline bool proved(const Verdict& verdict) { return std::holds_alternative<Proved>(verdict); }

inline constexpr Condition kSwitchable[] = {Condition::kCapability, Condition::kOrder,
                                            Condition::kMemory,     Condition::kMeaning,
                                            Condition::kNumerics,   Condition::kCoverage};

// Refused with this id at this step; Proved when that one condition is switched off, and only then.
inline void expect_refused_only_by(const Workload& workload, const std::string& text, Condition condition,
                                   const std::string& id, const std::string& step) {
  const Plan plan = plan_of(workload, text);
  const Context context = exact_context(plan);
  const Verdict verdict = verify(workload, plan, context);
  const auto& findings = findings_of(verdict);
  ASSERT_FALSE(findings.empty()) << describe(verdict);
  EXPECT_EQ(findings.front().id, id) << describe(verdict);
  EXPECT_EQ(findings.front().step, step) << describe(verdict);
  for (const Finding& finding : findings) EXPECT_EQ(finding.condition, condition) << describe(verdict);
  for (const Condition off : kSwitchable) {
    const Verdict without = verify(workload, plan, context, {.without = {off}});
    EXPECT_EQ(proved(without), off == condition)
        << "without " << condition_name(off) << ": " << describe(without);
  }
}

// Refused with this id, whatever else is found.
inline void expect_refused(const Workload& workload, const std::string& text, const std::string& id) {
  const Plan plan = plan_of(workload, text);
  const Verdict verdict = verify(workload, plan, exact_context(plan));
  const auto& findings = findings_of(verdict);
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [&](const Finding& f) { return f.id == id; }))
      << describe(verdict);
}

}  // namespace cep::support
