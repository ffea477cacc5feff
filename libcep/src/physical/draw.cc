#include "physical/draw.h"

#include <bit>
#include <cmath>

#include "cep/philox.h"

namespace cep::physical {
namespace {

constexpr std::uint32_t kInputs = 1, kNoise = 2;

Value of_float(float number) { return {std::bit_cast<std::uint32_t>(number), Value::kConcrete}; }

}  // namespace

std::uint64_t Draw::bits(std::uint32_t space, std::uint32_t of, std::int64_t position) const {
  const auto at = static_cast<std::uint64_t>(position);
  const PhiloxBlock block =
      philox(seed_, {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at >> 32), of, space});
  return (std::uint64_t{block[1]} << 32) | block[0];
}

float Draw::number(std::uint64_t bits) const {
  // 24 random bits, in [1, 2), times a power of two: most sums of two are rounded.
  const float full = 1.0F + static_cast<float>(bits % (1U << 23)) * 0x1p-23F;
  const std::uint64_t high = bits >> 32;
  switch (seed_ % 4) {
    case 1: return static_cast<float>(1 + bits % 4);
    case 2: return std::ldexp(full, static_cast<int>(high % 4) - 2);
    case 3: return static_cast<float>(bits % 9) - 4.0F;
    default: return std::ldexp(high % 2 == 0 ? full : -full, static_cast<int>(high / 2 % 4) - 3);
  }
}

Value Draw::element(TensorId tensor, std::int64_t position) const {
  const Tensor& what = workload_.tensors[tensor];
  if (what.kind == TensorKind::kConstant)
    return {static_cast<std::uint64_t>(what.constant[static_cast<std::size_t>(position)]), Value::kConcrete};
  const std::uint64_t drawn = bits(kInputs, tensor, position);
  switch (what.type.dtype) {
    case Dtype::kF32: return of_float(number(drawn));
    case Dtype::kBool: return {drawn & 1, Value::kConcrete};
    default: return {drawn % below_, Value::kConcrete};
  }
}

Elements Draw::elements(TensorId tensor) const {
  const std::int64_t count = volume(workload_.tensors[tensor].type.dims);
  Elements all;
  all.reserve(static_cast<std::size_t>(count));
  for (std::int64_t position = 0; position < count; ++position) all.push_back(element(tensor, position));
  return all;
}

Value Draw::noise(std::uint32_t place, std::int64_t position, Dtype dtype) const {
  const std::uint64_t drawn = bits(kNoise, place, position);
  switch (dtype) {
    case Dtype::kF32: return of_float(static_cast<float>(16 + drawn % 16));
    case Dtype::kBool: return {drawn & 1, Value::kConcrete};
    default: return {below_ + drawn % 16, Value::kConcrete};
  }
}

}  // namespace cep::physical
