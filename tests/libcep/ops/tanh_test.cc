// Tanh against the worked example of its page and its symmetry.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Tanh, example_of_the_page) {
  const Elements x = {{0x00000000u, Value::kConcrete}, {0x80000000u, Value::kConcrete},
                      {0x3f800000u, Value::kConcrete}, {0xc1200000u, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}, {0xffc12345u, Value::kConcrete},
                      {0x80000001u, Value::kConcrete}};
  const Elements y = {{0x00000000u, Value::kConcrete}, {0x80000000u, Value::kConcrete},
                      {0x3f42f7d6u, Value::kConcrete}, {0xbf800000u, Value::kConcrete},
                      {0x3f800000u, Value::kConcrete}, {0x7fc00000u, Value::kConcrete},
                      {0x80000001u, Value::kConcrete}};
  EXPECT_EQ(run_op("Tanh", {.inputs = {f32({7})}}, {x})[0], y);
}

TEST(Tanh, is_odd) {
  std::mt19937_64 random(8);
  const Elements x = testing::random_elements(f32({300}), testing::Integers::kSmall, random);
  Elements minus_x = x;
  for (Value& value : minus_x) value.lo ^= 0x80000000u;
  const Elements y = run_op("Tanh", {.inputs = {f32({300})}}, {x})[0];
  const Elements other = run_op("Tanh", {.inputs = {f32({300})}}, {minus_x})[0];
  for (std::size_t i = 0; i < y.size(); ++i) {
    const bool nan = y[i].lo == 0x7fc00000u;
    EXPECT_EQ(other[i].lo, nan ? y[i].lo : y[i].lo ^ 0x80000000u);
  }
}

TEST(Reject, CEP_TANH_1_integers) {
  EXPECT_EQ(refusal("Tanh", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-TANH-1");
}

}  // namespace
}  // namespace cep
