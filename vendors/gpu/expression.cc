#include "expression.h"

namespace acp_gpu {

std::string literal(std::int64_t value, bool wide) {
  if (value == INT64_MIN) return "(-9223372036854775807L - 1L)";
  const std::string digits = std::to_string(value) + (wide ? "L" : "");
  return value < 0 ? "(" + digits + ")" : digits;
}

const char* type_of(std::uint8_t dtype) {
  switch (dtype) {
    case ACP_I32: return "int";
    case ACP_I64: return "long";
    default: return "u32";
  }
}

const char* ending_of(std::uint8_t dtype) {
  switch (dtype) {
    case ACP_F32: return "f32";
    case ACP_I32: return "i32";
    case ACP_I64: return "i64";
    default: return "bool";
  }
}

const char* memory_type_of(std::uint8_t dtype) { return dtype == ACP_BOOL ? "uchar" : type_of(dtype); }

std::string bits_literal(std::uint8_t dtype, std::uint64_t bits) {
  switch (dtype) {
    case ACP_I32: return joined("(int)", static_cast<std::int64_t>(static_cast<std::uint32_t>(bits)), "u");
    case ACP_I64: return literal(static_cast<std::int64_t>(bits), true);
    case ACP_BOOL: return bits != 0 ? "1u" : "0u";
    default: return joined(static_cast<std::int64_t>(static_cast<std::uint32_t>(bits)), "u");
  }
}

namespace {

const char* function_of(std::uint8_t op) {
  switch (op) {
    case ACP_SC_NEG: return "neg_";
    case ACP_SC_ABS: return "abs_";
    case ACP_SC_SQRT: return "sqrt_";
    case ACP_SC_RINT: return "rint_";
    case ACP_SC_ADD: return "add_";
    case ACP_SC_SUB: return "sub_";
    case ACP_SC_MUL: return "mul_";
    case ACP_SC_DIV: return "div_";
    case ACP_SC_MIN: return "min_";
    case ACP_SC_MAX: return "max_";
    case ACP_SC_FMA: return "fma_";
    case ACP_SC_LT: return "lt_";
    case ACP_SC_LE: return "le_";
    case ACP_SC_EQ: return "eq_";
    case ACP_SC_AND: return "and_";
    case ACP_SC_OR: return "or_";
    case ACP_SC_XOR: return "xor_";
    case ACP_SC_SHL: return "shl_";
    default: return "shr_";
  }
}

bool is_unary(std::uint8_t op) { return op >= ACP_SC_NEG && op <= ACP_SC_RINT; }

}  // namespace

Expressions::Expressions(const acp_region& region, const Space& space, char letter)
    : region_(region),
      space_(space),
      letter_(letter),
      needs_(region),
      operands_(region.operand_count),
      read_done_(region.read_count),
      indices_(region.index_count),
      scalars_(region.scalar_count) {}

void Expressions::emit(Text& text) {
  needs_.close(region_);
  wide_ = !space_.narrow(region_, needs_);
  for (std::uint32_t i = 0; i < region_.index_count; ++i) {
    if (needs_.indices[i]) emit_index(i, text);
  }
  for (std::uint32_t i = 0; i < region_.scalar_count; ++i) {
    if (needs_.scalars[i]) emit_scalar(i, text);
  }
}

void Expressions::emit_index(std::uint32_t number, Text& text) {
  const acp_index_node& node = region_.indices[number];
  std::string& name = indices_[number];
  const char* const cast = wide_ ? "(long)" : "(int)";
  switch (node.op) {
    case ACP_IX_CONST: name = literal(node.value, wide_); return;
    case ACP_IX_ITER: name = joined("(", cast, "i", node.a, ")"); return;
    case ACP_IX_LOOP: name = joined("(", cast, "L", node.a, ")"); return;
    default: break;
  }
  const std::string value = literal(node.value, wide_);
  const bool known = space_.bounds(number).known;
  const Interval below = node.op == ACP_IX_LOAD ? Interval{} : space_.bounds(node.a);
  const bool natural = below.known && below.lo >= 0;
  std::string code;
  switch (node.op) {
    case ACP_IX_ADD:
      code = known ? joined(indices_[node.a], " + ", indices_[node.b])
                   : joined("add_i64(", indices_[node.a], ", ", indices_[node.b], ")");
      break;
    case ACP_IX_SCALE:
      code = known ? joined(indices_[node.a], " * ", value)
                   : joined("mul_i64(", indices_[node.a], ", ", value, ")");
      break;
    case ACP_IX_FLOORDIV:
      code = natural ? joined(indices_[node.a], " / ", value)
                     : joined(cast, "floor_div(", indices_[node.a], ", ", value, ")");
      break;
    case ACP_IX_MOD:
      code = natural ? joined(indices_[node.a], " % ", value)
                     : joined(cast, "floor_mod(", indices_[node.a], ", ", value, ")");
      break;
    case ACP_IX_WRAP:
      code = natural ? indices_[node.a]
                     : joined(indices_[node.a], " < 0 ? ",
                              wide_ ? joined("add_i64(", indices_[node.a], ", ", value, ")")
                                    : joined(indices_[node.a], " + ", value),
                              " : ", indices_[node.a]);
      break;
    default:  // LOAD
      emit_read(node.a, text);
      code = joined("(long)v", node.a, letter_);
  }
  name = joined("j", number, letter_);
  text.line(wide_ ? "const long " : "const int ", name, " = ", code, ";");
}

std::string Expressions::range_test(std::uint32_t index, std::int64_t lo, std::int64_t hi) const {
  const Interval b = space_.bounds(index);
  const std::string& name = indices_[index];
  const bool above = b.known && b.lo >= lo, below = b.known && b.hi < hi;
  if (above && below) return {};
  // Bounds outside what the index can be may not fit its type.
  if (b.known && (b.hi < lo || b.lo >= hi)) return "0";
  if (above) return joined(name, " < ", literal(hi, wide_));
  if (below) return joined(name, " >= ", literal(lo, wide_));
  return joined("(", name, " >= ", literal(lo, wide_), " && ", name, " < ", literal(hi, wide_), ")");
}

bool Expressions::surely_inside(const acp_read& read, std::uint32_t axis) const {
  const acp_operand& operand = region_.operands[read.operand];
  const std::int64_t lo = operand.origin[axis], hi = lo + operand.held[axis];
  const std::uint32_t index = read.coord[axis];
  const Interval b = space_.bounds(index);
  if (b.known && b.lo >= lo && b.hi < hi) return true;
  for (std::uint32_t g = 0; g < read.guard_count; ++g) {
    const acp_guard& guard = region_.guards[read.guard_first + g];
    if (guard.index == index && guard.lo >= lo && guard.hi <= hi) return true;
  }
  return false;
}

std::string Expressions::offset(const acp_operand& operand, const std::uint32_t* coord, bool wide) const {
  std::string sum;
  for (std::uint32_t d = 0; d < operand.rank; ++d) {
    const Interval b = space_.bounds(coord[d]);
    // A coordinate that can only be the origin adds nothing.
    if (operand.stride[d] == 0 || (b.known && b.lo == b.hi && b.lo == operand.origin[d])) continue;
    std::string term = wide ? "(long)" + indices_[coord[d]] : indices_[coord[d]];
    if (operand.origin[d] != 0) term = joined("(", term, " - ", literal(operand.origin[d], wide), ")");
    if (operand.stride[d] != 1) term += " * " + literal(operand.stride[d], wide);
    sum += (sum.empty() ? "" : " + ") + term;
  }
  return sum.empty() ? "0" : sum;
}

void Expressions::emit_read(std::uint32_t number, Text& text) {
  if (read_done_[number]) return;
  read_done_[number] = true;
  const acp_read& read = region_.reads[number];
  const acp_operand& operand = region_.operands[read.operand];
  operands_[read.operand] = true;
  const std::string name = joined("v", number, letter_);
  std::string guards, checks;
  const auto both = [](std::string& all, const std::string& test) {
    if (!test.empty()) all += (all.empty() ? "" : " && ") + test;
  };
  for (std::uint32_t g = 0; g < read.guard_count; ++g) {
    const acp_guard& guard = region_.guards[read.guard_first + g];
    both(guards, range_test(guard.index, guard.lo, guard.hi));
  }
  for (std::uint32_t d = 0; d < operand.rank; ++d) {
    if (surely_inside(read, d)) continue;
    both(checks, range_test(read.coord[d], operand.origin[d], operand.origin[d] + operand.held[d]));
  }
  std::string element = joined("x", read.operand, "[", offset(operand, read.coord, wide_), "]");
  if (operand.dtype == ACP_BOOL) element = joined("(", element, " != 0 ? 1u : 0u)");
  const char* const type = type_of(operand.dtype);
  if (guards.empty() && checks.empty()) {
    text.line("const ", type, " ", name, " = ", element, ";");
    return;
  }
  text.line(type, " ", name, " = ", bits_literal(operand.dtype, read.otherwise), ";");
  if (checks.empty()) {
    text.line("if (", guards, ") ", name, " = ", element, ";");
    return;
  }
  faults_ = true;
  text.line("if (", guards.empty() ? "1" : guards, ") {");
  text.line("if (", checks, ") ", name, " = ", element, "; else atomic_min(fault, ", number, "u);");
  text.line("}");
}

std::string Expressions::operation(const acp_scalar_node& node) const {
  const std::string &a = scalars_[node.a], &b = scalars_[node.b], &c = scalars_[node.c];
  const std::uint8_t from = region_.scalars[node.a].dtype;
  switch (node.op) {
    case ACP_SC_SELECT: return joined(a, " != 0u ? ", b, " : ", c);
    case ACP_SC_CAST:
      return from == node.dtype ? a : joined(ending_of(from), "_to_", ending_of(node.dtype), "(", a, ")");
    case ACP_SC_BITCAST: return joined(ending_of(from), "_bits_", ending_of(node.dtype), "(", a, ")");
    case ACP_SC_FMA: return joined("fma_", ending_of(from), "(", a, ", ", b, ", ", c, ")");
    default: break;
  }
  const std::string call = joined(function_of(node.op), ending_of(from), "(", a);
  return is_unary(node.op) ? call + ")" : joined(call, ", ", b, ")");
}

void Expressions::emit_scalar(std::uint32_t number, Text& text) {
  const acp_scalar_node& node = region_.scalars[number];
  std::string& name = scalars_[number];
  switch (node.op) {
    case ACP_SC_ARG:
      emit_read(node.a, text);
      name = joined("v", node.a, letter_);
      return;
    case ACP_SC_CONST: name = bits_literal(node.dtype, node.bits); return;
    case ACP_SC_ACC: name = "acc"; return;
    case ACP_SC_INDEX: name = joined("((long)", indices_[node.a], ")"); return;
    default: break;
  }
  name = joined("s", number, letter_);
  text.line("const ", type_of(node.dtype), " ", name, " = ", operation(node), ";");
}

}  // namespace acp_gpu
