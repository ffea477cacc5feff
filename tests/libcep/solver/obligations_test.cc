// Every obligation is put to the solver again, rule by rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "cep/solver.h"
#include "support/no_threads.h"

namespace cep {
namespace {

std::vector<std::string> subjects() {
  std::vector<std::string> names;
  for (const Obligation& obligation : all_obligations()) {
    if (names.empty() || names.back() != obligation.subject) names.push_back(obligation.subject);
  }
  return names;
}

class Proof : public testing::TestWithParam<std::string> {};

TEST_P(Proof, is_found_and_its_twins_fail) {
  const auto records = prove_rules({.timeout_ms = 30'000, .only = GetParam()});
  ASSERT_TRUE(records.has_value()) << to_string(records.error());
  ASSERT_FALSE(records->empty());
  for (const ProofRecord& record : *records) {
    EXPECT_EQ(answer_name(record.answer), answer_name(record.expected))
        << record.subject << " " << record.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Proof, testing::ValuesIn(subjects()), [](const auto& param) {
  std::string name = param.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

TEST(Threads, proof_is_found_without_other_threads) {
  // Z3 keeps the thread that watches its time.
  const Obligation first = all_obligations().front();
  ASSERT_EQ(ask(first.text, 30'000, 0), first.expected);
  const support::NoThreads none;
  EXPECT_THROW(std::jthread([] {}), std::system_error);
  const auto records = prove_rules({.timeout_ms = 30'000, .only = "box.cut", .threads = 4});
  ASSERT_TRUE(records.has_value()) << to_string(records.error());
  const auto wanted = std::ranges::count(all_obligations(), "box.cut", &Obligation::subject);
  EXPECT_EQ(static_cast<std::ptrdiff_t>(records->size()), wanted);
  for (const ProofRecord& record : *records) {
    EXPECT_EQ(record.subject, "box.cut");
    EXPECT_EQ(answer_name(record.answer), answer_name(record.expected)) << record.name;
  }
}

TEST(Threads, proof_is_not_found_where_the_solver_has_no_thread) {
  // In a process where Z3 never had one.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto answers_unknown = [] {
    const Obligation first = all_obligations().front();
    const support::NoThreads none;
    // Without leaving in order: what Z3 loses on its way out is its own.
    std::_Exit(ask(first.text, 30'000, 0) == Answer::kUnknown ? 0 : 1);
  };
  EXPECT_EXIT(answers_unknown(), testing::ExitedWithCode(0), "");
}

// What is asked is not empty: every rule has proofs, and for each of them premises without contradiction; every guard and
// hypothesis is dropped once; every output is shifted both ways.
TEST(Obligations, ask_everything_they_should) {
  for (const Rule& rule : rule_table()) {
    std::set<std::string> names;
    std::size_t proofs = 0;
    for (const Obligation& obligation : obligations_of(rule)) {
      EXPECT_EQ(obligation.subject, rule.id);
      EXPECT_TRUE(names.insert(obligation.name).second) << rule.id << " " << obligation.name;
      const bool proof = obligation.kind == ObligationKind::kProof;
      EXPECT_EQ(obligation.expected, proof ? Answer::kUnsat : Answer::kSat);
      proofs += proof ? 1 : 0;
    }
    EXPECT_GE(proofs, 1u) << rule.id;
    for (const auto& conclusion : rule.conclusions) {
      if (rule.schema != Schema::kArithmetic) continue;
      EXPECT_TRUE(names.contains("proof." + std::string(conclusion.name))) << rule.id;
      EXPECT_TRUE(names.contains("premises." + std::string(conclusion.name))) << rule.id;
    }
    for (const auto& guard : rule.guards) {
      EXPECT_TRUE(names.contains("dropped." + std::string(guard.name))) << rule.id << " " << guard.name;
    }
    for (const auto& hypothesis : rule.hypotheses) {
      const std::string name(hypothesis.name);
      EXPECT_TRUE(names.contains((name.starts_with("lemma.") ? "proof." : "dropped.") + name)) << rule.id;
    }
    for (const auto& output : rule.outputs) {
      EXPECT_TRUE(names.contains("twin." + std::string(output.name) + ".above")) << rule.id;
      EXPECT_TRUE(names.contains("twin." + std::string(output.name) + ".below")) << rule.id;
    }
  }
}

TEST(Ask, answers_simple_questions) {
  EXPECT_EQ(ask("(declare-const x Int)(assert (< x x))", 1000, 0), Answer::kUnsat);
  EXPECT_EQ(ask("(declare-const x Int)(assert (< x 3))", 1000, 0), Answer::kSat);
}

// n + 1 pigeons, n holes, no two in one: resolution needs exponentially many steps to see that it cannot be.
std::string pigeons(int holes) {
  std::string text;
  const auto in = [](int pigeon, int hole) {
    return "p" + std::to_string(pigeon) + "." + std::to_string(hole);
  };
  for (int pigeon = 0; pigeon <= holes; ++pigeon) {
    std::string somewhere = "(assert (or";
    for (int hole = 0; hole < holes; ++hole) {
      text += "(declare-const " + in(pigeon, hole) + " Bool)\n";
      somewhere += " " + in(pigeon, hole);
      for (int other = 0; other < pigeon; ++other) {
        text += "(assert (not (and " + in(pigeon, hole) + " " + in(other, hole) + ")))\n";
      }
    }
    text += somewhere + "))\n";
  }
  return text;
}

TEST(Ask, gives_up_rather_than_guess) {
  EXPECT_EQ(ask("(assert (no such thing))", 1000, 0), Answer::kUnknown);
  EXPECT_EQ(ask("(assert ", 1000, 0), Answer::kUnknown);
  EXPECT_EQ(ask(pigeons(12), 100, 0), Answer::kUnknown);
}

}  // namespace
}  // namespace cep
