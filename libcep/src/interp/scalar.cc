#include "interp/scalar.h"

#include "acp/result.h"

namespace cep::interp {
namespace {

std::uint64_t shifted(ScalarOp op, std::int64_t value, std::uint64_t by) {
  const std::uint64_t width = op.dtype == ACP_I64 ? 64 : 32;
  const std::uint64_t amount = by & (width - 1);
  if (op.code == ACP_SC_SHR) return static_cast<std::uint64_t>(value >> amount);
  return static_cast<std::uint64_t>(value) << amount;
}

}  // namespace

Value integer(std::uint8_t dtype, std::uint64_t wrapped) {
  if (dtype == ACP_BOOL) return {wrapped & 1, Value::kConcrete};
  if (dtype == ACP_I32) {
    const auto narrow = static_cast<std::int32_t>(static_cast<std::uint32_t>(wrapped));
    return {static_cast<std::uint64_t>(static_cast<std::int64_t>(narrow)), Value::kConcrete};
  }
  return {wrapped, Value::kConcrete};
}

Value apply_integers(ScalarOp op, Value a, Value b, Value c) {
  const auto x = static_cast<std::int64_t>(a.lo);
  const auto y = static_cast<std::int64_t>(b.lo);
  switch (op.code) {
    case ACP_SC_NEG: return integer(op.dtype, 0 - a.lo);
    case ACP_SC_ABS: return integer(op.dtype, x < 0 ? 0 - a.lo : a.lo);
    case ACP_SC_ADD: return integer(op.dtype, a.lo + b.lo);
    case ACP_SC_SUB: return integer(op.dtype, a.lo - b.lo);
    case ACP_SC_MUL: return integer(op.dtype, a.lo * b.lo);
    case ACP_SC_FMA: return integer(op.dtype, a.lo * b.lo + c.lo);
    case ACP_SC_MIN: return x < y ? a : b;
    case ACP_SC_MAX: return x > y ? a : b;
    case ACP_SC_LT: return integer(ACP_BOOL, x < y ? 1 : 0);
    case ACP_SC_LE: return integer(ACP_BOOL, x <= y ? 1 : 0);
    case ACP_SC_EQ: return integer(ACP_BOOL, x == y ? 1 : 0);
    case ACP_SC_SELECT: return a.lo != 0 ? b : c;
    case ACP_SC_CAST:
      return op.dtype == ACP_BOOL ? integer(ACP_BOOL, a.lo != 0 ? 1 : 0) : integer(op.dtype, a.lo);
    case ACP_SC_BITCAST: return a;
    case ACP_SC_AND: return integer(op.dtype, a.lo & b.lo);
    case ACP_SC_OR: return integer(op.dtype, a.lo | b.lo);
    case ACP_SC_XOR: return integer(op.dtype, a.lo ^ b.lo);
    case ACP_SC_SHL:
    case ACP_SC_SHR: return integer(op.dtype, shifted(op, x, b.lo));
    default: break;
  }
  acp::assertion_failed("an integer operation of region.h", __FILE__, __LINE__);
}

}  // namespace cep::interp
