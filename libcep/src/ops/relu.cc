// Relu: max(x, +0), element by element.
#include "cep/op.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32) return acp::unsupported("CEP-RELU-1", "inputs[0]", "element type is not f32");
  return std::vector<TensorType>{x};
}

// y = maximum(x, +0), so Relu(-0) = +0 and Relu(NaN) is the canonical NaN.
Region build(const OpContext& context) {
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  const auto y = r.output(context.input(0));
  r.begin_nest(context.input(0).dims, {});
  r.write(y, r.iters(), r.max(r.arg(r.read(x, r.iters())), r.f32(0.0f)));
  r.end_nest();
  return std::move(r).finish();
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
