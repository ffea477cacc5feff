// Min: the least of several tensors, element by element, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  return elementwise::numbers_of_one_type(context, "CEP-MIN-1");
}

Region build(const OpContext& context) {
  return elementwise::map(context, context.input(0).dtype,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            RegionBuilder::Id value = x[0];
                            for (const RegionBuilder::Id next : x.subspan(1)) value = b.min(value, next);
                            return value;
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  const auto i32 = [](Dims dims) { return TensorType{Dtype::kI32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({3, 2}), f32({3, 2})}},
      {.requirement = "", .inputs = {f32({1, 4}), f32({2, 1}), f32({4})}},
      {.requirement = "", .inputs = {f32({})}},
      {.requirement = "", .inputs = {i32({3}), i32({2, 3})}},
      {.requirement = "", .inputs = {{Dtype::kI64, {}}, {Dtype::kI64, {}}}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1})}},
      {.requirement = "CEP-MIN-1", .inputs = {{Dtype::kBool, {2}}, {Dtype::kBool, {2}}}},
      {.requirement = "CEP-BCAST-2", .inputs = {f32({2}), i32({2})}},
      {.requirement = "CEP-BCAST-1", .inputs = {f32({2, 3}), f32({2})}},
  };
}

}  // namespace

extern const OpDef op_min = {
    .name = "Min",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Min.md",
    .min_inputs = 1,
    .max_inputs = 1024,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
