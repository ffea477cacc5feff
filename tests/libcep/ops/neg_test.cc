// Neg against the worked example of its page.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Neg, example_of_the_page) {
  const Elements x = {{0x3f800000u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete},
                      {0xffc12345u, Value::kConcrete},
                      {0x7f800000u, Value::kConcrete}};
  const Elements y = {{0xbf800000u, Value::kConcrete},
                      {0x00000000u, Value::kConcrete},
                      {0x7fc12345u, Value::kConcrete},
                      {0xff800000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Neg", {.inputs = {f32({4})}}, {x})[0], y);
}

TEST(Neg, integers_wrap_around) {
  EXPECT_EQ(run_op("Neg", {.inputs = {{Dtype::kI32, {2}}}}, {testing::integers({5, INT32_MIN})})[0],
            testing::integers({-5, INT32_MIN}));
}

TEST(Reject, CEP_NEG_1_bool) { EXPECT_EQ(refusal("Neg", {.inputs = {{Dtype::kBool, {2}}}}), "CEP-NEG-1"); }

}  // namespace
}  // namespace cep
