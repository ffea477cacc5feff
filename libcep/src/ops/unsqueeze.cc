// Unsqueeze: the same elements with further axes of one element.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axes", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-AXES-4"},
};

// For each axis of the output, whether it is a new one.
acp::Result<std::vector<bool>> coming(const OpContext& context) {
  ACP_TRY(const std::optional<Dims> axes, axes_of(context, 1));
  if (!axes) return acp::invalid("CEP-UNSQUEEZE-1", "axes", "neither attribute nor input");
  return mark_axes(*axes, context.input(0).dims.size() + axes->size());
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  ACP_TRY(const std::vector<bool> marks, coming(context));
  TensorType y{x.dtype, {}};
  y.dims.reserve(marks.size());
  std::size_t old = 0;
  for (const bool comes : marks) y.dims.push_back(comes ? 1 : x.dims[old++]);
  return std::vector<TensorType>{std::move(y)};
}

Region build(const OpContext& context) {
  const auto types = infer(context);
  const auto marks = coming(context);
  ACP_ASSERT(types.has_value() && marks.has_value());
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  if (context.has_input(1)) r.input(context.input(1));
  const auto y = r.output(types->front());
  r.begin_nest(types->front().dims, {});
  std::vector<RegionBuilder::Id> coord;
  coord.reserve(context.input(0).dims.size());
  for (std::uint32_t d = 0; d < marks->size(); ++d) {
    if (!(*marks)[d]) coord.push_back(r.iter(d));
  }
  r.write(y, r.iters(), r.arg(r.read(x, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const TensorType x{Dtype::kF32, {3, 2}};
  const auto list = [](std::int64_t length) { return TensorType{Dtype::kI64, {length}}; };
  const auto axes = [](Dims values) { return std::vector<Attribute>{{"axes", std::move(values)}}; };
  return {
      {.requirement = "", .inputs = {x}, .attributes = axes({0})},
      {.requirement = "", .inputs = {x, list(2)}, .known = {{}, Dims{-1, 1}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}, list(1)}, .known = {{}, Dims{0}}},
      {.requirement = "", .inputs = {{Dtype::kBool, {2}}}, .attributes = axes({})},
      {.requirement = "", .inputs = {{Dtype::kI32, {0}}}, .attributes = axes({1})},
      {.requirement = "CEP-UNSQUEEZE-1", .inputs = {x}},
      {.requirement = "CEP-AXES-1", .inputs = {x, list(1)}},
      {.requirement = "CEP-AXES-2", .inputs = {x, {Dtype::kI32, {1}}}, .known = {{}, Dims{0}}},
      {.requirement = "CEP-AXES-3", .inputs = {x, list(1)}, .known = {{}, Dims{0}}, .attributes = axes({0})},
      {.requirement = "CEP-AXES-4", .inputs = {x}, .attributes = axes({3})},
      {.requirement = "CEP-AXES-5", .inputs = {x}, .attributes = axes({1, -3})},
      {.requirement = "CEP-OP-6", .inputs = {x}, .attributes = axes({0, 1, 2, 3, 4, 5, 6})},
  };
}

}  // namespace

extern const OpDef op_unsqueeze = {
    .name = "Unsqueeze",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Unsqueeze.md",
    .min_inputs = 1,
    .max_inputs = 2,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
