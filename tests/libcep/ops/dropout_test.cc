// Dropout drops nothing at inference.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

const TensorType kData{Dtype::kF32, {3}}, kRatio{Dtype::kF32, {}}, kMode{Dtype::kBool, {}};

TEST(Dropout, example_of_the_page) {
  Elements x = floats({1, -0.0f, 3});
  EXPECT_EQ(run_op("Dropout", {.inputs = {kData, kRatio}}, {x, floats({0.9f})})[0], x);
  EXPECT_EQ(run_op("Dropout", {.inputs = {kData}, .attributes = {{"ratio", 0.9f}}}, {x})[0], x);
  const OpCase with_mode{.inputs = {kData, kRatio, kMode}, .known = {{}, {}, Dims{0}}};
  EXPECT_EQ(run_op("Dropout", with_mode, {x, floats({0.9f}), testing::integers({0})})[0], x);
}

TEST(Reject, CEP_DROPOUT_1_mask) {
  EXPECT_EQ(refusal("Dropout", {.inputs = {kData}, .output_count = 2}), "CEP-DROPOUT-1");
}
TEST(Reject, CEP_DROPOUT_2_ratio) {
  for (const float ratio : {-0.5f, 1.0f, NAN})
    EXPECT_EQ(refusal("Dropout", {.inputs = {kData}, .attributes = {{"ratio", ratio}}}), "CEP-DROPOUT-2");
}
TEST(Reject, CEP_DROPOUT_3_ratio_of_rank_1) {
  EXPECT_EQ(refusal("Dropout", {.inputs = {kData, kData}}), "CEP-DROPOUT-3");
}
TEST(Reject, CEP_DROPOUT_4_mode_is_a_number) {
  EXPECT_EQ(refusal("Dropout", {.inputs = {kData, kRatio, {Dtype::kI64, {}}}, .known = {{}, {}, Dims{0}}}),
            "CEP-DROPOUT-4");
}
TEST(Reject, CEP_DROPOUT_5_training) {
  EXPECT_EQ(refusal("Dropout", {.inputs = {kData, kRatio, kMode}}), "CEP-DROPOUT-5");
  EXPECT_EQ(refusal("Dropout", {.inputs = {kData, kRatio, kMode}, .known = {{}, {}, Dims{1}}}),
            "CEP-DROPOUT-5");
}

}  // namespace
}  // namespace cep
