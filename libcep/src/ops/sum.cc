// Sum: the sum of any number of tensors, element by element, with broadcasting.
#include "cep/op.h"

namespace cep {
namespace {

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  Dims dims;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const std::string path = "inputs[" + std::to_string(i) + "]";
    if (!context.has_input(i)) return acp::invalid("CEP-SUM-3", path, "left out");
    if (context.input(i).dtype != Dtype::kF32)
      return acp::unsupported("CEP-SUM-1", path, "element type is not f32");
    auto wider = broadcast_dims(dims, context.input(i).dims);
    if (!wider) return acp::invalid("CEP-SUM-2", path, "does not broadcast with the inputs before it");
    dims = std::move(*wider);
  }
  return std::vector<TensorType>{{Dtype::kF32, std::move(dims)}};
}

// A left fold; the sum of one tensor is its elements.
Region build(const OpContext& context) {
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  RegionBuilder r;
  std::vector<RegionBuilder::Id> inputs;
  inputs.reserve(context.inputs.size());
  for (std::size_t i = 0; i < context.inputs.size(); ++i) inputs.push_back(r.input(context.input(i)));
  const auto y = r.output(types->front());
  r.begin_nest(types->front().dims, {});
  auto sum = read_broadcast(r, inputs[0], context.input(0).dims);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    sum = r.add(sum, read_broadcast(r, inputs[i], context.input(i).dims));
  }
  r.write(y, r.iters(), sum);
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto f32 = [](Dims dims) { return TensorType{Dtype::kF32, std::move(dims)}; };
  return {
      {.requirement = "", .inputs = {f32({2, 3})}},
      {.requirement = "", .inputs = {f32({2, 3}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({3}), f32({2, 1}), f32({}), f32({2, 3})}},
      {.requirement = "", .inputs = {f32({2, 0}), f32({1, 1}), f32({0})}},
      {.requirement = "CEP-SUM-1", .inputs = {f32({2}), {Dtype::kI32, {2}}}},
      {.requirement = "CEP-SUM-2", .inputs = {f32({2, 1}), f32({3}), f32({4, 3})}},
      {.requirement = "CEP-SUM-3", .inputs = {f32({2}), {}, f32({2})}},
  };
}

}  // namespace

extern const OpDef op_sum = {
    .name = "Sum",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Sum.md",
    .min_inputs = 1,
    .max_inputs = 1024,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
