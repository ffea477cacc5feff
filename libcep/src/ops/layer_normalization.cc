// LayerNormalization: the last axes brought to mean 0 and variance 1, then scaled and shifted. Two passes.
#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "axis", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-LAYERNORM-2"},
    {.name = "epsilon", .kind = AttrKind::kFloat, .required = false, .requirement = ""},
    {.name = "stash_type", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-LAYERNORM-5"},
};

std::optional<std::size_t> axis_of(const OpContext& context) {
  return normal_axis(context.int_attr("axis", -1), context.input(0).dims.size());
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.has_input(i) && context.input(i).dtype != Dtype::kF32)
      return acp::unsupported("CEP-LAYERNORM-1", "inputs[" + std::to_string(i) + "]",
                              "element type is not f32");
  }
  const auto axis = axis_of(context);
  if (!axis) return acp::invalid("CEP-LAYERNORM-2", "attributes.axis", "not an axis of the input");
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    if (context.has_input(i) && broadcast_dims(context.input(i).dims, x.dims) != x.dims)
      return acp::invalid("CEP-LAYERNORM-3", "inputs[" + std::to_string(i) + "]",
                          "does not broadcast to the input");
  }
  if (context.output_count > 1)
    return acp::unsupported("CEP-LAYERNORM-4", "outputs", "mean and inverse deviation are not offered");
  if (context.int_attr("stash_type", 1) != 1)
    return acp::unsupported("CEP-LAYERNORM-5", "attributes.stash_type", "only 1 (f32) is offered");
  return std::vector<TensorType>{x};
}

// mean = sum / n; variance = sum of squared differences / n; y = (x - mean) * (1 / sqrt(variance + epsilon)) * scale + bias.
Region build(const OpContext& context) {
  const TensorType& type = context.input(0);
  const auto axis = static_cast<std::ptrdiff_t>(*axis_of(context));
  const Dims rows(type.dims.begin(), type.dims.begin() + axis);
  const Dims row(type.dims.begin() + axis, type.dims.end());
  const bool has_bias = context.has_input(2);
  RegionBuilder r;
  const Id x = r.input(type);
  const Id scale = r.input(context.input(1));
  const Id bias = has_bias ? r.input(context.input(2)) : 0;
  const Id y = r.output(type);
  const Id mean = r.temp({Dtype::kF32, rows});
  const Id inverse = r.temp({Dtype::kF32, rows});
  const Id count = r.cast(r.i64(volume(row)), Dtype::kF32);
  // Iterators of the open nest: those of the row's place, and all of them, reducing or not.
  const auto place = [&](std::size_t axes) {
    std::vector<Id> coord;
    coord.reserve(axes);
    for (std::uint32_t d = 0; d < axes; ++d) coord.push_back(r.iter(d));
    return coord;
  };
  const auto difference = [&] {
    const Id value = r.arg(r.read(x, place(type.dims.size())));
    return r.sub(value, r.arg(r.read(mean, place(rows.size()))));
  };
  r.begin_nest(rows, row);
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst,
           r.arg(r.read(x, place(type.dims.size()))));
  r.write(mean, r.iters(), r.div(r.acc(Dtype::kF32), count));
  r.end_nest();
  r.begin_nest(rows, row);
  const Id d = difference();
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst, r.mul(d, d));
  const Id variance = r.div(r.acc(Dtype::kF32), count);
  const Id deviation = r.unary(ACP_SC_SQRT, r.add(variance, r.f32(context.float_attr("epsilon", 1e-5f))));
  r.write(inverse, r.iters(), r.div(r.f32(1.0f), deviation));
  r.end_nest();
  r.begin_nest(type.dims, {});
  Id value = r.mul(difference(), r.arg(r.read(inverse, place(rows.size()))));
  value = r.mul(value, read_broadcast(r, scale, context.input(1).dims));
  if (has_bias) value = r.add(value, read_broadcast(r, bias, context.input(2).dims));
  r.write(y, r.iters(), value);
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto axis = [](std::int64_t a) { return Attribute{"axis", a}; };
  return {
      {.requirement = "", .inputs = {f32({3, 5}), f32({5}), f32({5})}},
      {.requirement = "",
       .inputs = {f32({2, 3, 40}), f32({3, 40}), f32({40})},
       .attributes = {axis(1), {"epsilon", 0.25f}}},
      {.requirement = "", .inputs = {f32({4, 2}), f32({1})}, .attributes = {axis(-2)}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({0})}},
      {.requirement = "CEP-LAYERNORM-1", .inputs = {{Dtype::kI32, {3}}, f32({3})}},
      {.requirement = "CEP-LAYERNORM-2", .inputs = {f32({3}), f32({3})}, .attributes = {axis(1)}},
      {.requirement = "CEP-LAYERNORM-3", .inputs = {f32({3}), f32({2})}},
      {.requirement = "CEP-LAYERNORM-3", .inputs = {f32({3}), f32({3}), f32({2, 3})}},
      {.requirement = "CEP-LAYERNORM-4", .inputs = {f32({3}), f32({3})}, .output_count = 2},
      {.requirement = "CEP-LAYERNORM-5",
       .inputs = {f32({3}), f32({3})},
       .attributes = {{"stash_type", std::int64_t{16}}}},
  };
}

}  // namespace

extern const OpDef op_layer_normalization = {
    .name = "LayerNormalization",
    .domain = "ai.onnx",
    .version = 17,
    .page = "spec/cep/ops/LayerNormalization.md",
    .min_inputs = 2,
    .max_inputs = 3,
    .attributes = kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
