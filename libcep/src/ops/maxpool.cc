// MaxPool: the maximum of every window over one or two spatial axes.
#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "auto_pad", .kind = AttrKind::kString, .required = false, .requirement = "CEP-WIN-1"},
    {.name = "ceil_mode", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-WIN-7"},
    {.name = "dilations", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-3"},
    {.name = "kernel_shape", .kind = AttrKind::kInts, .required = true, .requirement = "CEP-WIN-2"},
    {.name = "pads", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-4"},
    {.name = "storage_order", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-MAXPOOL-4"},
    {.name = "strides", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-3"},
};

constexpr std::uint64_t kMinusInfinity = 0xff800000u;

acp::Result<Windows> windows(const OpContext& context) {
  const Dims& x = context.input(0).dims;
  return windows_of(context, Dims(x.begin() + 2, x.end()),
                    context.ints_attr("kernel_shape").value_or(Dims{}));
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32)
    return acp::unsupported("CEP-MAXPOOL-1", "inputs[0]", "element type is not f32");
  if (x.dims.size() != 3 && x.dims.size() != 4) {
    return acp::unsupported("CEP-MAXPOOL-2", "inputs[0]", "not one or two spatial axes");
  }
  if (context.output_count > 1 || context.int_attr("storage_order", 0) != 0) {
    return acp::unsupported("CEP-MAXPOOL-4", "outputs", "indices of the maxima are not offered");
  }
  ACP_TRY(const Windows w, windows(context));
  Dims dims = {x.dims[0], x.dims[1]};
  dims.insert(dims.end(), w.out.begin(), w.out.end());
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// Y[n,c,o] = the maximum over the taps; taps in the padding take part as -inf.
Region build(const OpContext& context) {
  const TensorType& type = context.input(0);
  const auto w = windows(context);
  ACP_ASSERT(w.has_value());
  Dims dims = {type.dims[0], type.dims[1]};
  dims.insert(dims.end(), w->out.begin(), w->out.end());
  RegionBuilder r;
  const Id x = r.input(type);
  const Id y = r.output({Dtype::kF32, dims});
  r.begin_nest(dims, w->kernel);
  const auto axes = static_cast<std::uint32_t>(w->kernel.size());
  std::vector<Id> coord = {r.iter(0), r.iter(1)};
  std::vector<RegionBuilder::Guard> inside;
  for (std::uint32_t d = 0; d < axes; ++d) {
    const Id out = r.ix_scale(r.iter(2 + d), w->strides[d]);
    const Id tap = r.ix_scale(r.iter(2 + axes + d), w->dilations[d]);
    const Id at = r.ix_add(r.ix_add(out, tap), -w->pads[d]);
    coord.push_back(at);
    inside.push_back({at, 0, type.dims[2 + d]});
  }
  const Id value = r.arg(r.read(x, coord, inside, kMinusInfinity));
  r.reduce(ACP_COMBINE_MAX, {OrderKind::kAny, 0}, RegionBuilder::kTakeFirst, value);
  r.write(y, r.iters(), r.acc(Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto ints = [](const char* name, Dims values) { return Attribute{name, std::move(values)}; };
  const TensorType x{Dtype::kF32, {1, 2, 5, 5}};
  const Attribute kernel = ints("kernel_shape", {3, 2});
  return {
      {.requirement = "", .inputs = {x}, .attributes = {kernel}},
      {.requirement = "",
       .inputs = {x},
       .attributes = {kernel, ints("strides", {2, 2}), ints("pads", {1, 0, 1, 1})}},
      {.requirement = "", .inputs = {x}, .attributes = {kernel, ints("dilations", {2, 3})}},
      {.requirement = "",
       .inputs = {x},
       .attributes = {kernel, ints("strides", {3, 2}), {"ceil_mode", std::int64_t{1}}}},
      {.requirement = "",
       .inputs = {{Dtype::kF32, {2, 1, 4}}},
       .attributes = {ints("kernel_shape", {2}), ints("pads", {3, 3}), ints("strides", {2})}},
      {.requirement = "", .inputs = {{Dtype::kF32, {0, 2, 3}}}, .attributes = {ints("kernel_shape", {2})}},
      {.requirement = "CEP-MAXPOOL-1", .inputs = {{Dtype::kI32, {1, 2, 5, 5}}}, .attributes = {kernel}},
      {.requirement = "CEP-MAXPOOL-2", .inputs = {{Dtype::kF32, {5, 5}}}, .attributes = {kernel}},
      {.requirement = "CEP-WIN-7", .inputs = {x}, .attributes = {kernel, {"ceil_mode", std::int64_t{2}}}},
      {.requirement = "CEP-MAXPOOL-4", .inputs = {x}, .attributes = {kernel}, .output_count = 2},
      {.requirement = "CEP-WIN-1", .inputs = {x}, .attributes = {kernel, {"auto_pad", std::string("")}}},
      {.requirement = "CEP-WIN-2", .inputs = {x}, .attributes = {ints("kernel_shape", {3})}},
      {.requirement = "CEP-WIN-3", .inputs = {x}, .attributes = {ints("kernel_shape", {3, 0})}},
      {.requirement = "CEP-WIN-4", .inputs = {x}, .attributes = {kernel, ints("pads", {-1, 0, 0, 0})}},
      {.requirement = "CEP-WIN-5", .inputs = {x}, .attributes = {ints("kernel_shape", {6, 1})}},
      {.requirement = "CEP-WIN-6",
       .inputs = {x},
       .attributes = {ints("kernel_shape", {std::int64_t{1} << 31, 1})}},
  };
}

}  // namespace

extern const OpDef op_maxpool = {
    .name = "MaxPool",
    .domain = "ai.onnx",
    .version = 12,
    .page = "spec/cep/ops/MaxPool.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
