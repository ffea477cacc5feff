// What every operator obeys, on an operator made for this test: one required input and one optional one, a required attribute,
// a reduction whose order is open.
#include <gtest/gtest.h>

#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kRows[] = {{"axis", AttrKind::kInt, true, ""}, {"mode", AttrKind::kString, false, ""}};

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  TensorType doubled = context.input(0);
  if (!doubled.dims.empty()) doubled.dims[0] *= 2;
  return std::vector<TensorType>{doubled};
}

OpDef made_up() {
  OpDef op;
  op.name = "MadeUp";
  op.domain = "org.example";
  op.min_inputs = 1;
  op.max_inputs = 2;
  op.attributes = kRows;
  op.default_order = {OrderKind::kChain, 0};
  op.infer = infer;
  return op;
}

// An instance that is accepted; tests break it in one place.
struct Instance {
  OpDef op = made_up();
  std::vector<std::optional<TensorType>> inputs = {TensorType{Dtype::kF32, {2, 3}}};
  std::vector<Attribute> attributes = {{"axis", std::int64_t{1}}};
  Order order;

  [[nodiscard]] acp::Result<std::vector<TensorType>> inferred() const {
    OpContext context;
    context.inputs = inputs;
    context.known.resize(inputs.size());
    context.attributes = attributes;
    context.order = order;
    return infer_types(op, context);
  }
};

void expect_refused(const Instance& instance, acp::Family family, const char* requirement, const char* path) {
  const auto types = instance.inferred();
  ASSERT_FALSE(types.has_value());
  EXPECT_EQ(types.error().family, family);
  EXPECT_EQ(types.error().requirement, requirement);
  EXPECT_EQ(types.error().path, path);
}

TEST(AnyOp, the_instance_is_accepted) {
  Instance instance;
  const auto types = instance.inferred();
  ASSERT_TRUE(types.has_value()) << acp::to_string(types.error());
  EXPECT_EQ(*types, (std::vector<TensorType>{{Dtype::kF32, {4, 3}}}));
  instance.inputs.push_back(std::nullopt);
  instance.attributes.push_back({"mode", std::string("fast")});
  for (const Order order :
       {Order{OrderKind::kChain, 0}, Order{OrderKind::kBlockedTree, 8}, Order{OrderKind::kBlockedIndex, 1}}) {
    instance.order = order;
    EXPECT_TRUE(instance.inferred().has_value());
  }
}

TEST(Reject, CEP_OP_1_too_few_or_too_many_inputs) {
  Instance instance;
  instance.inputs.clear();
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-1", "inputs");
  instance.inputs.assign(3, TensorType{Dtype::kF32, {2}});
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-1", "inputs");
  instance.inputs.assign(1, std::nullopt);
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-1", "inputs[0]");
}

TEST(Reject, CEP_OP_2_unknown_attribute) {
  Instance instance;
  instance.attributes.push_back({"axes", std::int64_t{1}});
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-2", "attributes.axes");
}

// Two values of one name, of which one reader would take the first and another the last.
TEST(Reject, CEP_OP_2_attribute_given_twice) {
  Instance instance;
  instance.attributes.push_back(instance.attributes[0]);
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-2", "attributes.axis");
}

TEST(Reject, CEP_OP_3_attribute_of_another_kind) {
  Instance instance;
  instance.attributes[0].value = 1.0f;
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-3", "attributes.axis");
}

TEST(Reject, CEP_OP_4_required_attribute_missing) {
  Instance instance;
  instance.attributes.clear();
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-4", "attributes.axis");
}

TEST(Reject, CEP_OP_5_orders_that_are_not_open) {
  Instance instance;
  for (const Order order : {Order{OrderKind::kLanes32, 0}, Order{OrderKind::kAny, 0},
                            Order{OrderKind::kChain, 8}, Order{OrderKind::kBlockedTree, 0}}) {
    instance.order = order;
    expect_refused(instance, acp::Family::kInvalid, "CEP-OP-5", "order");
  }
  instance.op.default_order = {OrderKind::kLanes32, 0};
  instance.order = {OrderKind::kLanes32, 0};  // naming the order in force is allowed
  EXPECT_TRUE(instance.inferred().has_value());
  instance.order = {OrderKind::kChain, 0};
  expect_refused(instance, acp::Family::kInvalid, "CEP-OP-5", "order");
}

TEST(Reject, CEP_OP_6_shapes_over_the_limit) {
  Instance instance;
  instance.inputs[0]->dims.assign(9, 1);
  expect_refused(instance, acp::Family::kLimit, "CEP-OP-6", "inputs[0]");
  instance.inputs[0]->dims = {std::int64_t{1} << 20, (std::int64_t{1} << 20) + 1};
  expect_refused(instance, acp::Family::kLimit, "CEP-OP-6", "inputs[0]");
  instance.inputs[0]->dims = {std::int64_t{1} << 20,
                              std::int64_t{1} << 20};  // doubled: the output is too large
  expect_refused(instance, acp::Family::kLimit, "CEP-OP-6", "outputs[0]");
}

}  // namespace
}  // namespace cep
