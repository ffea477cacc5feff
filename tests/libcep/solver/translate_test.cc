// The translator against the evaluator: what fire() computes is what the solver reasons about.
#include "solver/translate.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "cep/solver.h"

namespace cep {
namespace {

using Ints = std::vector<std::int64_t>;

std::string number(std::int64_t value) {
  return value < 0 ? "(- " + std::to_string(-value) + ")" : std::to_string(value);
}

std::string with_inputs(const Rule& rule, const Ints& inputs) {
  std::string text;
  for (const auto& line : declare(rule)) text += line + "\n";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    text += "(assert (= in." + std::string(rule.inputs[i]) + " " + number(inputs[i]) + "))\n";
  }
  return text;
}

// Holds for the inputs exactly when the rule fires and yields `out`: the negation has no model.
void expect_agreement(const Rule& rule, const Ints& inputs, const Ints* out) {
  std::string guards = "(and true";
  for (const auto& guard : rule.guards) guards += " " + to_smtlib(rule, guard.expr);
  guards += ")";
  std::string claim = out == nullptr ? "(not " + guards + ")" : guards;
  if (out != nullptr) {
    claim = "(and " + claim;
    for (std::size_t i = 0; i < out->size(); ++i) {
      claim += " (= out." + std::string(rule.outputs[i].name) + " " + number((*out)[i]) + ")";
    }
    claim += ")";
  }
  EXPECT_EQ(ask(with_inputs(rule, inputs) + "(assert (not " + claim + "))", 5000, 0), Answer::kUnsat)
      << rule.id << testing::PrintToString(inputs);
}

TEST(Translate, agrees_with_evaluation) {
  std::mt19937_64 random(20);
  int fired = 0;
  int refused = 0;
  for (const Rule& rule : rule_table()) {
    int fired_here = 0;
    int refused_here = 0;
    for (int attempt = 0; attempt < 20'000 && (fired_here < 4 || refused_here < 2); ++attempt) {
      Ints inputs;
      for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
        inputs.push_back(static_cast<std::int64_t>(random() % 13) - 4);
      }
      Ints out(rule.outputs.size());
      if (fire(rule, inputs, out)) {
        if (fired_here++ < 4) expect_agreement(rule, inputs, &out);
      } else {
        if (refused_here++ < 2) expect_agreement(rule, inputs, nullptr);
      }
    }
    EXPECT_GE(fired_here, 4) << rule.id;
    fired += fired_here;
    refused += refused_here;
  }
  EXPECT_GT(fired, 0);
  EXPECT_GT(refused, 0);
}

TEST(Translate, writes_what_stands_there) {
  const Rule* rule = find_rule("index.guard");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(to_smtlib(*rule, rule->outputs[0].expr), "(greatest in.alo in.glo)");
  EXPECT_EQ(to_smtlib(*rule, rule->outputs[1].expr), "(least in.ahi (- in.ghi 1))");
  EXPECT_FALSE(is_nonlinear(*rule));
  EXPECT_TRUE(is_nonlinear(*find_rule("index.scale")));
}

}  // namespace
}  // namespace cep
