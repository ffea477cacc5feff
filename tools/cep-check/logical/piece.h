// Pieces: boxes of a value's axes, laid out as a tensor; and sums of them.
#pragma once

#include <array>
#include <span>

#include "tools/cep-check/logical/numbers.h"

namespace cep_check::logical {

// Axes of a value. A hostile certificate must not make boxes with exponentially many corners, or large ones.
inline constexpr std::size_t kMaxAxes = 16;
inline constexpr std::size_t kMaxRank = 8;
inline constexpr std::size_t kMaxPieces = std::size_t{1} << 16;  // of one sum
inline constexpr const char* kTooMany = "a sum of more than 2^16 pieces";
inline constexpr const char* kTooLong = "a share of more than 16 axes";

// factor * value[a box of its coordinates], summed over a box of its reduced axes.
struct Piece {
  Id value = 0;
  Fraction factor;
  std::uint8_t axes = 0, coordinates = 0;  // of the value; the reduced ones stand behind
  std::uint8_t rank = 0;
  std::array<std::uint8_t, kMaxRank> ends{};   // dimension d is made of order[ends[d - 1]..ends[d])
  std::array<std::uint8_t, kMaxAxes> order{};  // coordinates longer than 1, from the outermost
  std::array<std::int64_t, kMaxAxes> sizes{};
  std::array<Begin, kMaxAxes> begins{};
  [[nodiscard]] std::span<const std::uint8_t> dim(std::size_t d) const {
    const std::size_t first = d == 0 ? 0 : ends[d - 1];
    return std::span(order).subspan(first, ends[d] - first);
  }
};
using Pieces = std::vector<Piece>;

// Lays the coordinates longer than 1 out as the dimensions say: false unless each stands there once, and nothing else.
[[nodiscard]] bool lay_out(Piece& piece, const std::vector<std::vector<std::uint16_t>>& dims);
[[nodiscard]] bool has_shape(const Piece& piece, const lp::Shape& shape);

// Of the same value, and summed over all that the other is summed over?
[[nodiscard]] bool whole_of(const Piece& part, const Piece& whole);

// One more axis, behind the others.
void add_axis(Piece& piece, std::int64_t size, Begin begin);
// Laid out by as many axes of the same sizes in every dimension, and of no other coordinates?
[[nodiscard]] bool alike(const Piece& a, const Piece& b);
// `piece`, of what `whole` is all of, read as a piece of what `other` is all of. False where they are not laid out alike.
[[nodiscard]] bool read_as(const Piece& piece, const Piece& whole, const Piece& other, Piece& read);

// Leaves axes of which one index is left out of the layout.
void settle(Piece& piece);
void transpose(Piece& piece, std::size_t first, std::size_t second);
// False where the result would be no piece.
[[nodiscard]] bool reshape(Piece& piece, const lp::Shape& shape);
// The part [begin, begin + size) of dimension `dim`.
[[nodiscard]] bool cut(Linears& linears, Piece& piece, std::size_t dim, Begin begin, std::int64_t size);
[[nodiscard]] bool same_layout(const Piece& a, const Piece& b);

// All points of the variables together, one variable after another.
void sum_over(Linears& linears, Pieces& pieces, std::span<const Id> variables);
// Do both add up to the same, whatever the values are?
[[nodiscard]] bool same_sum(const Pieces& a, const Pieces& b);

}  // namespace cep_check::logical
