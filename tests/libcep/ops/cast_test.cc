// Cast against the worked example of its page.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::integers;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

Elements cast(Dtype from, std::int64_t to, const Elements& x) {
  const Dims dims = {static_cast<std::int64_t>(x.size())};
  return run_op("Cast", {.inputs = {{from, dims}}, .attributes = {{"to", to}}}, {x})[0];
}

TEST(Cast, example_of_the_page) {
  EXPECT_EQ(cast(Dtype::kF32, 6, floats({1.9f, -1.9f, 3e9f, -INFINITY, NAN})),
            integers({1, -1, INT32_MAX, INT32_MIN, 0}));
  EXPECT_EQ(cast(Dtype::kF32, 7, floats({3e9f, 1e30f})), integers({3000000000, INT64_MAX}));
  EXPECT_EQ(cast(Dtype::kF32, 9, floats({0.0f, -0.0f, NAN, 0.5f})), integers({0, 0, 1, 1}));
  EXPECT_EQ(cast(Dtype::kI64, 1, integers({16777217, 16777219, -3})), floats({16777216, 16777220, -3}));
  EXPECT_EQ(cast(Dtype::kI64, 6, integers({(std::int64_t{5} << 32) + 7, -1})), integers({7, -1}));
  EXPECT_EQ(cast(Dtype::kI32, 7, integers({-2})), integers({-2}));
  EXPECT_EQ(cast(Dtype::kBool, 1, integers({0, 1})), floats({0, 1}));
}

TEST(Cast, to_the_same_type_keeps_bits) {
  const Elements x = {{0xffc12345u, Value::kConcrete}, {0x7f800001u, Value::kConcrete}};
  EXPECT_EQ(cast(Dtype::kF32, 1, x), x);
}

TEST(Reject, CEP_CAST_1_to_half) {
  EXPECT_EQ(refusal("Cast", {.inputs = {f32({2})}, .attributes = {{"to", std::int64_t{10}}}}), "CEP-CAST-1");
}
TEST(Reject, CEP_CAST_2_without_saturation) {
  EXPECT_EQ(refusal("Cast", {.inputs = {f32({2})},
                             .attributes = {{"to", std::int64_t{6}}, {"saturate", std::int64_t{0}}}}),
            "CEP-CAST-2");
}

}  // namespace
}  // namespace cep
