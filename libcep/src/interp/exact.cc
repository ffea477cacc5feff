#include "interp/exact.h"

#include <bit>
#include <cmath>

namespace cep::interp {
namespace {

double as_double(Value value) {
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(value.lo)));
}

// Whether x + y is `result` over the reals: Knuth's two-sum, whose error term is exact where nothing overflows.
bool is_sum(double x, double y, double result) {
  const double sum = x + y;
  const double part = sum - x;
  const double error = (x - (sum - part)) + (y - part);
  return error == 0.0 && sum == result;
}

// Whether a whole number is `result` exactly.
bool is_integer(std::int64_t value, double result) {
  // 2^63 itself is no int64.
  return result < 0x1p63 && static_cast<std::int64_t>(result) == value;
}

// Products of two binary32 numbers are exact in double, and so are their sums where is_sum says so.
bool exact_arithmetic(std::uint8_t code, double x, double y, double z, double result) {
  switch (code) {
    case ACP_SC_ADD: return is_sum(x, y, result);
    case ACP_SC_SUB: return is_sum(x, -y, result);
    case ACP_SC_MUL: return x * y == result;
    case ACP_SC_FMA: return is_sum(x * y, z, result);
    case ACP_SC_DIV: return y != 0.0 && result * y == x;
    case ACP_SC_SQRT: return result * result == x;
    default:
      return true;  // the function itself, of a number: negated, rounded to a whole one, the larger of two
  }
}

bool exact(ScalarOp op, Value a, Value b, Value c, Value result) {
  if (op.code == ACP_SC_SELECT) return true;
  if (op.operand == ACP_F32) {
    const double x = as_double(a);
    if (!std::isfinite(x) && op.code != ACP_SC_MIN && op.code != ACP_SC_MAX) return false;
    // The bits of a number are a function of it, but for zero, which has two.
    if (op.code == ACP_SC_BITCAST) return x != 0.0;
    if (op.dtype != ACP_F32) return true;  // compared, or made whole: the truth is that of the numbers
    const double made = as_double(result);
    return std::isfinite(made) && exact_arithmetic(op.code, x, as_double(b), as_double(c), made);
  }
  if (op.dtype != ACP_F32) return true;
  const double made = as_double(result);
  if (op.code == ACP_SC_BITCAST) return std::isfinite(made);
  return is_integer(static_cast<std::int64_t>(a.lo), made);
}

}  // namespace

Value Exact::apply(ScalarOp op, Value a, Value b, Value c) {
  const Value result = Bits::apply(op, a, b, c);
  if (!exact(op, a, b, c, result)) rounded_->store(true, std::memory_order_relaxed);
  return result;
}

}  // namespace cep::interp
