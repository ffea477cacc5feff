// Environment: where a run took place, in one line for people. No verdict rests on it.
#pragma once

#include <string>

namespace conformance {

// "Linux 6.1.0 x86_64, 2 x Some Processor, GCC 12.2.0"
[[nodiscard]] std::string environment_here();
// "2026-01-31T12:00:00Z"
[[nodiscard]] std::string utc_now();

}  // namespace conformance
