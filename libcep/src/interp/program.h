// What has to be evaluated for a set of roots, in order: index and scalar nodes only refer to nodes before
// them, so one forward pass over ascending ids is enough and nothing is walked as a tree.
#pragma once

#include <cstdint>
#include <vector>

#include "cep/region.h"

namespace cep::interp {

struct Program {
  std::vector<std::uint32_t> indices;
  std::vector<std::uint32_t> scalars;
};

// roots may contain ACP_NONE, which asks for nothing.
[[nodiscard]] Program program_for(const Region& region, const std::vector<std::uint32_t>& scalar_roots,
                                  const std::vector<std::uint32_t>& index_roots);

// How many of a, b, c a scalar operator takes as scalar nodes.
[[nodiscard]] int operand_count(std::uint8_t code);

}  // namespace cep::interp
