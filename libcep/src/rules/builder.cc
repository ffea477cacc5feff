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

int operands_of(ExprOp op) {
  if (op <= ExprOp::kConst) return 0;
  if (op == ExprOp::kNot) return 1;
  return op == ExprOp::kIte ? 3 : 2;
}

// Moves the nodes that an expression reaches behind those already placed, operands first.
class Renumbering {
 public:
  explicit Renumbering(const std::vector<ExprNode>& from) : from_(from), place_(from.size(), kUnplaced) {}

  Expr place(Expr expr) {
    if (place_[expr] != kUnplaced) return place_[expr];
    ExprNode node = from_[expr];
    const int operands = operands_of(node.op);
    if (operands > 0) node.a = place(node.a);
    if (operands > 1) node.b = place(node.b);
    if (operands > 2) node.c = place(node.c);
    nodes_.push_back(node);
    return place_[expr] = static_cast<Expr>(nodes_.size() - 1);
  }
  std::vector<ExprNode> take() && { return std::move(nodes_); }

 private:
  static constexpr Expr kUnplaced = 0xffff;
  const std::vector<ExprNode>& from_;
  std::vector<Expr> place_;
  std::vector<ExprNode> nodes_;
};

}  // namespace

Rule RuleBuilder::finish() && {
  Renumbering renumbering(rule_.nodes);
  for (auto* list : {&rule_.guards, &rule_.outputs, &rule_.hypotheses, &rule_.conclusions}) {
    for (NamedExpr& statement : *list) statement.expr = renumbering.place(statement.expr);
  }
  rule_.nodes = std::move(renumbering).take();
  return std::move(rule_);
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
