// The fuzzing rig tested on itself: random plans that should be right are, and every mutation is seen to matter.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "soundness/campaign.h"

namespace cep::fuzz {
namespace {

std::vector<Grade> grades_of(const RandomWorkload& workload, const Plan& plan) {
  return std::vector<Grade>(workload.workload.outputs.size(), plan.guarantee);
}

TEST(RandomWorkload, is_accepted) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const RandomWorkload workload = random_workload(random);
    const acp::Status status = check_workload(workload.workload);
    ASSERT_TRUE(status.has_value()) << "seed " << seed << ": " << acp::to_string(status.error());
  }
}

TEST(RandomWorkload, has_every_operator_of_the_table) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    for (const Node& node : random_workload(random).workload.nodes) seen.insert(node.op);
  }
  for (const OpDef* op : op_table()) EXPECT_TRUE(seen.contains(std::string(op->name))) << op->name;
}

// No step has a box without elements (CEP-LOWER-4): an output of none needs no step, and its plan is right without one.
TEST(RandomPlan, leaves_out_what_has_no_elements) {
  WorkloadBuilder builder("empty");
  const TensorId x = builder.input("x", {Dtype::kF32, {2, 3}});
  WorkloadBuilder::NodeOptions cut;
  cut.name = "cut";
  const auto none =
      builder.node("Slice", {x, builder.constant("starts", {1}), builder.constant("ends", {1})}, cut);
  ASSERT_TRUE(none.has_value());
  builder.output(none->front());
  const RandomWorkload made{std::move(builder).finish(), std::vector<IntegerRange>(4)};
  Random random(1);
  Plan plan = random_plan(made.workload, random);
  EXPECT_TRUE(plan.steps.empty());
  const Context context = generous_context(plan);
  EXPECT_TRUE(std::holds_alternative<Proved>(verify(made.workload, plan, context)));
  EXPECT_FALSE(difference(made, plan, grades_of(made, plan), 2, random).has_value());
}

TEST(RandomPlan, gives_what_the_reference_gives) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    const RandomWorkload workload = random_workload(random);
    const Plan plan = random_plan(workload.workload, random);
    const auto found = difference(workload, plan, grades_of(workload, plan), 4, random);
    ASSERT_FALSE(found.has_value()) << "seed " << seed << ": " << *found;
  }
}

// These only lower or hide a claim: the results stay what they were.
bool words_only(const Mutation& mutation) {
  return mutation.name == "claim real" || mutation.name == "hide reassociation";
}

TEST(Mutation, every_kind_is_seen_to_change_results) {
  for (const Mutation& mutation : mutations()) {
    int applied = 0, different = 0;
    for (std::uint64_t seed = 0; seed < 4000 && applied < 200 && different == 0; ++seed) {
      Random random(seed);
      const RandomWorkload workload = random_workload(random);
      Plan plan = random_plan(workload.workload, random);
      if (!mutation.apply(plan, workload.workload, random)) continue;
      ++applied;
      if (difference(workload, plan, grades_of(workload, plan), 4, random)) ++different;
    }
    EXPECT_GT(applied, 0) << mutation.name;
    EXPECT_EQ(different > 0, !words_only(mutation)) << mutation.name << ", applied " << applied << " times";
  }
}

// A verifier that lacks one condition is found out: the campaign can fail.
TEST(Campaign, notices_a_verifier_without_a_condition) {
  const Condition conditions[] = {Condition::kOrder, Condition::kMemory, Condition::kMeaning,
                                  Condition::kNumerics, Condition::kCoverage};
  for (const Condition condition : conditions) {
    Tally tally;
    for (std::uint64_t seed = 0; seed < 5000 && tally.wrongly_proved.empty(); ++seed) {
      run_case(seed, tally, {.without = {condition}});
    }
    EXPECT_FALSE(tally.wrongly_proved.empty())
        << condition_name(condition) << ", " << tally.cases << " cases";
    EXPECT_TRUE(tally.rig_faults.empty());
  }
}

}  // namespace
}  // namespace cep::fuzz
