#include "replay/array.h"

#include <algorithm>
#include <utility>

namespace cep::logical::oracle {

bool inside(const Piece& piece, const Shape& shape) {
  if (piece.size.size() != shape.size() || piece.begin.size() != shape.size()) return false;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (piece.begin[d] < 0 || piece.size[d] < 0 || piece.begin[d] > shape[d] - piece.size[d]) return false;
  }
  return true;
}

template <typename N>
ArrayOf<N> cut(const ArrayOf<N>& whole, const Piece& piece) {
  ArrayOf<N> part = zeros<N>(piece.size, whole.element);
  const auto wide = static_cast<std::int64_t>(width(whole.element));
  for_each_element(whole.shape, piece, [&](std::int64_t outer, std::int64_t flat) {
    std::copy_n(whole.scalars.begin() + outer * wide, wide, part.scalars.begin() + flat * wide);
  });
  return part;
}

template <typename N>
ArrayOf<N> concatenate(const std::vector<const ArrayOf<N>*>& pieces, std::size_t dim) {
  if (pieces.empty() || dim >= pieces.front()->shape.size()) return {};
  Shape shape = pieces.front()->shape;
  shape[dim] = 0;
  for (const ArrayOf<N>* piece : pieces) {
    Shape expected = shape;
    if (piece->shape.size() != shape.size() || piece->element != pieces.front()->element) return {};
    expected[dim] = piece->shape[dim];
    if (piece->shape != expected) return {};
  }
  for (const ArrayOf<N>* piece : pieces) shape[dim] += piece->shape[dim];
  ArrayOf<N> joined = zeros<N>(shape, pieces.front()->element);
  const auto wide = static_cast<std::int64_t>(width(joined.element));
  Piece place{.begin = std::vector<std::int64_t>(shape.size(), 0), .size = {}};
  for (const ArrayOf<N>* piece : pieces) {
    place.size = piece->shape;
    for_each_element(shape, place, [&](std::int64_t outer, std::int64_t flat) {
      std::copy_n(piece->scalars.begin() + flat * wide, wide, joined.scalars.begin() + outer * wide);
    });
    place.begin[dim] += piece->shape[dim];
  }
  return joined;
}

template <typename N>
ArrayOf<N> piece_of(const ArrayOf<N>& whole, std::size_t dim, std::int64_t position, std::int64_t pieces) {
  if (dim >= whole.shape.size() || pieces <= 0 || whole.shape[dim] % pieces != 0) return {};
  Piece piece{.begin = std::vector<std::int64_t>(whole.shape.size(), 0), .size = whole.shape};
  piece.size[dim] /= pieces;
  piece.begin[dim] = position * piece.size[dim];
  return cut(whole, piece);
}

template ArrayOf<Scalar> cut(const ArrayOf<Scalar>&, const Piece&);
template ArrayOf<Real> cut(const ArrayOf<Real>&, const Piece&);
template ArrayOf<Terms> cut(const ArrayOf<Terms>&, const Piece&);
template ArrayOf<Rounded> cut(const ArrayOf<Rounded>&, const Piece&);
template ArrayOf<Scalar> concatenate(const std::vector<const ArrayOf<Scalar>*>&, std::size_t);
template ArrayOf<Real> concatenate(const std::vector<const ArrayOf<Real>*>&, std::size_t);
template ArrayOf<Terms> concatenate(const std::vector<const ArrayOf<Terms>*>&, std::size_t);
template ArrayOf<Rounded> concatenate(const std::vector<const ArrayOf<Rounded>*>&, std::size_t);
template ArrayOf<Scalar> piece_of(const ArrayOf<Scalar>&, std::size_t, std::int64_t, std::int64_t);
template ArrayOf<Real> piece_of(const ArrayOf<Real>&, std::size_t, std::int64_t, std::int64_t);
template ArrayOf<Terms> piece_of(const ArrayOf<Terms>&, std::size_t, std::int64_t, std::int64_t);
template ArrayOf<Rounded> piece_of(const ArrayOf<Rounded>&, std::size_t, std::int64_t, std::int64_t);

}  // namespace cep::logical::oracle
