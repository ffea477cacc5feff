// Two things timed in turn, in one run: what one costs beside the other, whatever else the machine does meanwhile.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace cep {

// Processor time of this thread, in seconds.
inline double thread_seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

inline double median(std::vector<double> seconds) {
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

// The benchmark's own time is that of `check`; counters: medians of both in milliseconds, and check / prove. Wants UseManualTime().
template <typename Prove, typename Check>
void beside(benchmark::State& state, Prove prove, Check check) {
  std::vector<double> proving, checking;
  for (auto _ : state) {
    const double begin = thread_seconds();
    if (!prove()) state.SkipWithError("not proved");
    const double between = thread_seconds();
    if (!check()) state.SkipWithError("not accepted");
    proving.push_back(between - begin);
    checking.push_back(thread_seconds() - between);
    state.SetIterationTime(checking.back());
  }
  if (proving.empty()) return;
  state.counters["prove_ms"] = median(proving) * 1e3;
  state.counters["check_ms"] = median(checking) * 1e3;
  state.counters["ratio"] = median(checking) / median(proving);
}

}  // namespace cep
