// exp on all 2^32 inputs, against the long double exp of the C library.
#include <gtest/gtest.h>

#include <thread>

#include "support/exp_error.h"

namespace cep {
namespace {

TEST(ExpAll, every_input_is_within_one_ulp) {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<testing::ExpErrors> errors(threads);
  std::vector<std::thread> running;
  const std::uint64_t all = std::uint64_t{1} << 32;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      const std::uint64_t first = all * t / threads;
      errors[t] = testing::exp_errors({.first = first, .count = all * (t + 1) / threads - first, .step = 1});
    });
  }
  for (std::thread& thread : running) thread.join();
  std::uint64_t compared = 0;
  double worst_ulp = 0;
  for (const testing::ExpErrors& part : errors) {
    compared += part.compared;
    if (part.worst_ulp > worst_ulp) worst_ulp = part.worst_ulp;
    EXPECT_LT(part.worst_ulp, 1.0) << std::hex << part.worst_at;
  }
  RecordProperty("worst_ulp", std::to_string(worst_ulp));
  EXPECT_EQ(compared, all);
}

}  // namespace
}  // namespace cep
