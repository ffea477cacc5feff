// Every case of the reject corpus: its twin is proved, it is refused for its own reason and no other, and its values are wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "cep/certificate.h"
#include "cep/distgraph.h"
#include "cep/equivalence.h"
#include "cep/expand.h"
#include "cep/fold.h"
#include "cep/physical_replay.h"
#include "cep/replay.h"
#include "conformance/reject_corpus.h"
#include "replay/run.h"
#include "soundness/compare_runs.h"
#include "support/verify_text.h"
#include "tools/cep-check/check.h"
#include "tools/cep-check/logical/check.h"

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

// What differs when a physical plan runs, over bits, terms or the field as its guarantee asks, in many orders of its queues.
std::optional<std::string> difference(const cep::Workload& made, const cep::Plan& plan) {
  constexpr int kOrders = 60;
  cep::fuzz::Random random(7);
  cep::fuzz::RandomWorkload workload{made, {}};
  workload.ranges.resize(made.tensors.size(), {-9, 9});
  const std::vector<cep::Grade> grades(made.outputs.size(), plan.guarantee);
  return cep::fuzz::difference(workload, plan, grades, kOrders, random);
}
// A logical one over the prime field.
std::optional<std::string> difference(const cep::logical::Document& document) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const auto found = cep::logical::oracle::disagreements(document, seed);
    if (!found.empty()) return found.front().what;
  }
  return std::nullopt;
}
std::optional<std::string> difference(const Case& made, Which which) {
  const bool plan = which == Which::kPlan;
  if (const auto* physical = std::get_if<Physical>(&made.of))
    return difference(physical->workload, plan ? physical->plan : physical->twin);
  const auto& logical = std::get<Logical>(made.of);
  return difference(plan ? logical.plan : logical.twin);
}

// What a twin promises: its own guarantee, or equality over the reals.
std::string promised(const Case& made) {
  const auto* physical = std::get_if<Physical>(&made.of);
  return "proved " + (physical == nullptr ? "real" : std::string(cep::grade_name(physical->twin.guarantee)));
}

// The numbers of the catalogue that the corpus is made from. They are stable and have gaps.
constexpr int kGaps[] = {16, 26, 37, 39, 48, 52, 62, 64, 68, 72, 77, 80, 88, 93};
constexpr int kLastBug = 99;

TEST(RejectCorpus, folders_and_index_are_the_same) {
  const Index index = the_index();
  std::vector<std::string> listed;
  for (const Entry& entry : index.cases) {
    listed.push_back(entry.folder);
    const std::string number = (entry.bug < 10 ? "0" : "") + std::to_string(entry.bug);
    EXPECT_EQ(entry.folder.substr(0, 3), number + "-") << entry.folder;
  }
  EXPECT_EQ(listed, folders(kCorpus));
}

TEST(RejectCorpus, every_bug_has_a_case_or_a_reason) {
  const Index index = the_index();
  std::set<int> with, all;
  for (const Entry& entry : index.cases) with.insert(entry.bug);
  all = with;
  for (const Without& without : index.without) {
    EXPECT_TRUE(all.insert(without.bug).second) << "bug " << without.bug << " twice";
    EXPECT_TRUE(without.same_as == 0 || with.contains(without.same_as)) << "bug " << without.bug;
    EXPECT_FALSE(without.why.empty()) << "bug " << without.bug;
  }
  for (int bug = 1; bug <= kLastBug; ++bug) {
    const bool gap = std::find(std::begin(kGaps), std::end(kGaps), bug) != std::end(kGaps);
    EXPECT_EQ(all.contains(bug), !gap) << "bug " << bug;
  }
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
    const Answer said = answer(made, Which::kTwin);
    EXPECT_EQ(said.verdict, promised(made)) << entry.folder << "\n" << said.text;
    EXPECT_EQ(difference(made, Which::kTwin).value_or(""), "") << entry.folder;
  }
}

