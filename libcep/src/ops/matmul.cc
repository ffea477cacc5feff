// MatMul: matrix products over the last two axes; the axes before them broadcast.
#include "cep/op.h"

namespace cep {
namespace {

// The axes before the last two.
Dims batch_of(const Dims& dims) { return {dims.begin(), dims.end() - 2}; }

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& a = context.input(0);
  const TensorType& b = context.input(1);
  if (a.dtype != Dtype::kF32) return acp::unsupported("CEP-MATMUL-1", "inputs[0]", "element type is not f32");
  if (b.dtype != Dtype::kF32) return acp::unsupported("CEP-MATMUL-1", "inputs[1]", "element type is not f32");
  if (a.dims.size() < 2) return acp::unsupported("CEP-MATMUL-2", "inputs[0]", "rank below 2");
  if (b.dims.size() < 2) return acp::unsupported("CEP-MATMUL-2", "inputs[1]", "rank below 2");
  const std::int64_t inner = b.dims[b.dims.size() - 2];
  if (a.dims.back() != inner) {
    return acp::invalid(
        "CEP-MATMUL-3", "inputs[1]",
        "inner extents differ: " + std::to_string(a.dims.back()) + " and " + std::to_string(inner));
  }
  auto dims = broadcast_dims(batch_of(a.dims), batch_of(b.dims));
  if (!dims)
    return acp::invalid("CEP-MATMUL-4", "inputs[1]", "the axes before the last two do not broadcast");
  dims->push_back(a.dims[a.dims.size() - 2]);
  dims->push_back(b.dims.back());
  return std::vector<TensorType>{{Dtype::kF32, std::move(*dims)}};
}

// Y[..., i, j] = the FMA reduction over k, in the node's order, of A[..., i, k] * B[..., k, j], from +0.
Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const Dims& dims = types->front().dims;
  const std::size_t batch = dims.size() - 2;
  RegionBuilder r;
  const auto a = r.input(context.input(0));
  const auto b = r.input(context.input(1));
  const auto y = r.output(types->front());
  r.begin_nest(dims, {context.input(0).dims.back()});
  const auto last = static_cast<std::uint32_t>(batch);
  const auto i = r.iter(last), j = r.iter(last + 1), k = r.iter(last + 2);
  const auto element = [&](std::size_t input, RegionBuilder::Id operand, RegionBuilder::Id row,
                           RegionBuilder::Id column) {
    const Dims own = batch_of(context.input(input).dims);
    std::vector<RegionBuilder::Id> coord;
    coord.reserve(own.size() + 2);
    for (std::size_t d = 0; d < own.size(); ++d) {
      const auto axis = static_cast<std::uint32_t>(batch - own.size() + d);
      coord.push_back(own[d] == 1 ? r.ix_const(0) : r.iter(axis));
    }
    coord.push_back(row);
    coord.push_back(column);
    return r.arg(r.read(operand, coord));
  };
  const auto left = element(0, a, i, k);
  r.reduce(ACP_COMBINE_FMA, context.order, r.f32(0.0f), left, element(1, b, k, j));
  r.write(y, r.iters(), r.acc(Dtype::kF32));
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
      {.requirement = "", .inputs = {f32({2, 3, 4}), f32({2, 4, 5})}},
      {.requirement = "", .inputs = {f32({3, 1, 2, 4}), f32({2, 4, 3})}},
      {.requirement = "", .inputs = {f32({2, 3}), f32({1, 3, 2})}},
      {.requirement = "CEP-MATMUL-1", .inputs = {{Dtype::kI64, {2, 3}}, f32({3, 4})}},
      {.requirement = "CEP-MATMUL-2", .inputs = {f32({2, 3}), f32({3})}},
      {.requirement = "CEP-MATMUL-3", .inputs = {f32({2, 3}), f32({4, 3})}},
      {.requirement = "CEP-MATMUL-4", .inputs = {f32({2, 1, 3}), f32({3, 3, 1})}},
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
