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

// How axes lie in a tensor; 0 behind what is used.
struct Layout {
  std::uint8_t rank = 0;
  std::array<std::uint8_t, kMaxRank> ends{};   // dimension d is made of order[ends[d - 1]..ends[d])
  std::array<std::uint8_t, kMaxAxes> order{};  // coordinates longer than 1, from the outermost
  auto operator<=>(const Layout&) const = default;
  [[nodiscard]] std::size_t end() const { return rank == 0 ? 0 : ends[rank - 1u]; }
  [[nodiscard]] std::span<const std::uint8_t> dim(std::size_t d) const {
    const std::size_t first = d == 0 ? 0 : ends[d - 1];
    return std::span(order).subspan(first, ends[d] - first);
  }
};

// factor * value[a box of its coordinates], summed over a box of its reduced axes.
struct Piece : Layout {
  Id value = 0;
  Fraction factor;
  std::uint8_t axes = 0, coordinates = 0;  // of the value; the reduced ones stand behind
  std::array<std::int64_t, kMaxAxes> sizes{};
  std::array<Begin, kMaxAxes> begins{};
  auto operator<=>(const Piece&) const = default;
};
using Pieces = std::vector<Piece>;

// The axes of these dimensions, those left out of which the piece has one index. dim(d): their numbers.
template <typename Dim>
[[nodiscard]] Layout laid_out(const Piece& piece, std::size_t rank, const Dim& dim) {
  Layout made;
  for (std::uint8_t end = 0; made.rank < rank; made.ends[made.rank++] = end) {
    for (const auto axis : dim(made.rank)) {
      if (piece.sizes[axis] > 1) made.order[end++] = static_cast<std::uint8_t>(axis);
    }
  }
  return made;
}
[[nodiscard]] Layout laid_out(const Piece& piece, const Layout& as);
void settle(Piece& piece);  // as it is laid out, after a cut
// A box of these sizes of a value, its coordinates longer than 1 laid out as the dimensions say: each once. Null, or what is wrong.
[[nodiscard]] const char* lay_out(Piece& piece, Id id, const lp::LogicalCertificate::Value& value,
                                  std::span<const std::int64_t> sizes,
                                  const std::vector<std::vector<std::uint16_t>>& dims);
[[nodiscard]] bool has_shape(const Piece& piece, const lp::Shape& shape);

// Of the same value, and summed over all that the other is summed over?
[[nodiscard]] bool whole_of(const Piece& part, const Piece& whole);

// One more axis, behind the others.
void add_axis(Piece& piece, std::int64_t size, Begin begin);
// Laid out by as many axes of the same sizes in every dimension?
[[nodiscard]] bool alike(const Piece& a, const Piece& b);
// `piece`, of what `whole` is all of, read as a piece of what `other` is all of. False where they are not laid out alike.
[[nodiscard]] bool read_as(const Piece& piece, const Piece& whole, const Piece& other, Piece& read);

void transpose(Piece& piece, std::size_t first, std::size_t second);
// False where the result would be no piece.
[[nodiscard]] bool reshape(Piece& piece, const lp::Shape& shape);
// The part [begin, begin + size) of dimension `dim`.
[[nodiscard]] bool cut(Linears& linears, Piece& piece, std::size_t dim, Begin begin, std::int64_t size);
[[nodiscard]] inline bool same_layout(const Piece& a, const Piece& b) {
  return static_cast<const Layout&>(a) == b;
}

// Makes the piece longer by its neighbour behind it along one reduced axis, else alike. False where the other is none.
[[nodiscard]] bool extend(Piece& piece, const Piece& next);
// Adds these pieces to the sum, at all points of the digits together.
void add_over(Linears& linears, const Pieces& pieces, const std::vector<Id>& digits, Pieces& sum);
// Do both add up to the same, whatever the values are?
[[nodiscard]] bool same_sum(const Pieces& a, const Pieces& b);

}  // namespace cep_check::logical
