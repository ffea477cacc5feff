// Which nodes a nest can reach, and the loops around it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cep/region.h"

namespace cep {

// Largest trip counts of the loops around a nest, outermost first.
[[nodiscard]] std::vector<std::int64_t> trips_around(const Region& region, std::uint32_t nest);

// What is reachable from some nodes: one mark for every node of each kind.
struct Reached {
  std::vector<bool> scalars, indices, reads;
};
// ACP_NONE among the roots is skipped.
[[nodiscard]] Reached reach(const Region& region, const std::vector<std::uint32_t>& scalar_roots,
                            const std::vector<std::uint32_t>& index_roots);
// What the nest may execute.
[[nodiscard]] Reached reach_of(const Region& region, std::uint32_t nest);

// An index node the nest may execute whose value, whatever the data, is not surely in 64 bits.
[[nodiscard]] std::optional<std::uint32_t> overflowing_index(const Region& region, std::uint32_t nest);

// Reads reachable from scalar roots (ACP_NONE roots are skipped), in ascending order.
[[nodiscard]] std::vector<std::uint32_t> reads_from(const Region& region,
                                                    const std::vector<std::uint32_t>& roots);

}  // namespace cep
