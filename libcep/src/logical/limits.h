// Limits of logical plans, whoever wrote them: the readers (lines, bytes) and check_logical hold to them.
//
// Spec     CEP 11.2 (limits).
#pragma once

#include <cstddef>
#include <cstdint>

namespace cep::logical::limits {

// 2^48: bounds and sizes this small can be multiplied by a variable's size and added without leaving 64 bits.
inline constexpr std::int64_t kMaxMagnitude = std::int64_t{1} << 48;
// A hostile file must not make one shape, or one box of it, arbitrarily long.
inline constexpr std::size_t kMaxRank = 8;
// Index variables: every affine value may carry one coefficient for each.
inline constexpr std::size_t kMaxVariables = 8;
// 2^24: a variable, the ranks, and the points of all variables together.
inline constexpr std::int64_t kMaxPoints = std::int64_t{1} << 24;
// 2^24 tensors, nodes, binds...: what a reader sets aside stays within a few gigabytes.
inline constexpr std::size_t kMaxItems = std::size_t{1} << 24;
// 2^26: operands of all nodes together.
inline constexpr std::size_t kMaxOperands = std::size_t{1} << 26;
// 2^14: one node's operands, one group's members. A position in a group fits 16 bits.
inline constexpr std::size_t kMaxMembers = std::size_t{1} << 14;
inline constexpr std::size_t kMaxAttributes = 16;
inline constexpr std::size_t kMaxNameBytes = 256;
// 1 MiB: the longest line of a text. One line must not make the JSON parser set aside without end.
inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
// 4 GiB of text: a small compressed file must not keep a reader busy for hours.
inline constexpr std::uint64_t kMaxTextBytes = std::uint64_t{1} << 32;
// 2^26 bytes: the window a compressed file may ask for.
inline constexpr int kMaxWindowLog = 26;

[[nodiscard]] constexpr bool magnitude_ok(std::int64_t value) {
  return value >= -kMaxMagnitude && value <= kMaxMagnitude;
}

}  // namespace cep::logical::limits
