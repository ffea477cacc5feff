// Rules changed for the worse, one change at a time: the obligations of every one of them must fail somewhere.
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "cep/solver.h"

namespace cep {
namespace {

struct Mutant {
  std::string what;
  Rule rule;
};

Expr push(Rule& rule, ExprNode node) {
  rule.nodes.push_back(node);
  return static_cast<Expr>(rule.nodes.size() - 1);
}

std::vector<Mutant> mutants_of(const Rule& rule) {
  std::vector<Mutant> mutants;
  for (std::size_t i = 0; i < rule.outputs.size(); ++i) {
    Rule more = rule;
    const Expr one = push(more, {.op = ExprOp::kConst, .value = 1});
    more.outputs[i].expr = push(more, {.op = ExprOp::kAdd, .a = rule.outputs[i].expr, .b = one});
    mutants.push_back({"output " + std::string(rule.outputs[i].name) + " + 1", more});
  }
  for (std::size_t i = 0; i < rule.guards.size(); ++i) {
    Rule removed = rule;
    removed.guards.erase(removed.guards.begin() + static_cast<std::ptrdiff_t>(i));
    mutants.push_back({"no guard " + std::string(rule.guards[i].name), removed});
    Rule negated = rule;
    negated.guards[i].expr = push(negated, {.op = ExprOp::kNot, .a = rule.guards[i].expr});
    mutants.push_back({"not " + std::string(rule.guards[i].name), negated});
  }
  return mutants;
}

// A mutant is caught by a proof that fails, or by premises that contradict each other. Giving up does not count.
bool caught(const Mutant& mutant) {
  for (const Obligation& obligation : obligations_of(mutant.rule)) {
    if (obligation.kind != ObligationKind::kProof && obligation.kind != ObligationKind::kPremises) continue;
    const Answer answer = ask(obligation.text, 5000, 0);
    if (answer != Answer::kUnknown && answer != obligation.expected) return true;
  }
  return false;
}

class Mutants : public testing::TestWithParam<std::string> {};

TEST_P(Mutants, are_all_caught) {
  const std::vector<Mutant> mutants = mutants_of(*find_rule(GetParam()));
  std::size_t found = 0;
  for (const Mutant& mutant : mutants) {
    const bool ok = caught(mutant);
    EXPECT_TRUE(ok) << GetParam() << ": " << mutant.what;
    found += ok ? 1 : 0;
  }
  std::cout << GetParam() << ": " << found << " of " << mutants.size() << " mutants caught\n";
}

std::vector<std::string> rules() {
  std::vector<std::string> names;
  for (const Rule& rule : rule_table()) names.emplace_back(rule.id);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Rules, Mutants, testing::ValuesIn(rules()), [](const auto& param) {
  std::string name = param.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace cep
