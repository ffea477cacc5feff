// ReduceSum: the sum along axes, in lanes32 order.
#include "cep/reduction.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return reduction::types_of(context, "CEP-REDUCESUM-1");
}

Region build(const OpContext& context) {
  const auto axes = reduction::reduced_axes(context);
  ACP_ASSERT(axes.has_value());
  return reduction::sum(context, *axes,
                        [](RegionBuilder&, RegionBuilder::Id sum, std::int64_t) { return sum; });
}

std::vector<OpCase> cases() {
  const TensorType x{Dtype::kF32, {4, 3}};
  const TensorType list{Dtype::kI64, {1}};
  const auto over = [](Dims axes) { return std::vector<Attribute>{{"axes", std::move(axes)}}; };
  return {
      {.requirement = "", .inputs = {x, list}, .known = {std::nullopt, Dims{-1}}},
      {.requirement = "",
       .inputs = {{Dtype::kF32, {5, 7, 2}}},
       .attributes = {{"axes", Dims{0, 1}}, {"keepdims", std::int64_t{0}}}},
      {.requirement = "", .inputs = {x, {Dtype::kI64, {0}}}, .known = {std::nullopt, Dims{}}},
      {.requirement = "", .inputs = {{Dtype::kF32, {1, 70}}}, .attributes = over({1})},
      {.requirement = "", .inputs = {{Dtype::kF32, {0, 2}}}, .attributes = over({0})},
      {.requirement = "CEP-REDUCESUM-1", .inputs = {{Dtype::kI64, {3}}}},
      {.requirement = "CEP-AXES-1", .inputs = {x, list}},
      {.requirement = "CEP-AXES-4", .inputs = {x}, .attributes = over({-3})},
      {.requirement = "CEP-AXES-3",
       .inputs = {x, list},
       .known = {std::nullopt, Dims{1}},
       .attributes = over({1})},
  };
}

}  // namespace

extern const OpDef op_reduce_sum = {
    .name = "ReduceSum",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/ReduceSum.md",
    .min_inputs = 1,
    .max_inputs = 2,
    .attributes = reduction::kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
