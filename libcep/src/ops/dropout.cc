// Dropout: at inference nothing is dropped, and the result is the input.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "ratio", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-DROPOUT-2"},
    {.name = "seed", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-OP-3"},
};

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  if (context.output_count > 1) return acp::unsupported("CEP-DROPOUT-1", "outputs", "a mask is not offered");
  const float ratio = context.float_attr("ratio", 0.5f);
  if (!(ratio >= 0.0f && ratio < 1.0f))
    return acp::invalid("CEP-DROPOUT-2", "attributes.ratio", "not in [0, 1)");
  if (context.has_input(1) && context.input(1) != TensorType{Dtype::kF32, {}})
    return acp::invalid("CEP-DROPOUT-3", "inputs[1]", "not an f32 scalar");
  if (context.has_input(2)) {
    if (context.input(2) != TensorType{Dtype::kBool, {}})
      return acp::invalid("CEP-DROPOUT-4", "inputs[2]", "not a bool scalar");
    const auto* training = context.known_input(2);
    if (training == nullptr || *training != Dims{0})
      return acp::unsupported("CEP-DROPOUT-5", "inputs[2]", "only inference is offered");
  }
  return std::vector<TensorType>{context.input(0)};
}

// The ratio and the mode are never read.
Region build(const OpContext& context) {
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    if (context.has_input(i)) r.input(context.input(i));
  }
  const auto y = r.output(context.input(0));
  r.begin_nest(context.input(0).dims, {});
  r.write(y, r.iters(), r.arg(r.read(x, r.iters())));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const TensorType x{Dtype::kF32, {2, 3}}, ratio{Dtype::kF32, {}}, mode{Dtype::kBool, {}};
  return {
      {.requirement = "", .inputs = {x}},
      {.requirement = "", .inputs = {x}, .attributes = {{"ratio", 0.25f}, {"seed", std::int64_t{7}}}},
      {.requirement = "", .inputs = {x, ratio}},
      {.requirement = "", .inputs = {{Dtype::kI64, {4}}, ratio, mode}, .known = {{}, {}, Dims{0}}},
      {.requirement = "", .inputs = {x, {}, mode}, .known = {{}, {}, Dims{0}}},
      {.requirement = "CEP-DROPOUT-1", .inputs = {x}, .output_count = 2},
      {.requirement = "CEP-DROPOUT-2", .inputs = {x}, .attributes = {{"ratio", 1.0f}}},
      {.requirement = "CEP-DROPOUT-3", .inputs = {x, {Dtype::kF32, {2}}}},
      {.requirement = "CEP-DROPOUT-4", .inputs = {x, ratio, ratio}, .known = {{}, {}, Dims{0}}},
      {.requirement = "CEP-DROPOUT-5", .inputs = {x, ratio, mode}},
      {.requirement = "CEP-DROPOUT-5", .inputs = {x, ratio, mode}, .known = {{}, {}, Dims{1}}},
      {.requirement = "CEP-OP-3", .inputs = {x}, .attributes = {{"seed", 1.0f}}},
  };
}

}  // namespace

extern const OpDef op_dropout = {
    .name = "Dropout",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Dropout.md",
    .min_inputs = 1,
    .max_inputs = 3,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
