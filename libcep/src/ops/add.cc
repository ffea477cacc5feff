// Add: the sum of two tensors, element by element, with broadcasting.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

// Extent of axis d of the result (counted over `rank` axes) as this operand has it: 1 where it has no such axis.
std::int64_t extent_at(const Dims& dims, std::size_t rank, std::size_t d) {
  const std::size_t missing = rank - dims.size();
  return d < missing ? 1 : dims[d - missing];
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& a = context.input(0);
  const TensorType& b = context.input(1);
  if (a.dtype == Dtype::kBool)
    return acp::unsupported("CEP-ADD-1", "inputs[0]", "element type is not a number");
  if (a.dtype != b.dtype) return acp::invalid("CEP-ADD-2", "inputs[1]", "element types differ");
  const std::size_t rank = std::max(a.dims.size(), b.dims.size());
  Dims dims;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t from_a = extent_at(a.dims, rank, d);
    const std::int64_t from_b = extent_at(b.dims, rank, d);
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      return acp::invalid(
          "CEP-ADD-3", "inputs[1]",
          "extents " + std::to_string(from_a) + " and " + std::to_string(from_b) + " do not broadcast");
    }
    dims.push_back(from_a == 1 ? from_b : from_a);
  }
  return std::vector<TensorType>{{a.dtype, std::move(dims)}};
}

// An axis of extent 1 is read at 0, whatever the point.
Region build(const OpContext& context) {
  const Dims& a_dims = context.input(0).dims;
  const Dims& b_dims = context.input(1).dims;
  const std::size_t rank = std::max(a_dims.size(), b_dims.size());
  Dims dims;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t from_a = extent_at(a_dims, rank, d);
    dims.push_back(from_a == 1 ? extent_at(b_dims, rank, d) : from_a);
  }
  RegionBuilder r;
  const auto a = r.input(context.input(0));
  const auto b = r.input(context.input(1));
  const auto y = r.output({context.input(0).dtype, dims});
  r.begin_nest(dims, {});
  const auto read = [&](RegionBuilder::Id operand, const Dims& own) {
    std::vector<RegionBuilder::Id> coord;
    for (std::size_t d = 0; d < own.size(); ++d) {
      coord.push_back(own[d] == 1 ? r.ix_const(0)
                                  : r.iter(static_cast<std::uint32_t>(rank - own.size() + d)));
    }
    return r.arg(r.read(operand, coord));
  };
  const auto left = read(a, a_dims);
  r.write(y, r.iters(), r.add(left, read(b, b_dims)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto i32 = [](Dims dims) { return TensorType{Dtype::kI32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({4, 1, 3}), f32({5, 1})}},
      {.requirement = "", .inputs = {f32({}), f32({2, 2})}},
      {.requirement = "", .inputs = {i32({3}), i32({2, 3})}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}, {Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1})}},
      {.requirement = "CEP-ADD-1", .inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}},
      {.requirement = "CEP-ADD-2", .inputs = {f32({2}), i32({2})}},
      {.requirement = "CEP-ADD-3", .inputs = {f32({2, 3}), f32({2})}},
  };
}

}  // namespace

extern const OpDef op_add = {
    .name = "Add",
    .domain = "ai.onnx",
    .version = 14,
    .page = "spec/cep/ops/Add.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
