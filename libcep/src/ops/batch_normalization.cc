// BatchNormalization: each channel shifted and scaled by statistics that are given (inference).
#include <cmath>

#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "epsilon",
     .kind = AttrKind::kFloat,
     .required = false,
     .requirement = "CEP-BATCHNORMALIZATION-4"},
    {.name = "momentum", .kind = AttrKind::kFloat, .required = false, .requirement = "CEP-OP-3"},
    {.name = "spatial", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-BATCHNORMALIZATION-6"},
    {.name = "training_mode",
     .kind = AttrKind::kInt,
     .required = false,
     .requirement = "CEP-BATCHNORMALIZATION-5"},
};

constexpr float kEpsilon = 1e-5f;

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (context.input(i).dtype != Dtype::kF32) {
      return acp::unsupported("CEP-BATCHNORMALIZATION-1", "inputs[" + std::to_string(i) + "]",
                              "element type is not f32");
    }
  }
  const Dims& x = context.input(0).dims;
  if (x.size() < 2) return acp::invalid("CEP-BATCHNORMALIZATION-2", "inputs[0]", "no axis of channels");
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    if (context.input(i).dims != Dims{x[1]}) {
      return acp::invalid("CEP-BATCHNORMALIZATION-3", "inputs[" + std::to_string(i) + "]",
                          "not one element for each channel");
    }
  }
  const float epsilon = context.float_attr("epsilon", kEpsilon);
  if (!(epsilon >= 0.0f) || std::isinf(epsilon)) {
    return acp::invalid("CEP-BATCHNORMALIZATION-4", "attributes.epsilon", "negative or not finite");
  }
  if (context.int_attr("training_mode", 0) != 0 || context.output_count > 1) {
    return acp::unsupported("CEP-BATCHNORMALIZATION-5", "attributes.training_mode",
                            "only inference is offered");
  }
  if (context.int_attr("spatial", 1) != 1) {
    return acp::unsupported("CEP-BATCHNORMALIZATION-6", "attributes.spatial", "only 1 is offered");
  }
  return std::vector<TensorType>{context.input(0)};
}

// Two stages: the factor of each channel, scale / sqrt(var + epsilon); then (x - mean) * factor + B. Six operations, six roundings.
Region build(const OpContext& context) {
  const TensorType& x_type = context.input(0);
  const TensorType& channel_type = context.input(1);
  RegionBuilder r;
  const auto x = r.input(x_type);
  const auto scale = r.input(channel_type);
  const auto bias = r.input(channel_type);
  const auto mean = r.input(channel_type);
  const auto variance = r.input(channel_type);
  const auto y = r.output(x_type);
  const auto factor = r.temp(channel_type);
  const auto at = [&](RegionBuilder::Id operand, RegionBuilder::Id channel) {
    return r.arg(r.read(operand, {channel}));
  };
  r.begin_nest(channel_type.dims, {});
  const auto shifted = r.add(at(variance, r.iter(0)), r.f32(context.float_attr("epsilon", kEpsilon)));
  const auto root = r.unary(ACP_SC_SQRT, shifted);
  r.write(factor, r.iters(), r.div(at(scale, r.iter(0)), root));
  r.end_nest();
  r.begin_nest(x_type.dims, {});
  const auto difference = r.sub(r.arg(r.read(x, r.iters())), at(mean, r.iter(1)));
  const auto scaled = r.mul(difference, at(factor, r.iter(1)));
  r.write(y, r.iters(), r.add(scaled, at(bias, r.iter(1))));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto over = [](Dims x, std::int64_t channels, std::vector<Attribute> attributes = {}) {
    const TensorType of_channels{Dtype::kF32, {channels}};
    return OpCase{.requirement = "",
                  .inputs = {{Dtype::kF32, std::move(x)}, of_channels, of_channels, of_channels, of_channels},
                  .attributes = std::move(attributes)};
  };
  const auto refused = [](std::string_view requirement, OpCase op_case) {
    op_case.requirement = requirement;
    return op_case;
  };
  OpCase integers = over({2, 3}, 3);
  integers.inputs[4].dtype = Dtype::kI32;
  return {
      over({2, 3, 2, 4}, 3),
      over({4, 5}, 5, {{"epsilon", 0.25f}, {"momentum", 0.9f}, {"training_mode", std::int64_t{0}}}),
      over({1, 2, 3, 1, 2}, 2, {{"epsilon", 0.0f}, {"spatial", std::int64_t{1}}}),
      over({2, 0, 3}, 0),
      refused("CEP-BATCHNORMALIZATION-1", integers),
      refused("CEP-BATCHNORMALIZATION-2", over({3}, 3)),
      refused("CEP-BATCHNORMALIZATION-3", over({2, 3}, 2)),
      refused("CEP-BATCHNORMALIZATION-4", over({2, 3}, 3, {{"epsilon", -1.0f}})),
      refused("CEP-BATCHNORMALIZATION-5", over({2, 3}, 3, {{"training_mode", std::int64_t{1}}})),
      refused("CEP-BATCHNORMALIZATION-6", over({2, 3}, 3, {{"spatial", std::int64_t{0}}})),
      refused("CEP-OP-3", over({2, 3}, 3, {{"momentum", std::int64_t{1}}})),
  };
}

}  // namespace

extern const OpDef op_batch_normalization = {
    .name = "BatchNormalization",
    .domain = "ai.onnx",
    .version = 15,
    .page = "spec/cep/ops/BatchNormalization.md",
    .min_inputs = 5,
    .max_inputs = 5,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
