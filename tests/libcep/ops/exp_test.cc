// The scalar program of exp on the interpreter: the example of its page and special values.
#include <gtest/gtest.h>

#include "support/exp_error.h"

namespace cep {
namespace {

using testing::exp_of;

TEST(Exp, example_of_the_page) { EXPECT_EQ(exp_of({0x3f800000}), std::vector<std::uint32_t>{0x402df854}); }

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
  EXPECT_EQ(exp_of(x), y);
}

}  // namespace
}  // namespace cep
