// How much a replay would take, before anything is set aside.
#pragma once

#include <cstdint>

#include "cep/logical.h"

namespace cep::logical::oracle {

// Saturating: what does not fit 64 bits is their largest number.
struct Cost {
  std::uint64_t lines = 0, items = 0, elements = 0,
                operations = 0;  // items: tensors, operands, and members of communications
};
// Whether what a window or a routing leaves out of a sum has its place there, and is added.
enum class Places : std::uint8_t { kDropped, kKept };
// Of the reference and of the plan at all points of its variables. Lengths count as one at least: an empty dimension leaves loops over the others.
[[nodiscard]] Cost cost_of(const Document& document, Places places);

}  // namespace cep::logical::oracle
