// Softmax: exponentials along an axis, or along all axes from one on, divided by their sum.
#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-SOFTMAX-2"},
    {.name = "coerce", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-SOFTMAX-3"},
};

// The axes of a row: count axes from first on.
struct RowAxes {
  std::size_t first;
  std::size_t count;
};
std::optional<RowAxes> row_axes(const OpContext& context) {
  const std::size_t rank = context.input(0).dims.size();
  const bool coerced = context.int_attr("coerce", 0) != 0;
  const auto axis = normal_axis(context.int_attr("axis", coerced ? 1 : -1), rank);
  if (!axis) return std::nullopt;
  return RowAxes{*axis, coerced ? rank - *axis : 1};
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32)
    return acp::unsupported("CEP-SOFTMAX-1", "inputs[0]", "element type is not f32");
  const std::int64_t coerce = context.int_attr("coerce", 0);
  if (coerce != 0 && coerce != 1)
    return acp::invalid("CEP-SOFTMAX-3", "attributes.coerce", "neither 0 nor 1");
  if (!row_axes(context)) return acp::invalid("CEP-SOFTMAX-2", "attributes.axis", "not an axis of the input");
  return std::vector<TensorType>{x};
}

// Four stages: the maximum of a row, the exponentials of the differences, their sum, the quotients.
Region build(const OpContext& context) {
  using Ids = std::vector<RegionBuilder::Id>;
  const TensorType& type = context.input(0);
  const RowAxes axes = *row_axes(context);
  const auto first = static_cast<std::ptrdiff_t>(axes.first);
  const auto last = first + static_cast<std::ptrdiff_t>(axes.count);
  const Dims row(type.dims.begin() + first, type.dims.begin() + last);
  Dims rows = type.dims;
  rows.erase(rows.begin() + first, rows.begin() + last);
  RegionBuilder r;
  const auto x = r.input(type);
  const auto y = r.output(type);
  const auto greatest = r.temp({Dtype::kF32, rows});
  const auto powers = r.temp(type);
  const auto sums = r.temp({Dtype::kF32, rows});
  // Inside a reduction over a row, the reduce iterators come last; this puts them where the axes are.
  const auto along_row = [&] {
    Ids coord = r.iters();
    for (std::size_t d = 0; d < axes.count; ++d) {
      coord.insert(coord.begin() + first + static_cast<std::ptrdiff_t>(d),
                   r.iter(static_cast<std::uint32_t>(rows.size() + d)));
    }
    return coord;
  };
  const auto of_row = [&] {
    Ids coord = r.iters();
    coord.erase(coord.begin() + first, coord.begin() + last);
    return coord;
  };
  const auto fold = [&](RegionBuilder::Id to, RegionBuilder::Id from, std::uint8_t combiner, Order order) {
    r.begin_nest(rows, row);
    r.reduce(combiner, order, RegionBuilder::kTakeFirst, r.arg(r.read(from, along_row())));
    r.write(to, r.iters(), r.acc(Dtype::kF32));
    r.end_nest();
  };
  fold(greatest, x, ACP_COMBINE_MAX, {OrderKind::kAny, 0});
  r.begin_nest(type.dims, {});
  const auto from = r.arg(r.read(x, r.iters()));
  r.write(powers, r.iters(), build_exp(r, r.sub(from, r.arg(r.read(greatest, of_row())))));
  r.end_nest();
  fold(sums, powers, ACP_COMBINE_ADD, context.order);
  r.begin_nest(type.dims, {});
  const auto power = r.arg(r.read(powers, r.iters()));
  r.write(y, r.iters(), r.div(power, r.arg(r.read(sums, of_row()))));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto axis = [](std::int64_t a) { return std::vector<Attribute>{{"axis", a}}; };
  return {
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 5}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 70, 3}}}, .attributes = axis(1)},
      {.requirement = "", .inputs = {{Dtype::kF32, {4, 2}}}, .attributes = axis(-2)},
      {.requirement = "", .inputs = {{Dtype::kF32, {1}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {2, 0}}}},
      {.requirement = "",
       .inputs = {{Dtype::kF32, {2, 3, 5, 4}}},
       .attributes = {{"axis", std::int64_t{1}}, {"coerce", std::int64_t{1}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {3, 4}}}, .attributes = {{"coerce", std::int64_t{1}}}},
      {.requirement = "CEP-SOFTMAX-1", .inputs = {{Dtype::kI32, {3}}}},
      {.requirement = "CEP-SOFTMAX-2", .inputs = {{Dtype::kF32, {3, 5}}}, .attributes = axis(2)},
      {.requirement = "CEP-SOFTMAX-2", .inputs = {{Dtype::kF32, {}}}},
      {.requirement = "CEP-SOFTMAX-3",
       .inputs = {{Dtype::kF32, {3, 5}}},
       .attributes = {{"coerce", std::int64_t{2}}}},
  };
}

}  // namespace

extern const OpDef op_softmax = {
    .name = "Softmax",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Softmax.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
