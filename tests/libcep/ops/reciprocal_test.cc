// Reciprocal against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Reciprocal, example_of_the_page) {
  const Elements x = {{0x40800000u, Value::kConcrete}, {0x40400000u, Value::kConcrete},
                      {0x00000000u, Value::kConcrete}, {0x80000000u, Value::kConcrete},
                      {0xff800000u, Value::kConcrete}, {0xffc12345u, Value::kConcrete},
                      {0x7f7fffffu, Value::kConcrete}};
  const Elements y = {{0x3e800000u, Value::kConcrete}, {0x3eaaaaabu, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}, {0xff800000u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0x7fc00000u, Value::kConcrete},
                      {0x00200000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Reciprocal", {.inputs = {f32({7})}}, {x})[0], y);
}

TEST(Reject, CEP_RECIPROCAL_1_integers) {
  EXPECT_EQ(refusal("Reciprocal", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-RECIPROCAL-1");
}

}  // namespace
}  // namespace cep
