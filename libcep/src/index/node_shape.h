// How many nodes of its own kind a node refers to: the one table behind every walk over index and scalar expressions.
#pragma once

#include <cstdint>

#include "cep/region.h"

namespace cep {

inline int index_operands(std::uint8_t op) {
  switch (op) {
    case ACP_IX_ADD: return 2;
    case ACP_IX_SCALE:
    case ACP_IX_FLOORDIV:
    case ACP_IX_MOD:
    case ACP_IX_WRAP: return 1;
    default: return 0;
  }
}

inline int scalar_operands(std::uint8_t op) {
  if (op <= ACP_SC_INDEX) return 0;
  if (op <= ACP_SC_RINT || op == ACP_SC_CAST || op == ACP_SC_BITCAST) return 1;
  return op == ACP_SC_FMA || op == ACP_SC_SELECT ? 3 : 2;
}

}  // namespace cep
