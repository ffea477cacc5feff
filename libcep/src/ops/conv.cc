// Conv: convolution over one or two spatial axes.
#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "auto_pad", .kind = AttrKind::kString, .required = false, .requirement = "CEP-WIN-1"},
    {.name = "dilations", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-3"},
    {.name = "group", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-CONV-4"},
    {.name = "kernel_shape", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-CONV-6"},
    {.name = "pads", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-4"},
    {.name = "strides", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-3"},
};

Dims spatial_of(const TensorType& type) { return Dims(type.dims.begin() + 2, type.dims.end()); }

acp::Status check_operands(const OpContext& context) {
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.has_input(i) && context.input(i).dtype != Dtype::kF32) {
      return acp::unsupported("CEP-CONV-1", "inputs[" + std::to_string(i) + "]", "element type is not f32");
    }
  }
  const Dims& x = context.input(0).dims;
  const Dims& w = context.input(1).dims;
  if (x.size() != 3 && x.size() != 4) {
    return acp::unsupported("CEP-CONV-2", "inputs[0]", "not one or two spatial axes");
  }
  if (w.size() != x.size())
    return acp::invalid("CEP-CONV-3", "inputs[1]", "rank differs from that of the input");
  const std::int64_t group = context.int_attr("group", 1);
  if (group < 1 || x[1] % group != 0 || w[0] % group != 0 || w[1] != x[1] / group) {
    return acp::invalid("CEP-CONV-4", "inputs[1]",
                        std::to_string(x[1]) + " channels in " + std::to_string(group) +
                            " groups do not fit weights of " + std::to_string(w[0]) + " and " +
                            std::to_string(w[1]));
  }
  if (context.has_input(2) && context.input(2).dims != Dims{w[0]}) {
    return acp::invalid("CEP-CONV-5", "inputs[2]", "not one bias for each output channel");
  }
  const auto kernel_shape = context.ints_attr("kernel_shape");
  if (kernel_shape && *kernel_shape != spatial_of(context.input(1))) {
    return acp::invalid("CEP-CONV-6", "attributes.kernel_shape", "differs from the shape of the weights");
  }
  return acp::ok();
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  ACP_CHECK(check_operands(context));
  ACP_TRY(const Windows windows,
          windows_of(context, spatial_of(context.input(0)), spatial_of(context.input(1))));
  Dims dims = {context.input(0).dims[0], context.input(1).dims[0]};
  dims.insert(dims.end(), windows.out.begin(), windows.out.end());
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// Y[n,m,o] = the FMA reduction over (tap, channel of the group), in the node's order, from the bias or +0. Taps in the padding take part
// as +0.
Region build(const OpContext& context) {
  const TensorType& x_type = context.input(0);
  const TensorType& w_type = context.input(1);
  const Dims spatial = spatial_of(x_type);
  const auto windows = windows_of(context, spatial, spatial_of(w_type));
  ACP_ASSERT(windows.has_value());
  const std::int64_t group = context.int_attr("group", 1);
  const std::int64_t channels = w_type.dims[1];
  Dims dims = {x_type.dims[0], w_type.dims[0]};
  dims.insert(dims.end(), windows->out.begin(), windows->out.end());
  Dims taps = windows->kernel;
  taps.push_back(channels);
  RegionBuilder r;
  const Id x = r.input(x_type);
  const Id w = r.input(w_type);
  const Id bias = context.has_input(2) ? r.input(context.input(2)) : ACP_NONE;
  const Id y = r.output({Dtype::kF32, dims});
  r.begin_nest(dims, taps);
  const auto axes = static_cast<std::uint32_t>(spatial.size());
  const Id n = r.iter(0), m = r.iter(1), channel = r.iter(2 + 2 * axes);
  std::vector<Id> x_coord = {n, channel}, w_coord = {m, channel};
  if (group > 1) {
    x_coord[1] = r.ix_add(r.ix_scale(r.ix_floordiv(m, w_type.dims[0] / group), channels), channel);
  }
  std::vector<RegionBuilder::Guard> inside;
  for (std::uint32_t d = 0; d < axes; ++d) {
    const Id out = r.ix_scale(r.iter(2 + d), windows->strides[d]);
    const Id tap = r.iter(2 + axes + d);
    const Id at = r.ix_add(r.ix_add(out, r.ix_scale(tap, windows->dilations[d])), -windows->pads[d]);
    x_coord.push_back(at);
    w_coord.push_back(tap);
    inside.push_back({at, 0, spatial[d]});
  }
  const Id start = bias == ACP_NONE ? r.f32(0.0f) : r.arg(r.read(bias, {m}));
  const Id value = r.arg(r.read(x, x_coord, inside, 0));
  r.reduce(ACP_COMBINE_FMA, context.order, start, value, r.arg(r.read(w, w_coord)));
  r.write(y, r.iters(), r.acc(Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto ints = [](const char* name, Dims values) { return Attribute{name, std::move(values)}; };
  const TensorType x = f32({1, 2, 5, 5}), w = f32({3, 2, 3, 3});
  return {
      {.requirement = "", .inputs = {x, w}},
      {.requirement = "",
       .inputs = {x, w, f32({3})},
       .attributes = {ints("pads", {1, 1, 1, 1}), ints("strides", {2, 2})}},
      {.requirement = "",
       .inputs = {f32({2, 4, 4, 6}), f32({4, 2, 2, 3})},
       .attributes = {{"group", std::int64_t{2}}, ints("dilations", {1, 2}), ints("pads", {0, 2, 1, 1})}},
      {.requirement = "",
       .inputs = {f32({1, 2, 9}), f32({2, 1, 3}), f32({2})},
       .attributes = {{"group", std::int64_t{2}}}},
      {.requirement = "",
       .inputs = {x, w},
       .attributes = {{"auto_pad", std::string("SAME_LOWER")}, ints("strides", {2, 1})}},
      {.requirement = "", .inputs = {f32({2, 0, 3}), f32({2, 0, 1}), f32({2})}},
      {.requirement = "", .inputs = {f32({0, 2, 5, 5}), w}, .attributes = {ints("kernel_shape", {3, 3})}},
      {.requirement = "CEP-CONV-1", .inputs = {x, {Dtype::kI32, {3, 2, 3, 3}}}},
      {.requirement = "CEP-CONV-2", .inputs = {f32({1, 2, 5, 5, 5}), f32({3, 2, 3, 3, 3})}},
      {.requirement = "CEP-CONV-3", .inputs = {x, f32({3, 2, 3})}},
      {.requirement = "CEP-CONV-4", .inputs = {x, w}, .attributes = {{"group", std::int64_t{2}}}},
      {.requirement = "CEP-CONV-4", .inputs = {x, w}, .attributes = {{"group", std::int64_t{0}}}},
      {.requirement = "CEP-CONV-5", .inputs = {x, w, f32({2})}},
      {.requirement = "CEP-CONV-6", .inputs = {x, w}, .attributes = {ints("kernel_shape", {3, 2})}},
      {.requirement = "CEP-WIN-1", .inputs = {x, w}, .attributes = {{"auto_pad", std::string("SAME")}}},
      {.requirement = "CEP-WIN-2", .inputs = {x, w}, .attributes = {ints("pads", {1, 1})}},
      {.requirement = "CEP-WIN-3", .inputs = {x, w}, .attributes = {ints("strides", {1, 0})}},
      {.requirement = "CEP-WIN-4", .inputs = {x, w}, .attributes = {ints("pads", {0, 0, -1, 0})}},
      {.requirement = "CEP-WIN-5", .inputs = {x, w}, .attributes = {ints("dilations", {1, 3})}},
      {.requirement = "CEP-WIN-6",
       .inputs = {x, w},
       .attributes = {ints("pads", {0, 0, 0, std::int64_t{1} << 31})}},
  };
}

}  // namespace

extern const OpDef op_conv = {
    .name = "Conv",
    .domain = "ai.onnx",
    .version = 11,
    .page = "spec/cep/ops/Conv.md",
    .min_inputs = 2,
    .max_inputs = 3,
    .attributes = kAttributes,
    .default_order = {OrderKind::kChain, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
