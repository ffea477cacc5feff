// Sqrt against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Sqrt, example_of_the_page) {
  const Elements x = {{0x40800000u, Value::kConcrete}, {0x40000000u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0xbf800000u, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}, {0x00000001u, Value::kConcrete}};
  const Elements y = {{0x40000000u, Value::kConcrete}, {0x3fb504f3u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0x7fc00000u, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}, {0x1a3504f3u, Value::kConcrete}};
  EXPECT_EQ(run_op("Sqrt", {.inputs = {f32({6})}}, {x})[0], y);
}

TEST(Reject, CEP_SQRT_1_integers) {
  EXPECT_EQ(refusal("Sqrt", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-SQRT-1");
}

}  // namespace
}  // namespace cep
