// The campaign tested on itself: random plans that should be right are, every mutation is seen to matter, and a prover that believes anything
// is caught.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "replay/run.h"
#include "soundness/logical/campaign.h"
#include "soundness/logical/plan_mutations.h"
#include "soundness/logical/random_partition.h"

namespace cep::logical::oracle {
namespace {

TEST(RandomPlans, deliver_what_the_reference_does) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto found = disagreements(document_of(seed), seed);
    ASSERT_TRUE(found.empty()) << "seed " << seed << ": output " << found[0].output << ": " << found[0].what;
  }
}

TEST(RandomPlans, use_every_operator_and_communication_they_may) {
  std::set<std::string> seen;
  std::set<std::int64_t> ranks;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    const Document document = random_document(random);
    ranks.insert(document.plan.ranks);
    for (const Node& node : document.plan.program.nodes) {
      const Operation& operation = document.plan.program.operations[node.operation];
      seen.insert(operation.name + (operation.backward ? " backward" : ""));
    }
  }
  for (const char* name : {"all_reduce",
                           "all_gather",
                           "reduce_scatter",
                           "all_to_all",
                           "chunk",
                           "send",
                           "receive",
                           "embedding backward",
                           "experts",
                           "experts backward",
                           "router backward",
                           "rotary backward",
                           "softmax backward",
                           "matmul backward",
                           "mean backward",
                           "power backward",
                           "rsqrt backward",
                           "mul backward",
                           "add backward",
                           "causal_mask",
                           "add_mask",
                           "cache_mask",
                           "cache_update",
                           "linear",
                           "sum",
                           "copy",
                           "reshape",
                           "transpose",
                           "identity",
                           "silu",
                           "cast",
                           "cast backward",
                           "div",
                           "sum_all"})
    EXPECT_TRUE(seen.contains(name)) << name;
  EXPECT_TRUE(ranks.contains(1) && ranks.contains(8));
}

TEST(Mutations, each_applies_and_makes_some_plan_wrong) {
  std::map<std::string_view, int> applied, wrong;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const Document document = random_document(random);
    const auto reference = run_reference(document, 1);
    for (const Mutation& mutation : mutations()) {
      if (wrong[mutation.name] >= 3) continue;
      Document changed = document;
      if (!mutation.apply(changed.plan, changed.reference, random)) continue;
      ++applied[mutation.name];
      if (!compare(changed, reference, run_plan(changed, 1)).empty()) ++wrong[mutation.name];
    }
  }
  for (const Mutation& mutation : mutations()) {
    EXPECT_GT(applied[mutation.name], 0) << mutation.name;
    EXPECT_GT(wrong[mutation.name], 0) << mutation.name;
  }
}

// Fuzzers mutate what fuzzers have changed.
TEST(Mutations, lists_of_an_attribute_may_be_empty) {
  int lists = 0, applied = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    Document document = random_document(random);
    for (Operation& operation : document.plan.program.operations) {
      for (Operation::Attribute& attribute : operation.attributes) {
        auto* list = std::get_if<std::vector<std::int64_t>>(&attribute.value);
        if (list == nullptr) continue;
        list->clear();
        ++lists;
      }
    }
    for (int i = 0; i < 10; ++i)
      applied += find_mutation("other_attribute").apply(document.plan, document.reference, random) ? 1 : 0;
  }
  EXPECT_GT(lists, 0);
  EXPECT_GT(applied, 0);
}

TEST(Campaign, catches_a_prover_that_believes_anything) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    run_case(
        seed, 10,
        [](const Document&) {
          return Judgement{.proved = true, .why = {}, .pattern = {}, .pattern_why = {}};
        },
        tally);
  EXPECT_TRUE(tally.rig_faults.empty());
  EXPECT_EQ(tally.proved, tally.documents);
  EXPECT_EQ(tally.wrongly_proved.size(), tally.all().different);
  EXPECT_GT(tally.all().different, tally.all().applied / 2);
}

TEST(Campaign, reports_every_certificate_that_is_refused) {
  Tally tally;
  run_case(
      0, 3,
      [](const Document&) {
        Judgement judgement{.proved = true, .why = {}, .pattern = {}, .pattern_why = {}};
        judgement.certificates = 1;
        judgement.refused_certificate = "no";
        return judgement;
      },
      tally);
  EXPECT_EQ(tally.certificates, 4u);
  EXPECT_EQ(tally.checker_faults.size(), 4u);
}

TEST(Campaign, counts_the_refusals_of_one_that_believes_nothing) {
  Tally tally;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    run_case(
        seed, 10,
        [](const Document&) {
          return Judgement{.proved = false, .why = "never", .pattern = {}, .pattern_why = {}};
        },
        tally);
  EXPECT_TRUE(tally.wrongly_proved.empty());
  EXPECT_GT(tally.carried, 0u);
  EXPECT_EQ(tally.false_alarms["never"], tally.documents);
  EXPECT_EQ(tally.all().refused, tally.all().different);
}

TEST(Campaign, catches_a_checker_that_takes_any_certificate_or_none) {
  Tally tally;
  const auto judge = [](const Document&) {
    Judgement judgement;
    judgement.certifies = [](const Document&) { return true; };
    return judgement;
  };
  for (std::uint64_t seed = 0; seed < 10; ++seed) run_case(seed, 10, judge, tally);
  EXPECT_TRUE(tally.wrongly_proved.empty());
  EXPECT_EQ(tally.checker_faults.size(), tally.all().different);
  EXPECT_EQ(tally.all().equal_certified, tally.all().applied - tally.all().different);
  Tally other;
  run_case(
      0, 10,
      [](const Document&) {
        Judgement judgement;
        judgement.refused_certificate = "never";
        return judgement;
      },
      other);
  EXPECT_EQ(other.checker_faults.size(), 11u);
}

}  // namespace
}  // namespace cep::logical::oracle
