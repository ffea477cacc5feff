// Small random workloads over every operator the table has, and random inputs for them in each of the interpreter's domains.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "cep/interp.h"
#include "soundness/abstract_run.h"

namespace cep::fuzz {

using Random = std::mt19937_64;

// Uniform in [lo, hi].
[[nodiscard]] inline std::int64_t between(Random& random, std::int64_t lo, std::int64_t hi) {
  return lo + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(hi - lo + 1));
}
[[nodiscard]] inline bool chance(Random& random, int percent) { return between(random, 1, 100) <= percent; }

// What an integer input may hold: lo <= value <= hi.
struct IntegerRange {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
struct RandomWorkload {
  Workload workload;
  std::vector<IntegerRange> ranges;  // by tensor id; used for integer inputs only
};

// One to four nodes, extents 1 to 6. Accepted by check_workload.
[[nodiscard]] RandomWorkload random_workload(Random& random);

// A fresh term per element, a random field element, or binary32 with many zeros, infinities, NaNs and subnormals. Integers are
// concrete and in range.
[[nodiscard]] TensorElements random_inputs(const RandomWorkload& workload, Domain domain, Random& random);

// The workload's outputs by the reference interpreter.
[[nodiscard]] std::vector<Elements> reference_outputs(const Workload& workload, Domain domain,
                                                      TermSpace& space, const TensorElements& tensors);

}  // namespace cep::fuzz
