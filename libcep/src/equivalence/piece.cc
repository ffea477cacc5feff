#include "piece.h"

#include <algorithm>

#include "fired.h"
#include "words.h"

namespace cep::logical::calculus {

Id Patterns::intern(const Rational& factor, Id atom, std::vector<std::int64_t> sizes,
                    std::vector<std::vector<AxisId>> dims) {
  Key key{factor, atom, std::move(sizes), std::move(dims)};
  const auto known = ids_.find(key);
  if (known != ids_.end()) return known->second;
  const Atom& of = values_.atom(atom);
  Pattern pattern{
      .factor = factor, .atom = atom, .sizes = std::get<2>(key), .dims = std::get<3>(key), .shape = {}};
  pattern.whole = std::equal(pattern.sizes.begin() + of.coordinates, pattern.sizes.end(),
                             of.extents.begin() + of.coordinates);
  for (const auto& dim : pattern.dims) {
    std::int64_t length = 1;
    for (const AxisId axis : dim) length *= pattern.sizes[axis];
    pattern.shape.push_back(length);
  }
  const std::vector<std::int64_t> coordinates(pattern.sizes.begin(), pattern.sizes.begin() + of.coordinates);
  pattern.frame =
      frames_.try_emplace({atom, coordinates, pattern.dims}, static_cast<Id>(frames_.size())).first->second;
  const auto id = static_cast<Id>(patterns_.size());
  patterns_.push_back(std::move(pattern));
  ids_.emplace(std::move(key), id);
  return id;
}

std::optional<Id> scaled(Patterns& patterns, Id id, const Rational& by) {
  if (by == kOne) return id;
  const auto factor = times(patterns[id].factor, by);
  if (!factor) return std::nullopt;
  const Pattern pattern = patterns[id];
  return patterns.intern(*factor, pattern.atom, pattern.sizes, pattern.dims);
}

std::optional<Id> transposed(Patterns& patterns, Id id, std::size_t dim0, std::size_t dim1) {
  Pattern pattern = patterns[id];
  if (dim0 >= pattern.dims.size() || dim1 >= pattern.dims.size()) return std::nullopt;
  std::swap(pattern.dims[dim0], pattern.dims[dim1]);
  return patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims));
}

std::optional<Id> reshaped(Patterns& patterns, Id id, const Shape& shape) {
  Pattern pattern = patterns[id];
  std::vector<AxisId> flat;
  for (const auto& dim : pattern.dims) flat.insert(flat.end(), dim.begin(), dim.end());
  std::vector<std::vector<AxisId>> dims;
  std::size_t next = 0;
  for (const std::int64_t length : shape) {
    auto& axes = dims.emplace_back();
    std::int64_t product = 1;
    while (product < length && next < flat.size()) {
      const auto grown = fired<1>(piece_rules().regroup, std::array{product, pattern.sizes[flat[next]]});
      if (!grown) return std::nullopt;
      axes.push_back(flat[next++]);
      product = (*grown)[0];
    }
    if (product != length) return std::nullopt;
  }
  if (next != flat.size()) return std::nullopt;
  return patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(dims));
}

std::optional<Piece> cut_out(Patterns& patterns, Linears& linears, const Piece& piece, std::size_t dim,
                             std::int64_t count, const Begin& position) {
  Pattern pattern = patterns[piece.pattern];
  if (dim >= pattern.dims.size() || count <= 0) return std::nullopt;
  Piece result{0, piece.begins};
  auto& axes = pattern.dims[dim];
  Begin at = position;
  while (count > 1) {
    if (axes.empty()) return std::nullopt;
    const AxisId axis = axes.front();
    std::int64_t& size = pattern.sizes[axis];
    Begin& begin = result.begins[axis];
    const std::array question{begin.constant, size, count, at.constant};
    if (const auto cut = fired<2>(piece_rules().cut, question)) {
      const auto [from, width] = *cut;
      begin = {from, linears.add(begin.linear, at.linear, width)};
      size = width;
      count = 1;
    } else if (const auto outer = fired<3>(piece_rules().cut_outer, question); outer && at.linear == 0) {
      begin.constant = (*outer)[0];
      at.constant = (*outer)[1];
      count = (*outer)[2];
      size = 1;
    } else {
      return std::nullopt;
    }
    if (size == 1) axes.erase(axes.begin());
  }
  result.pattern =
      patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims));
  return result;
}

