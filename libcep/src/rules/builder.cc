#include "rules/builder.h"

#include "acp/result.h"
#include "rules/evaluate.h"

namespace cep {

RuleBuilder::RuleBuilder(std::string_view id, std::string_view says, Schema schema) {
  rule_.id = id;
  rule_.says = says;
  rule_.schema = schema;
}

Term RuleBuilder::leaf(ExprOp op, std::int64_t value) {
  ACP_ASSERT(rule_.nodes.size() < kMaxRuleNodes);
  rule_.nodes.push_back({.op = op, .value = value});
  return {this, static_cast<Expr>(rule_.nodes.size() - 1)};
}

Term RuleBuilder::node(ExprOp op, Term a, Term b, Term c) {
  ACP_ASSERT(rule_.nodes.size() < kMaxRuleNodes);
  rule_.nodes.push_back({.op = op, .a = a.expr, .b = b.expr, .c = c.expr});
  return {this, static_cast<Expr>(rule_.nodes.size() - 1)};
}

Term RuleBuilder::input(std::string_view name) {
  rule_.inputs.push_back(name);
  return leaf(ExprOp::kInput, static_cast<std::int64_t>(rule_.inputs.size() - 1));
}

Term RuleBuilder::variable(std::string_view name) {
  rule_.variables.push_back(name);
  return leaf(ExprOp::kVariable, static_cast<std::int64_t>(rule_.variables.size() - 1));
}

Term RuleBuilder::constant(std::int64_t value) { return leaf(ExprOp::kConst, value); }

void RuleBuilder::guard(std::string_view name, Term condition) {
  rule_.guards.push_back({name, condition.expr});
}

Term RuleBuilder::output(std::string_view name, Term value) {
  rule_.outputs.push_back({name, value.expr});
  return leaf(ExprOp::kOutput, static_cast<std::int64_t>(rule_.outputs.size() - 1));
}

void RuleBuilder::hypothesis(std::string_view name, Term condition) {
  rule_.hypotheses.push_back({name, condition.expr});
}

void RuleBuilder::conclusion(std::string_view name, Term condition) {
  rule_.conclusions.push_back({name, condition.expr});
}

namespace {

Term join(ExprOp op, std::initializer_list<Term> terms) {
  ACP_ASSERT(terms.size() > 0);
  Term joined = *terms.begin();
  for (const Term* term = terms.begin() + 1; term != terms.end(); ++term) {
    joined = joined.owner->node(op, joined, *term);
  }
  return joined;
}

}  // namespace

Term all_of(std::initializer_list<Term> terms) { return join(ExprOp::kAnd, terms); }
Term any_of(std::initializer_list<Term> terms) { return join(ExprOp::kOr, terms); }

Term is_power_of_two(Term x) {
  Term any = x == 1;
  for (int exponent = 1; exponent <= 62; ++exponent) {
    any = any_of({any, x == (std::int64_t{1} << exponent)});
  }
  return any;
}

}  // namespace cep
