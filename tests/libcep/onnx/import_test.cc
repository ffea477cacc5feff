// Models that are imported: what becomes of nodes, initialisers and attributes, and what the workload computes.
#include <cmath>
#include <cstring>

#include "libcep/onnx/model.h"

namespace cep {
namespace {

using support::OnnxModel;
using support::set;

TensorBytes of_floats(const Dims& dims, const std::vector<float>& values) {
  TensorBytes out{{Dtype::kF32, dims}, std::vector<std::byte>(values.size() * sizeof(float))};
  std::memcpy(out.bytes.data(), values.data(), out.bytes.size());
  return out;
}
std::vector<float> floats_of(const TensorBytes& tensor) {
  std::vector<float> out(tensor.bytes.size() / sizeof(float));
  std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
  return out;
}

// Runs an imported workload: inputs, then weights, as they stand by id.
std::vector<std::vector<float>> run(const OnnxImport& import, std::vector<TensorBytes> inputs) {
  std::vector<TensorBytes> all;
  std::size_t input = 0, weight = 0;
  for (const Tensor& tensor : import.workload.tensors) {
    if (tensor.kind == TensorKind::kInput) all.push_back(inputs.at(input++));
    if (tensor.kind == TensorKind::kWeight) all.push_back(import.weights.at(weight++));
  }
  const auto outputs = run_reference(import.workload, all);
  EXPECT_TRUE(outputs.has_value()) << (outputs ? "" : acp::to_string(outputs.error()));
  std::vector<std::vector<float>> out;
  for (const TensorBytes& output : *outputs) out.push_back(floats_of(output));
  return out;
}

TEST(OnnxImport, AConvolutionKeepsItsNamesAndNumbers) {
  OnnxModel model;
  model.input("x", {1, 1, 3, 3}).output("y");
  model.floats("w", {1, 1, 2, 2}, {1, 2, 3, 4}).floats("b", {1}, {10}).floats("unused", {1}, {0});
  set(model.node("Conv", "conv", {"x", "w", "b"}, {"z"}), "kernel_shape", Dims{2, 2});
  model.node("Relu", "", {"z"}, {"y"});
  const auto import = model.import();
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  const Workload& w = import->workload;
  ASSERT_EQ(w.nodes.size(), 2u);
  EXPECT_EQ(w.nodes[0].name, "conv");
  EXPECT_EQ(w.nodes[1].name, "y");  // its output's, for it has none
  ASSERT_NE(find_tensor(w, "w"), kNoId);
  EXPECT_EQ(w.tensors[find_tensor(w, "w")].kind, TensorKind::kWeight);
  EXPECT_EQ(find_tensor(w, "unused"), kNoId);
  // The digest of 1, 2, 3, 4 in binary32, little-endian: computed with another program.
  EXPECT_EQ(acp::to_hex(w.tensors[find_tensor(w, "w")].digest),
            "ad73b9acd6e4a74b2f5bb5386658ce3bb146cd040a1867646ab3b973fb6632b1");
  const auto y = run(*import, {of_floats({1, 1, 3, 3}, {0, 1, 2, 3, 4, 5, 6, 7, -90})});
  EXPECT_EQ(
      y, (std::vector<std::vector<float>>{{10 + 2 + 9 + 16, 10 + 1 + 4 + 12 + 20, 10 + 3 + 8 + 18 + 28, 0}}));
}

TEST(OnnxImport, ConstantsOfShapeAreWeights) {
  OnnxModel model(9);  // as the light models have them: the shapes are inputs and initialisers
  model.input("x", {2, 2}).input("s", {2}, onnx::TensorProto::INT64).output("y");
  model.integers("s", {2}, {2, 2});
  support::set_float(model.node("ConstantOfShape", "", {"s"}, {"c"}), "value", 0.5f);
  model.node("Add", "add", {"x", "c"}, {"y"});
  const auto import = model.import();
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  EXPECT_EQ(import->workload.inputs.size(), 1u);
  EXPECT_EQ(import->workload.nodes.size(), 1u);
  EXPECT_EQ(run(*import, {of_floats({2, 2}, {1, 2, 3, 4})})[0], (std::vector<float>{1.5, 2.5, 3.5, 4.5}));
}

TEST(OnnxImport, SymbolicDimensionsAreBound) {
  OnnxModel model;
  model.input("x", {-1, 3}).output("y");
  model.node("Relu", "r", {"x"}, {"y"});
  const auto import = model.import({.dims = {{"N", 4}}});
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  EXPECT_EQ(import->workload.tensors[0].type, (TensorType{Dtype::kF32, {4, 3}}));
}

// Exporters write x.reshape(x.shape[0], -1) as nodes over shapes.
TEST(OnnxImport, ArithmeticOnShapesIsDone) {
  OnnxModel model;
  model.input("x", {2, 3, 4}).output("y");
  model.node("Shape", "", {"x"}, {"shape"});
  model.integers("zero", {}, {0}).integers("axes", {1}, {0}).integers("minus", {1}, {-1});
  set(model.node("Gather", "", {"shape", "zero"}, {"n"}), "axis", std::int64_t{0});
  model.node("Unsqueeze", "", {"n", "axes"}, {"n1"});
  set(model.node("Concat", "", {"n1", "minus"}, {"to"}), "axis", std::int64_t{0});
  model.node("Reshape", "reshape", {"x", "to"}, {"y"});
  const auto import = model.import();
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  ASSERT_EQ(import->workload.nodes.size(), 1u);
  EXPECT_EQ(import->workload.tensors[import->workload.outputs[0]].type.dims, (Dims{2, 12}));
  EXPECT_EQ(import->workload.tensors[find_tensor(import->workload, "to")].constant, (Dims{2, -1}));
}

TEST(OnnxImport, AutoPadBecomesPads) {
  const auto pads = [](const std::string& mode, std::int64_t extent, std::int64_t stride) {
    OnnxModel model;
    model.input("x", {1, 1, extent, extent}).floats("w", {1, 1, 3, 3}, std::vector<float>(9, 1)).output("y");
    auto& node = model.node("Conv", "conv", {"x", "w"}, {"y"});
    set(node, "auto_pad", mode);
    set(node, "strides", Dims{stride, stride});
    const auto import = model.import();
    EXPECT_TRUE(import.has_value()) << acp::to_string(import.error());
    if (!import) return Dims{};
    for (const Attribute& a : import->workload.nodes[0].attributes) {
      if (a.name == "pads") return std::get<Dims>(a.value);
    }
    return Dims{};
  };
  // ONNX: the output has ceil(extent / stride) positions; an odd row more goes behind (UPPER) or in front (LOWER).
  EXPECT_EQ(pads("SAME_UPPER", 5, 1), (Dims{1, 1, 1, 1}));
  EXPECT_EQ(pads("SAME_UPPER", 6, 2), (Dims{0, 0, 1, 1}));
  EXPECT_EQ(pads("SAME_LOWER", 6, 2), (Dims{1, 1, 0, 0}));
  EXPECT_EQ(pads("VALID", 6, 2), Dims{});
  EXPECT_EQ(pads("NOTSET", 6, 2), Dims{});
}

TEST(OnnxImport, OldSlicesTakeTheirBoundsFromAttributes) {
  OnnxModel model(9);
  model.input("x", {4, 5}).output("y");
  auto& node = model.node("Slice", "slice", {"x"}, {"y"});
  set(node, "starts", Dims{1});
  set(node, "ends", Dims{3});
  set(node, "axes", Dims{1});
  const auto import = model.import();
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  EXPECT_EQ(import->workload.tensors[import->workload.outputs[0]].type.dims, (Dims{4, 2}));
}

TEST(OnnxImport, AnOrderIsForNodesThatLeaveItOpen) {
  OnnxModel model;
  model.input("x", {2, 512}).floats("w", {512, 2}, std::vector<float>(1024, 1)).output("y");
  model.node("MatMul", "product", {"x", "w"}, {"z"});
  model.node("Relu", "relu", {"z"}, {"y"});
  const Order order{OrderKind::kBlockedTree, 256};
  const auto import = model.import({.order = order});
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  EXPECT_EQ(import->workload.nodes[0].order, order);
  EXPECT_EQ(import->workload.nodes[1].order, Order{});
}

TEST(OnnxImport, NamesAreToldApart) {
  OnnxModel model;
  model.input("x", {2}).output("b");
  model.node("Relu", "same", {"x"}, {"a"});
  model.node("Relu", "same", {"a"}, {"b"});
  const auto import = model.import();
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  EXPECT_EQ(import->workload.nodes[1].name, "same#2");
}

TEST(OnnxImport, DrawnWeightsAreTheSpecsExample) {
  OnnxModel model;
  model.input("x", {1, 3}).floats("w", {3, 2}, std::vector<float>(6, 0)).floats("one", {}, {2}).output("y");
  model.node("MatMul", "product", {"x", "w"}, {"z"});
  model.node("Add", "add", {"z", "one"}, {"y"});
  const auto import = model.import({.random_weights = 1});
  ASSERT_TRUE(import.has_value()) << acp::to_string(import.error());
  ASSERT_EQ(import->weights.size(), 2u);
  const std::vector<float> w = floats_of(import->weights[0]);
  EXPECT_EQ(floats_of(import->weights[1]), std::vector<float>{2});  // a scalar is kept
  EXPECT_EQ(w, (std::vector<float>{0x1.645088p-1f, -0x1.692768p-1f, -0x1.184c7p-2f, 0x1.82b6ap-3f,
                                   -0x1.f25684p-1f, 0x1.02353cp-1f}));
}

}  // namespace
}  // namespace cep
