// Neg: each element with the other sign.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (!elementwise::is_number(x.dtype))
    return acp::unsupported("CEP-NEG-1", "inputs[0]", "element type is not a number");
  return std::vector<TensorType>{x};
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return b.unary(ACP_SC_NEG, x[0]);
                          });
}

std::vector<OpCase> cases() {
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {2}}}},
      {.requirement = "", .inputs = {{Dtype::kI32, {}}}},
      {.requirement = "CEP-NEG-1", .inputs = {{Dtype::kBool, {3}}}},
  };
}

}  // namespace

extern const OpDef op_neg = {
    .name = "Neg",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Neg.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
