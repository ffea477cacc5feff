// Concat: tensors one behind another along an axis.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = true, .requirement = "CEP-CONCAT-3"},
};

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& first = context.input(0);
  const auto axis = normal_axis(context.int_attr("axis", 0), first.dims.size());
  if (!axis) return acp::invalid("CEP-CONCAT-3", "attributes.axis", "not an axis of the inputs");
  TensorType out = first;
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    const std::string path = "inputs[" + std::to_string(i) + "]";
    if (!context.has_input(i)) return acp::invalid("CEP-CONCAT-5", path, "left out");
    const TensorType& x = context.input(i);
    if (x.dtype != first.dtype) return acp::invalid("CEP-CONCAT-1", path, "element types differ");
    if (x.dims.size() != first.dims.size()) return acp::invalid("CEP-CONCAT-2", path, "ranks differ");
    for (std::size_t d = 0; d < x.dims.size(); ++d) {
      if (d != *axis && x.dims[d] != first.dims[d]) {
        return acp::invalid("CEP-CONCAT-4", path, "extents of axis " + std::to_string(d) + " differ");
      }
    }
    out.dims[*axis] += x.dims[*axis];
  }
  return std::vector<TensorType>{std::move(out)};
}

// One nest per input, each writing its own part of the output.
Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const std::size_t axis = *normal_axis(context.int_attr("axis", 0), types->front().dims.size());
  RegionBuilder r;
  std::vector<RegionBuilder::Id> inputs;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) inputs.push_back(r.input(context.input(i)));
  const auto y = r.output(types->front());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    r.begin_nest(context.input(i).dims, {});
    std::vector<RegionBuilder::Id> to = r.iters();
    to[axis] = r.ix_add(to[axis], offset);
    r.write(y, to, r.arg(r.read(inputs[i], r.iters())));
    r.end_nest();
    offset += context.input(i).dims[axis];
  }
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto axis = [](std::int64_t a) { return std::vector<Attribute>{{"axis", a}}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3}), f32({2, 1})}, .attributes = axis(1)},
      {.requirement = "", .inputs = {f32({2, 3}), f32({0, 3}), f32({4, 3})}, .attributes = axis(-2)},
      {.requirement = "", .inputs = {f32({3})}, .attributes = axis(0)},
      {.requirement = "",
       .inputs = {{Dtype::kBool, {1, 2, 2}}, {Dtype::kBool, {1, 3, 2}}},
       .attributes = axis(1)},
      {.requirement = "", .inputs = {{Dtype::kI64, {2}}, {Dtype::kI64, {2}}}, .attributes = axis(0)},
      {.requirement = "CEP-CONCAT-1", .inputs = {f32({2}), {Dtype::kI32, {2}}}, .attributes = axis(0)},
      {.requirement = "CEP-CONCAT-2", .inputs = {f32({2}), f32({2, 1})}, .attributes = axis(0)},
      {.requirement = "CEP-CONCAT-3", .inputs = {f32({2}), f32({2})}, .attributes = axis(1)},
      {.requirement = "CEP-CONCAT-3", .inputs = {f32({}), f32({})}, .attributes = axis(0)},
      {.requirement = "CEP-CONCAT-5", .inputs = {f32({2}), {}, f32({2})}, .attributes = axis(0)},
      {.requirement = "CEP-CONCAT-4", .inputs = {f32({2, 3}), f32({3, 3})}, .attributes = axis(1)},
  };
}

}  // namespace

extern const OpDef op_concat = {
    .name = "Concat",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Concat.md",
    .min_inputs = 1,
    .max_inputs = 65536,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
