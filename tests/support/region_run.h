// Elements for region programs, and one run of a region on the interpreter over bits.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "cep/interp.h"
#include "cep/op.h"

namespace cep::testing {

inline Elements floats(const std::vector<float>& values) {
  Elements elements;
  for (const float value : values)
    elements.push_back({std::bit_cast<std::uint32_t>(value), Value::kConcrete});
  return elements;
}
inline Elements integers(const std::vector<std::int64_t>& values) {
  Elements elements;
  for (const std::int64_t value : values)
    elements.push_back({static_cast<std::uint64_t>(value), Value::kConcrete});
  return elements;
}
inline float as_float(const Value& value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.lo));
}
inline std::vector<float> as_floats(const Elements& elements) {
  std::vector<float> values;
  for (const Value& value : elements) values.push_back(as_float(value));
  return values;
}
inline std::vector<std::int64_t> as_integers(const Elements& elements) {
  std::vector<std::int64_t> values;
  for (const Value& value : elements) values.push_back(static_cast<std::int64_t>(value.lo));
  return values;
}

// One buffer per output slot, as large as its window asks, filled with a value no operator makes.
inline std::vector<Elements> empty_outputs(const Region& region) {
  std::vector<Elements> outputs(region.count(ACP_ROLE_OUTPUT));
  for (const acp_operand& operand : region.operands) {
    if (operand.role == ACP_ROLE_OUTPUT) {
      outputs[operand.slot].assign(static_cast<std::size_t>(span_elements(operand)), Value{0xabcd, 0xabcd});
    }
  }
  return outputs;
}

struct Outcome {
  acp::Status status;
  std::vector<Elements> outputs;
};
inline Outcome attempt(const Region& region, const std::vector<Elements>& inputs) {
  std::vector<Elements> given = inputs;
  // An input the program never reads may be given empty.
  for (const acp_operand& operand : region.operands) {
    if (operand.role == ACP_ROLE_INPUT && given[operand.slot].empty()) {
      given[operand.slot].resize(static_cast<std::size_t>(span_elements(operand)));
    }
  }
  Outcome outcome{acp::ok(), empty_outputs(region)};
  std::vector<Elements*> buffers;
  for (Elements& input : given) buffers.push_back(&input);
  for (Elements& output : outcome.outputs) buffers.push_back(&output);
  outcome.status = interpret(region, Domain::kBits, buffers);
  return outcome;
}
inline std::vector<Elements> run(const Region& region, const std::vector<Elements>& inputs) {
  Outcome outcome = attempt(region, inputs);
  EXPECT_TRUE(outcome.status.has_value()) << acp::to_string(outcome.status.error());
  return outcome.outputs;
}

// The region of an operator over the given case. Fails the test when it is refused.
inline Region region_of(std::string_view op, const OpCase& op_case, Order order = {}) {
  const OpDef* def = find_op("ai.onnx", op);
  if (def == nullptr) {
    ADD_FAILURE() << "no operator " << op;
    return {};
  }
  OpContext context = context_of(op_case);
  context.order = order;
  auto region = build_region(*def, context);
  if (!region) {
    ADD_FAILURE() << acp::to_string(region.error());
    return {};
  }
  const acp::Status status = check_region(*region);
  EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
  return *region;
}
inline std::vector<Elements> run_op(std::string_view op, const OpCase& op_case,
                                    const std::vector<Elements>& inputs) {
  return run(region_of(op, op_case), inputs);
}

// The requirement an operator refuses a case with; empty when it does not.
inline std::string refusal(std::string_view op, const OpCase& op_case) {
  const OpDef* def = find_op("ai.onnx", op);
  if (def == nullptr) return "no operator";
  const auto types = infer_types(*def, context_of(op_case));
  return types ? std::string() : types.error().requirement;
}

// How wide the integers of random inputs are: kSmall ones can be coordinates, kWide ones wrap.
enum class Integers { kSmall, kWide };
inline Elements random_elements(const TensorType& type, Integers integers_as, std::mt19937_64& random) {
  // Zeros, ones, infinities, NaNs with payload, the ends of the normal and subnormal range.
  constexpr std::uint32_t kSpecial[] = {
      0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345,
      0x7f800001, 0x00000001, 0x807fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x42b17218, 0x33800000};
  Elements elements;
  for (std::int64_t i = 0; i < volume(type.dims); ++i) {
    const std::uint64_t r = random();
    std::uint64_t value = 0;
    if (type.dtype == Dtype::kBool) {
      value = r & 1;
    } else if (type.dtype == Dtype::kF32) {
      const auto mild =
          std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(r >> 32)) * 0x1p-29f);
      value = r % 8 == 0   ? kSpecial[(r >> 8) % std::size(kSpecial)]
              : r % 8 == 1 ? static_cast<std::uint32_t>(r >> 32)
                           : mild;
    } else if (integers_as == Integers::kSmall) {
      value = static_cast<std::uint64_t>(static_cast<std::int64_t>(r % 6) - 3);
    } else {
      value = type.dtype == Dtype::kI64
                  ? r
                  : static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(r)));
    }
    elements.push_back({value, Value::kConcrete});
  }
  return elements;
}
inline std::vector<Elements> random_inputs(const Region& region, Integers integers_as,
                                           std::mt19937_64& random) {
  std::vector<Elements> inputs(region.count(ACP_ROLE_INPUT));
  for (const acp_operand& operand : region.operands) {
    if (operand.role == ACP_ROLE_INPUT)
      inputs[operand.slot] = random_elements(type_of(operand), integers_as, random);
  }
  return inputs;
}

inline Box random_box(const Dims& dims, std::mt19937_64& random) {
  Box box{Dims(dims.size()), Dims(dims.size())};
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto points = static_cast<std::uint64_t>(dims[d]) + 1;
    box.lo[d] = static_cast<std::int64_t>(random() % points);
    box.hi[d] = static_cast<std::int64_t>(random() % points);
    if (box.hi[d] < box.lo[d]) std::swap(box.lo[d], box.hi[d]);
  }
  return box;
}

}  // namespace cep::testing
