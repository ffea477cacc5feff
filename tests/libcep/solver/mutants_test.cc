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

// A comparison that lets one more pair of numbers through: a < b becomes a < b + 1; a == b becomes a == b + 1.
void add_weakened(const Rule& rule, std::size_t guard, std::vector<Mutant>& mutants) {
  const ExprNode comparison = rule.nodes[rule.guards[guard].expr];
  if (comparison.op != ExprOp::kLt && comparison.op != ExprOp::kLe && comparison.op != ExprOp::kEq) return;
  Rule weakened = rule;
  const Expr one = push(weakened, {.op = ExprOp::kConst, .value = 1});
  const Expr more = push(weakened, {.op = ExprOp::kAdd, .a = comparison.b, .b = one});
  weakened.guards[guard].expr = push(weakened, {.op = comparison.op, .a = comparison.a, .b = more});
  mutants.push_back({std::string(rule.guards[guard].name) + " off by one", weakened});
}

bool is_condition(ExprOp op) { return op >= ExprOp::kLt && op <= ExprOp::kNot; }

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
    add_weakened(rule, i, mutants);
  }
  for (std::size_t i = 0; i < rule.conclusions.size(); ++i) {
    const Expr conclusion = rule.conclusions[i].expr;
    if (!is_condition(rule.nodes[conclusion].op)) continue;  // an argument of the schema
    Rule opposite = rule;
    opposite.conclusions[i].expr = push(opposite, {.op = ExprOp::kNot, .a = conclusion});
    mutants.push_back({"claims not " + std::string(rule.conclusions[i].name), opposite});
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