namespace {

// Puts `count` neighbours, `step` apart along one axis of a piece, together, as the outermost axis of a dimension.
std::optional<Piece> widened(Patterns& patterns, const Piece& piece, std::size_t dim, AxisId axis,
                             std::int64_t step, std::int64_t count) {
  Pattern pattern = patterns[piece.pattern];
  if (dim >= pattern.dims.size() || axis >= patterns.values().atom(pattern.atom).coordinates)
    return std::nullopt;
  auto& axes = pattern.dims[dim];
  if (pattern.sizes[axis] > 1) {
    if (axes.empty() || axes.front() != axis) return std::nullopt;
  } else {
    axes.insert(axes.begin(), axis);
  }
  const auto length = fired<1>(piece_rules().join, std::array{step, pattern.sizes[axis], count});
  if (!length || (*length)[0] > patterns.values().atom(pattern.atom).extents[axis]) return std::nullopt;
  pattern.sizes[axis] = (*length)[0];
  return Piece{
      patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims)),
      piece.begins};
}

}  // namespace

std::optional<Piece> joined(Patterns& patterns, std::vector<Piece> pieces, std::size_t dim) {
  while (pieces.size() > 1) {
    const Piece& first = pieces[0];
    const Pattern& pattern = patterns[first.pattern];
    if (pieces[1].pattern != first.pattern) return std::nullopt;
    // The axis along which the second lies beside the first, and how many follow in step.
    std::size_t axis = 0;
    while (axis < first.begins.size() && first.begins[axis] == pieces[1].begins[axis]) ++axis;
    if (axis == first.begins.size()) return std::nullopt;
    const auto in_step = [&](std::size_t i, std::size_t base, std::size_t step) {
      if (pieces[i].pattern != first.pattern) return false;
      auto expected = pieces[base].begins;
      expected[axis].constant += static_cast<std::int64_t>(step) * pattern.sizes[axis];
      return pieces[i].begins == expected;
    };
    std::size_t run = 1;
    while (run < pieces.size() && in_step(run, 0, run)) ++run;
    if (run == 1 || pieces.size() % run != 0) return std::nullopt;
    std::vector<Piece> wider;
    wider.reserve(pieces.size() / run);
    for (std::size_t base = 0; base < pieces.size(); base += run) {
      for (std::size_t i = 0; i < run; ++i) {
        if (!in_step(base + i, base, i)) return std::nullopt;
      }
      const std::int64_t step = pieces[base + 1].begins[axis].constant - pieces[base].begins[axis].constant;
      auto wide = widened(patterns, pieces[base], dim, static_cast<AxisId>(axis), step,
                          static_cast<std::int64_t>(run));
      if (!wide) return std::nullopt;
      wider.push_back(std::move(*wide));
    }
    pieces = std::move(wider);
  }
  if (pieces.empty()) return std::nullopt;
  return std::move(pieces[0]);
}

