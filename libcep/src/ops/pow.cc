// Pow: x to the power of y, element by element, with broadcasting.
#include "cep/elementwise.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  if (context.input(0).dtype != Dtype::kF32)
    return acp::unsupported("CEP-POW-1", "inputs[0]", "element type is not f32");
  if (!elementwise::is_number(context.input(1).dtype))
    return acp::invalid("CEP-POW-2", "inputs[1]", "element type is not a number");
  ACP_TRY(Dims dims, elementwise::result_shape(context));
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// Integer exponents are rounded to f32 first.
Region build(const OpContext& context) {
  return elementwise::map(context, Dtype::kF32,
                          [](RegionBuilder& b, const OpContext&, std::span<const RegionBuilder::Id> x) {
                            return build_pow(b, x[0], b.cast(x[1], Dtype::kF32));
                          });
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 5}), f32({})}},
      {.requirement = "", .inputs = {f32({4, 1}), f32({3, 1, 4})}},
      {.requirement = "", .inputs = {f32({3}), {Dtype::kI64, {3}}}},
      {.requirement = "", .inputs = {f32({2, 3}), {Dtype::kI32, {}}}},
      {.requirement = "", .inputs = {f32({0}), f32({1})}},
      {.requirement = "CEP-POW-1", .inputs = {{Dtype::kI32, {2}}, f32({2})}},
      {.requirement = "CEP-POW-2", .inputs = {f32({2}), {Dtype::kBool, {2}}}},
      {.requirement = "CEP-BCAST-1", .inputs = {f32({2, 3}), f32({2})}},
  };
}

}  // namespace

extern const OpDef op_pow = {
    .name = "Pow",
    .domain = "ai.onnx",
    .version = 15,
    .page = "spec/cep/ops/Pow.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
