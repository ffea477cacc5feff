// Journals of shards become one report, without the shim.
#include <gtest/gtest.h>

#include "acp/text.h"
#include "conformance/acp/suite.h"
#include "conformance/runner/run.h"
#include "support/run_program.h"

namespace conformance {
namespace {

class MergeTest : public acp::test::ProgramTest {
 protected:
  // Runs a shard of a small suite, and gives back its journal.
  Journal shard(const char* text, const std::string& nonce = "5eed") {
    Options options;
    options.nonce = nonce;
    options.limit = std::chrono::seconds(60);
    options.shard = parse_shard(text).value();
    options.folder = file("shard-" + std::to_string(++count_)).string();
    const auto report = conformance::run(suite(), testee_of("template"), options);
    EXPECT_TRUE(report.has_value()) << acp::to_string(report.error());
    return Journal::read(options.folder).value();
  }
  static Suite suite() { return detector_kinds(); }

 private:
  int count_ = 0;
};
using RejectMerge = MergeTest;

std::vector<Journal> list_of(Journal a, Journal b) {
  std::vector<Journal> journals;
  journals.push_back(std::move(a));
  journals.push_back(std::move(b));
  return journals;
}

TEST_F(MergeTest, shards_are_the_whole_in_its_order) {
  std::vector<Journal> one;
  one.push_back(shard("0/1"));
  const auto whole = merge(suite(), one);
  const auto merged = merge(suite(), list_of(shard("1/2"), shard("0/2")));
  ASSERT_TRUE(whole && merged) << (merged ? "" : acp::to_string(merged.error()));
  EXPECT_EQ(merged->missing, 0u);
  EXPECT_EQ(merged->shards, (std::vector<std::string>{"1/2", "0/2"}));
  EXPECT_EQ(merged->environments.size(), 1u) << "both ran here";
  ASSERT_EQ(merged->entries.size(), whole->entries.size());
  for (std::size_t i = 0; i < whole->entries.size(); ++i) {
    EXPECT_EQ(merged->entries[i].query, whole->entries[i].query);
    EXPECT_EQ(merged->entries[i].outcome, whole->entries[i].outcome);
  }
}

TEST_F(MergeTest, what_no_shard_has_run_is_missing) {
  std::vector<Journal> one;
  one.push_back(shard("0/2"));
  const auto part = merge(suite(), one);
  ASSERT_TRUE(part.has_value());
  EXPECT_TRUE(part->conformant());
  EXPECT_GT(part->missing, 0u);
  EXPECT_NEAR(static_cast<double>(part->missing), static_cast<double>(part->entries.size()), 1.0);
}

TEST_F(RejectMerge, ACP_CONF_18_journals_of_two_runs) {
  const auto merged = merge(suite(), list_of(shard("0/2"), shard("1/2", "0bad")));
  ASSERT_FALSE(merged.has_value());
  EXPECT_EQ(merged.error().requirement, "ACP-CONF-18");
  EXPECT_EQ(merged.error().path, "journals[1]");
  EXPECT_EQ(merge(suite(), {}).error().requirement, "ACP-CONF-18");
}

TEST_F(RejectMerge, ACP_CONF_18_a_journal_of_another_suite) {
  std::vector<Journal> one;
  one.push_back(shard("0/1"));
  const auto merged = merge(swamping_kinds(), one);
  ASSERT_FALSE(merged.has_value());
  EXPECT_EQ(merged.error().requirement, "ACP-CONF-18");
  EXPECT_EQ(merged.error().path, "suite_digest");
}

// A case that ends in two ways is one that fails, wherever the failing journal stands.
TEST_F(RejectMerge, ACP_CONF_18_of_two_results_the_worse_counts) {
  for (const bool first : {true, false}) {
    Journal good = shard("0/1"), bad = shard("0/1");
    Entry entry = bad.entries().begin()->second;
    entry.outcome = fail("ACP-CONF-10", "now and then");
    ASSERT_TRUE(bad.add(entry).has_value());
    const auto merged = merge(
        suite(), first ? list_of(std::move(bad), std::move(good)) : list_of(std::move(good), std::move(bad)));
    ASSERT_TRUE(merged.has_value());
    EXPECT_FALSE(merged->conformant());
    EXPECT_EQ(merged->counts().at(Verdict::kFail), 1u);
  }
}

TEST(Merge, the_suite_digest_is_of_values_and_cases) {
  const Claims claims = claims_of(describe(testee_of("template"), std::chrono::seconds(60)).value().document);
  const Suite suite = detector_kinds();
  const acp::Digest digest = suite_digest(suite, claims, Tier::kQuick);
  EXPECT_EQ(suite_digest(suite, claims, Tier::kQuick), digest);
  Suite other_values = suite;
  other_values[0].table = [] { return std::string("1 + 1 = 3"); };
  EXPECT_NE(suite_digest(other_values, claims, Tier::kQuick), digest);
  Suite other_cases = suite;
  other_cases[0].list = nullptr;
  EXPECT_NE(suite_digest(other_cases, claims, Tier::kQuick), digest);
}

}  // namespace
}  // namespace conformance
