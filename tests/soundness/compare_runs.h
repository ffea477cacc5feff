// Whether a plan, run abstractly in several of its orders and once again over its own leftovers, gives what the reference gives.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "soundness/random_plan.h"

namespace cep::fuzz {

// What an output is compared over: bitwise over free terms and over bits, real over the prime field.
// Returns what differed first, in words, or nothing. `orders` is the number of runs in each domain.
[[nodiscard]] std::optional<std::string> difference(const RandomWorkload& workload, const Plan& plan,
                                                    const std::vector<Grade>& grades, int orders,
                                                    Random& random);

}  // namespace cep::fuzz
