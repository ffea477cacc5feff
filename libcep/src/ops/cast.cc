// Cast: each element in another element type.
#include "cep/elementwise.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "saturate", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-CAST-2"},
    {.name = "to", .kind = AttrKind::kInt, .required = true, .requirement = "CEP-CAST-1"},
};

// ONNX numbers element types its own way.
Dtype target(const OpContext& context) {
  switch (context.int_attr("to", 0)) {
    case 1: return Dtype::kF32;
    case 6: return Dtype::kI32;
    case 7: return Dtype::kI64;
    case 9: return Dtype::kBool;
    default: return Dtype::kUnknown;
  }
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const Dtype to = target(context);
  if (to == Dtype::kUnknown)
    return acp::unsupported("CEP-CAST-1", "attributes.to", "neither 1 (f32), 6 (i32), 7 (i64) nor 9 (bool)");
  if (context.int_attr("saturate", 1) != 1)
    return acp::unsupported("CEP-CAST-2", "attributes.saturate", "only 1 is offered");
  return std::vector<TensorType>{{to, context.input(0).dims}};
}

Region build(const OpContext& context) {
  return elementwise::map(context, target(context),
                          [](RegionBuilder& b, const OpContext& of, std::span<const RegionBuilder::Id> x) {
                            return b.cast(x[0], target(of));
                          });
}

std::vector<OpCase> cases() {
  const auto to = [](std::int64_t number) { return std::vector<Attribute>{{"to", number}}; };
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}, .attributes = to(6)},
      {.requirement = "", .inputs = {{Dtype::kF32, {7}}}, .attributes = to(7)},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 2}}}, .attributes = to(9)},
      {.requirement = "", .inputs = {{Dtype::kF32, {4}}}, .attributes = to(1)},
      {.requirement = "", .inputs = {{Dtype::kI64, {5}}}, .attributes = to(1)},
      {.requirement = "", .inputs = {{Dtype::kI64, {2, 3}}}, .attributes = to(6)},
      {.requirement = "", .inputs = {{Dtype::kI32, {}}}, .attributes = to(7)},
      {.requirement = "", .inputs = {{Dtype::kI32, {0, 3}}}, .attributes = to(9)},
      {.requirement = "", .inputs = {{Dtype::kBool, {6}}}, .attributes = to(1)},
      {.requirement = "CEP-CAST-1", .inputs = {{Dtype::kF32, {3}}}, .attributes = to(10)},
      {.requirement = "CEP-CAST-2",
       .inputs = {{Dtype::kF32, {3}}},
       .attributes = {{"to", std::int64_t{6}}, {"saturate", std::int64_t{0}}}},
  };
}

}  // namespace

extern const OpDef op_cast = {
    .name = "Cast",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Cast.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
