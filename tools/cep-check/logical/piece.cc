#include "tools/cep-check/logical/piece.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace cep_check::logical {

bool lay_out(Piece& piece, const std::vector<std::vector<std::uint16_t>>& dims) {
  std::array<bool, kMaxAxes> seen{};
  std::uint8_t end = 0;
  piece.rank = static_cast<std::uint8_t>(dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    for (const std::uint16_t axis : dims[d]) {
      if (axis >= piece.coordinates || seen[axis] || piece.sizes[axis] == 1) return false;
      seen[axis] = true;
      piece.order[end++] = static_cast<std::uint8_t>(axis);
    }
    piece.ends[d] = end;
  }
  return std::count_if(piece.sizes.begin(), piece.sizes.begin() + piece.coordinates,
                       [](std::int64_t size) { return size > 1; }) == end;
}

bool has_shape(const Piece& piece, const lp::Shape& shape) {
  bool same = piece.rank == shape.size();
  for (std::size_t d = 0; same && d < shape.size(); ++d) {
    std::int64_t length = 1;
    for (const std::uint8_t axis : piece.dim(d)) length = times(length, piece.sizes[axis]);
    same = length == shape[d];
  }
  return same;
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
  bool same = a.rank == b.rank && a.coordinates == b.coordinates;
  for (std::size_t d = 0; same && d < a.rank; ++d) {
    same = std::ranges::equal(
        a.dim(d), b.dim(d), {}, [&](std::uint8_t axis) { return a.sizes[axis]; },
        [&](std::uint8_t axis) { return b.sizes[axis]; });
  }
  return same;
}

bool read_as(const Piece& piece, const Piece& whole, const Piece& other, Piece& read) {
  if (!alike(whole, other)) return false;
  read = other;
  read.factor = piece.factor / whole.factor * other.factor;
  std::array<std::uint8_t, kMaxAxes> to{};
  for (std::size_t d = 0; d < whole.rank; ++d) {
    for (std::size_t i = 0; i < whole.dim(d).size(); ++i) {
      const std::uint8_t mine = whole.dim(d)[i], its = other.dim(d)[i];
      to[mine] = its;
      read.sizes[its] = piece.sizes[mine];
      read.begins[its] = piece.begins[mine];
    }
  }
  read.rank = piece.rank;
  read.ends = piece.ends;
  for (std::size_t i = 0; i < (piece.rank == 0 ? 0u : piece.ends[piece.rank - 1u]); ++i)
    read.order[i] = to[piece.order[i]];
  return true;
}

void settle(Piece& piece) {
  const Piece before = piece;
  std::uint8_t end = 0;
  for (std::size_t d = 0; d < before.rank; ++d) {
    for (const std::uint8_t axis : before.dim(d)) {
      if (before.sizes[axis] > 1) piece.order[end++] = axis;
    }
    piece.ends[d] = end;
  }
}

void transpose(Piece& piece, std::size_t first, std::size_t second) {
  const Piece before = piece;
  std::uint8_t end = 0;
  for (std::size_t d = 0; d < piece.rank; ++d) {
    for (const std::uint8_t axis : before.dim(d == first ? second : d == second ? first : d))
      piece.order[end++] = axis;
    piece.ends[d] = end;
  }
}

bool reshape(Piece& piece, const lp::Shape& shape) {
  const std::size_t laid_out = piece.rank == 0 ? 0 : piece.ends[piece.rank - 1u];
  std::uint8_t next = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    std::int64_t length = 1;
    while (length < shape[d] && next < laid_out) length = times(length, piece.sizes[piece.order[next++]]);
    if (length != shape[d]) return false;
    piece.ends[d] = next;
  }
  piece.rank = static_cast<std::uint8_t>(shape.size());
  return next == laid_out;
}

