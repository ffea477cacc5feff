// Limits: how large the numbers and lists of a plan may be, whoever wrote it. Both readers of plans (text and wire) hold to them.
//
// Spec     CEP 5.5 (limits).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cep/plan.h"

namespace cep::limits {

// 2^48: offsets and sizes this small can be added and subtracted freely without leaving 64 bits.
inline constexpr std::int64_t kMaxMagnitude = std::int64_t{1} << 48;
// A hostile plan must not make a reader's fixed arrays overflow.
inline constexpr std::size_t kMaxRank = ACP_MAX_RANK;
// A hostile plan must not make a reader keep one name of gigabytes in every message.
inline constexpr std::size_t kMaxNameBytes = 256;
// One step must not make a checker that is linear in steps do unbounded work per step.
inline constexpr std::size_t kMaxStepViews = 1024;
// A short line must not expand into more steps than a plan may have: they are quadratic in the members.
inline constexpr std::size_t kMaxMembers = 512;
// Steps, buffers, ...: a small hostile file must not make a reader allocate without end.
inline constexpr std::size_t kMaxItems = std::size_t{1} << 20;

[[nodiscard]] constexpr bool magnitude_ok(std::int64_t value) {
  return value >= -kMaxMagnitude && value <= kMaxMagnitude;
}
// 0 <= lo <= hi on every axis, of one rank, all in range.
[[nodiscard]] bool box_ok(const Box& box);
// Not negative, and the bytes of the dense tensor are in range.
[[nodiscard]] bool type_ok(const TensorType& type);
// One stride a dimension, and every byte the view touches lies within kMaxMagnitude of the buffer's start.
[[nodiscard]] bool view_ok(const View& view);

}  // namespace cep::limits
