// Transpose: the axes of a tensor in another order.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "perm", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-TRANSPOSE-1"},
};

// Axis i of the result is axis perm[i] of the input; all axes reversed unless said otherwise.
Dims permutation(const OpContext& context) {
  if (auto perm = context.ints_attr("perm")) return *perm;
  Dims reversed;
  for (std::size_t d = context.input(0).dims.size(); d-- > 0;)
    reversed.push_back(static_cast<std::int64_t>(d));
  return reversed;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  const Dims perm = permutation(context);
  Dims sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  bool each_once = sorted.size() == x.dims.size();
  for (std::size_t d = 0; d < sorted.size(); ++d)
    each_once = each_once && sorted[d] == static_cast<std::int64_t>(d);
  if (!each_once) return acp::invalid("CEP-TRANSPOSE-1", "attributes.perm", "not a permutation of the axes");
  Dims dims;
  for (const std::int64_t axis : perm) dims.push_back(x.dims[static_cast<std::size_t>(axis)]);
  return std::vector<TensorType>{{x.dtype, std::move(dims)}};
}

Region build(const OpContext& context) {
  const TensorType& x_type = context.input(0);
  const Dims perm = permutation(context);
  Dims dims;
  for (const std::int64_t axis : perm) dims.push_back(x_type.dims[static_cast<std::size_t>(axis)]);
  RegionBuilder r;
  const auto x = r.input(x_type);
  const auto y = r.output({x_type.dtype, dims});
  r.begin_nest(dims, {});
  std::vector<RegionBuilder::Id> coord(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i) {
    coord[static_cast<std::size_t>(perm[i])] = r.iter(static_cast<std::uint32_t>(i));
  }
  r.write(y, r.iters(), r.arg(r.read(x, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto perm = [](Dims axes) { return std::vector<Attribute>{{"perm", std::move(axes)}}; };
  const TensorType x{Dtype::kF32, {2, 3, 4}};
  return {
      {.requirement = "", .inputs = {x}},
      {.requirement = "", .inputs = {x}, .attributes = perm({1, 2, 0})},
      {.requirement = "", .inputs = {{Dtype::kI32, {2, 3}}}, .attributes = perm({0, 1})},
      {.requirement = "", .inputs = {{Dtype::kBool, {3, 2}}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {0, 3}}}},
      {.requirement = "CEP-TRANSPOSE-1", .inputs = {x}, .attributes = perm({0, 1})},
      {.requirement = "CEP-TRANSPOSE-1", .inputs = {x}, .attributes = perm({0, 1, 1})},
      {.requirement = "CEP-TRANSPOSE-1", .inputs = {x}, .attributes = perm({0, 1, 3})},
  };
}

}  // namespace

extern const OpDef op_transpose = {
    .name = "Transpose",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Transpose.md",
    .min_inputs = 1,
    .max_inputs = 1,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
