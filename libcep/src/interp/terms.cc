#include "interp/terms.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "interp/hash.h"

namespace cep::interp {
namespace {

// The two low bits of hi of a term: not concrete; and, for F32, "the bits are never a NaN other than
// 0x7fc00000".
constexpr std::uint64_t kTerm = 2;
constexpr std::uint64_t kCanonical = 1;
// Tags of what is not a scalar operator.
constexpr std::uint64_t kConstantTag = 0x100;
constexpr std::uint64_t kOneNanTag = 0x101;

bool less(Value a, Value b) { return std::tie(a.hi, a.lo) < std::tie(b.hi, b.lo); }
bool canonical(Value value) { return !is_concrete(value) && (value.hi & kCanonical) != 0; }

Value term(const Hash& hash, bool is_canonical) {
  Value value = hash.finish();
  value.hi = (value.hi & ~std::uint64_t{3}) | kTerm | (is_canonical ? kCanonical : 0);
  return value;
}

Value node(ScalarOp op, Value a, Value b, Value c, bool is_canonical) {
  Hash hash(op.code);
  hash.add((std::uint64_t{op.dtype} << 8) | op.operand);
  hash.add(a);
  hash.add(b);
  hash.add(c);
  return term(hash, is_canonical);
}

// The same value with every NaN made the one NaN: what x + (-0) and max(x, x) do to x.
Value one_nan(Value value) {
  if (canonical(value)) return value;
  Hash hash(kOneNanTag);
  hash.add(value);
  return term(hash, true);
}

constexpr std::uint32_t kNegativeZero = 0x80000000U;
constexpr std::uint32_t kInfinity = 0x7f800000U;
constexpr std::uint32_t kMinusInfinity = 0xff800000U;

bool is_nan(std::uint32_t bits) { return (bits & 0x7fffffffU) > kInfinity; }

bool commutes(std::uint8_t code) {
  return code == ACP_SC_ADD || code == ACP_SC_MUL || code == ACP_SC_FMA || code == ACP_SC_EQ;
}

}  // namespace

Value Terms::constant(std::uint8_t dtype, std::uint64_t bits) {
  if (dtype != ACP_F32) return integer(dtype, bits);
  const auto pattern = static_cast<std::uint32_t>(bits);
  Hash hash(kConstantTag);
  hash.add(pattern);
  return term(hash, !is_nan(pattern) || pattern == 0x7fc00000U);
}

bool Terms::truth(Value condition) {
  return is_concrete(condition) ? condition.lo != 0 : (condition.lo & 1) != 0;
}

Value Terms::apply(ScalarOp op, Value a, Value b, Value c) {
  if (op.code == ACP_SC_SELECT) {
    if (is_concrete(a)) return a.lo != 0 ? b : c;
    return b == c ? b : node(op, a, b, c, canonical(b) && canonical(c));
  }
  if (op.operand == ACP_F32 || op.dtype == ACP_F32) return apply_floats(op, a, b, c);
  if (is_concrete(a) && is_concrete(b) && is_concrete(c)) return apply_integers(op, a, b, c);
  return node(op, a, b, c, false);
}

Value Terms::apply_floats(ScalarOp op, Value a, Value b, Value c) {
  switch (op.code) {
    case ACP_SC_MAX:
    case ACP_SC_MIN: return extremum(op, a, b);
    case ACP_SC_ADD:
      if (a == constant(ACP_F32, kNegativeZero)) return one_nan(b);
      if (b == constant(ACP_F32, kNegativeZero)) return one_nan(a);
      break;
    case ACP_SC_CAST:
      if (op.operand == op.dtype) return a;
      break;
    case ACP_SC_BITCAST:
      if (is_concrete(a)) return constant(op.dtype, a.lo);
      return node(op, a, b, c, false);
    case ACP_SC_NEG: return node(op, a, b, c, false);
    case ACP_SC_ABS: return node(op, a, b, c, canonical(a));
    default: break;
  }
  if (commutes(op.code) && less(b, a)) std::swap(a, b);
  return node(op, a, b, c, op.dtype == ACP_F32);
}

Value Terms::extremum(ScalarOp op, Value a, Value b) {
  const Value neutral = constant(ACP_F32, op.code == ACP_SC_MAX ? kMinusInfinity : kInfinity);
  const auto leaves_of = [&](Value value) -> std::vector<Value> {
    if (value == neutral) return {};
    const auto known = space_.leaves.find({value.lo, value.hi});
    if (known != space_.leaves.end() && known->second.code == op.code) return known->second.leaves;
    return {one_nan(value)};
  };
  const std::vector<Value> left = leaves_of(a);
  const std::vector<Value> right = leaves_of(b);
  std::vector<Value> both;
  std::set_union(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both), less);
  if (both.empty()) return neutral;
  if (both.size() == 1) return both.front();
  Hash hash(op.code);
  for (const Value leaf : both) hash.add(leaf);
  const Value result = term(hash, true);
  space_.leaves.try_emplace({result.lo, result.hi}, TermSpace::Extremum{op.code, std::move(both)});
  return result;
}

}  // namespace cep::interp
