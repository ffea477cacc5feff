// All 2^32 inputs of each elementary function of one argument, on the cpu shim, against the C library in double precision.
#include <gtest/gtest.h>

#include <thread>

#include "support/function_error.h"

namespace cep {
namespace {

class All : public ::testing::TestWithParam<testing::UnaryFunction> {};

TEST_P(All, inputs_are_within_one_ulp) {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<testing::Errors> errors(threads);
  std::vector<std::thread> running;
  running.reserve(threads);
  const std::uint64_t all = std::uint64_t{1} << 32;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      const std::uint64_t first = all * t / threads;
      errors[t] = testing::errors_of(GetParam(), vendors_test::device_of("cpu"),
                                     {.first = first, .count = all * (t + 1) / threads - first, .step = 1});
    });
  }
  for (std::thread& thread : running) thread.join();
  std::uint64_t compared = 0;
  for (unsigned t = 0; t < threads; ++t) {
    compared += errors[t].compared;
    EXPECT_LT(errors[t].worst_ulp, 1.0) << testing::to_string(errors[t]);
    RecordProperty("worst" + std::to_string(t), testing::to_string(errors[t]));
  }
  EXPECT_EQ(compared, all);
}

INSTANTIATE_TEST_SUITE_P(Functions, All, ::testing::ValuesIn(testing::kUnaryFunctions),
                         [](const auto& function) { return std::string(function.param.name); });

}  // namespace
}  // namespace cep
