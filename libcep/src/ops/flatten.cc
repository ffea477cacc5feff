// Flatten: the same elements in row-major order, as a matrix.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-FLATTEN-1"},
};

// The axes before the split make the rows, the others the columns.
acp::Result<std::size_t> split_of(const OpContext& context) {
  const auto rank = static_cast<std::int64_t>(context.input(0).dims.size());
  const std::int64_t axis = context.int_attr("axis", 1);
  if (axis < -rank || axis > rank)
    return acp::invalid("CEP-FLATTEN-1", "attributes.axis", "outside of the rank");
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

struct Sides {
  Dims rows, columns;
};
Sides sides_of(const Dims& dims, std::size_t split) {
  const auto middle = dims.begin() + static_cast<std::ptrdiff_t>(split);
  return {{dims.begin(), middle}, {middle, dims.end()}};
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  ACP_TRY(const std::size_t split, split_of(context));
  const Sides sides = sides_of(x.dims, split);
  return std::vector<TensorType>{{x.dtype, {volume(sides.rows), volume(sides.columns)}}};
}

Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const Sides sides = sides_of(context.input(0).dims, *split_of(context));
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  const auto y = r.output(types->front());
  r.begin_nest(types->front().dims, {});
  std::vector<RegionBuilder::Id> coord = r.delinearise(r.iter(0), sides.rows);
  const std::vector<RegionBuilder::Id> rest = r.delinearise(r.iter(1), sides.columns);
  coord.insert(coord.end(), rest.begin(), rest.end());
  r.write(y, r.iters(), r.arg(r.read(x, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const TensorType x{Dtype::kF32, {2, 3, 4}};
  const auto axis = [](std::int64_t a) { return std::vector<Attribute>{{"axis", a}}; };
  return {
      {.requirement = "", .inputs = {x}},
      {.requirement = "", .inputs = {x}, .attributes = axis(0)},
      {.requirement = "", .inputs = {x}, .attributes = axis(3)},
      {.requirement = "", .inputs = {{Dtype::kI64, {3, 1, 2, 2}}}, .attributes = axis(-2)},
      {.requirement = "", .inputs = {{Dtype::kBool, {}}}, .attributes = axis(0)},
      {.requirement = "", .inputs = {{Dtype::kI32, {2, 0, 3}}}},
      {.requirement = "CEP-FLATTEN-1", .inputs = {x}, .attributes = axis(4)},
      {.requirement = "CEP-FLATTEN-1", .inputs = {x}, .attributes = axis(-4)},
  };
}

}  // namespace

extern const OpDef op_flatten = {
    .name = "Flatten",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Flatten.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
