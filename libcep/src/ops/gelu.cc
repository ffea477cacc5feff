// Gelu: x times the normal distribution function of x, or its approximation by tanh.
#include "cep/elementwise.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "approximate", .kind = AttrKind::kString, .required = false, .requirement = "CEP-GELU-2"},
};

constexpr std::uint32_t kRootOfTwo = 0x3fb504f3u;
constexpr std::uint32_t kRootOfTwoOverPi = 0x3f4c422au;
constexpr std::uint32_t kCubic = 0x3d372713u;  // 0.044715

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  ACP_TRY(auto types, elementwise::f32_as_input(context, "CEP-GELU-1"));
  const std::string how = context.string_attr("approximate", "none");
  if (how != "none" && how != "tanh")
    return acp::invalid("CEP-GELU-2", "attributes.approximate", "neither none nor tanh");
  return types;
}

// (0.5 x) (1 + g): g = erf(x / sqrt 2), or tanh(sqrt(2 / pi) (x + 0.044715 x^3)).
Id body(RegionBuilder& b, const OpContext& context, std::span<const Id> values) {
  const Id x = values[0];
  const auto times_half_x = [&](Id g) { return b.mul(b.mul(b.f32(0.5f), x), b.add(b.f32(1.0f), g)); };
  if (context.string_attr("approximate", "none") == "none")
    return times_half_x(build_erf(b, b.div(x, b.f32_bits(kRootOfTwo))));
  const Id cube = b.mul(b.mul(x, x), x);
  const Id inner = b.add(x, b.mul(b.f32_bits(kCubic), cube));
  return times_half_x(build_tanh(b, b.mul(b.f32_bits(kRootOfTwoOverPi), inner)));
}

Region build(const OpContext& context) { return elementwise::map(context, Dtype::kF32, body); }

std::vector<OpCase> cases() {
  const auto how = [](const char* value) {
    return std::vector<Attribute>{{"approximate", std::string(value)}};
  };
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 4}}}, .attributes = how("tanh")},
      {.requirement = "", .inputs = {{Dtype::kF32, {0}}}, .attributes = how("none")},
      {.requirement = "CEP-GELU-1", .inputs = {{Dtype::kI32, {3}}}},
      {.requirement = "CEP-GELU-2", .inputs = {{Dtype::kF32, {3}}}, .attributes = how("sigmoid")},
  };
}

}  // namespace

extern const OpDef op_gelu = {
    .name = "Gelu",
    .domain = "ai.onnx",
    .version = 20,
    .page = "spec/cep/ops/Gelu.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
