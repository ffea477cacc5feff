// AveragePool: the mean of every window over one or two spatial axes.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "auto_pad", .kind = AttrKind::kString, .required = false, .requirement = "CEP-WIN-1"},
    {.name = "ceil_mode", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-WIN-7"},
    {.name = "count_include_pad",
     .kind = AttrKind::kInt,
     .required = false,
     .requirement = "CEP-AVERAGEPOOL-3"},
    {.name = "kernel_shape", .kind = AttrKind::kInts, .required = true, .requirement = "CEP-WIN-2"},
    {.name = "pads", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-4"},
    {.name = "strides", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-WIN-3"},
};

// Added to anything, it leaves it as it is.
constexpr std::uint64_t kMinusZero = 0x80000000u;

acp::Result<Windows> windows(const OpContext& context) {
  const Dims& x = context.input(0).dims;
  const Dims spatial(x.begin() + 2, x.end());
  ACP_TRY(Windows w, windows_of(context, spatial, context.ints_attr("kernel_shape").value_or(Dims{})));
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    if (spatial[d] == 0 || std::max(w.pads[d], w.behind[d]) >= w.kernel[d])
      return acp::invalid("CEP-AVERAGEPOOL-4", "inputs[0]", "a window may lie in the padding alone");
  }
  return w;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32)
    return acp::unsupported("CEP-AVERAGEPOOL-1", "inputs[0]", "element type is not f32");
  if (x.dims.size() != 3 && x.dims.size() != 4)
    return acp::unsupported("CEP-AVERAGEPOOL-2", "inputs[0]", "not one or two spatial axes");
  const std::int64_t include = context.int_attr("count_include_pad", 0);
  if (include != 0 && include != 1)
    return acp::invalid("CEP-AVERAGEPOOL-3", "attributes.count_include_pad", "neither 0 nor 1");
  ACP_TRY(const Windows w, windows(context));
  Dims dims = {x.dims[0], x.dims[1]};
  dims.insert(dims.end(), w.out.begin(), w.out.end());
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// What the elements [lo, hi) of an axis count for the windows that begin at the index `first`.
struct Counted {
  Id first;
  std::int64_t lo, hi;
  std::int64_t kernel;
};
Id count_along(RegionBuilder& r, const Counted& axis) {
  const Id first = r.index_value(axis.first);
  const Id end = r.min(r.add(first, r.i64(axis.kernel)), r.i64(axis.hi));
  return r.sub(end, r.max(first, r.i64(axis.lo)));
}

// Y[n,c,o] = the lanes32 sum of the taps, divided by how many of them count. Taps outside take part as -0.
Region build(const OpContext& context) {
  const TensorType& type = context.input(0);
  const auto w = windows(context);
  ACP_ASSERT(w.has_value());
  const bool include = context.int_attr("count_include_pad", 0) != 0;
  Dims dims = {type.dims[0], type.dims[1]};
  dims.insert(dims.end(), w->out.begin(), w->out.end());
  RegionBuilder r;
  const Id x = r.input(type);
  const Id y = r.output({Dtype::kF32, dims});
  r.begin_nest(dims, w->kernel);
  const auto axes = static_cast<std::uint32_t>(w->kernel.size());
  std::vector<Id> coord = {r.iter(0), r.iter(1)};
  std::vector<RegionBuilder::Guard> inside;
  std::int64_t whole = 1;  // the count along the axes on which all windows have the same
  Id count = ACP_NONE;
  for (std::uint32_t d = 0; d < axes; ++d) {
    const std::int64_t extent = type.dims[2 + d];
    const Id first = r.ix_add(r.ix_scale(r.iter(2 + d), w->strides[d]), -w->pads[d]);
    const Id at = r.ix_add(first, r.iter(2 + axes + d));
    coord.push_back(at);
    inside.push_back({at, 0, extent});
    const std::int64_t lo = include ? -w->pads[d] : 0, hi = include ? extent + w->behind[d] : extent;
    const std::int64_t last = (w->out[d] - 1) * w->strides[d] - w->pads[d];
    if (-w->pads[d] >= lo && last + w->kernel[d] <= hi) {
      whole *= w->kernel[d];
      continue;
    }
    const Id along = count_along(r, {.first = first, .lo = lo, .hi = hi, .kernel = w->kernel[d]});
    count = count == ACP_NONE ? along : r.mul(count, along);
  }
  const Id value = r.arg(r.read(x, coord, inside, kMinusZero));
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst, value);
  const Id divisor =
      count == ACP_NONE ? r.f32(static_cast<float>(whole)) : r.cast(r.mul(count, r.i64(whole)), Dtype::kF32);
  r.write(y, r.iters(), r.div(r.acc(Dtype::kF32), divisor));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto ints = [](const char* name, Dims values) { return Attribute{name, std::move(values)}; };
  const TensorType x{Dtype::kF32, {1, 2, 5, 5}};
  const Attribute kernel = ints("kernel_shape", {3, 2});
  const Attribute include{"count_include_pad", std::int64_t{1}}, up{"ceil_mode", std::int64_t{1}};
  return {
      {.requirement = "", .inputs = {x}, .attributes = {kernel}},
      {.requirement = "",
       .inputs = {{Dtype::kF32, {2, 3, 7, 7}}},
       .attributes = {ints("kernel_shape", {7, 7})}},
      {.requirement = "",
       .inputs = {x},
       .attributes = {kernel, ints("strides", {2, 2}), ints("pads", {1, 0, 1, 1})}},
      {.requirement = "",
       .inputs = {x},
       .attributes = {kernel, ints("strides", {2, 2}), ints("pads", {1, 0, 1, 1}), include, up}},
      {.requirement = "", .inputs = {x}, .attributes = {kernel, ints("strides", {3, 2}), up}},
      {.requirement = "",
       .inputs = {{Dtype::kF32, {2, 1, 6}}},
       .attributes = {ints("kernel_shape", {4}), {"auto_pad", std::string("SAME_UPPER")}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {0, 2, 3}}}, .attributes = {ints("kernel_shape", {2})}},
      {.requirement = "CEP-AVERAGEPOOL-1", .inputs = {{Dtype::kI32, {1, 2, 5, 5}}}, .attributes = {kernel}},
      {.requirement = "CEP-AVERAGEPOOL-2", .inputs = {{Dtype::kF32, {5, 5}}}, .attributes = {kernel}},
      {.requirement = "CEP-AVERAGEPOOL-3",
       .inputs = {x},
       .attributes = {kernel, {"count_include_pad", std::int64_t{2}}}},
      {.requirement = "CEP-AVERAGEPOOL-4", .inputs = {x}, .attributes = {kernel, ints("pads", {0, 0, 0, 2})}},
      {.requirement = "CEP-WIN-1", .inputs = {x}, .attributes = {kernel, {"auto_pad", std::string("FULL")}}},
      {.requirement = "CEP-WIN-2", .inputs = {x}, .attributes = {ints("kernel_shape", {3})}},
      {.requirement = "CEP-WIN-3", .inputs = {x}, .attributes = {kernel, ints("strides", {0, 1})}},
      {.requirement = "CEP-WIN-4", .inputs = {x}, .attributes = {kernel, ints("pads", {0, -1, 0, 0})}},
      {.requirement = "CEP-WIN-5", .inputs = {x}, .attributes = {ints("kernel_shape", {1, 6})}},
      {.requirement = "CEP-WIN-7", .inputs = {x}, .attributes = {kernel, {"ceil_mode", std::int64_t{3}}}},
  };
}

}  // namespace

extern const OpDef op_average_pool = {
    .name = "AveragePool",
    .domain = "ai.onnx",
    .version = 11,
    .page = "spec/cep/ops/AveragePool.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
