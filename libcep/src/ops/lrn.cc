// LRN: each element divided by a power of the squares in the channels around it.
#include <cmath>

#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "alpha", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-LRN-4"},
    {.name = "beta", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-LRN-4"},
    {.name = "bias", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-LRN-4"},
    {.name = "size", .kind = AttrKind::kInt, .required = true, .requirement = "CEP-LRN-3"},
};

// A window over channels is a coordinate; sums of two such numbers stay far inside 64 bits.
constexpr std::int64_t kMaxSize = std::int64_t{1} << 30;

struct Factors {
  float alpha, beta, bias;
};
Factors factors_of(const OpContext& context) {
  return {context.float_attr("alpha", 1e-4f), context.float_attr("beta", 0.75f),
          context.float_attr("bias", 1.0f)};
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32) return acp::unsupported("CEP-LRN-1", "inputs[0]", "element type is not f32");
  if (x.dims.size() < 2) return acp::invalid("CEP-LRN-2", "inputs[0]", "no axis of channels");
  const std::int64_t size = context.int_attr("size", 0);
  if (size < 1 || size > kMaxSize)
    return acp::invalid("CEP-LRN-3", "attributes.size", "not between 1 and 2^30");
  const Factors f = factors_of(context);
  if (!std::isfinite(f.alpha) || !std::isfinite(f.beta) || !std::isfinite(f.bias))
    return acp::invalid("CEP-LRN-4", "attributes", "alpha, beta or bias is not finite");
  return std::vector<TensorType>{x};
}

// Y = X / pow(bias + (alpha / size) * S, beta), S the lanes32 sum of the squares of `size` channels; those outside are 0.
Region build(const OpContext& context) {
  const TensorType& type = context.input(0);
  const std::int64_t size = context.int_attr("size", 0);
  const Factors f = factors_of(context);
  RegionBuilder r;
  const Id x = r.input(type);
  const Id y = r.output(type);
  r.begin_nest(type.dims, {size});
  const Id tap = r.iter(static_cast<std::uint32_t>(type.dims.size()));
  std::vector<Id> coord = r.iters();
  coord[1] = r.ix_add(r.ix_add(coord[1], tap), -((size - 1) / 2));
  const Id near = r.arg(r.read(x, coord, {{coord[1], 0, type.dims[1]}}, 0));
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst, r.mul(near, near));
  const Id weight = r.f32(f.alpha / static_cast<float>(size));
  const Id base = r.add(r.f32(f.bias), r.mul(weight, r.acc(Dtype::kF32)));
  const Id power = build_pow(r, base, r.f32(f.beta));
  r.write(y, r.iters(), r.div(r.arg(r.read(x, r.iters())), power));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const Attribute three{"size", std::int64_t{3}};
  return {
      {.requirement = "", .inputs = {f32({1, 5, 2, 3})}, .attributes = {three}},
      {.requirement = "",
       .inputs = {f32({2, 4, 3})},
       .attributes = {{"size", std::int64_t{4}}, {"alpha", 0.5f}, {"beta", 0.5f}, {"bias", 2.0f}}},
      {.requirement = "",
       .inputs = {f32({2, 2})},
       .attributes = {{"size", std::int64_t{9}}, {"alpha", 1.0f}}},
      {.requirement = "", .inputs = {f32({1, 3, 2, 1, 2})}, .attributes = {{"size", std::int64_t{1}}}},
      {.requirement = "", .inputs = {f32({2, 0, 3})}, .attributes = {three}},
      {.requirement = "CEP-LRN-1", .inputs = {{Dtype::kI32, {1, 5, 2, 3}}}, .attributes = {three}},
      {.requirement = "CEP-LRN-2", .inputs = {f32({5})}, .attributes = {three}},
      {.requirement = "CEP-LRN-3", .inputs = {f32({1, 5})}, .attributes = {{"size", std::int64_t{0}}}},
      {.requirement = "CEP-LRN-4", .inputs = {f32({1, 5})}, .attributes = {three, {"beta", INFINITY}}},
  };
}

}  // namespace

extern const OpDef op_lrn = {
    .name = "LRN",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/LRN.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