std::optional<Piece> summed_over(Patterns& patterns, Linears& linears, const Piece& piece, Id digit) {
  Pattern pattern = patterns[piece.pattern];
  const Atom& atom = patterns.values().atom(pattern.atom);
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < piece.begins.size(); ++i) {
    if (linears.by(piece.begins[i].linear, digit) == 0) continue;
    if (axis || i < atom.coordinates) return std::nullopt;  // other members hold other elements
    axis = i;
  }
  Piece sum{0, piece.begins};
  const std::int64_t points = linears.points(digit);
  if (axis) {
    const std::int64_t step = linears.by(piece.begins[*axis].linear, digit);
    const auto length = fired<1>(piece_rules().sum_join, std::array{step, pattern.sizes[*axis], points});
    if (!length || (*length)[0] > atom.extents[*axis]) return std::nullopt;
    sum.begins[*axis].linear = linears.without(sum.begins[*axis].linear, digit);
    pattern.sizes[*axis] = (*length)[0];
  } else {
    const auto factor = times(pattern.factor, {points, 1});
    if (!factor) return std::nullopt;
    pattern.factor = *factor;
  }
  sum.pattern =
      patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims));
  return sum;
}

namespace {

std::optional<Piece> joined_over_digit(Patterns& patterns, Linears& linears, const Piece& piece,
                                       std::size_t dim, Id digit) {
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < piece.begins.size(); ++i) {
    if (linears.by(piece.begins[i].linear, digit) == 0) continue;
    if (axis) return std::nullopt;
    axis = i;
  }
  const std::int64_t points = linears.points(digit);
  if (!axis) return points == 1 ? std::optional<Piece>(piece) : std::nullopt;
  const std::int64_t step = linears.by(piece.begins[*axis].linear, digit);
  auto wide = widened(patterns, piece, dim, static_cast<AxisId>(*axis), step, points);
  if (wide) wide->begins[*axis].linear = linears.without(wide->begins[*axis].linear, digit);
  return wide;
}

bool sum_over_digit(Patterns& patterns, Linears& linears, Pieces& pieces, Id digit) {
  constexpr std::int64_t kMostPoints = 64;
  Pieces all;
  for (const Piece& piece : pieces) {
    if (auto sum = summed_over(patterns, linears, piece, digit)) {
      all.push_back(std::move(*sum));
      continue;
    }
    const AxisId coordinates = patterns.values().atom(patterns[piece.pattern].atom).coordinates;
    const auto moves = [&](const Begin& begin) { return linears.by(begin.linear, digit) != 0; };
    if (linears.points(digit) > kMostPoints ||
        std::any_of(piece.begins.begin(), piece.begins.begin() + coordinates, moves)) {
      return false;
    }
    for (std::int64_t point = 0; point < linears.points(digit); ++point) {
      all.push_back(piece);
      for (Begin& begin : all.back().begins) begin = linears.at(begin, digit, point);
    }
  }
  pieces = std::move(all);
  return true;
}

// The outermost digit says which of the large cuts, the others which cut within it. `shift`: to the digits that stand for them.
std::optional<Piece> cut_by_digits(Patterns& patterns, Linears& linears, Piece piece, std::size_t dim,
                                   Id variable, Id shift) {
  for (Id digit = linears.first_digit(variable); digit < linears.first_digit(variable + 1); ++digit) {
    auto cut = cut_out(patterns, linears, piece, dim, linears.points(digit), linears.digit(digit + shift));
    if (!cut) return std::nullopt;
    piece = std::move(*cut);
  }
  return piece;
}

}  // namespace

std::optional<Piece> cut_over(Patterns& patterns, Linears& linears, Piece piece, std::size_t dim,
                              Id variable) {
  return cut_by_digits(patterns, linears, std::move(piece), dim, variable, 0);
}

// The innermost digit's points lie beside one another.
std::optional<Piece> joined_over(Patterns& patterns, Linears& linears, Piece piece, std::size_t dim,
                                 Id variable) {
  for (Id digit = linears.first_digit(variable + 1); digit-- > linears.first_digit(variable);) {
    auto wide = joined_over_digit(patterns, linears, piece, dim, digit);
    if (!wide) return std::nullopt;
    piece = std::move(*wide);
  }
  return piece;
}

