// A rule's nodes are numbered in the order its statements reach them, whatever order the compiler built them in: its digest
// is part of every certificate, and certificates travel.
#include <gtest/gtest.h>

#include "cep/rule.h"

namespace cep {
namespace {

int operands_of(ExprOp op) {
  switch (op) {
    case ExprOp::kInput:
    case ExprOp::kOutput:
    case ExprOp::kVariable:
    case ExprOp::kConst: return 0;
    case ExprOp::kNot: return 1;
    case ExprOp::kIte: return 3;
    default: return 2;
  }
}

// Visits what `expr` reaches, operands first; the n-th new node must be node n.
void visit(const Rule& rule, Expr expr, std::size_t& seen) {
  if (expr < seen) return;
  const ExprNode& node = rule.nodes[expr];
  const int operands = operands_of(node.op);
  if (operands > 0) visit(rule, node.a, seen);
  if (operands > 1) visit(rule, node.b, seen);
  if (operands > 2) visit(rule, node.c, seen);
  EXPECT_EQ(expr, seen) << rule.id;
  ++seen;
}

TEST(Rules, NodesAreNumberedAsTheStatementsReachThem) {
  for (const Rule& rule : rule_table()) {
    std::size_t seen = 0;
    for (const auto* list : {&rule.guards, &rule.outputs, &rule.hypotheses, &rule.conclusions}) {
      for (const NamedExpr& statement : *list) visit(rule, statement.expr, seen);
    }
    EXPECT_EQ(seen, rule.nodes.size()) << rule.id;
  }
}

}  // namespace
}  // namespace cep
