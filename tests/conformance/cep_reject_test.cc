// Every case of the reject corpus: its twin is proved, it is refused for its own reason and no other, and its values are wrong.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "conformance/reject_corpus.h"
#include "soundness/compare_runs.h"
#include "support/verify_text.h"

namespace conformance::reject {
namespace {

const std::string kCorpus = REJECT_CORPUS;

Index the_index() {
  auto index = read_index(kCorpus);
  EXPECT_TRUE(index.has_value()) << (index ? "" : acp::to_string(index.error()));
  return index ? *index : Index{};
}

Case case_of(const Entry& entry) {
  auto read = read_case(kCorpus, entry);
  EXPECT_TRUE(read.has_value()) << entry.folder << ": " << (read ? "" : acp::to_string(read.error()));
  return read ? *read : Case{};
}

// What differs when the plan runs, over bits, terms or the field as its guarantee asks, in many orders of its queues.
std::optional<std::string> difference(const Case& made, const cep::Plan& plan) {
  constexpr int kOrders = 60;
  cep::fuzz::Random random(7);
  cep::fuzz::RandomWorkload workload{made.workload, {}};
  workload.ranges.resize(made.workload.tensors.size(), {-9, 9});
  const std::vector<cep::Grade> grades(made.workload.outputs.size(), plan.guarantee);
  return cep::fuzz::difference(workload, plan, grades, kOrders, random);
}

TEST(RejectCorpus, folders_and_index_are_the_same) {
  const Index index = the_index();
  std::vector<std::string> listed;
  std::set<int> bugs;
  for (const Entry& entry : index.cases) {
    listed.push_back(entry.folder);
    EXPECT_TRUE(bugs.insert(entry.bug).second) << "twice: bug " << entry.bug;
    const std::string number = (entry.bug < 10 ? "0" : "") + std::to_string(entry.bug);
    EXPECT_EQ(entry.folder.substr(0, 3), number + "-") << entry.folder;
  }
  EXPECT_EQ(listed, folders(kCorpus));
}

TEST(RejectCorpus, plan_and_twin_are_one_line_apart) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    EXPECT_TRUE(one_line_apart(made.twin_text, made.plan_text).has_value()) << entry.folder;
  }
}

TEST(RejectCorpus, every_twin_is_proved_and_right) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const Answer said = answer(made.workload, made.twin);
    EXPECT_EQ(said.verdict, "proved " + std::string(cep::grade_name(made.twin.guarantee)))
        << entry.folder << "\n"
        << said.text;
    EXPECT_EQ(difference(made, made.twin).value_or(""), "") << entry.folder;
  }
}

TEST(RejectCorpus, every_plan_is_refused_as_the_index_says) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const Answer said = answer(made.workload, made.plan);
    EXPECT_EQ(said.verdict, entry.verdict) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.id, entry.id) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.at, entry.at) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.conditions, std::vector<std::string>{entry.condition}) << entry.folder << "\n"
                                                                          << said.text;
  }
}

TEST(RejectCorpus, every_plan_is_wrong_when_it_runs) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    EXPECT_TRUE(difference(made, made.plan).has_value()) << entry.folder;
  }
}

// Well-formedness cannot be switched off: nothing else is defined for a plan without it.
TEST(RejectCorpus, without_its_condition_and_only_then_it_is_proved) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    for (const cep::Condition off : cep::support::kSwitchable) {
      const Answer said = answer(made.workload, made.plan, {.without = {off}});
      EXPECT_EQ(said.verdict.starts_with("proved"), cep::condition_name(off) == entry.condition)
          << entry.folder << " without " << cep::condition_name(off) << "\n"
          << said.text;
    }
  }
}

TEST(RejectCorpus, the_table_says_what_the_verifier_says) {
  std::ifstream file(kCorpus + "/README.md", std::ios::binary);
  const std::string readme(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(without_times(table_in(readme)), without_times(table(kCorpus, the_index())));
}

TEST(OneLineApart, one_changed_added_left_out_or_moved_line_and_no_more) {
  EXPECT_EQ(one_line_apart("a\nb\nc\n", "a\nx\nc\n"), "changed: b => x");
  EXPECT_EQ(one_line_apart("a\nb\nc\n", "a\nc\n"), "left out: b");
  EXPECT_EQ(one_line_apart("a\nc\n", "a\nb\nc\n"), "added: b");
  EXPECT_EQ(one_line_apart("a\nb\nc\nd\n", "b\nc\na\nd\n"), "moved down: a");
  EXPECT_EQ(one_line_apart("a\nb\nc\nd\n", "c\na\nb\nd\n"), "moved up: c");
  EXPECT_EQ(one_line_apart("a\nb\n", "a\nb\n"), std::nullopt);
  EXPECT_EQ(one_line_apart("a\nb\nc\n", "x\nb\ny\n"), std::nullopt);
  EXPECT_EQ(one_line_apart("a\nb\nc\n", "c\nb\na\n"), std::nullopt);
  EXPECT_EQ(one_line_apart("a\nb\n", "a\nb\nc\nd\n"), std::nullopt);
}

}  // namespace
}  // namespace conformance::reject
