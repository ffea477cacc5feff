// Relu: max(x, +0), element by element.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::f32_as_input(context, "CEP-RELU-1");
}

// y = maximum(x, +0), so Relu(-0) = +0 and Relu(NaN) is the canonical NaN.
Region build(const OpContext& context) {
  return elementwise::map(context, Dtype::kF32,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.max(x[0], b.f32(0.0f));
                          });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 0, 3}}}},
      {.requirement = "CEP-RELU-1", .inputs = {{Dtype::kI32, {3}}}},
  };
}

}  // namespace

extern const OpDef op_relu = {
    .name = "Relu",
    .domain = "ai.onnx",
    .version = 14,
    .page = "spec/cep/ops/Relu.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