bool same_layout(const Piece& a, const Piece& b) {
  if (a.rank != b.rank) return false;
  const std::size_t laid_out = a.rank == 0 ? 0 : a.ends[a.rank - 1u];
  return std::equal(a.ends.begin(), a.ends.begin() + a.rank, b.ends.begin()) &&
         std::equal(a.order.begin(), a.order.begin() + static_cast<std::ptrdiff_t>(laid_out),
                    b.order.begin());
}

// From the innermost axis: as long as whole axes fit into the size, they stay whole; one axis is cut; of those outside, one index is left.
bool cut(Linears& linears, Piece& piece, std::size_t dim, Begin begin, std::int64_t size) {
  if (dim >= piece.rank || size <= 0) return false;
  const std::span<const std::uint8_t> axes = piece.dim(dim);
  for (std::size_t i = axes.size(); i-- > 0;) {
    const std::uint8_t axis = axes[i];
    const std::int64_t length = piece.sizes[axis];
    Begin outer, digit;
    if (!linears.divide(begin, length, outer, digit)) return false;
    if (size % length == 0) {
      if (digit != Begin{}) return false;
      size /= length;
    } else {
      const Range range = linears.range(digit);
      if (size > length || range.low < 0 || range.high > length - size) return false;
      piece.begins[axis] = linears.sum(piece.begins[axis], digit);
      piece.sizes[axis] = size;
      size = 1;
    }
    begin = outer;
  }
  if (size != 1 || begin != Begin{}) return false;
  settle(piece);
  return true;
}

// ---- Over a variable ----

namespace {

// If its begin does not depend on the variable, the piece is there as often as there are points; if one reduced axis begins where the piece
// of the point before ends, the points are one long piece.
bool sum_at_once(Linears& linears, Piece& piece, Id variable) {
  std::size_t moving = piece.axes, count = 0;
  for (std::size_t a = 0; a < piece.axes; ++a) {
    if (linears.coefficient(piece.begins[a].linear, variable) == 0) continue;
    moving = a;
    ++count;
  }
  const std::int64_t points = linears.points(variable);
  if (count == 0) {
    piece.factor = piece.factor * fraction(points, 1);
    return true;
  }
  if (count > 1 || moving < piece.coordinates ||
      linears.coefficient(piece.begins[moving].linear, variable) != piece.sizes[moving]) {
    return false;
  }
  piece.begins[moving] = linears.put(piece.begins[moving], variable, 0);
  piece.sizes[moving] = times(piece.sizes[moving], points);
  return true;
}

Pieces at_every_point(Linears& linears, const Pieces& pieces, Id variable) {
  const std::int64_t points = linears.points(variable);
  bounded(static_cast<std::size_t>(points), kMaxPieces / std::max<std::size_t>(pieces.size(), 1), kTooMany);
  Pieces all;
  for (const Piece& piece : pieces) {
    for (std::int64_t point = 0; point < points; ++point) {
      all.push_back(piece);
      for (std::size_t a = 0; a < piece.axes; ++a)
        all.back().begins[a] = linears.put(piece.begins[a], variable, point);
    }
  }
  return all;
}

}  // namespace

void sum_over(Linears& linears, Pieces& pieces, std::span<const Id> variables) {
  std::vector<Id> left(variables.begin(), variables.end());
  while (!left.empty()) {
    bool done = false;
    for (std::size_t i = 0; i < left.size() && !done; ++i) {
      Pieces all = pieces;
      if (!std::all_of(all.begin(), all.end(), [&](Piece& p) { return sum_at_once(linears, p, left[i]); }))
        continue;
      pieces = std::move(all);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
      done = true;
    }
    if (done) continue;
    pieces = at_every_point(linears, pieces, left.back());
    left.pop_back();
  }
}

// ---- Sums ----

