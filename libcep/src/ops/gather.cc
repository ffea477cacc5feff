// Gather: slices of a tensor along an axis, chosen by a tensor of indices.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-GATHER-2"},
};

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& data = context.input(0);
  const TensorType& indices = context.input(1);
  if (indices.dtype != Dtype::kI32 && indices.dtype != Dtype::kI64) {
    return acp::invalid("CEP-GATHER-1", "inputs[1]", "indices are neither i32 nor i64");
  }
  const auto axis = normal_axis(context.int_attr("axis", 0), data.dims.size());
  if (!axis) return acp::invalid("CEP-GATHER-2", "attributes.axis", "not an axis of the data");
  if (data.dims[*axis] == 0)
    return acp::invalid("CEP-GATHER-3", "inputs[0]", "nothing to choose from along the axis");
  Dims dims = data.dims;
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), indices.dims.begin(), indices.dims.end());
  return std::vector<TensorType>{{data.dtype, std::move(dims)}};
}

// The coordinate along the axis is loaded; a negative one counts from the end. One outside the axis is a fault of the run (CEP-REG-7).
Region build(const OpContext& context) {
  const TensorType& data_type = context.input(0);
  const TensorType& indices_type = context.input(1);
  const std::size_t axis = *normal_axis(context.int_attr("axis", 0), data_type.dims.size());
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  RegionBuilder r;
  const auto data = r.input(data_type);
  const auto indices = r.input(indices_type);
  const auto y = r.output(types->front());
  r.begin_nest(types->front().dims, {});
  const auto all = r.iters();
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(axis);
  const auto last = first + static_cast<std::ptrdiff_t>(indices_type.dims.size());
  const auto chosen = r.ix_wrap(r.ix_load(r.read(indices, {first, last})), data_type.dims[axis]);
  std::vector<RegionBuilder::Id> coord(all.begin(), first);
  coord.push_back(chosen);
  coord.insert(coord.end(), last, all.end());
  r.write(y, all, r.arg(r.read(data, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto axis = [](std::int64_t a) { return std::vector<Attribute>{{"axis", a}}; };
  const TensorType data{Dtype::kF32, {4, 3}};
  return {
      {.requirement = "", .inputs = {data, {Dtype::kI64, {2}}}},
      {.requirement = "", .inputs = {data, {Dtype::kI32, {2, 2}}}, .attributes = axis(-1)},
      {.requirement = "", .inputs = {data, {Dtype::kI64, {}}}, .attributes = axis(1)},
      {.requirement = "", .inputs = {{Dtype::kBool, {5}}, {Dtype::kI64, {3}}}},
      {.requirement = "", .inputs = {data, {Dtype::kI64, {0}}}},
      {.requirement = "CEP-GATHER-1", .inputs = {data, {Dtype::kF32, {2}}}},
      {.requirement = "CEP-GATHER-2", .inputs = {data, {Dtype::kI64, {2}}}, .attributes = axis(2)},
      {.requirement = "CEP-GATHER-2", .inputs = {{Dtype::kF32, {}}, {Dtype::kI64, {2}}}},
      {.requirement = "CEP-GATHER-3", .inputs = {{Dtype::kF32, {0, 3}}, {Dtype::kI64, {2}}}},
  };
}

}  // namespace

extern const OpDef op_gather = {
    .name = "Gather",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Gather.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
