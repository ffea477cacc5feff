// Where: elements of one tensor or the other, chosen by a condition, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  if (context.input(0).dtype != Dtype::kBool)
    return acp::invalid("CEP-WHERE-1", "inputs[0]", "element type is not bool");
  const Dtype dtype = context.input(1).dtype;
  if (dtype != context.input(2).dtype)
    return acp::invalid("CEP-WHERE-2", "inputs[2]", "element types differ");
  ACP_TRY(Dims dims, elementwise::result_shape(context));
  return std::vector<TensorType>{{dtype, std::move(dims)}};
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(1).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> v) {
                            return b.select(v[0], v[1], v[2]);
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto boolean = [](Dims dims) { return TensorType{Dtype::kBool, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {boolean({2, 3}), f32({2, 3}), f32({2, 3})}},
      {.requirement = "", .inputs = {boolean({4, 1}), f32({1, 3}), f32({})}},
      {.requirement = "", .inputs = {boolean({}), {Dtype::kI64, {2}}, {Dtype::kI64, {2}}}},
      {.requirement = "", .inputs = {boolean({3}), boolean({3}), boolean({2, 1})}},
      {.requirement = "", .inputs = {boolean({0}), f32({1}), f32({})}},
      {.requirement = "CEP-WHERE-1", .inputs = {{Dtype::kI32, {2}}, f32({2}), f32({2})}},
      {.requirement = "CEP-WHERE-2", .inputs = {boolean({2}), f32({2}), {Dtype::kI32, {2}}}},
      {.requirement = "CEP-BCAST-1", .inputs = {boolean({2}), f32({3}), f32({3})}},
  };
}

}  // namespace

extern const OpDef op_where = {
    .name = "Where",
    .domain = "ai.onnx",
    .version = 16,
    .page = "spec/cep/ops/Where.md",
    .min_inputs = 3,
    .max_inputs = 3,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
