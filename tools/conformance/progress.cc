#include "tools/conformance/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace tools {
namespace {

using std::chrono::milliseconds;
constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kLineWidth = 100;
constexpr milliseconds kBetween{100};  // a terminal need not be written to more often

}  // namespace

std::string progress_line(std::size_t done, std::size_t total, milliseconds took, std::size_t wrong,
                          const std::string& last) {
  const std::size_t full = total == 0 ? kBarWidth : kBarWidth * done / total;
  const std::string bar = std::string(full, '#') + std::string(kBarWidth - full, '.');
  const std::int64_t left = done == 0 ? 0
                                      : took.count() * static_cast<std::int64_t>(total - done) /
                                            static_cast<std::int64_t>(done) / 1000;
  std::string line = fmt::format("[{}] {}/{} eta {}:{:02}", bar, done, total, left / 60, left % 60);
  if (wrong > 0) line += fmt::format(" {} wrong", wrong);
  return (line + " " + last).substr(0, kLineWidth);
}

void Progress::show(std::size_t done, std::size_t total, bool wrong, const std::string& last) {
  wrong_ += wrong ? 1 : 0;
  if (::isatty(STDERR_FILENO) == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (done < total && now - shown_ < kBetween) return;
  shown_ = now;
  const auto took = std::chrono::duration_cast<milliseconds>(now - begin_);
  fmt::print(stderr, "\r\033[K{}", done == total ? "" : progress_line(done, total, took, wrong_, last));
  std::fflush(stderr);
}

}  // namespace tools
