// One valid workload, Y = Relu(A B), and for each requirement the change that breaks it alone.
#include <gtest/gtest.h>

#include <utility>

#include "cep/graph.h"

namespace cep {
namespace {

constexpr TensorId kA = 0, kB = 1, kProduct = 2, kY = 3;

Workload valid() {
  WorkloadBuilder builder("valid");
  const TensorId a = builder.input("A", {Dtype::kF32, {2, 3}});
  const TensorId b = builder.input("B", {Dtype::kF32, {3, 4}});
  auto product = builder.node("MatMul", {a, b}, {.name = "product"});
  if (!product) return {};
  auto y = builder.node("Relu", {product->front()}, {.name = "y"});
  if (!y) return {};
  builder.output(y->front());
  return std::move(builder).finish();
}

void expect_refused(const Workload& workload, acp::Family family, const char* requirement, const char* path) {
  const acp::Status status = check_workload(workload);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().family, family);
  EXPECT_EQ(status.error().requirement, requirement);
  EXPECT_EQ(status.error().path, path);
}

// A sub-graph nested `depth` deep, to be put into a node.
Workload nested(int depth) {
  Workload workload = valid();
  if (depth > 0) workload.nodes[1].body.push_back(nested(depth - 1));
  return workload;
}

TEST(Workload, the_valid_one_is_accepted) {
  const Workload workload = valid();
  ASSERT_EQ(workload.tensors.size(), 4u);
  const acp::Status status = check_workload(workload);
  EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
}

TEST(Reject, CEP_GRAPH_1_ids_past_the_end) {
  Workload workload = valid();
  workload.nodes[0].inputs[1] = 9;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-1", "nodes[0].inputs[1]");
  workload = valid();
  workload.nodes[1].outputs[0] = 4;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-1", "nodes[1].outputs[0]");
  workload = valid();
  workload.outputs = {4};
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-1", "outputs[0]");
  workload = valid();
  workload.inputs.push_back(4);
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-1", "inputs[2]");
}

TEST(Reject, CEP_GRAPH_2_made_twice_or_never) {
  Workload workload = valid();
  workload.inputs = {kA, kB, kA};
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-2", "inputs[2]");
  workload = valid();
  workload.inputs = {kA};
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-2", "tensors[1]");
  workload = valid();
  workload.nodes[1].outputs[0] = kProduct;  // Relu writes what MatMul has made
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-2", "nodes[1].outputs[0]");
  workload = valid();
  workload.tensors[kY].kind = TensorKind::kWeight;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-2", "nodes[1].outputs[0]");
  workload = valid();
  workload.tensors.push_back({.name = "orphan", .type = {Dtype::kF32, {1}}, .constant = {}});
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-2", "tensors[4]");
}

TEST(Reject, CEP_GRAPH_3_used_before_it_is_made) {
  Workload workload = valid();
  std::swap(workload.nodes[0], workload.nodes[1]);
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-3", "nodes[0].inputs[0]");
}

TEST(Reject, CEP_GRAPH_4_unknown_operator) {
  Workload workload = valid();
  workload.nodes[1].op = "Rleu";
  expect_refused(workload, acp::Family::kUnsupported, "CEP-GRAPH-4", "nodes[1].op");
  workload = valid();
  workload.nodes[1].domain = "org.example";
  expect_refused(workload, acp::Family::kUnsupported, "CEP-GRAPH-4", "nodes[1].op");
}

TEST(Reject, CEP_GRAPH_5_types_that_are_wrong) {
  Workload workload = valid();
  workload.tensors[kY].type.dims = {2, 5};
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-5", "nodes[1].outputs[0]");
  workload = valid();
  workload.tensors[kA].type.dtype = Dtype::kUnknown;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-5", "tensors[0]");
  workload = valid();
  workload.tensors[kA].type.dims[0] = -1;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-5", "tensors[0]");
}

TEST(Reject, CEP_GRAPH_6_names_empty_or_shared) {
  Workload workload = valid();
  workload.tensors[kB].name = "A";
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-6", "tensors[1]");
  workload = valid();
  workload.tensors[kB].name.clear();
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-6", "tensors[1]");
  workload = valid();
  workload.nodes[1].name = "product";
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-6", "nodes[1]");
}

TEST(Reject, CEP_GRAPH_7_sub_graph_where_none_belongs) {
  Workload workload = valid();
  workload.nodes[1].body.push_back(valid());
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-7", "nodes[1].body");
  Workload inner = valid();
  inner.tensors.push_back(
      {.name = "W", .kind = TensorKind::kWeight, .type = {Dtype::kF32, {1}}, .constant = {}});
  workload.nodes[1].body = {inner};
  expect_refused(workload, acp::Family::kUnsupported, "CEP-GRAPH-7", "nodes[1].body.tensors[4]");
}

TEST(Reject, CEP_GRAPH_8_over_a_limit) {
  Workload workload = valid();
  workload.tensors[kA].type.dims.assign(9, 1);
  expect_refused(workload, acp::Family::kLimit, "CEP-GRAPH-8", "tensors[0]");
  workload = valid();
  workload.tensors[kA].type.dims = {std::int64_t{1} << 20, (std::int64_t{1} << 20) + 1};
  expect_refused(workload, acp::Family::kLimit, "CEP-GRAPH-8", "tensors[0]");
  workload = valid();
  workload.tensors[kA].type.dims = {std::int64_t{1} << 40,
                                    std::int64_t{1} << 40};  // a product of 0 in 64 bits
  expect_refused(workload, acp::Family::kLimit, "CEP-GRAPH-8", "tensors[0]");
  workload = valid();
  workload.tensors.push_back({.name = "C",
                              .kind = TensorKind::kConstant,
                              .type = {Dtype::kI64, {4097}},
                              .constant = std::vector<std::int64_t>(4097)});
  expect_refused(workload, acp::Family::kLimit, "CEP-GRAPH-8", "tensors[4]");

  const acp::Status deep = check_workload(nested(9));
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().requirement, "CEP-GRAPH-8");
  const acp::Status shallow =
      check_workload(nested(8));  // nested too much to mean anything, but not over the limit
  ASSERT_FALSE(shallow.has_value());
  EXPECT_EQ(shallow.error().requirement, "CEP-GRAPH-7");
}

TEST(Reject, CEP_GRAPH_9_contents_that_do_not_fit) {
  Workload workload = valid();
  workload.tensors.push_back(
      {.name = "C", .kind = TensorKind::kConstant, .type = {Dtype::kI64, {2}}, .constant = {1, 2, 3}});
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-9", "tensors[4]");
  workload.tensors[4].constant = {1, 2};
  EXPECT_TRUE(check_workload(workload).has_value());
  workload.tensors[4].type.dtype = Dtype::kI32;
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-9", "tensors[4]");
  workload = valid();
  workload.tensors[kA].constant = {1};
  expect_refused(workload, acp::Family::kInvalid, "CEP-GRAPH-9", "tensors[0]");
}

}  // namespace
}  // namespace cep