// As they are written, and rank by rank. The certificate of a twin is none of the plan's: the checker sees the line that differs.
TEST(RejectCorpus, certificates_of_logical_twins_are_accepted_and_are_none_of_the_plans) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* logical = std::get_if<Logical>(&made.of);
    if (logical == nullptr) continue;
    std::vector<std::pair<cep::logical::Document, cep::logical::Document>> forms = {
        {logical->twin, logical->plan}};
    if (check_logical(logical->plan))
      forms.emplace_back(expand(logical->twin).value(), expand(logical->plan).value());
    for (const auto& [twin, plan] : forms) {
      if (!check_logical(twin)) continue;
      const auto verdict = certify(twin, {});
      ASSERT_TRUE(std::holds_alternative<cep::logical::Certified>(verdict)) << entry.folder;
      const auto& certificate = std::get<cep::logical::Certified>(verdict).certificate;
      const acp::Status status = cep_check::logical::check(twin, certificate, {});
      EXPECT_TRUE(status.has_value()) << entry.folder << ": " << acp::to_string(status.error());
      if (!check_logical(plan)) continue;
      EXPECT_FALSE(cep_check::logical::check(plan, certificate, {}).has_value()) << entry.folder;
    }
  }
}
TEST(RejectCorpus, every_plan_is_refused_as_the_index_says) {
  for (const Entry& entry : the_index().cases) {
    const Answer said = answer(case_of(entry), Which::kPlan);
    EXPECT_EQ(said.verdict, entry.verdict) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.id, entry.id) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.at, entry.at) << entry.folder << "\n" << said.text;
    EXPECT_EQ(said.conditions, std::vector<std::string>{entry.condition}) << entry.folder << "\n"
                                                                          << said.text;
  }
}

TEST(RejectCorpus, every_plan_is_wrong_when_it_runs) {
  for (const Entry& entry : the_index().cases) {
    EXPECT_TRUE(difference(case_of(entry), Which::kPlan).has_value()) << entry.folder;
  }
}

// A logical plan that is not proved is refuted as well, with a witness; its twin, and the same plan written down and read again, agree.
TEST(RejectCorpus, a_replay_refutes_every_logical_plan_and_no_twin) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* logical = std::get_if<Logical>(&made.of);
    if (logical == nullptr || entry.condition != "equivalence") continue;
    const auto twin = cep::logical::replay(logical->twin);
    EXPECT_TRUE(std::holds_alternative<cep::logical::Agrees>(twin))
        << entry.folder << ": " << to_string(twin);
    const auto plan = cep::logical::replay(logical->plan);
    const auto* differs = std::get_if<cep::logical::Differs>(&plan);
    ASSERT_NE(differs, nullptr) << entry.folder << ": " << to_string(plan);
    EXPECT_TRUE(differs->refutes()) << entry.folder << ": " << to_string(plan);
    const auto again = cep::logical::replay(logical->plan, {.seed = differs->witness.seed});
    ASSERT_TRUE(std::holds_alternative<cep::logical::Differs>(again)) << entry.folder;
    EXPECT_EQ(to_string(again), to_string(plan)) << entry.folder;
  }
}

// So is a physical plan that is undecided, at the seed its witness names.
TEST(RejectCorpus, a_replay_refutes_every_undecided_physical_plan_and_no_twin) {
  int undecided = 0;
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* physical = std::get_if<Physical>(&made.of);
    if (physical == nullptr) continue;
    const auto replayed = [&](const cep::Plan& plan, const cep::physical::ReplayOptions& options) {
      return cep::physical::replay(physical->workload, plan, cep::support::exact_context(plan), options);
    };
    const auto words = [&](const cep::Plan& plan, const cep::physical::ReplayVerdict& verdict) {
      return to_string(physical->workload, plan, verdict);
    };
    const auto twin = replayed(physical->twin, {.draws = 8});
    const auto* agrees = std::get_if<cep::physical::Agrees>(&twin);
    const auto* rounded = std::get_if<cep::physical::Differs>(&twin);
    // A declared sum in another order has other bits, but for whole numbers.
    const bool real = physical->twin.guarantee == cep::Grade::kReal;
    EXPECT_TRUE((agrees != nullptr && agrees->draws == 8) ||
                (real && rounded != nullptr && !rounded->refutes() && rounded->first.seed % 2 == 0))
        << entry.folder << ": " << words(physical->twin, twin);
    if (entry.verdict != "undecided") continue;
    ++undecided;
    const auto plan = replayed(physical->plan, {});
    const auto* differs = std::get_if<cep::physical::Differs>(&plan);
    ASSERT_NE(differs, nullptr) << entry.folder << ": " << words(physical->plan, plan);
    EXPECT_TRUE(differs->refutes()) << entry.folder << ": " << words(physical->plan, plan);
    EXPECT_TRUE(differs->to_the_end && (differs->first.output || differs->output))
        << entry.folder << ": " << words(physical->plan, plan);
    const auto again = replayed(physical->plan, {.seed = differs->first.seed, .draws = 1});
    EXPECT_EQ(words(physical->plan, again), words(physical->plan, plan)) << entry.folder;
  }
  EXPECT_GT(undecided, 0);
}

