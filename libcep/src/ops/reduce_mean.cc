// ReduceMean: the mean along axes: their sum in lanes32 order, divided by the number of elements.
#include "cep/reduction.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return reduction::types_of(context, "CEP-REDUCEMEAN-1");
}

Region build(const OpContext& context) {
  const auto axes = reduction::reduced_axes(context);
  ACP_ASSERT(axes.has_value());
  return reduction::sum(context, *axes, [](RegionBuilder& b, RegionBuilder::Id sum, std::int64_t count) {
    return b.div(sum, b.cast(b.i64(count), Dtype::kF32));
  });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto ints = [](const char* name, Dims values) { return Attribute{name, std::move(values)}; };
  const Attribute squeeze{"keepdims", std::int64_t{0}};
  return {
      {.requirement = "", .inputs = {f32({3, 5})}, .attributes = {ints("axes", {-1})}},
      {.requirement = "", .inputs = {f32({2, 40, 3})}, .attributes = {ints("axes", {2, 0}), squeeze}},
      {.requirement = "", .inputs = {f32({4, 3}), {Dtype::kI64, {1}}}, .known = {std::nullopt, Dims{0}}},
      {.requirement = "", .inputs = {f32({2, 2})}, .attributes = {squeeze}},
      {.requirement = "", .inputs = {f32({2, 3})}, .attributes = {{"noop_with_empty_axes", std::int64_t{1}}}},
      {.requirement = "", .inputs = {f32({})}},
      {.requirement = "", .inputs = {f32({2, 0})}, .attributes = {ints("axes", {1})}},
      {.requirement = "CEP-REDUCEMEAN-1", .inputs = {{Dtype::kI32, {3}}}},
      {.requirement = "CEP-AXES-1", .inputs = {f32({4, 3}), {Dtype::kI64, {1}}}},
      {.requirement = "CEP-AXES-4", .inputs = {f32({4, 3})}, .attributes = {ints("axes", {2})}},
      {.requirement = "CEP-AXES-5", .inputs = {f32({4, 3})}, .attributes = {ints("axes", {1, -1})}},
      {.requirement = "CEP-AXES-3",
       .inputs = {f32({4, 3}), {Dtype::kI64, {1}}},
       .known = {std::nullopt, Dims{0}},
       .attributes = {ints("axes", {1})}},
  };
}

}  // namespace

extern const OpDef op_reduce_mean = {
    .name = "ReduceMean",
    .domain = "ai.onnx",
    .version = 18,
    .page = "spec/cep/ops/ReduceMean.md",
    .min_inputs = 1,
    .max_inputs = 2,
    .attributes = reduction::kAttributes,
    .default_order = {OrderKind::kLanes32, 0},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
