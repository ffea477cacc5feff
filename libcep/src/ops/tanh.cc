// Tanh: the hyperbolic tangent, element by element.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32) return acp::unsupported("CEP-TANH-1", "inputs[0]", "element type is not f32");
  return std::vector<TensorType>{x};
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return build_tanh(b, x[0]);
                          });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 7}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {0}}}},
      {.requirement = "CEP-TANH-1", .inputs = {{Dtype::kI32, {3}}}},
  };
}

}  // namespace

extern const OpDef op_tanh = {
    .name = "Tanh",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Tanh.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
