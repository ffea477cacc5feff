// Reciprocal: 1 / x, correctly rounded, element by element.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::f32_as_input(context, "CEP-RECIPROCAL-1");
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.div(b.f32(1.0f), x[0]);
                          });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {7}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 0}}}},
      {.requirement = "CEP-RECIPROCAL-1", .inputs = {{Dtype::kI32, {3}}}},
  };
}

}  // namespace

extern const OpDef op_reciprocal = {
    .name = "Reciprocal",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Reciprocal.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
