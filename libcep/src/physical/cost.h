// What a run costs, before it is run; and what is left of the limits.
#pragma once

#include <cstdint>

#include "cep/region.h"

namespace cep::physical {

// Points of a program's nests, each counted once for every 16 nodes of the program: some ten nanoseconds each. Saturates.
[[nodiscard]] std::uint64_t operations(const Region& region);

// a + b; saturates.
[[nodiscard]] std::uint64_t plus(std::uint64_t a, std::uint64_t b);

struct Budget {
  std::uint64_t operations = 0;
  // False, and nothing is taken, where less is left.
  [[nodiscard]] bool take(std::uint64_t wanted) {
    if (wanted > operations) return false;
    operations -= wanted;
    return true;
  }
};

}  // namespace cep::physical
