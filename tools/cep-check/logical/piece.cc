#include "tools/cep-check/logical/piece.h"

#include <algorithm>
#include <bitset>
#include <ranges>

namespace cep_check::logical {

// ---- Layouts ----

Layout laid_out(const Piece& piece, const Layout& as) {
  return laid_out(piece, as.rank, [&](std::size_t d) { return as.dim(d); });
}

void settle(Piece& piece) { static_cast<Layout&>(piece) = laid_out(piece, piece); }

const char* lay_out(Piece& piece, Id id, const lp::LogicalCertificate::Value& value,
                    std::span<const std::int64_t> sizes,
                    const std::vector<std::vector<std::uint16_t>>& dims) {
  if (sizes.size() != value.extents.size() || dims.size() > kMaxRank)
    return "not a size for each axis, or a rank over 8";
  piece = {};
  piece.value = id;
  piece.coordinates = static_cast<std::uint8_t>(value.coordinates);
  std::bitset<kMaxAxes> left;  // to be laid out
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > value.extents[piece.axes]) return "a size that its axis does not have";
    left[piece.axes] = piece.axes < piece.coordinates && size > 1;
    piece.sizes[piece.axes++] = size;
  }
  for (const auto& dim : dims) {
    for (const std::uint16_t axis : dim) {
      if (axis >= kMaxAxes || !left[axis]) return "an axis that is not to be laid out, or twice";
      left[axis] = false;
    }
  }
  if (left.any()) return "an axis that is missing in the layout";
  static_cast<Layout&>(piece) =
      laid_out(piece, dims.size(), [&](std::size_t d) -> const auto& { return dims[d]; });
  return nullptr;
}

bool has_shape(const Piece& piece, const lp::Shape& shape) {
  Piece read = piece;
  return reshape(read, shape) && same_layout(read, piece);
}

bool whole_of(const Piece& part, const Piece& whole) {
  bool all = part.value == whole.value;
  for (std::size_t a = part.coordinates; all && a < part.axes; ++a) all = part.sizes[a] == whole.sizes[a];
  return all;
}

void add_axis(Piece& piece, std::int64_t size, Begin begin) {
  bounded(piece.axes + std::size_t{1}, kMaxAxes, kTooLong);
  piece.sizes[piece.axes] = size;
  piece.begins[piece.axes++] = begin;
}

bool alike(const Piece& a, const Piece& b) {
  bool same = a.rank == b.rank && a.ends == b.ends;
  for (std::size_t i = 0; same && i < a.end(); ++i) same = a.sizes[a.order[i]] == b.sizes[b.order[i]];
  return same;
}

bool read_as(const Piece& piece, const Piece& whole, const Piece& other, Piece& read) {
  if (!alike(whole, other)) return false;
  read = other;
  read.factor = piece.factor / whole.factor * other.factor;
  std::array<std::uint8_t, kMaxAxes> to{};
  for (std::size_t i = 0; i < whole.end(); ++i) {
    const std::uint8_t mine = whole.order[i], its = other.order[i];
    to[mine] = its;
    read.sizes[its] = piece.sizes[mine];
    read.begins[its] = piece.begins[mine];
  }
  static_cast<Layout&>(read) = piece;
  for (std::size_t i = 0; i < piece.end(); ++i) read.order[i] = to[piece.order[i]];
  return true;
}

void transpose(Piece& piece, std::size_t first, std::size_t second) {
  static_cast<Layout&>(piece) = laid_out(piece, piece.rank, [&](std::size_t d) {
    return piece.dim(d == first ? second : d == second ? first : d);
  });
}

bool reshape(Piece& piece, const lp::Shape& shape) {
  Layout made{.order = piece.order};
  std::uint8_t next = 0;
  for (const std::int64_t size : shape) {
    std::int64_t length = 1;
    while (length < size && next < piece.end()) length = times(length, piece.sizes[piece.order[next++]]);
    if (length != size) return false;
    made.ends[made.rank++] = next;
  }
  if (next != piece.end()) return false;
  static_cast<Layout&>(piece) = made;
  return true;
}

// From the innermost axis: as long as whole axes fit into the size, they stay whole; one axis is cut; of those outside, one index is left.
bool cut(Linears& linears, Piece& piece, std::size_t dim, Begin begin, std::int64_t size) {
  if (dim >= piece.rank || size <= 0 || begin.constant < 0) return false;
  for (const std::uint8_t axis : std::views::reverse(piece.dim(dim))) {
    const std::int64_t length = piece.sizes[axis], taken = size % length == 0 ? length : size;
    const auto [outer, first] = linears.divide(begin, length);
    if (taken > length || !linears.within(first, length - taken)) return false;
    piece.begins[axis] = linears.sum(piece.begins[axis], first);
    piece.sizes[axis] = taken;
    size /= taken;
    begin = outer;
  }
  settle(piece);
  return size == 1 && begin == Begin{};
}

// ---- Over variables ----

