// Gelu against the worked example of its page and the function in double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::refusal;
using testing::run_op;

TensorType f32(Dims dims) { return {Dtype::kF32, std::move(dims)}; }

TEST(Gelu, example_of_the_page) {
  const Elements x = {{0x00000000u, Value::kConcrete}, {0x3f800000u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0x7f800000u, Value::kConcrete},
                      {0xc1200000u, Value::kConcrete}, {0xffc12345u, Value::kConcrete}};
  const Elements y = {{0x00000000u, Value::kConcrete}, {0x3f57625eu, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0x7f800000u, Value::kConcrete},
                      {0x80000000u, Value::kConcrete}, {0x7fc00000u, Value::kConcrete}};
  EXPECT_EQ(run_op("Gelu", {.inputs = {f32({6})}}, {x})[0], y);
}

TEST(Gelu, tanh_form_of_the_page) {
  const OpCase op_case{.inputs = {f32({3})}, .attributes = {{"approximate", std::string("tanh")}}};
  EXPECT_EQ(run_op("Gelu", op_case, {floats({1, 0, 20})})[0], floats({0.841192f, 0, 20}));
}

// Both forms stay near the function in double precision.
TEST(Gelu, is_close_to_the_function_in_double_precision) {
  std::vector<float> x;
  for (int i = -400; i <= 400; ++i) x.push_back(static_cast<float>(i) * 0.0123f);
  const OpCase exact{.inputs = {f32({801})}};
  const OpCase by_tanh{.inputs = {f32({801})}, .attributes = {{"approximate", std::string("tanh")}}};
  const auto y = testing::as_floats(run_op("Gelu", exact, {floats(x)})[0]);
  const auto z = testing::as_floats(run_op("Gelu", by_tanh, {floats(x)})[0]);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = x[i];
    EXPECT_NEAR(y[i], 0.5 * v * (1 + std::erf(v / std::sqrt(2.0))), 5e-7);
    EXPECT_NEAR(z[i], 0.5 * v * (1 + std::tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))), 5e-7);
  }
}

TEST(Reject, CEP_GELU_2_another_approximation) {
  EXPECT_EQ(refusal("Gelu", {.inputs = {f32({2})}, .attributes = {{"approximate", std::string("")}}}),
            "CEP-GELU-2");
}

TEST(Reject, CEP_GELU_1_integers) {
  EXPECT_EQ(refusal("Gelu", {.inputs = {{Dtype::kI32, {2}}}}), "CEP-GELU-1");
}

}  // namespace
}  // namespace cep
