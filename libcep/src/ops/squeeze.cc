// Squeeze: the same elements without some axes of one element.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axes", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-AXES-4"},
};

// For each axis of the input, whether it goes.
acp::Result<std::vector<bool>> leaving(const OpContext& context) {
  const Dims& dims = context.input(0).dims;
  ACP_TRY(const std::optional<Dims> axes, axes_of(context, 1));
  std::vector<bool> marks(dims.size());
  if (!axes) {
    for (std::size_t d = 0; d < dims.size(); ++d) marks[d] = dims[d] == 1;
    return marks;
  }
  ACP_TRY(marks, mark_axes(*axes, dims.size()));
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (marks[d] && dims[d] != 1)
      return acp::invalid("CEP-SQUEEZE-1", "axes", "axis " + std::to_string(d) + " has not one element");
  }
  return marks;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  ACP_TRY(const std::vector<bool> marks, leaving(context));
  TensorType y{x.dtype, {}};
  for (std::size_t d = 0; d < x.dims.size(); ++d) {
    if (!marks[d]) y.dims.push_back(x.dims[d]);
  }
  return std::vector<TensorType>{std::move(y)};
}

Region build(const OpContext& context) {
  const auto types = infer(context);
  const auto marks = leaving(context);
  ACP_ASSERT(types.has_value() && marks.has_value());
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  if (context.has_input(1)) r.input(context.input(1));
  const auto y = r.output(types->front());
  r.begin_nest(types->front().dims, {});
  std::vector<RegionBuilder::Id> coord;
  coord.reserve(marks->size());
  std::uint32_t kept = 0;
  for (const bool leaves : *marks) coord.push_back(leaves ? r.ix_const(0) : r.iter(kept++));
  r.write(y, r.iters(), r.arg(r.read(x, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const TensorType x{Dtype::kF32, {1, 3, 1, 2}};
  const auto list = [](std::int64_t length) { return TensorType{Dtype::kI64, {length}}; };
  const auto axes = [](Dims values) { return std::vector<Attribute>{{"axes", std::move(values)}}; };
  return {
      {.requirement = "", .inputs = {x}},
      {.requirement = "", .inputs = {x}, .attributes = axes({2})},
      {.requirement = "", .inputs = {x, list(2)}, .known = {{}, Dims{-2, 0}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {1}}, list(1)}, .known = {{}, Dims{0}}},
      {.requirement = "", .inputs = {{Dtype::kBool, {2}}, list(0)}, .known = {{}, Dims{}}},
      {.requirement = "", .inputs = {{Dtype::kI32, {0, 1}}}},
      {.requirement = "CEP-SQUEEZE-1", .inputs = {x}, .attributes = axes({0, 1})},
      {.requirement = "CEP-AXES-1", .inputs = {x, list(1)}},
      {.requirement = "CEP-AXES-2", .inputs = {x, {Dtype::kI64, {}}}, .known = {{}, Dims{0}}},
      {.requirement = "CEP-AXES-3", .inputs = {x, list(1)}, .known = {{}, Dims{0}}, .attributes = axes({0})},
      {.requirement = "CEP-AXES-4", .inputs = {x}, .attributes = axes({4})},
      {.requirement = "CEP-AXES-5", .inputs = {x}, .attributes = axes({0, -4})},
  };
}

}  // namespace

extern const OpDef op_squeeze = {
    .name = "Squeeze",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Squeeze.md",
    .min_inputs = 1,
    .max_inputs = 2,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