bool sum_over(Patterns& patterns, Linears& linears, Pieces& pieces, Id variable) {
  for (Id digit = linears.first_digit(variable + 1); digit-- > linears.first_digit(variable);) {
    if (!sum_over_digit(patterns, linears, pieces, digit)) return false;
  }
  return true;
}

// The position among the members is the variable itself; while both a source and a destination are about, the destination has digits of
// its own, that no plan has.
std::optional<Piece> exchanged_over(Patterns& patterns, Linears& linears, Piece piece, std::size_t dim,
                                    std::size_t other_dim, Id variable) {
  const Id shift = linears.digits();
  auto made = cut_by_digits(patterns, linears, std::move(piece), dim, variable, shift);
  if (made) made = joined_over(patterns, linears, std::move(*made), other_dim, variable);
  for (std::size_t i = 0; made && i < made->begins.size(); ++i) {
    Begin& begin = made->begins[i];
    for (Id digit = linears.first_digit(variable); digit < linears.first_digit(variable + 1); ++digit) {
      const std::int64_t by = linears.by(begin.linear, digit + shift);
      begin.linear =
          linears.add(linears.without(begin.linear, digit + shift), linears.digit(digit).linear, by);
    }
  }
  return made;
}

namespace {

// The only reduced axis along which `b` follows `a`, when nothing else differs. `same`: nothing differs at all.
struct Neighbour {
  bool same = false;
  std::optional<std::size_t> axis;
  std::int64_t length = 0;  // of both along it
};
Neighbour neighbour(const Patterns& patterns, const Piece& a, const Piece& b) {
  const Pattern& pa = patterns[a.pattern];
  const Pattern& pb = patterns[b.pattern];
  if (pa.frame != pb.frame) return {};
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < a.begins.size(); ++i) {
    if (a.begins[i] == b.begins[i] && pa.sizes[i] == pb.sizes[i]) continue;
    if (axis || i < patterns.values().atom(pa.atom).coordinates) return {};
    axis = i;
  }
  // What is added and taken away again is not gone: minus infinity of a mask less itself is no 0.
  if (!axis) return {.same = (pa.factor.numerator < 0) == (pb.factor.numerator < 0), .axis = {}, .length = 0};
  const Begin &from = a.begins[*axis], &to = b.begins[*axis];
  if (pa.factor != pb.factor || from.linear != to.linear) return {};
  const auto length = fired<1>(piece_rules().neighbours,
                               std::array{from.constant, pa.sizes[*axis], to.constant, pb.sizes[*axis]});
  if (!length) return {};
  return {.same = false, .axis = axis, .length = (*length)[0]};
}

struct Order {
  const Patterns& patterns;
  std::size_t last;  // the axis compared last
  bool operator()(const Piece& a, const Piece& b) const {
    const Pattern &pa = patterns[a.pattern], &pb = patterns[b.pattern];
    if (pa.frame != pb.frame) return pa.frame < pb.frame;
    for (std::size_t i = 0; i < a.begins.size(); ++i) {
      if (i == last) continue;
      if (a.begins[i] != b.begins[i]) return a.begins[i] < b.begins[i];
      if (pa.sizes[i] != pb.sizes[i]) return pa.sizes[i] < pb.sizes[i];
    }
    if (last < a.begins.size() && a.begins[last] != b.begins[last]) return a.begins[last] < b.begins[last];
    return pa.factor < pb.factor;
  }
};

// One pass: every piece against the one before it.
bool join_neighbours(Patterns& patterns, Pieces& pieces, bool& changed, std::map<Id, std::int64_t>& counts) {
  Pieces kept;
  kept.reserve(pieces.size());
  for (Piece& piece : pieces) {
    const Neighbour met = kept.empty() ? Neighbour{} : neighbour(patterns, kept.back(), piece);
    if (!met.same && !met.axis) {
      kept.push_back(std::move(piece));
      continue;
    }
    changed = true;
    Pattern pattern = patterns[kept.back().pattern];
    if (met.same) {
      const auto factor = plus(pattern.factor, patterns[piece.pattern].factor);
      if (!factor) return false;
      pattern.factor = *factor;
    } else {
      pattern.sizes[*met.axis] = met.length;
      ++counts[patterns.values().atom(pattern.atom).base];
    }
    kept.back().pattern =
        patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims));
  }
  pieces = std::move(kept);
  return true;
}

