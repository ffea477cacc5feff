#include "rules/evaluate.h"

#include <algorithm>
#include <array>

#include "acp/result.h"

namespace cep {

namespace {

// A node's value, or why it has none.
enum class Fault : std::uint8_t { kNone, kOverflow, kDivision, kMeaning };
struct Slot {
  std::int64_t value;
  Fault fault;
};

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::kDivision: return "division";
    case Fault::kMeaning: return "meaning";
    default: return "overflow";
  }
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t floor_remainder(std::int64_t a, std::int64_t b) { return a % b + (a % b < 0 ? b : 0); }

Slot arithmetic(ExprOp op, std::int64_t a, std::int64_t b) {
  std::int64_t value = 0;
  bool overflow = false;
  switch (op) {
    case ExprOp::kAdd: overflow = __builtin_add_overflow(a, b, &value); break;
    case ExprOp::kSub: overflow = __builtin_sub_overflow(a, b, &value); break;
    case ExprOp::kMul: overflow = __builtin_mul_overflow(a, b, &value); break;
    case ExprOp::kFloorDiv:
      if (b <= 0) return {0, Fault::kDivision};
      value = floor_quotient(a, b);
      break;
    case ExprOp::kMod:
      if (b <= 0) return {0, Fault::kDivision};
      value = floor_remainder(a, b);
      break;
    case ExprOp::kMin: value = std::min(a, b); break;
    case ExprOp::kMax: value = std::max(a, b); break;
    case ExprOp::kLt: value = a < b ? 1 : 0; break;
    case ExprOp::kLe: value = a <= b ? 1 : 0; break;
    case ExprOp::kEq: value = a == b ? 1 : 0; break;
    case ExprOp::kAnd: value = (a != 0 && b != 0) ? 1 : 0; break;
    case ExprOp::kOr: value = (a != 0 || b != 0) ? 1 : 0; break;
    default: return {0, Fault::kMeaning};
  }
  return {value, overflow ? Fault::kOverflow : Fault::kNone};
}

Slot evaluate_node(const ExprNode& node, std::span<const std::int64_t> inputs, std::span<const Slot> slots) {
  switch (node.op) {
    case ExprOp::kInput: return {inputs[static_cast<std::size_t>(node.value)], Fault::kNone};
    case ExprOp::kConst: return {node.value, Fault::kNone};
    case ExprOp::kOutput:
    case ExprOp::kVariable: return {0, Fault::kMeaning};
    case ExprOp::kNot: return {slots[node.a].value == 0 ? 1 : 0, slots[node.a].fault};
    case ExprOp::kIte:
      // Only the chosen side counts: a fault on the other is no fault.
      if (slots[node.a].fault != Fault::kNone) return slots[node.a];
      return slots[node.a].value != 0 ? slots[node.b] : slots[node.c];
    default: break;
  }
  if (slots[node.a].fault != Fault::kNone) return slots[node.a];
  if (slots[node.b].fault != Fault::kNone) return slots[node.b];
  return arithmetic(node.op, slots[node.a].value, slots[node.b].value);
}

bool refuse(std::string_view why, std::string_view* failed_guard) {
  if (failed_guard != nullptr) *failed_guard = why;
  return false;
}

}  // namespace

bool evaluate_rule(const Rule& rule, std::span<const std::int64_t> inputs, std::span<std::int64_t> out,
                   std::string_view* failed_guard) {
  ACP_ASSERT(inputs.size() == rule.inputs.size());
  ACP_ASSERT(out.size() == rule.outputs.size());
  std::size_t used = 0;
  for (const NamedExpr& guard : rule.guards) used = std::max(used, std::size_t{guard.expr} + 1);
  for (const NamedExpr& output : rule.outputs) used = std::max(used, std::size_t{output.expr} + 1);
  ACP_ASSERT(used <= kMaxRuleNodes);
  ACP_ASSERT(used <= rule.nodes.size());

  std::array<Slot, kMaxRuleNodes> slots;  // filled as far as it is read
  for (std::size_t i = 0; i < used; ++i) slots[i] = evaluate_node(rule.nodes[i], inputs, slots);

  for (const NamedExpr& guard : rule.guards) {
    const Slot& slot = slots[guard.expr];
    if (slot.fault != Fault::kNone) return refuse(fault_name(slot.fault), failed_guard);
    if (slot.value == 0) return refuse(guard.name, failed_guard);
  }
  for (const NamedExpr& output : rule.outputs) {
    if (slots[output.expr].fault != Fault::kNone) {
      return refuse(fault_name(slots[output.expr].fault), failed_guard);
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = slots[rule.outputs[i].expr].value;
  return true;
}

}  // namespace cep
