#include "replay/functions.h"

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "cep/interp.h"
#include "cep/op.h"

namespace cep::logical::oracle {
namespace {

using Id = RegionBuilder::Id;

// One element of each operand, and one of the result.
template <typename Build>
Region region_of(std::size_t operands, Build build) {
  const TensorType one{.dtype = Dtype::kF32, .dims = {1}};
  RegionBuilder builder;
  std::vector<Id> inputs;
  inputs.reserve(operands);
  for (std::size_t i = 0; i < operands; ++i) inputs.push_back(builder.input(one));
  const Id output = builder.output(one);
  builder.begin_nest(one.dims, {});
  std::vector<Id> arguments;
  arguments.reserve(operands);
  for (const Id input : inputs) arguments.push_back(builder.arg(builder.read(input, builder.iters())));
  builder.write(output, builder.iters(), build(builder, arguments));
  builder.end_nest();
  return std::move(builder).finish();
}

float value_of(const Region& region, const std::vector<float>& arguments) {
  std::vector<Elements> elements;
  elements.reserve(arguments.size() + 1);
  for (const float argument : arguments)
    elements.push_back({Value{.lo = std::bit_cast<std::uint32_t>(argument), .hi = Value::kConcrete}});
  elements.push_back({Value{}});
  std::vector<Elements*> buffers;
  buffers.reserve(elements.size());
  for (Elements& one : elements) buffers.push_back(&one);
  ACP_ASSERT(interpret(region, Domain::kBits, buffers).has_value());
  return std::bit_cast<float>(static_cast<std::uint32_t>(elements.back()[0].lo));
}

}  // namespace

float exp_of_binary32(float x) {
  static const Region region =
      region_of(1, [](RegionBuilder& b, const auto& in) { return build_exp(b, in[0]); });
  return value_of(region, {x});
}
float sigmoid_of_binary32(float x) {
  static const Region region =
      region_of(1, [](RegionBuilder& b, const auto& in) { return build_sigmoid(b, in[0]); });
  return value_of(region, {x});
}
float pow_of_binary32(float x, float y) {
  static const Region region =
      region_of(2, [](RegionBuilder& b, const auto& in) { return build_pow(b, in[0], in[1]); });
  return value_of(region, {x, y});
}

}  // namespace cep::logical::oracle