// A piece of a term of a sum, read as a piece of the sum: the term's axes are the sum's, each in its place.
struct Reading {
  std::vector<std::int64_t> sizes;
  std::vector<Begin> begins;
  std::vector<std::vector<AxisId>> dims;
  bool operator==(const Reading&) const = default;
};
Reading read_as_sum(const Patterns& patterns, const Piece& piece, const View& term, const ReferenceSum& sum) {
  const Pattern& pattern = patterns[piece.pattern];
  const Atom& atom = patterns.values().atom(sum.result.atom);
  Reading reading{atom.extents, std::vector<Begin>(atom.extents.size()), pattern.dims};
  std::vector<AxisId> as(pattern.sizes.size());
  for (std::size_t d = 0; d < term.dims.size(); ++d) {
    for (std::size_t i = 0; i < term.dims[d].size(); ++i) {
      const AxisId mine = term.dims[d][i], its = sum.result.dims[d][i];
      as[mine] = its;
      reading.sizes[its] = pattern.sizes[mine];
      reading.begins[its] = piece.begins[mine];
    }
  }
  for (auto& dim : reading.dims) {
    for (AxisId& axis : dim) axis = as[axis];
  }
  return reading;
}

// Whether these pieces, one per term, are the same piece of a sum of the reference, laid out in whatever way; if so, it.
std::optional<Piece> as_sum(Patterns& patterns, const Pieces& pieces, const ReferenceSum& sum) {
  if (pieces.size() != sum.terms.size()) return std::nullopt;
  std::optional<Reading> common;
  std::vector<bool> taken(pieces.size());
  for (const View& term : sum.terms) {
    bool found = false;
    for (std::size_t p = 0; p < pieces.size() && !found; ++p) {
      const Pattern& pattern = patterns[pieces[p].pattern];
      if (taken[p] || pattern.atom != term.atom || pattern.factor != term.factor) continue;
      Reading reading = read_as_sum(patterns, pieces[p], term, sum);
      if (common && !(*common == reading)) continue;
      common = std::move(reading);
      taken[p] = found = true;
    }
    if (!found) return std::nullopt;
  }
  const Id pattern =
      patterns.intern(sum.result.factor, sum.result.atom, std::move(common->sizes), std::move(common->dims));
  return Piece{pattern, std::move(common->begins)};
}

void name_sum(Patterns& patterns, Pieces& pieces, Id& named) {
  if (pieces.size() < 2) return;
  ReferenceValues::SumKey key;
  for (const Piece& piece : pieces) {
    const Pattern& pattern = patterns[piece.pattern];
    if (!pattern.whole) return;
    key.emplace_back(pattern.atom, pattern.factor);
  }
  std::ranges::sort(key);
  for (const ReferenceSum* sum : patterns.values().sums(key)) {
    if (auto piece = as_sum(patterns, pieces, *sum)) {
      pieces = {std::move(*piece)};
      named = sum->node;
      return;
    }
  }
}

// Shares that are whole where they stand for an operand itself.
bool close_shares(Patterns& patterns, Pieces& pieces) {
  bool changed = false;
  for (Piece& piece : pieces) {
    Pattern pattern = patterns[piece.pattern];
    if (patterns.values().atom(pattern.atom).parts.empty()) continue;
    if (!patterns.values().close(pattern.atom, pattern.sizes, piece.begins)) continue;
    changed = true;
    piece.pattern =
        patterns.intern(pattern.factor, pattern.atom, std::move(pattern.sizes), std::move(pattern.dims));
  }
  return changed;
}

