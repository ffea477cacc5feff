// Identity: the same tensor again.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return std::vector<TensorType>{context.input(0)};
}

// Bits are kept (CEP-IDENTITY-1).
Region build(const OpContext& context) {
  return elementwise::map(
      context, context.input(0).dtype,
      [](RegionBuilder&, const OpContext&, std::span<const RegionBuilder::Id> x) { return x[0]; });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {{Dtype::kBool, {2, 3}}}},
      {.requirement = "", .inputs = {{Dtype::kI32, {2, 0, 3}}}},
  };
}

}  // namespace

extern const OpDef op_identity = {
    .name = "Identity",
    .domain = "ai.onnx",
    .version = 16,
    .page = "spec/cep/ops/Identity.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
