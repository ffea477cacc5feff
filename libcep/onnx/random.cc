// Weights drawn by counter: `random:SEED`.
#include <bit>
#include <cmath>
#include <cstring>

#include "acp/digest.h"
#include "cep/philox.h"
#include "values.h"

namespace cep::onnx_room {
namespace {

// Which inputs of which operators hold what. All others are biases, means and tables.
struct Row {
  std::string_view op;
  std::size_t input;
  Role role;
};
constexpr Row kRows[] = {
    {"BatchNormalization", 1, Role::kPositive},
    {"BatchNormalization", 4, Role::kPositive},
    {"Conv", 1, Role::kFactor},
    {"Gemm", 1, Role::kFactor},
    {"LayerNormalization", 1, Role::kPositive},
    {"MatMul", 1, Role::kFactor},
};

// How many products one output adds up: everything but the output channels of a convolution, the contracted axis of a product.
std::int64_t fan_in_of(std::string_view op, bool transposed, const Dims& dims) {
  if (dims.size() < 2) return volume(dims);
  if (op == "Conv" || transposed) return volume(Dims(dims.begin() + 1, dims.end()));
  return dims[dims.size() - 2];
}

}  // namespace

Use use_of(std::string_view op, std::size_t input, bool transposed, const Dims& dims) {
  for (const Row& row : kRows) {
    if (row.op != op || row.input != input) continue;
    return {row.role, row.role == Role::kFactor ? fan_in_of(op, transposed, dims) : 1};
  }
  return {};
}

std::vector<std::byte> draw(std::uint64_t seed, std::string_view name, const Dims& dims, const Use& use) {
  const acp::Digest digest = acp::sha256(name);
  std::uint32_t stream[2] = {0, 0};
  for (std::size_t i = 0; i < 8; ++i)
    stream[i / 4] |= static_cast<std::uint32_t>(digest.bytes[i]) << (8 * (i % 4));
  const float bound = use.role == Role::kFactor
                          ? std::sqrt(3.0f / static_cast<float>(std::max<std::int64_t>(use.fan_in, 1)))
                          : 0.1f;
  const auto count = static_cast<std::uint64_t>(volume(dims));
  std::vector<std::byte> out(count * sizeof(float));
  PhiloxBlock block{};
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 4 == 0) {
      block = philox(seed, {static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>(i / 4 >> 32),
                            stream[0], stream[1]});
    }
    const std::uint32_t word = block[i % 4];
    // Both are exact: 24 bits of a signed number, or 23 bits behind a half.
    const float value = use.role == Role::kPositive
                            ? static_cast<float>(word >> 9) * 0x1p-23f + 0.5f
                            : static_cast<float>(static_cast<std::int32_t>(word) >> 8) * 0x1p-23f * bound;
    std::memcpy(out.data() + i * sizeof(float), &value, sizeof(float));
  }
  return out;
}

}  // namespace cep::onnx_room