// Whether among the pieces are all terms of the sum, the same multiple of each, around the one at `with`: they become its result.
bool name_share_sum(Patterns& patterns, Pieces& pieces, std::size_t with, const ReferenceSum& sum) {
  const Pattern& first = patterns[pieces[with].pattern];
  const auto own = std::ranges::find(sum.terms, first.atom, &View::atom);
  const auto by = ratio(first.factor, own->factor);
  if (!by || !first.whole) return false;
  const Reading common = read_as_sum(patterns, pieces[with], *own, sum);
  std::vector<bool> taken(pieces.size());
  for (const View& term : sum.terms) {
    const auto factor = times(term.factor, *by);
    std::size_t p = 0;
    for (; p < pieces.size(); ++p) {
      const Pattern& pattern = patterns[pieces[p].pattern];
      if (!taken[p] && pattern.atom == term.atom && factor && pattern.factor == *factor && pattern.whole &&
          read_as_sum(patterns, pieces[p], term, sum) == common)
        break;
    }
    if (p == pieces.size()) return false;
    taken[p] = true;
  }
  const auto factor = times(sum.result.factor, *by);
  if (!factor) return false;
  Pieces kept{{patterns.intern(*factor, sum.result.atom, common.sizes, common.dims), common.begins}};
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    if (!taken[p]) kept.push_back(std::move(pieces[p]));
  }
  pieces = std::move(kept);
  return true;
}
bool name_shares(Patterns& patterns, Pieces& pieces) {
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    const Id atom = patterns[pieces[p].pattern].atom;
    if (patterns.values().atom(atom).parts.empty()) continue;
    for (const ReferenceSum* sum : patterns.values().share_sums(atom)) {
      if (name_share_sum(patterns, pieces, p, *sum)) return true;
    }
  }
  return false;
}

// Neighbours, as far as they go. Errors: false, a number left 64 bits.
bool join(Patterns& patterns, Pieces& pieces, std::map<Id, std::int64_t>& counts) {
  for (bool changed = true; changed && pieces.size() > 1;) {
    changed = false;
    std::size_t most = 0;
    for (const Piece& piece : pieces) most = std::max(most, piece.begins.size());
    for (std::size_t last = most; last-- > 0 && pieces.size() > 1;) {
      std::ranges::sort(pieces, Order{patterns, last});
      if (!join_neighbours(patterns, pieces, changed, counts)) return false;
    }
    if (most == 0) {
      std::ranges::sort(pieces, Order{patterns, 0});
      if (!join_neighbours(patterns, pieces, changed, counts)) return false;
    }
  }
  return true;
}

}  // namespace

bool add_up(Patterns& patterns, Pieces& pieces, std::map<Id, std::int64_t>& joins, Id& named) {
  named = kNone;
  std::map<Id, std::int64_t> counts;
  do {
    if (!join(patterns, pieces, counts)) return false;
  } while (close_shares(patterns, pieces) || name_shares(patterns, pieces));
  for (const auto& [atom, count] : counts) joins[atom] = std::max(joins[atom], count + 1);
  name_sum(patterns, pieces, named);
  return true;
}

std::string describe(const Patterns& patterns, const Linears& linears, const Document& document,
                     const Piece& piece) {
  const Pattern& pattern = patterns[piece.pattern];
  const Atom& atom = patterns.values().atom(pattern.atom);
  PieceWords words{.tensor = atom.tensor,
                   .numerator = pattern.factor.numerator,
                   .denominator = pattern.factor.denominator,
                   .coordinates = atom.coordinates,
                   .extents = atom.extents,
                   .sizes = pattern.sizes,
                   .begins = {},
                   .radices = linears.radices(),
                   .share = !atom.parts.empty()};
  for (const Begin& begin : piece.begins)
    words.begins.push_back({begin.constant, linears.form(begin.linear)});
  return in_words(document, words);
}

}  // namespace cep::logical::calculus
