// Log against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Log, example_of_the_page) {
  const Elements x = {{0x3f800000u, Value::kConcrete}, {0x40000000u, Value::kConcrete},
                      {0x00000000u, Value::kConcrete}, {0x80000000u, Value::kConcrete},
                      {0xbf800000u, Value::kConcrete}, {0x7f800000u, Value::kConcrete},
                      {0x00000001u, Value::kConcrete}, {0xff800000u, Value::kConcrete}};
  const Elements y = {{0x00000000u, Value::kConcrete}, {0x3f317218u, Value::kConcrete},
                      {0xff800000u, Value::kConcrete}, {0xff800000u, Value::kConcrete},
                      {0x7fc00000u, Value::kConcrete}, {0x7f800000u, Value::kConcrete},
                      {0xc2ce8ed0u, Value::kConcrete}, {0x7fc00000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Log", {.inputs = {f32({8})}}, {x})[0], y);
}

TEST(Reject, CEP_LOG_1_integers) { EXPECT_EQ(refusal("Log", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-LOG-1"); }

}  // namespace
}  // namespace cep
