// Models that are refused, each for its own reason.
#include "libcep/onnx/model.h"

namespace cep {
namespace {

using support::OnnxModel;
using support::set;
using support::Strings;

std::string refusal(const OnnxModel& model, const OnnxOptions& options = {}) {
  const auto import = model.import(options);
  return import ? "" : import.error().requirement;
}

std::string refusal(const std::string& text) {
  const auto import = import_onnx(std::as_bytes(std::span(text)));
  return import ? "" : import.error().requirement;
}

OnnxModel relu(int opset = 17) {
  OnnxModel model(opset);
  model.input("x", {2}).output("y");
  model.node("Relu", "relu", {"x"}, {"y"});
  return model;
}

TEST(Reject, CEP_ONNX_1_not_a_model) {
  EXPECT_EQ(refusal(relu()), "");
  EXPECT_EQ(refusal(std::string()), "CEP-ONNX-1");
  EXPECT_EQ(refusal(std::string("{\"cep\": 1}")), "CEP-ONNX-1");
  EXPECT_EQ(refusal(std::string("\x3a\x7f", 2)), "CEP-ONNX-1");  // a graph that is cut off
  const std::string whole = relu().proto.SerializeAsString();
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - 1)), "CEP-ONNX-1");
}

TEST(Reject, CEP_ONNX_2_messages_without_end) {
  // Attributes that hold graphs whose nodes hold attributes, from the innermost outwards.
  std::string nested;
  const auto wrap = [&](char tag) {
    std::string length;
    for (std::size_t n = nested.size(); n > 0 || length.empty(); n >>= 7)
      length += static_cast<char>((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    nested = tag + length + nested;
  };
  for (int i = 0; i < 20; ++i) {
    wrap('\x32');  // AttributeProto.g
    wrap('\x2a');  // NodeProto.attribute
    wrap('\x0a');  // GraphProto.node
  }
  wrap('\x3a');  // ModelProto.graph
  EXPECT_EQ(refusal(nested), "CEP-ONNX-2");
}

TEST(Reject, CEP_ONNX_2_more_fields_than_memory) {
  // Nine million nodes of two bytes each: a gigabyte of objects.
  std::string nodes;
  for (int i = 0; i < 9'000'000; ++i) nodes += std::string("\x0a\x00", 2);
  std::string length;
  for (std::size_t n = nodes.size(); n > 0; n >>= 7)
    length += static_cast<char>((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
  EXPECT_EQ(refusal("\x3a" + length + nodes), "CEP-ONNX-2");
}

TEST(Reject, CEP_ONNX_2_sizes) {
  OnnxModel large(9);
  large.integers("s", {2}, {1 << 20, 1 << 20}).input("x", {1}).output("y");
  large.node("ConstantOfShape", "", {"s"}, {"c"});
  large.node("Add", "", {"x", "c"}, {"y"});
  EXPECT_EQ(refusal(large), "CEP-ONNX-2");
  OnnxModel weights;
  weights.input("x", {4}).floats("w", {4}, {1, 2, 3, 4}).output("y");
  weights.node("Add", "", {"x", "w"}, {"y"});
  EXPECT_EQ(refusal(weights, {.max_weight_bytes = 16}), "");
  EXPECT_EQ(refusal(weights, {.max_weight_bytes = 15}), "CEP-ONNX-2");
  OnnxModel name;
  name.input(std::string(257, 'x'), {1}).output(std::string(257, 'x'));
  EXPECT_EQ(refusal(name), "CEP-ONNX-2");
}

TEST(Reject, CEP_ONNX_3_another_opset) {
  EXPECT_EQ(refusal(relu(7)), "");
  EXPECT_EQ(refusal(relu(6)), "CEP-ONNX-3");
  EXPECT_EQ(refusal(relu(18)), "CEP-ONNX-3");
  OnnxModel other = relu();
  other.proto.mutable_opset_import(0)->set_domain("com.example");
  EXPECT_EQ(refusal(other), "CEP-ONNX-3");
}

TEST(Reject, CEP_ONNX_4_every_node_at_once) {
  OnnxModel model;
  model.input("x", {2, 3}).output("d");
  model.node("Quaternion", "q", {"x"}, {"a"});
  model.node("Relu", "fine", {"a"}, {"b"});  // below a node that cannot be imported: not listed
  set(model.node("Relu", "odd", {"x"}, {"c"}), "colour", std::int64_t{3});
  model.node("Frobnicate", "", {"b", "c"}, {"d"}).set_domain("com.example");
  const auto import = model.import();
  ASSERT_FALSE(import.has_value());
  const acp::Error& error = import.error();
  EXPECT_EQ(error.family, acp::Family::kUnsupported);
  EXPECT_EQ(error.requirement, "CEP-ONNX-4");
  EXPECT_EQ(error.path, "graph.node[0]");
  for (const char* part : {"3 nodes", "Quaternion", "graph.node[2].attributes.colour", "[CEP-OP-2]",
                           "com.example::Frobnicate", "graph.node[3]"})
    EXPECT_NE(error.message.find(part), std::string::npos) << part << "\n" << error.message;
  EXPECT_EQ(error.message.find("fine"), std::string::npos) << error.message;
  EXPECT_TRUE(error.message.ends_with("\n3 nodes in all")) << error.message;
}

TEST(Reject, CEP_ONNX_7_paths_within_a_model) {
  OnnxModel weight;
  weight.input("x", {2}).output("y").integers("w", {3}, {1, 2});
  weight.node("Add", "sum", {"x", "w"}, {"y"});
  EXPECT_EQ(weight.import().error().path, "graph.initializer[0].w");
  OnnxModel node;
  node.input("x", {2}).output("y");
  node.node("Add", "sum", {"x", "z"}, {"y"});
  EXPECT_EQ(node.import().error().path, "graph.node[0].input[1]");
}

TEST(Reject, CEP_ONNX_4_a_model_at_fault) {
  OnnxModel model;
  model.input("x", {2, 3}).input("w", {2, 3}).output("y");
  model.node("MatMul", "product", {"x", "w"}, {"y"});
  const auto import = model.import();
  ASSERT_FALSE(import.has_value());
  EXPECT_EQ(import.error().family, acp::Family::kInvalid);
  EXPECT_EQ(import.error().requirement, "CEP-ONNX-4");
  OnnxModel graph = relu();
  auto& attribute = *graph.graph().mutable_node(0)->add_attribute();
  attribute.set_name("body");
  attribute.set_type(onnx::AttributeProto::GRAPH);
  attribute.mutable_g();
  EXPECT_EQ(refusal(graph), "CEP-ONNX-4");
}

// An operand that is left out, of arithmetic on shapes that would be done at import.
TEST(Reject, CEP_ONNX_4_a_list_joined_from_nothing) {
  OnnxModel model;
  model.input("x", {2, 3}).output("y");
  model.integers("a", {1}, {3}).integers("b", {1}, {2});
  set(model.node("Concat", "join", {"a", "", "b"}, {"to"}), "axis", std::int64_t{0});
  model.node("Reshape", "", {"x", "to"}, {"y"});
  EXPECT_EQ(refusal(model), "CEP-ONNX-4");
}

TEST(Reject, CEP_ONNX_5_an_extent_that_is_not_known) {
  OnnxModel model;
  model.input("x", {-1}).output("y");
  model.node("Relu", "", {"x"}, {"y"});
  EXPECT_EQ(refusal(model), "CEP-ONNX-5");
  EXPECT_EQ(refusal(model, {.dims = {{"M", 4}}}), "CEP-ONNX-5");
  EXPECT_EQ(refusal(model, {.dims = {{"N", -4}}}), "CEP-ONNX-5");
  EXPECT_EQ(refusal(model, {.dims = {{"N", 4}}}), "");
  OnnxModel shapeless = relu();
  shapeless.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  EXPECT_EQ(refusal(shapeless), "CEP-ONNX-5");
}

// A model whose initialiser a test may spoil.
OnnxModel with_weight() {
  OnnxModel model;
  model.input("x", {2}).floats("w", {2}, {1, 2}).output("y");
  model.node("Add", "", {"x", "w"}, {"y"});
  return model;
}

TEST(Reject, CEP_ONNX_6_contents_elsewhere_or_of_another_kind) {
  EXPECT_EQ(refusal(with_weight()), "");
  OnnxModel external = with_weight();
  external.graph().mutable_initializer(0)->set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(refusal(external), "CEP-ONNX-6");
  OnnxModel half = with_weight();
  half.graph().mutable_initializer(0)->set_data_type(onnx::TensorProto::FLOAT16);
  EXPECT_EQ(refusal(half), "CEP-ONNX-6");
  OnnxModel input;
  input.input("x", {2}, onnx::TensorProto::DOUBLE).output("x");
  EXPECT_EQ(refusal(input), "CEP-ONNX-6");
  OnnxModel sparse = with_weight();
  sparse.graph().add_sparse_initializer();
  EXPECT_EQ(refusal(sparse), "CEP-ONNX-6");
}

TEST(Reject, CEP_ONNX_7_contents_of_another_size) {
  OnnxModel few = with_weight();
  few.graph().mutable_initializer(0)->set_dims(0, 3);
  EXPECT_EQ(refusal(few), "CEP-ONNX-7");
  OnnxModel raw = with_weight();
  raw.graph().mutable_initializer(0)->set_raw_data("1234567");
  EXPECT_EQ(refusal(raw), "CEP-ONNX-7");
  OnnxModel negative = with_weight();
  negative.graph().mutable_initializer(0)->set_dims(0, -2);
  EXPECT_EQ(refusal(negative), "CEP-ONNX-7");
}

TEST(Reject, CEP_ONNX_8_names_made_twice_or_never) {
  OnnxModel never = relu();
  never.output("z");
  EXPECT_EQ(refusal(never), "CEP-ONNX-8");
  OnnxModel before = relu();
  *before.graph().mutable_node(0)->mutable_input(0) = "later";
  EXPECT_EQ(refusal(before), "CEP-ONNX-8");
  OnnxModel twice = relu();
  twice.node("Relu", "", {"x"}, {"y"});
  EXPECT_EQ(refusal(twice), "CEP-ONNX-8");
  OnnxModel inputs = relu();
  inputs.input("x", {2});
  EXPECT_EQ(refusal(inputs), "CEP-ONNX-8");
  OnnxModel none = relu();
  none.graph().clear_output();
  EXPECT_EQ(refusal(none), "CEP-ONNX-8");
}

TEST(Reject, CEP_ONNX_9_models_that_are_not_generated) {
  const auto refused = [](std::string_view model, const OnnxModelOptions& options) {
    const auto bytes = generate_onnx(model, options);
    return bytes ? "" : bytes.error().requirement + " " + bytes.error().path;
  };
  EXPECT_EQ(refused("plan", {}), "CEP-ONNX-9 model");
  EXPECT_EQ(refused("encoder", {.heads = 3}), "CEP-ONNX-9 heads");
  EXPECT_EQ(refused("encoder", {.hidden = 4096, .layers = 96}), "CEP-ONNX-9 layers");
  EXPECT_EQ(refused("resnet50", {.image = 8}), "CEP-ONNX-9 image");
  EXPECT_EQ(refused("squeezenet", {.batch = -1}), "CEP-ONNX-9 batch");
}

}  // namespace
}  // namespace cep
