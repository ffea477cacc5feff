// Which nodes a nest can reach, and the loops around it.
#pragma once

#include <cstdint>
#include <vector>

#include "cep/region.h"

namespace cep {

// Largest trip counts of the loops around a nest, outermost first.
[[nodiscard]] std::vector<std::int64_t> trips_around(const Region& region, std::uint32_t nest);

// Reads reachable from scalar roots (ACP_NONE roots are skipped), in ascending order.
[[nodiscard]] std::vector<std::uint32_t> reads_from(const Region& region,
                                                    const std::vector<std::uint32_t>& roots);

}  // namespace cep
