// A tensor's elements, row-major, as numbers of one kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cep/logical.h"
#include "replay/field.h"
#include "replay/real.h"
#include "replay/rounded.h"
#include "replay/terms.h"

namespace cep::logical::oracle {

// Integers stand for themselves. A complex element is two scalars, real part first: `width` scalars an element.
template <typename N>
struct ArrayOf {
  Shape shape;
  Element element = Element::kF32;
  std::vector<N> scalars;

  auto operator<=>(const ArrayOf&) const = default;
};
using Array = ArrayOf<Scalar>;

[[nodiscard]] inline std::size_t width(Element element) { return element == Element::kC64 ? 2 : 1; }
[[nodiscard]] inline bool is_float(Element element) {
  return element == Element::kF32 || element == Element::kF64 || element == Element::kF16 ||
         element == Element::kBf16;
}
[[nodiscard]] inline bool is_integer(Element element) {
  return element == Element::kI64 || element == Element::kI32 || element == Element::kBool;
}

[[nodiscard]] inline std::int64_t count(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t length : shape) product *= length;
  return product;
}
template <typename N = Scalar>
[[nodiscard]] ArrayOf<N> zeros(const Shape& shape, Element element) {
  ArrayOf<N> made{.shape = shape, .element = element, .scalars = {}};
  made.scalars.assign(static_cast<std::size_t>(count(made.shape)) * width(element), N{});
  return made;
}

// Half-open pieces with the variables gone.
struct Piece {
  std::vector<std::int64_t> begin;
  Shape size;
  auto operator<=>(const Piece&) const = default;
};
[[nodiscard]] bool inside(const Piece& piece, const Shape& shape);
template <typename N>
[[nodiscard]] ArrayOf<N> cut(const ArrayOf<N>& whole, const Piece& piece);
// Calls visit(flat index in the whole, flat index in the piece) for each element of the piece.
template <typename Visit>
void for_each_element(const Shape& whole, const Piece& piece, Visit visit) {
  const std::int64_t total = count(piece.size);
  std::vector<std::int64_t> at(piece.size.size(), 0);
  for (std::int64_t flat = 0; flat < total; ++flat) {
    std::int64_t outer = 0;
    for (std::size_t d = 0; d < whole.size(); ++d) outer = outer * whole[d] + piece.begin[d] + at[d];
    visit(outer, flat);
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < piece.size[d]) break;
      at[d] = 0;
    }
  }
}

// Joined along one dimension, in the order given. All agree on the other dimensions, or the result is empty.
template <typename N>
[[nodiscard]] ArrayOf<N> concatenate(const std::vector<const ArrayOf<N>*>& pieces, std::size_t dim);
// The piece at `position` of `pieces` equal ones. Divides exactly, or the result is empty.
template <typename N>
[[nodiscard]] ArrayOf<N> piece_of(const ArrayOf<N>& whole, std::size_t dim, std::int64_t position,
                                  std::int64_t pieces);

}  // namespace cep::logical::oracle
