// Split: consecutive parts of a tensor along an axis.
#include <numeric>

#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-SPLIT-1"},
    {.name = "num_outputs", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-SPLIT-5"},
    {.name = "split", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-SPLIT-3"},
};

std::size_t axis_of(const OpContext& context) {
  return *normal_axis(context.int_attr("axis", 0), context.input(0).dims.size());
}

// The extents of the parts.
acp::Result<Dims> parts_of(const OpContext& context, std::int64_t extent) {
  const auto count = static_cast<std::int64_t>(context.output_count);
  if (context.int_attr("num_outputs", count) != count)
    return acp::invalid("CEP-SPLIT-5", "attributes.num_outputs", "another number of outputs");
  auto parts = context.ints_attr("split");
  if (context.has_input(1)) {
    if (context.known_input(1) == nullptr)
      return acp::unsupported("CEP-SPLIT-2", "inputs[1]", "the parts are not constant");
    parts = *context.known_input(1);
  }
  if (!parts) {
    // Equal parts; the last one may be smaller.
    const std::int64_t each = (extent + count - 1) / count;
    parts = Dims(context.output_count, each);
    parts->back() = extent - each * (count - 1);
    if (parts->back() < 0) return acp::invalid("CEP-SPLIT-4", "outputs", "more parts than elements");
    return *parts;
  }
  std::int64_t left = extent;
  for (const std::int64_t part : *parts) {
    if (part < 0 || part > left)
      return acp::invalid("CEP-SPLIT-3", "split", "the parts do not fill the axis");
    left -= part;
  }
  if (left != 0 || parts->size() != context.output_count)
    return acp::invalid("CEP-SPLIT-3", "split",
                        "the parts do not fill the axis, or there are more or fewer outputs");
  return *parts;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  const auto axis = normal_axis(context.int_attr("axis", 0), x.dims.size());
  if (!axis) return acp::invalid("CEP-SPLIT-1", "attributes.axis", "not an axis of the input");
  ACP_TRY(const Dims parts, parts_of(context, x.dims[*axis]));
  std::vector<TensorType> types(parts.size(), x);
  for (std::size_t i = 0; i < parts.size(); ++i) types[i].dims[*axis] = parts[i];
  return types;
}

Region build(const OpContext& context) {
  const std::size_t axis = axis_of(context);
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  if (context.has_input(1)) (void)r.input(context.input(1));
  std::vector<RegionBuilder::Id> outputs;
  outputs.reserve(types->size());
  for (const TensorType& type : *types) outputs.push_back(r.output(type));
  std::int64_t start = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    r.begin_nest((*types)[i].dims, {});
    std::vector<RegionBuilder::Id> coord = r.iters();
    coord[axis] = r.ix_add(coord[axis], start);
    r.write(outputs[i], r.iters(), r.arg(r.read(x, coord)));
    r.end_nest();
    start += (*types)[i].dims[axis];
  }
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto axis = [](std::int64_t a) { return Attribute{"axis", a}; };
  const TensorType x{Dtype::kF32, {6, 4}};
  const TensorType two{Dtype::kI64, {2}};
  const auto split = [](Dims parts) { return Attribute{"split", std::move(parts)}; };
  return {
      {.requirement = "", .inputs = {x}, .output_count = 3},
      {.requirement = "",
       .inputs = {x, two},
       .known = {std::nullopt, Dims{1, 3}},
       .attributes = {axis(-1)},
       .output_count = 2},
      {.requirement = "", .inputs = {x}, .attributes = {split({2, 0, 4})}, .output_count = 3},
      {.requirement = "",
       .inputs = {{Dtype::kI32, {7}}},
       .attributes = {{"num_outputs", std::int64_t{3}}},
       .output_count = 3},
      {.requirement = "", .inputs = {{Dtype::kBool, {0, 2}}}, .output_count = 1},
      {.requirement = "CEP-SPLIT-1", .inputs = {x}, .attributes = {axis(2)}, .output_count = 2},
      {.requirement = "CEP-SPLIT-2", .inputs = {x, two}, .output_count = 2},
      {.requirement = "CEP-SPLIT-3", .inputs = {x}, .attributes = {split({2, 3})}, .output_count = 2},
      {.requirement = "CEP-SPLIT-3", .inputs = {x}, .attributes = {split({7, -1})}, .output_count = 2},
      {.requirement = "CEP-SPLIT-3", .inputs = {x}, .attributes = {split({2, 4})}, .output_count = 3},
      {.requirement = "CEP-SPLIT-4", .inputs = {{Dtype::kF32, {2}}}, .output_count = 4},
      {.requirement = "CEP-SPLIT-5",
       .inputs = {x},
       .attributes = {{"num_outputs", std::int64_t{3}}},
       .output_count = 2},
  };
}

}  // namespace

extern const OpDef op_split = {
    .name = "Split",
    .domain = "ai.onnx",
    .version = 18,
    .page = "spec/cep/ops/Split.md",
    .min_inputs = 1,
    .max_inputs = 2,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
