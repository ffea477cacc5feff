#include "solver/translate.h"

#include <algorithm>

#include "acp/result.h"

namespace cep {

namespace {

std::string literal(std::int64_t value) {
  if (value >= 0) return std::to_string(value);
  return "(- " + std::to_string(value).substr(1) + ")";
}

const char* symbol(ExprOp op) {
  switch (op) {
    case ExprOp::kAdd: return "+";
    case ExprOp::kSub: return "-";
    case ExprOp::kMul: return "*";
    case ExprOp::kFloorDiv:
      return "div";  // the divisor is positive, or the rule does not fire: div rounds down
    case ExprOp::kMod: return "mod";
    case ExprOp::kMin: return "least";
    case ExprOp::kMax: return "greatest";
    case ExprOp::kLt: return "<";
    case ExprOp::kLe: return "<=";
    case ExprOp::kEq: return "=";
    case ExprOp::kAnd: return "and";
    case ExprOp::kOr: return "or";
    default: break;
  }
  ACP_ASSERT(false);
  return "";
}

std::string name_of(const Rule& rule, const ExprNode& node) {
  const auto position = static_cast<std::size_t>(node.value);
  if (node.op == ExprOp::kInput) return "in." + std::string(rule.inputs.at(position));
  if (node.op == ExprOp::kOutput) return "out." + std::string(rule.outputs.at(position).name);
  return "var." + std::string(rule.variables.at(position));
}

// The operands of a chain of one associative connective, so that (a or b) or c is written (or a b c).
void flatten(const Rule& rule, ExprOp op, Expr expr, std::string& text) {
  const ExprNode& node = rule.nodes.at(expr);
  if (node.op != op) {
    text += " " + to_smtlib(rule, expr);
    return;
  }
  flatten(rule, op, node.a, text);
  flatten(rule, op, node.b, text);
}

bool is_constant(const Rule& rule, Expr expr) { return rule.nodes.at(expr).op == ExprOp::kConst; }

}  // namespace

std::string to_smtlib(const Rule& rule, Expr expr) {
  const ExprNode& node = rule.nodes.at(expr);
  switch (node.op) {
    case ExprOp::kInput:
    case ExprOp::kOutput:
    case ExprOp::kVariable: return name_of(rule, node);
    case ExprOp::kConst: return literal(node.value);
    case ExprOp::kNot: return "(not " + to_smtlib(rule, node.a) + ")";
    case ExprOp::kIte:
      return "(ite " + to_smtlib(rule, node.a) + " " + to_smtlib(rule, node.b) + " " +
             to_smtlib(rule, node.c) + ")";
    case ExprOp::kAnd:
    case ExprOp::kOr: {
      std::string text = std::string("(") + symbol(node.op);
      flatten(rule, node.op, expr, text);
      return text + ")";
    }
    default:
      return std::string("(") + symbol(node.op) + " " + to_smtlib(rule, node.a) + " " +
             to_smtlib(rule, node.b) + ")";
  }
}

bool is_condition(const Rule& rule, Expr expr) {
  const ExprNode& node = rule.nodes.at(expr);
  switch (node.op) {
    case ExprOp::kLt:
    case ExprOp::kLe:
    case ExprOp::kEq:
    case ExprOp::kAnd:
    case ExprOp::kOr:
    case ExprOp::kNot: return true;
    case ExprOp::kIte: return is_condition(rule, node.b);
    default: return false;
  }
}

bool is_nonlinear(const Rule& rule) {
  return std::any_of(rule.nodes.begin(), rule.nodes.end(), [&](const ExprNode& node) {
    if (node.op == ExprOp::kMul) return !is_constant(rule, node.a) && !is_constant(rule, node.b);
    return (node.op == ExprOp::kFloorDiv || node.op == ExprOp::kMod) && !is_constant(rule, node.b);
  });
}

std::vector<std::string> declare(const Rule& rule) {
  std::vector<std::string> lines{"(define-fun least ((a Int) (b Int)) Int (ite (<= a b) a b))",
                                 "(define-fun greatest ((a Int) (b Int)) Int (ite (<= a b) b a))"};
  for (const auto& input : rule.inputs) lines.push_back("(declare-const in." + std::string(input) + " Int)");
  for (const auto& variable : rule.variables) {
    lines.push_back("(declare-const var." + std::string(variable) + " Int)");
  }
  for (const auto& output : rule.outputs) {
    lines.push_back("(define-fun out." + std::string(output.name) + " () Int " +
                    to_smtlib(rule, output.expr) + ")");
  }
  return lines;
}

}  // namespace cep
