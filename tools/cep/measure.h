// What a command took: seconds, and the most memory the process has had.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace tools {

class Stopwatch {
 public:
  // Seconds since the last lap, or since it was made.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

[[nodiscard]] std::int64_t peak_bytes();

}  // namespace tools
