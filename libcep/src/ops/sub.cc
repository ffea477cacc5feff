// Sub: the difference of two tensors, element by element, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::numbers_of_one_type(context, "CEP-SUB-1");
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.sub(x[0], x[1]);
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto i32 = [](Dims dims) { return TensorType{Dtype::kI32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 4}), f32({2, 4})}},
      {.requirement = "", .inputs = {f32({3, 1}), f32({2, 1, 2})}},
      {.requirement = "", .inputs = {f32({}), f32({3})}},
      {.requirement = "", .inputs = {i32({3}), i32({2, 3})}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}, {Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1})}},
      {.requirement = "CEP-SUB-1", .inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}},
      {.requirement = "CEP-BCAST-2", .inputs = {f32({2}), i32({2})}},
      {.requirement = "CEP-BCAST-1", .inputs = {f32({2, 3}), f32({2})}},
  };
}

}  // namespace

extern const OpDef op_sub = {
    .name = "Sub",
    .domain = "ai.onnx",
    .version = 14,
    .page = "spec/cep/ops/Sub.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
