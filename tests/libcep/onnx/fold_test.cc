// Arithmetic on shapes: each operator, against what ONNX says, seen through the Reshape or Slice that uses it.
#include "libcep/onnx/model.h"

namespace cep {
namespace {

using support::OnnxModel;
using support::set;

// The constant that reaches the second input of a Reshape of 24 elements, or nothing when it was not known.
std::optional<Dims> shape_reached(OnnxModel& model) {
  model.input("data", {24}).output("result");
  model.node("Reshape", "reshape", {"data", "to"}, {"result"});
  const auto import = model.import();
  if (!import) return std::nullopt;
  EXPECT_EQ(import->workload.nodes.size(), 1u);
  return import->workload.tensors[find_tensor(import->workload, "to")].constant;
}

Dims binary(const std::string& op, const Dims& a, const Dims& b) {
  OnnxModel model;
  model.integers("a", {static_cast<std::int64_t>(a.size())}, a);
  if (b.size() == 1) {
    model.integers("b", {}, b);
  } else {
    model.integers("b", {static_cast<std::int64_t>(b.size())}, b);
  }
  model.node(op, "", {"a", "b"}, {"to"});
  return shape_reached(model).value_or(Dims{});
}

TEST(OnnxFold, Arithmetic) {
  EXPECT_EQ(binary("Add", {2, 3}, {1, 5}), (Dims{3, 8}));  // 24 elements, as the data has
  EXPECT_EQ(binary("Sub", {6, 8}, {2}), (Dims{4, 6}));
  EXPECT_EQ(binary("Mul", {2, 3}, {2}), (Dims{4, 6}));
  EXPECT_EQ(binary("Div", {9, 13}, {2}), (Dims{4, 6}));  // truncates
}

TEST(OnnxFold, DivisionByZeroStaysANode) { EXPECT_EQ(binary("Div", {4, 6}, {0}), Dims{}); }

TEST(OnnxFold, WhatOverflowsStaysANode) { EXPECT_EQ(binary("Mul", {std::int64_t{1} << 62, 6}, {4}), Dims{}); }

TEST(OnnxFold, ListsAreCutAndJoined) {
  OnnxModel model;
  model.input("x", {7, 2, 3, 4});
  model.node("Shape", "", {"x"}, {"shape"});
  model.integers("one", {1}, {1}).integers("last", {1}, {-1}).integers("far", {1}, {1LL << 60});
  model.node("Slice", "", {"shape", "one", "last"}, {"middle"});
  model.node("Slice", "", {"shape", "last", "far"}, {"end"});
  set(model.node("Concat", "", {"middle", "end"}, {"to"}), "axis", std::int64_t{0});
  EXPECT_EQ(shape_reached(model), (Dims{2, 3, 4}));
}

TEST(OnnxFold, ShapeTakesBounds) {
  OnnxModel model;
  model.input("x", {7, 4, 6, 9});
  auto& node = model.node("Shape", "", {"x"}, {"to"});
  set(node, "start", std::int64_t{1});
  set(node, "end", std::int64_t{-1});
  EXPECT_EQ(shape_reached(model), (Dims{4, 6}));
}

TEST(OnnxFold, SizeCastSqueezeAndUnsqueeze) {
  OnnxModel model(11);
  model.input("x", {2, 3, 4});
  model.node("Size", "", {"x"}, {"size"});
  set(model.node("Cast", "", {"size"}, {"narrow"}), "to", std::int64_t{onnx::TensorProto::INT32});
  set(model.node("Unsqueeze", "", {"narrow"}, {"list"}), "axes", Dims{0});
  set(model.node("Squeeze", "", {"list"}, {"scalar"}), "axes", Dims{0});
  set(model.node("Unsqueeze", "", {"scalar"}, {"again"}), "axes", Dims{-1});
  set(model.node("Cast", "", {"again"}, {"to"}), "to", std::int64_t{onnx::TensorProto::INT64});
  EXPECT_EQ(shape_reached(model), (Dims{24}));
}

// As exporters write Expand's shape: ones, times, equal, where.
TEST(OnnxFold, WhereOverEqual) {
  OnnxModel model;
  model.integers("asked", {2}, {-1, 6})
      .integers("two", {1}, {2})
      .integers("minus", {}, {-1})
      .integers("four", {2}, {4, 4});
  auto& ones = model.node("ConstantOfShape", "", {"two"}, {"ones"});
  auto& value = *ones.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::INT64);
  value.mutable_t()->add_dims(1);
  value.mutable_t()->add_int64_data(1);
  model.node("Mul", "", {"ones", "minus"}, {"negative"});
  model.node("Equal", "", {"asked", "negative"}, {"open"});
  model.node("Where", "", {"open", "four", "asked"}, {"to"});
  EXPECT_EQ(shape_reached(model), (Dims{4, 6}));
}

TEST(OnnxFold, RangeAndProduct) {
  OnnxModel model;
  model.integers("start", {}, {2}).integers("limit", {}, {5}).integers("step", {}, {1});
  model.node("Range", "", {"start", "limit", "step"}, {"list"});
  model.node("ReduceProd", "", {"list"}, {"to"});  // 2 * 3 * 4
  EXPECT_EQ(shape_reached(model), (Dims{24}));
}

TEST(OnnxFold, ConstantsOfEveryKind) {
  OnnxModel model;
  set(model.node("Constant", "", {}, {"list"}), "value_ints", Dims{4});
  set(model.node("Constant", "", {}, {"six"}), "value_int", std::int64_t{6});
  model.integers("axes", {1}, {0});
  model.node("Unsqueeze", "", {"six", "axes"}, {"six1"});
  set(model.node("Concat", "", {"list", "six1"}, {"both"}), "axis", std::int64_t{0});
  model.node("Identity", "", {"both"}, {"to"});
  EXPECT_EQ(shape_reached(model), (Dims{4, 6}));
}

}  // namespace
}  // namespace cep
