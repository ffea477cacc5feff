// The fuzzing rig tested on itself: random plans that should be right are, and every mutation is seen to matter.
#include <gtest/gtest.h>

#include "soundness/compare_runs.h"

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

}  // namespace
}  // namespace cep::fuzz