// Well-formedness cannot be switched off: nothing else is defined for a plan without it.
TEST(RejectCorpus, without_its_condition_and_only_then_it_is_proved) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* physical = std::get_if<Physical>(&made.of);
    if (physical == nullptr) continue;
    for (const cep::Condition off : cep::support::kSwitchable) {
      const Answer said = answer(physical->workload, physical->plan, {.without = {off}});
      EXPECT_EQ(said.verdict.starts_with("proved"), cep::condition_name(off) == entry.condition)
          << entry.folder << " without " << cep::condition_name(off) << "\n"
          << said.text;
    }
  }
}
// A plan whose calls do not match, or which gets stuck, is equivalent to its reference all the same.
TEST(RejectCorpus, a_schedule_that_is_wrong_is_wrong_in_nothing_else) {
  int seen = 0;
  for (const Entry& entry : the_index().cases) {
    if (entry.id != "CEP-LOGICAL-7" && entry.id != "CEP-LOGICAL-8") continue;
    const Case made = case_of(entry);
    const Answer said = answer_of_equivalence(std::get<Logical>(made.of).plan, made.plan_text);
    EXPECT_EQ(said.verdict, "proved real") << entry.folder << "\n" << said.text;
    ++seen;
  }
  EXPECT_GT(seen, 0);
}

// The files others exchange say the same as these texts.
TEST(RejectCorpus, a_logical_case_as_a_distgraph_file_gets_the_same_answer) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* logical = std::get_if<Logical>(&made.of);
    if (logical == nullptr || entry.condition != "equivalence") continue;
    for (const cep::logical::Document* document : {&logical->plan, &logical->twin}) {
      const auto again = cep::logical::read_distgraph(cep::logical::write_distgraph(*document));
      ASSERT_TRUE(again.has_value()) << entry.folder << ": " << acp::to_string(again.error());
      const Answer before = answer(*document, made.plan_text);
      const Answer after = answer(*again, made.plan_text);
      EXPECT_EQ(after.verdict, before.verdict) << entry.folder;
      EXPECT_EQ(after.id, before.id) << entry.folder;
      EXPECT_EQ(after.at, before.at) << entry.folder;
    }
  }
}

// Ranks and their lines one by one, and the pattern that is found in them.
TEST(RejectCorpus, a_pattern_written_out_and_found_again_gets_the_same_verdict) {
  int expanded = 0, folded = 0;
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* logical = std::get_if<Logical>(&made.of);
    if (logical == nullptr || entry.condition != "equivalence") continue;
    for (const cep::logical::Document* document : {&logical->plan, &logical->twin}) {
      const std::string verdict = answer(*document, "").verdict;
      const auto lines = cep::logical::expand(*document);
      ASSERT_TRUE(lines.has_value()) << entry.folder << ": " << acp::to_string(lines.error());
      const Answer of_lines = answer(*lines, "");
      EXPECT_EQ(of_lines.verdict, verdict) << entry.folder << ", expanded\n" << of_lines.text;
      expanded += document->plan.variables.empty() ? 0 : 1;
      const auto pattern = cep::logical::fold(*lines);
      if (!pattern) continue;
      const Answer of_pattern = answer(*pattern, "");
      EXPECT_EQ(of_pattern.verdict, verdict) << entry.folder << ", folded\n" << of_pattern.text;
      ++folded;
    }
  }
  EXPECT_GT(expanded, 0);
  EXPECT_GT(folded, 0);
}

// What the independent checker says to a certificate made by a verifier that lacks these conditions.
acp::Status checked(const cep::Workload& workload, cep::Plan plan, const cep::VerifyOptions& options) {
  plan.workload = cep::digest_of(workload);
  const cep::Context context = cep::fuzz::generous_context(plan);
  cep::Verdict verdict = cep::verify(workload, plan, context, options);
  auto* proof = std::get_if<cep::Proved>(&verdict);
  if (proof == nullptr) return acp::invalid("", "", cep::support::describe(verdict));
  return cep_check::check(workload, plan, cep::certify(workload, plan, context, std::move(*proof)), context);
}

TEST(RejectCorpus, the_checker_accepts_every_twin_and_no_plan_whose_fault_the_verifier_misses) {
  for (const Entry& entry : the_index().cases) {
    const Case made = case_of(entry);
    const auto* physical = std::get_if<Physical>(&made.of);
    if (physical == nullptr) continue;
    const acp::Status twin = checked(physical->workload, physical->twin, {});
    EXPECT_TRUE(twin.has_value()) << entry.folder << ": " << (twin ? "" : acp::to_string(twin.error()));
    for (const cep::Condition off : cep::support::kSwitchable) {
      if (cep::condition_name(off) != entry.condition) continue;
      const acp::Status plan = checked(physical->workload, physical->plan, {.without = {off}});
      ASSERT_FALSE(plan.has_value()) << entry.folder;
      const std::string& id = plan.error().requirement;
      EXPECT_TRUE(id.starts_with("CEP-CHECK-") && id != "CEP-CHECK-1") << acp::to_string(plan.error());
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
