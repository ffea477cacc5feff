// The second solver: every obligation is put to it too, as the text that `cep rules export` writes; and what becomes of a program that
// crashes, hangs, hoards or says something else. Where cvc5 is not installed these tests fail: tools/packages names it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "cep/solver.h"

namespace cep {
namespace {

constexpr const char* kMissing = "cvc5 is not installed; tools/install-packages installs it";
constexpr const char* kUnsatisfiable =
    "(set-logic ALL)\n(declare-const x Int)\n(assert (< x x))\n(check-sat)\n";
constexpr const char* kSatisfiable =
    "(set-logic ALL)\n(declare-const x Int)\n(assert (< x 3))\n(check-sat)\n";

std::vector<std::string> subjects() {
  std::vector<std::string> names;
  for (const Obligation& obligation : all_obligations()) {
    if (names.empty() || names.back() != obligation.subject) names.push_back(obligation.subject);
  }
  return names;
}

class SecondProof : public testing::TestWithParam<std::string> {};

TEST_P(SecondProof, is_found_and_its_twins_fail) {
  const std::string program = find_cvc5();
  ASSERT_FALSE(program.empty()) << kMissing;
  std::size_t asked = 0;
  for (const Obligation& obligation : all_obligations()) {
    if (obligation.subject != GetParam()) continue;
    EXPECT_EQ(answer_name(ask_cvc5(program, obligation.text, 60'000)), answer_name(obligation.expected))
        << obligation.subject << " " << obligation.name;
    ++asked;
  }
  EXPECT_GE(asked, 3u);
}

INSTANTIATE_TEST_SUITE_P(Rules, SecondProof, testing::ValuesIn(subjects()), [](const auto& param) {
  std::string name = param.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

TEST(AskCvc5, answers_simple_questions) {
  const std::string program = find_cvc5();
  ASSERT_FALSE(program.empty()) << kMissing;
  EXPECT_EQ(ask_cvc5(program, kUnsatisfiable, 10'000), Answer::kUnsat);
  EXPECT_EQ(ask_cvc5(program, kSatisfiable, 10'000), Answer::kSat);
}

// cvc5 compares its answer with the one that stands in the question, and breaks off when they differ.
TEST(AskCvc5, answers_where_another_answer_is_expected) {
  const std::string program = find_cvc5();
  ASSERT_FALSE(program.empty()) << kMissing;
  const std::string expects_unsat = "(set-info :status unsat)\n", expects_sat = "(set-info :status sat)\n";
  EXPECT_EQ(ask_cvc5(program, expects_sat + kUnsatisfiable, 10'000), Answer::kUnsat);
  EXPECT_EQ(ask_cvc5(program, expects_unsat + kSatisfiable, 10'000), Answer::kSat);
}

TEST(AskCvc5, gives_up_rather_than_guess) {
  const std::string program = find_cvc5();
  ASSERT_FALSE(program.empty()) << kMissing;
  EXPECT_EQ(ask_cvc5(program, "(assert (no such thing))", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(program, "(assert ", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(program, "", 10'000), Answer::kUnknown);
  // Two answers are none.
  EXPECT_EQ(ask_cvc5(program, std::string(kSatisfiable) + "(check-sat)\n", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5("/no/such/program", kSatisfiable, 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5("", kSatisfiable, 10'000), Answer::kUnknown);
}

// A program in its place, as a script of the shell.
std::string script(const std::string& name, const std::string& body) {
  std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  ::chmod(path.c_str(), 0755);
  return path;
}

TEST(AskCvc5, believes_one_word_and_a_good_end_alone) {
  EXPECT_EQ(ask_cvc5(script("says_unsat", "echo unsat"), "", 10'000), Answer::kUnsat);
  EXPECT_EQ(ask_cvc5(script("crashes", "echo unsat; kill -SEGV $$"), "", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(script("fails", "echo unsat; exit 1"), "", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(script("complains", "echo unsat; echo error >&2"), "", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(script("rambles", "echo unsatisfied"), "", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(script("gives_up", "echo unknown"), "", 10'000), Answer::kUnknown);
  EXPECT_EQ(ask_cvc5(script("is_silent", "true"), "", 10'000), Answer::kUnknown);
}

TEST(AskCvc5, reads_exactly_the_question) {
  const std::string copy = testing::TempDir() + "/question";
  EXPECT_EQ(ask_cvc5(script("copies", "cat > " + copy + "; echo sat"), kSatisfiable, 10'000), Answer::kSat);
  std::ifstream file(copy);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), kSatisfiable);
}

TEST(AskCvc5, is_bounded_in_time_and_memory) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ask_cvc5(script("hangs", "exec sleep 60"), "", 100), Answer::kUnknown);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  const std::string kib = std::to_string(4 << 20);
  EXPECT_EQ(ask_cvc5(script("bounded", "test $(ulimit -v) = " + kib + " && echo sat"), "", 10'000),
            Answer::kSat);
}

TEST(Reject, CEP_RULE_4_solvers_contradict_each_other) {
  const auto records = [](const std::string& program) {
    return prove_rules({.only = "sum.whole", .cvc5 = program}).value();
  };
  const auto lied = records(script("lies", "echo sat"));
  const auto status = solvers_agree(lied);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().requirement, "CEP-RULE-4");
  EXPECT_EQ(status.error().path, "sum.whole");
  // Giving up is no contradiction, and no proof.
  const auto gave_up = records(script("gives_up", "echo unknown"));
  EXPECT_TRUE(solvers_agree(gave_up).has_value());
  for (const ProofRecord& record : gave_up) EXPECT_FALSE(record.as_expected());
}

TEST(Prove, asks_the_same_with_several_threads) {
  const auto one = prove_rules({.only = "box.cut"}).value();
  const auto four = prove_rules({.only = "box.cut", .threads = 4}).value();
  ASSERT_EQ(one.size(), four.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].name, four[i].name);
    EXPECT_EQ(one[i].answer, four[i].answer);
    EXPECT_FALSE(four[i].second);
  }
}

}  // namespace
}  // namespace cep
