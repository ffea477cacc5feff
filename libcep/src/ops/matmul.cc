// MatMul: the matrix product of two rank-2 tensors.
#include "cep/op.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& a = context.input(0);
  const TensorType& b = context.input(1);
  if (a.dtype != Dtype::kF32) return acp::unsupported("CEP-MATMUL-1", "inputs[0]", "element type is not f32");
  if (b.dtype != Dtype::kF32) return acp::unsupported("CEP-MATMUL-1", "inputs[1]", "element type is not f32");
  if (a.dims.size() != 2) return acp::unsupported("CEP-MATMUL-2", "inputs[0]", "rank is not 2");
  if (b.dims.size() != 2) return acp::unsupported("CEP-MATMUL-2", "inputs[1]", "rank is not 2");
  if (a.dims[1] != b.dims[0]) {
    return acp::invalid(
        "CEP-MATMUL-3", "inputs[1]",
        "inner extents differ: " + std::to_string(a.dims[1]) + " and " + std::to_string(b.dims[0]));
  }
  return std::vector<TensorType>{{Dtype::kF32, {a.dims[0], b.dims[1]}}};
}

// Y[i,j] = the FMA reduction over k, in the node's order, of A[i,k] * B[k,j], from +0.
Region build(const OpContext& context) {
  const Dims& a_dims = context.input(0).dims;
  const Dims& b_dims = context.input(1).dims;
  RegionBuilder r;
  const auto a = r.input(context.input(0));
  const auto b = r.input(context.input(1));
  const auto y = r.output({Dtype::kF32, {a_dims[0], b_dims[1]}});
  r.begin_nest({a_dims[0], b_dims[1]}, {a_dims[1]});
  const auto i = r.iter(0), j = r.iter(1), k = r.iter(2);
  r.reduce(ACP_COMBINE_FMA, context.order, r.f32(0.0f), r.arg(r.read(a, {i, k})), r.arg(r.read(b, {k, j})));
  r.write(y, {i, j}, r.acc(Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3}), f32({3, 4})}},
      {.requirement = "", .inputs = {f32({1, 1}), f32({1, 1})}},
      {.requirement = "", .inputs = {f32({3, 0}), f32({0, 2})}},
      {.requirement = "", .inputs = {f32({5, 70}), f32({70, 3})}},
      {.requirement = "CEP-MATMUL-1", .inputs = {{Dtype::kI64, {2, 3}}, f32({3, 4})}},
      {.requirement = "CEP-MATMUL-2", .inputs = {f32({2, 3}), f32({1, 3, 4})}},
      {.requirement = "CEP-MATMUL-3", .inputs = {f32({2, 3}), f32({4, 3})}},
  };
}

}  // namespace

extern const OpDef op_matmul = {
    .name = "MatMul",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/MatMul.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = {},
    .default_order = {OrderKind::kChain, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
