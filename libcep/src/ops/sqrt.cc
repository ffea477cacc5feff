// Sqrt: the correctly rounded square root, element by element.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::f32_as_input(context, "CEP-SQRT-1");
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.unary(ACP_SC_SQRT, x[0]);
                          });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 4}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 0}}}},
      {.requirement = "CEP-SQRT-1", .inputs = {{Dtype::kI32, {3}}}},
  };
}

}  // namespace

extern const OpDef op_sqrt = {
    .name = "Sqrt",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Sqrt.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
