// Add: the sum of two tensors, element by element, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::numbers_of_one_type(context, "CEP-ADD-1");
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.add(x[0], x[1]);
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto i32 = [](Dims dims) { return TensorType{Dtype::kI32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({4, 1, 3}), f32({5, 1})}},
      {.requirement = "", .inputs = {f32({}), f32({2, 2})}},
      {.requirement = "", .inputs = {i32({3}), i32({2, 3})}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}, {Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1})}},
      {.requirement = "CEP-ADD-1", .inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}},
      {.requirement = "CEP-BCAST-2", .inputs = {f32({2}), i32({2})}},
      {.requirement = "CEP-BCAST-1", .inputs = {f32({2, 3}), f32({2})}},
  };
}

}  // namespace

extern const OpDef op_add = {
    .name = "Add",
    .domain = "ai.onnx",
    .version = 14,
    .page = "spec/cep/ops/Add.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
