// Each condition by its number: the smallest accepted plan and a refused one, a single line apart.
#include "support/verify_text.h"

namespace cep {
namespace {

using namespace support;

const std::string kPlan(kThreadPlan);

void pair(Condition condition, const std::string& line, const std::string& instead, const std::string& step) {
  const Workload w = thread_workload();
  const Plan accepted = plan_of(w, kPlan);
  EXPECT_EQ(describe(verify(w, accepted, exact_context(accepted))), "Proved bitwise");
  const Plan refused = plan_of(w, edit(kPlan, line, instead));
  const Verdict verdict = verify(w, refused, exact_context(refused));
  ASSERT_FALSE(findings_of(verdict).empty()) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().condition, condition) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().step, step) << describe(verdict);
}

TEST(Reject, CEP_VER_0_undecided_is_not_proved) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, edit(kPlan, "input A[0:4,4:8] = a1\n", ""));
  const Verdict verdict = verify(w, plan, exact_context(plan));
  EXPECT_TRUE(std::holds_alternative<Undecided>(verdict)) << describe(verdict);
}
TEST(Reject, CEP_VER_1_well_formed) {
  pair(Condition::kWellFormed, "copy acc0 -> seed1", "copy acc0{+8;4,4;4,1} -> seed1", "carry");
}
TEST(Reject, CEP_VER_2_capability) {
  pair(Condition::kCapability, "step first @q0", "step first @q1", "first");
}
TEST(Reject, CEP_VER_3_order) { pair(Condition::kOrder, "wait t0 1", "wait t0 2", "ready"); }
TEST(Reject, CEP_VER_4_memory) { pair(Condition::kMemory, "step ready @q1 wait t0 1\n", "", "carry"); }
TEST(Reject, CEP_VER_5_meaning) {
  pair(Condition::kMeaning, "input B[4:8,0:4] = b1", "input B[0:4,0:4] = b1", "rest");
}
TEST(Reject, CEP_VER_6_numerics) {
  // Without a seed the second half is a sum of its own, and joining the halves is not the chain.
  const std::string halves = edit(kPlan, "compute mm k 4:8 seed seed1 :", "compute mm k 4:8 :");
  const std::string joined = edit(halves, "output Y[0:4,0:4] = acc1",
                                  "step join @q1 combine add fold seed1, acc1 -> a1\noutput Y[0:4,0:4] = a1");
  expect_refused_only_by(thread_workload(), joined, Condition::kNumerics, "CEP-NUM-1", "join");
}
TEST(Reject, CEP_VER_8_coverage) {
  pair(Condition::kCoverage, "output Y[0:4,0:4] = acc1", "output Y[0:4,0:2] = acc1[0:4,0:2]", "");
}

}  // namespace
}  // namespace cep
