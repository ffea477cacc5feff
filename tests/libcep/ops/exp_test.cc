// Exp against the worked example of its page, on the interpreter, and the ends of its range.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::refusal;
using testing::run_op;

Elements exp_of(const std::vector<std::uint32_t>& bits) {
  Elements x;
  for (const std::uint32_t one : bits) x.push_back({one, Value::kConcrete});
  return run_op("Exp", {.inputs = {{Dtype::kF32, {static_cast<std::int64_t>(bits.size())}}}}, {x})[0];
}
Elements elements(const std::vector<std::uint32_t>& bits) {
  Elements y;
  for (const std::uint32_t one : bits) y.push_back({one, Value::kConcrete});
  return y;
}

TEST(Exp, example_of_the_page) { EXPECT_EQ(exp_of({0x3f800000}), elements({0x402df854})); }

TEST(Exp, special_values) {
  const std::vector<std::uint32_t> x = {0x00000000, 0x80000000, 0x7f800000, 0xff800000,
                                        0x7fc00000, 0xffc12345, 0x7f800001,
                                        0x42b17217,   // the largest input with a finite result
                                        0x42b17218,   // the smallest with +inf
                                        0xc2cff1b4,   // the smallest with a result that is not 0
                                        0xc2cff1b5};  // the next below it
  const std::vector<std::uint32_t> y = {0x3f800000, 0x3f800000, 0x7f800000, 0x00000000,
                                        0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7f7fff84,
                                        0x7f800000, 0x00000001, 0x00000000};
  EXPECT_EQ(exp_of(x), elements(y));
}

TEST(Reject, CEP_EXP_1_integers) { EXPECT_EQ(refusal("Exp", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-EXP-1"); }

}  // namespace
}  // namespace cep