namespace {

// Order of pieces that differ only in where along reduced axes they lie, and in their factor: 0. A begin that moves differently with
// the plan's variables is never the same.
std::strong_ordering compare(const Piece& a, const Piece& b) {
  const auto head = [](const Piece& p) { return std::tie(p.value, p.axes, p.rank); };
  if (const auto c = head(a) <=> head(b); c != 0) return c;
  for (std::size_t d = 0; d < a.rank; ++d) {
    if (const auto c = a.ends[d] <=> b.ends[d]; c != 0) return c;
  }
  for (std::size_t i = 0; i < (a.rank == 0 ? 0u : a.ends[a.rank - 1u]); ++i) {
    if (const auto c = a.order[i] <=> b.order[i]; c != 0) return c;
  }
  for (std::size_t x = 0; x < a.axes; ++x) {
    if (const auto c = a.begins[x].linear <=> b.begins[x].linear; c != 0) return c;
    if (x >= a.coordinates) continue;
    const auto box = [x](const Piece& p) { return std::tie(p.begins[x].constant, p.sizes[x]); };
    if (const auto c = box(a) <=> box(b); c != 0) return c;
  }
  return std::strong_ordering::equal;
}

// A box is known by its corners, signed: two sums of boxes are the same function exactly when their signed corners are the same.
struct Corner {
  std::array<std::int64_t, kMaxAxes> at{};
  Fraction weight;
};

// Does the group, of one kind of piece, add up to nothing?
bool vanishes(std::span<const Piece> group) {
  std::vector<std::size_t> moving;
  for (std::size_t x = group[0].coordinates; x < group[0].axes; ++x) {
    if (std::any_of(group.begin(), group.end(), [&](const Piece& p) {
          return p.begins[x] != group[0].begins[x] || p.sizes[x] != group[0].sizes[x];
        })) {
      moving.push_back(x);
    }
  }
  bounded(group.size() << moving.size(), kMaxPieces * 16, "a sum with more than 2^20 corners");
  std::vector<Corner> corners;
  corners.reserve(group.size() << moving.size());
  for (const Piece& piece : group) {
    for (std::size_t which = 0; which < std::size_t{1} << moving.size(); ++which) {
      Corner corner{.weight = piece.factor};
      for (std::size_t i = 0; i < moving.size(); ++i) {
        const bool far = (which >> i & 1) != 0;
        corner.at[i] = plus(piece.begins[moving[i]].constant, far ? piece.sizes[moving[i]] : 0);
        if (far) corner.weight.numerator = -corner.weight.numerator;
      }
      corners.push_back(corner);
    }
  }
  std::ranges::sort(corners, {}, &Corner::at);
  for (std::size_t i = 0; i < corners.size();) {
    Fraction total = corners[i].weight;
    std::size_t next = i + 1;
    for (; next < corners.size() && corners[next].at == corners[i].at; ++next)
      total = total + corners[next].weight;
    if (total.numerator != 0) return false;
    i = next;
  }
  return true;
}

}  // namespace

bool same_sum(const Pieces& a, const Pieces& b) {
  if (a.size() == 1 && b.size() == 1 && a[0].factor == b[0].factor && compare(a[0], b[0]) == 0 &&
      std::equal(a[0].begins.begin(), a[0].begins.begin() + a[0].axes, b[0].begins.begin()) &&
      std::equal(a[0].sizes.begin(), a[0].sizes.begin() + a[0].axes, b[0].sizes.begin())) {
    return true;
  }
  bounded(a.size() + b.size(), kMaxPieces, kTooMany);
  // What is added and what is taken away, each by itself: minus infinity of a mask less itself is no 0.
  for (const bool away : {false, true}) {
    Pieces all;
    for (const bool second : {false, true}) {
      for (const Piece& piece : second ? b : a) {
        if ((piece.factor.numerator < 0) != away) continue;
        all.push_back(piece);
        if (second) all.back().factor.numerator = -piece.factor.numerator;
      }
    }
    std::ranges::sort(all, [](const Piece& x, const Piece& y) { return compare(x, y) < 0; });
    for (std::size_t first = 0; first < all.size();) {
      std::size_t next = first + 1;
      while (next < all.size() && compare(all[first], all[next]) == 0) ++next;
      if (!vanishes(std::span(all).subspan(first, next - first))) return false;
      first = next;
    }
  }
  return true;
}

}  // namespace cep_check::logical