namespace {

// If its begin does not depend on the digit, the piece is there as often as there are points; if one reduced axis begins where the piece
// of the point before ends, the points are one long piece.
bool sum_at_once(Linears& linears, Piece& piece, Id digit) {
  std::size_t moving = piece.axes;
  for (std::size_t a = 0; a < piece.axes; ++a) {
    const std::int64_t step = linears.coefficient(piece.begins[a].linear, digit);
    if (step == 0) continue;
    if (moving != piece.axes || a < piece.coordinates || step != piece.sizes[a]) return false;
    moving = a;
  }
  if (moving == piece.axes) {
    piece.factor = piece.factor * Fraction{linears.points(digit)};
  } else {
    piece.begins[moving] = linears.put(piece.begins[moving], digit, 0);
    piece.sizes[moving] = times(piece.sizes[moving], linears.points(digit));
  }
  return true;
}

}  // namespace

// Where no digit is left that can be summed over at once, point by point.
void add_over(Linears& linears, const Pieces& pieces, const std::vector<Id>& digits, Pieces& sum) {
  for (Piece piece : pieces) {
    std::vector<Id> left = digits;
    while (std::erase_if(left, [&](Id digit) { return sum_at_once(linears, piece, digit); }) != 0) {
    }
    if (left.empty()) {
      bounded(sum.size() + 1, kMaxPieces, kTooMany);
      sum.push_back(piece);
      continue;
    }
    const Id last = left.back();
    left.pop_back();
    for (std::int64_t point = 0; point < linears.points(last); ++point) {
      Piece one = piece;
      for (Begin& begin : one.begins) begin = linears.put(begin, last, point);
      add_over(linears, {one}, left, sum);
    }
  }
}

// ---- Sums ----

bool extend(Piece& piece, const Piece& next) {
  std::size_t axis = piece.coordinates;
  while (axis < piece.axes && piece.begins[axis] == next.begins[axis]) ++axis;
  if (axis >= piece.axes) return false;
  Piece both = next;
  both.begins[axis] = piece.begins[axis];
  both.sizes[axis] = piece.sizes[axis];
  const Begin end = {plus(piece.begins[axis].constant, piece.sizes[axis]), piece.begins[axis].linear};
  if (both != piece || next.begins[axis] != end) return false;
  piece.sizes[axis] = plus(piece.sizes[axis], next.sizes[axis]);
  return true;
}

namespace {

using Term = std::pair<const Piece*, bool>;  // is it taken away?

// All that pieces have in common which may add up: not where along reduced axes they lie, and how often they are added. A begin that moves
// differently with the plan's variables is never the same; and minus infinity of a mask less itself is no 0.
Piece kind_of(Piece piece) {
  piece.factor = Fraction{piece.factor.numerator < 0 ? -1 : 1};
  for (std::size_t a = piece.coordinates; a < kMaxAxes; ++a) {
    piece.sizes[a] = 0;
    piece.begins[a] = {0, a < piece.axes ? piece.begins[a].linear : 0};
  }
  return piece;
}

// Do terms of one kind add up to nothing, as far as this axis and those behind it go? Boxes are the same function as their corners, signed:
// along an axis, those that begin at a point, less those that end there.
bool vanish(std::span<const Term> terms, std::size_t axis, std::size_t& looked) {
  bounded(looked += terms.size(), kMaxPieces * 32, "a sum with more than 2^21 corners");
  const Piece& first = *terms[0].first;
  if (axis == first.axes) {
    std::array<Fraction, 2> totals = {Fraction{0}, Fraction{0}};
    for (const auto& [piece, taken] : terms) totals[taken] = totals[taken] + piece->factor;
    return totals[0] == totals[1];
  }
  const auto like_first = [&](const Term& term) {
    return term.first->begins[axis] == first.begins[axis] && term.first->sizes[axis] == first.sizes[axis];
  };
  if (std::ranges::all_of(terms, like_first)) return vanish(terms, axis + 1, looked);
  std::map<std::int64_t, std::vector<Term>> corners;
  for (const auto& [piece, taken] : terms) {
    const std::int64_t begin = piece->begins[axis].constant;
    corners[begin].emplace_back(piece, taken);
    corners[plus(begin, piece->sizes[axis])].emplace_back(piece, !taken);
  }
  return std::ranges::all_of(corners, [&](const auto& at) { return vanish(at.second, axis + 1, looked); });
}

}  // namespace

bool same_sum(const Pieces& a, const Pieces& b) {
  if (a == b) return true;
  bounded(a.size() + b.size(), kMaxPieces, kTooMany);
  std::map<Piece, std::vector<Term>> kinds;
  for (const Piece& piece : a) kinds[kind_of(piece)].emplace_back(&piece, false);
  for (const Piece& piece : b) kinds[kind_of(piece)].emplace_back(&piece, true);
  std::size_t looked = 0;
  return std::ranges::all_of(
      kinds, [&](const auto& kind) { return vanish(kind.second, kind.first.coordinates, looked); });
}

}  // namespace cep_check::logical
