// Sigmoid against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Sigmoid, example_of_the_page) {
  const Elements x = {{0x00000000u, Value::kConcrete}, {0x3f800000u, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}, {0xff800000u, Value::kConcrete},
                      {0xc2c80000u, Value::kConcrete}, {0xffc12345u, Value::kConcrete}};
  const Elements y = {{0x3f000000u, Value::kConcrete}, {0x3f3b26a8u, Value::kConcrete},
                      {0x3f800000u, Value::kConcrete}, {0x00000000u, Value::kConcrete},
                      {0x0000001bu, Value::kConcrete}, {0x7fc00000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Sigmoid", {.inputs = {f32({6})}}, {x})[0], y);
}

TEST(Reject, CEP_SIGMOID_1_integers) {
  EXPECT_EQ(refusal("Sigmoid", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-SIGMOID-1");
}

}  // namespace
}  // namespace cep
