// Identity: the same tensor again.
#include "cep/op.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return std::vector<TensorType>{context.input(0)};
}

// Bits are kept (CEP-IDENTITY-1).
Region build(const OpContext& context) {
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  const auto y = r.output(context.input(0));
  r.begin_nest(context.input(0).dims, {});
  r.write(y, r.iters(), r.arg(r.read(x, r.iters())));
  r.end_nest();
  return std::move(r).finish();
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
