// Relu against the worked example of its page and plain loops.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::as_floats;
using testing::floats;
using testing::refusal;
using testing::run_op;

TEST(Relu, example_of_the_page) {
  Elements x = floats({-1.5f, -0.0f, 0, 2.5f, 0});
  x[4].lo = 0xffc12345;
  Elements expected = floats({0, 0, 0, 2.5f, 0});
  expected[4].lo = 0x7fc00000;
  EXPECT_EQ(run_op("Relu", {.inputs = {{Dtype::kF32, {5}}}}, {x})[0], expected);
}

TEST(Relu, agrees_with_a_loop) {
  std::vector<float> x, expected;
  for (int i = -20; i < 20; ++i) {
    x.push_back(static_cast<float>(i) / 3);
    expected.push_back(i > 0 ? x.back() : 0.0f);
  }
  EXPECT_EQ(as_floats(run_op("Relu", {.inputs = {{Dtype::kF32, {5, 8}}}}, {floats(x)})[0]), expected);
}

TEST(Reject, CEP_RELU_1_integers) {
  EXPECT_EQ(refusal("Relu", {.inputs = {{Dtype::kI64, {2}}}}), "CEP-RELU-1");
}

}  // namespace
}  // namespace cep
