// Whole workloads against plain loops.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "cep/interp.h"
#include "support/no_threads.h"

namespace cep {
namespace {

// Y = Relu(A B), A 2x3, B 3x2, chain.
Workload product_and_relu() {
  WorkloadBuilder w("product");
  const TensorId a = w.input("A", {Dtype::kF32, {2, 3}});
  const TensorId b = w.weight("B", {Dtype::kF32, {3, 2}}, {});
  const auto product =
      w.node("MatMul", {a, b},
             {.name = "mm", .outputs = {}, .attributes = {}, .order = {OrderKind::kChain, 0}, .body = {}});
  EXPECT_TRUE(product.has_value());
  const auto result = w.node("Relu", {(*product)[0]},
                             {.name = "relu", .outputs = {}, .attributes = {}, .order = {}, .body = {}});
  EXPECT_TRUE(result.has_value());
  w.output((*result)[0]);
  return std::move(w).finish();
}

TensorBytes floats(Dims dims, const std::vector<float>& values) {
  Elements elements;
  for (const float value : values)
    elements.push_back({std::bit_cast<std::uint32_t>(value), Value::kConcrete});
  const TensorType type{Dtype::kF32, std::move(dims)};
  return bytes_from_elements(type, elements);
}

TEST(Reference, runs_nodes_in_order) {
  const Workload workload = product_and_relu();
  const std::vector<float> a = {1.5F, -2.0F, 0.1F, 3.0F, 0.7F, -0.3F},
                           b = {0.2F, 1.0F, -1.1F, 0.9F, 4.0F, -0.6F};
  std::vector<float> expected;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < 3; ++k) sum = std::fma(a[i * 3 + k], b[k * 2 + j], sum);
      expected.push_back(sum > 0.0F ? sum : 0.0F);
    }
  }
  const auto outputs = run_reference(workload, {floats({2, 3}, a), floats({3, 2}, b)});
  ASSERT_TRUE(outputs.has_value()) << acp::to_string(outputs.error());
  ASSERT_EQ(outputs->size(), 1U);
  EXPECT_EQ((*outputs)[0], floats({2, 2}, expected));
}

// A large nest is cut in two; where there is no second thread one computes both halves.
TEST(Reference, large_nests_without_a_second_thread) {
  const std::int64_t n = 128;
  WorkloadBuilder w("square");
  const TensorId a = w.input("A", {Dtype::kF32, {n, n}});
  const auto product =
      w.node("MatMul", {a, a},
             {.name = "mm", .outputs = {}, .attributes = {}, .order = {OrderKind::kChain, 0}, .body = {}});
  ASSERT_TRUE(product.has_value());
  w.output((*product)[0]);
  const Workload workload = std::move(w).finish();
  std::vector<float> values(static_cast<std::size_t>(n * n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 13) * 0.25f;
  const std::vector<TensorBytes> inputs = {floats({n, n}, values)};
  const auto expected = run_reference(workload, inputs);
  ASSERT_TRUE(expected.has_value());
  const support::NoThreads none;
  const auto alone = run_reference(workload, inputs);
  ASSERT_TRUE(alone.has_value());
  EXPECT_EQ(*alone, *expected);
}

TEST(Reject, CEP_RUN_1_inputs_that_do_not_fit) {
  const Workload workload = product_and_relu();
  const TensorBytes a = floats({2, 3}, std::vector<float>(6)), b = floats({3, 2}, std::vector<float>(6));
  TensorBytes short_b = b;
  short_b.bytes.pop_back();
  struct Row {
    std::vector<TensorBytes> inputs;
    std::string path;
  };
  const Row rows[] = {
      {{a}, "inputs"}, {{a, b, b}, "inputs"}, {{b, b}, "inputs[0]"}, {{a, short_b}, "inputs[1]"}};
  for (const Row& row : rows) {
    const auto outputs = run_reference(workload, row.inputs);
    ASSERT_FALSE(outputs.has_value());
    EXPECT_EQ(outputs.error().requirement, "CEP-RUN-1");
    EXPECT_EQ(outputs.error().path, row.path);
  }
  const auto elements = run_reference(workload, Domain::kTerms, {Elements(6), Elements(5)});
  ASSERT_FALSE(elements.has_value());
  EXPECT_EQ(elements.error().requirement, "CEP-RUN-1");
}

}  // namespace
}  // namespace cep
