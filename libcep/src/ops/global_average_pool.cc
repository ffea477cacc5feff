// GlobalAveragePool: the mean of each channel over all spatial axes.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  TensorType y = context.input(0);
  if (y.dtype != Dtype::kF32)
    return acp::unsupported("CEP-GLOBALAVERAGEPOOL-1", "inputs[0]", "element type is not f32");
  if (y.dims.size() < 3) return acp::invalid("CEP-GLOBALAVERAGEPOOL-2", "inputs[0]", "no spatial axis");
  if (std::find(y.dims.begin() + 2, y.dims.end(), 0) != y.dims.end())
    return acp::invalid("CEP-GLOBALAVERAGEPOOL-3", "inputs[0]", "a mean of no elements");
  std::fill(y.dims.begin() + 2, y.dims.end(), 1);
  return std::vector<TensorType>{std::move(y)};
}

// Y[n,c] = the lanes32 sum over the spatial axes, row-major, divided by their number of elements.
Region build(const OpContext& context) {
  const TensorType& type = context.input(0);
  const Dims spatial(type.dims.begin() + 2, type.dims.end());
  Dims dims(type.dims.size(), 1);
  std::copy_n(type.dims.begin(), 2, dims.begin());
  RegionBuilder r;
  const auto x = r.input(type);
  const auto y = r.output({Dtype::kF32, dims});
  r.begin_nest(dims, spatial);
  std::vector<RegionBuilder::Id> coord = {r.iter(0), r.iter(1)};
  for (std::size_t d = 0; d < spatial.size(); ++d)
    coord.push_back(r.iter(static_cast<std::uint32_t>(dims.size() + d)));
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst, r.arg(r.read(x, coord)));
  r.write(y, r.iters(), r.div(r.acc(Dtype::kF32), r.f32(static_cast<float>(volume(spatial)))));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3, 7, 7})}},
      {.requirement = "", .inputs = {f32({1, 2, 5})}},
      {.requirement = "", .inputs = {f32({2, 1, 2, 3, 4})}},
      {.requirement = "", .inputs = {f32({1, 1, 65, 64})}},
      {.requirement = "", .inputs = {f32({0, 2, 3})}},
      {.requirement = "CEP-GLOBALAVERAGEPOOL-1", .inputs = {{Dtype::kI32, {1, 2, 3}}}},
      {.requirement = "CEP-GLOBALAVERAGEPOOL-2", .inputs = {f32({2, 3})}},
      {.requirement = "CEP-GLOBALAVERAGEPOOL-3", .inputs = {f32({2, 3, 4, 0})}},
  };
}

}  // namespace

extern const OpDef op_global_average_pool = {
    .name = "GlobalAveragePool",
    .domain = "ai.onnx",
    .version = 1,
    .page = "spec/cep/ops/GlobalAveragePool.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = {},
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
