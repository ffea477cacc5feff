// Identity keeps bits.
#include <gtest/gtest.h>

#include "support/region_run.h"

namespace cep {
namespace {

TEST(Identity, CEP_IDENTITY_1_example_of_the_page) {
  Elements x = testing::floats({1, -0.0f, 0});
  x[2].lo = 0xffc12345;
  EXPECT_EQ(testing::run_op("Identity", {.inputs = {{Dtype::kF32, {3}}}}, {x})[0], x);
}

TEST(Identity, keeps_every_type) {
  std::mt19937_64 random(27);
  for (const Dtype dtype : {Dtype::kF32, Dtype::kI32, Dtype::kI64, Dtype::kBool}) {
    const TensorType type{dtype, {4, 3, 2}};
    const Elements x = testing::random_elements(type, testing::Integers::kWide, random);
    EXPECT_EQ(testing::run_op("Identity", {.inputs = {type}}, {x})[0], x);
  }
}

}  // namespace
}  // namespace cep
