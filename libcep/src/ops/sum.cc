// Sum: the sum of any number of tensors, element by element, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  Dims dims;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const std::string path = "inputs[" + std::to_string(i) + "]";
    if (!context.has_input(i)) return acp::invalid("CEP-SUM-3", path, "left out");
    if (context.input(i).dtype != Dtype::kF32)
      return acp::unsupported("CEP-SUM-1", path, "element type is not f32");
    auto wider = broadcast_dims(dims, context.input(i).dims);
    if (!wider) return acp::invalid("CEP-SUM-2", path, "does not broadcast with the inputs before it");
    dims = std::move(*wider);
  }
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// A left fold; the sum of one tensor is its elements.
Region build(const OpContext& context) {
  return elementwise::map(context, Dtype::kF32,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            RegionBuilder::Id sum = x[0];
                            for (const RegionBuilder::Id next : x.subspan(1)) sum = b.add(sum, next);
                            return sum;
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3})}},
      {.requirement = "", .inputs = {f32({2, 3}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({3}), f32({2, 1}), f32({}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1}), f32({0})}},
      {.requirement = "CEP-SUM-1", .inputs = {f32({2}), {Dtype::kI32, {2}}}},
      {.requirement = "CEP-SUM-2", .inputs = {f32({2, 1}), f32({3}), f32({4, 3})}},
      {.requirement = "CEP-SUM-3", .inputs = {f32({2}), {}, f32({2})}},
  };
}

}  // namespace

extern const OpDef op_sum = {
    .name = "Sum",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Sum.md",
    .min_inputs = 1,
    .max_inputs = 1024,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
