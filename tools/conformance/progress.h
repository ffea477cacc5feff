// A bar for a run that takes longer than a glance: on a terminal, one line of stderr that is written over and over; else nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace tools {

// The line: how far, what is left at the pace so far, how much went wrong, what was done last.
[[nodiscard]] std::string progress_line(std::size_t done, std::size_t total, std::chrono::milliseconds took,
                                        std::size_t wrong, const std::string& last);

class Progress {
 public:
  void show(std::size_t done, std::size_t total, bool wrong, const std::string& last);

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
  std::size_t wrong_ = 0;
};

}  // namespace tools
