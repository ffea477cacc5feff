// Gemm: a matrix product, scaled, plus a scaled matrix.
#include <cmath>

#include "cep/op.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

constexpr AttrRow kAttributes[] = {
    {.name = "alpha", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-GEMM-6"},
    {.name = "beta", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-GEMM-6"},
    {.name = "transA", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-GEMM-4"},
    {.name = "transB", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-GEMM-4"},
};

bool turned(const OpContext& context, std::size_t i) {
  return context.int_attr(i == 0 ? "transA" : "transB", 0) != 0;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const std::string path = "inputs[" + std::to_string(i) + "]";
    if (context.has_input(i) && context.input(i).dtype != Dtype::kF32)
      return acp::unsupported("CEP-GEMM-1", path, "element type is not f32");
    if (i < 2 && context.input(i).dims.size() != 2) return acp::invalid("CEP-GEMM-2", path, "rank is not 2");
  }
  for (const char* name : {"transA", "transB"}) {
    const std::int64_t value = context.int_attr(name, 0);
    if (value != 0 && value != 1)
      return acp::invalid("CEP-GEMM-4", "attributes." + std::string(name), "neither 0 nor 1");
  }
  for (const char* name : {"alpha", "beta"}) {
    if (!std::isfinite(context.float_attr(name, 1.0f)))
      return acp::invalid("CEP-GEMM-6", "attributes." + std::string(name), "not finite");
  }
  const Dims& a = context.input(0).dims;
  const Dims& b = context.input(1).dims;
  const std::int64_t inner_a = a[turned(context, 0) ? 0 : 1], inner_b = b[turned(context, 1) ? 1 : 0];
  if (inner_a != inner_b) {
    return acp::invalid(
        "CEP-GEMM-3", "inputs[1]",
        "inner extents differ: " + std::to_string(inner_a) + " and " + std::to_string(inner_b));
  }
  Dims dims = {a[turned(context, 0) ? 1 : 0], b[turned(context, 1) ? 0 : 1]};
  if (context.has_input(2) && broadcast_dims(context.input(2).dims, dims) != dims) {
    return acp::invalid("CEP-GEMM-5", "inputs[2]", "does not broadcast to the shape of the product");
  }
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// The FMA reduction over k; C seeds it where nothing is scaled, else it is added behind the scaling.
Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const bool a_turned = turned(context, 0), b_turned = turned(context, 1);
  const float alpha = context.float_attr("alpha", 1.0f), beta = context.float_attr("beta", 1.0f);
  RegionBuilder r;
  const Id a = r.input(context.input(0));
  const Id b = r.input(context.input(1));
  const Id c = context.has_input(2) ? r.input(context.input(2)) : ACP_NONE;
  const Id y = r.output(types->front());
  r.begin_nest(types->front().dims, {context.input(0).dims[a_turned ? 0 : 1]});
  const Id i = r.iter(0), j = r.iter(1), k = r.iter(2);
  const Id addend = c == ACP_NONE ? ACP_NONE : read_broadcast(r, c, context.input(2).dims);
  const bool seeds = c != ACP_NONE && alpha == 1.0f && beta == 1.0f;
  const Id left = r.arg(r.read(a, a_turned ? std::vector<Id>{k, i} : std::vector<Id>{i, k}));
  const Id right = r.arg(r.read(b, b_turned ? std::vector<Id>{j, k} : std::vector<Id>{k, j}));
  r.reduce(ACP_COMBINE_FMA, context.order, seeds ? addend : r.f32(0.0f), left, right);
  Id value = r.acc(Dtype::kF32);
  if (alpha != 1.0f) value = r.mul(r.f32(alpha), value);
  if (c != ACP_NONE && !seeds) value = r.add(value, beta == 1.0f ? addend : r.mul(r.f32(beta), addend));
  r.write(y, {i, j}, value);
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const Attribute trans_a{"transA", std::int64_t{1}}, trans_b{"transB", std::int64_t{1}};
  const TensorType a = f32({2, 3}), b = f32({3, 4});
  return {
      {.requirement = "", .inputs = {a, b}},
      {.requirement = "", .inputs = {a, f32({4, 3}), f32({4})}, .attributes = {trans_b}},
      {.requirement = "",
       .inputs = {f32({40, 3}), f32({40, 2}), f32({3, 1})},
       .attributes = {trans_a, {"alpha", 0.5f}}},
      {.requirement = "", .inputs = {f32({5, 2}), f32({3, 5}), f32({})}, .attributes = {trans_a, trans_b}},
      {.requirement = "", .inputs = {a, b, f32({2, 4})}, .attributes = {{"alpha", -2.0f}, {"beta", 3.0f}}},
      {.requirement = "", .inputs = {a, b, f32({1, 4})}, .attributes = {{"beta", 0.0f}}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({0, 2}), f32({1})}},
      {.requirement = "CEP-GEMM-1", .inputs = {a, b, {Dtype::kI32, {4}}}},
      {.requirement = "CEP-GEMM-2", .inputs = {f32({1, 2, 3}), b}},
      {.requirement = "CEP-GEMM-3", .inputs = {a, b}, .attributes = {trans_b}},
      {.requirement = "CEP-GEMM-4", .inputs = {a, b}, .attributes = {{"transA", std::int64_t{2}}}},
      {.requirement = "CEP-GEMM-5", .inputs = {a, b, f32({3})}},
      {.requirement = "CEP-GEMM-5", .inputs = {f32({1, 3}), b, f32({2, 4})}},
      {.requirement = "CEP-GEMM-6", .inputs = {a, b}, .attributes = {{"alpha", INFINITY}}},
  };
}

}  // namespace

extern const OpDef op_gemm = {
    .name = "Gemm",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Gemm.md",
    .min_inputs = 2,
    .max_inputs = 3,
    .attributes = kAttributes,
    .default_order = {OrderKind::kChain, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
