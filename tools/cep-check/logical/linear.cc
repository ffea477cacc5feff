// Views and sums, and what values come apart into.
#include <algorithm>

#include "tools/cep-check/logical/reference.h"

namespace cep_check::logical {

using Kind = lp::Meaning::Kind;

std::size_t terms(const lp::Meaning& meaning) {
  return meaning.kind == Kind::kSum ? meaning.factors.size() : 1;
}

bool contribute(const lp::Meaning& meaning, std::size_t j, const lp::Shape& shape, Piece& piece) {
  switch (meaning.kind) {
    case Kind::kForm: return false;
    case Kind::kReshape: return reshape(piece, shape);
    case Kind::kTranspose: transpose(piece, meaning.dim0, meaning.dim1); return true;
    case Kind::kSame: piece.factor = piece.factor * fraction(1, meaning.denominator); return true;
    case Kind::kSum: piece.factor = piece.factor * fraction(meaning.factors[j], 1); return true;
  }
  return false;
}

// ---- Coming apart ----

// What a node that adds its operands adds up within a piece of its result; of an operand that is stretched, its share.
bool Reference::by_terms(const Piece& piece, Id node, Pieces& terms) const {
  const Id result = program_.outputs(program_.nodes[node])[0];
  const Piece& whole = views_[result];
  const auto in = program_.inputs(program_.nodes[node]);
  if (factors_[node].empty() || !whole_of(piece, whole)) return false;
  for (std::size_t j = 0; j < in.size(); ++j) {
    const Piece& view = views_[in[j]];
    Piece term = piece;
    if (program_.shape(in[j]) == program_.shape(result)) {
      if (!read_as(piece, whole, view, term)) return false;
    } else {
      const auto share = shares_.find({result, {{j, view.value}}, {view}});
      if (share == shares_.end()) return false;
      term.value = share->second;
      for (std::size_t a = view.coordinates; a < view.axes; ++a) add_axis(term, view.sizes[a], {});
    }
    term.factor = term.factor * fraction(factors_[node][j], 1);
    terms.push_back(term);
  }
  return true;
}

// The share with what the operand's part comes apart into in its place; where no part stands there, with the operand's own value, all of it.
bool Reference::by_operand(const Piece& piece, std::size_t operand, Pieces& terms) const {
  const auto& of = value(piece.value);
  const Id node = maker_[of.tensor].node;
  if (node == kNone || operand >= program_.nodes[node].inputs) return false;
  ShareKey key = keys_[piece.value] == nullptr ? ShareKey{of.tensor, {}, {}} : *keys_[piece.value];
  std::size_t p = 0, first = value(base(piece.value)).extents.size();
  const auto summed = [&](Id id) { return value(id).extents.size() - value(id).coordinates; };
  for (; p < of.parts.size() && of.parts[p].operand < operand; ++p) first += summed(of.parts[p].value);
  std::size_t behind = first;
  Pieces inner;
  if (p < of.parts.size() && of.parts[p].operand == operand) {
    Piece part;
    if (!whole(part, of.parts[p].value, of.parts[p].dims)) return false;
    for (std::size_t a = part.coordinates; a < part.axes; ++a, ++behind) {
      part.sizes[a] = piece.sizes[behind];
      part.begins[a] = piece.begins[behind];
    }
    if (!apart(part, inner)) return false;
  } else {
    if (!forms_[node].adds.empty()) return false;
    inner.push_back(views_[program_.inputs(program_.nodes[node])[operand]]);
    inner[0].factor = {};
    const auto at = static_cast<std::ptrdiff_t>(p);
    key.taken.insert(key.taken.begin() + at, {operand, kNone});
    key.laid.emplace(key.laid.begin() + at);
  }
  for (const Piece& one : inner) {
    key.taken[p].second = one.value;
    key.laid[p] = one;
    const auto share = shares_.find(key);
    if (share == shares_.end()) return false;
    Piece term = piece;
    term.value = share->second;
    term.factor = piece.factor * one.factor;
    term.axes = static_cast<std::uint8_t>(first);
    for (std::size_t a = one.coordinates; a < one.axes; ++a) add_axis(term, one.sizes[a], one.begins[a]);
    for (std::size_t a = behind; a < piece.axes; ++a) add_axis(term, piece.sizes[a], piece.begins[a]);
    terms.push_back(term);
  }
  return true;
}

bool Reference::apart(const Piece& piece, Pieces& terms) const {
  const auto& of = value(piece.value);
  if (of.apart != kNone) return by_operand(piece, of.apart, terms);
  return of.parts.empty() && made(of.tensor) && by_terms(piece, maker_[of.tensor].node, terms);
}

// The last value first: where the sides have not the same of it, both are taken apart.
bool Reference::same(const Pieces& a, const Pieces& b) const {
  if (same_sum(a, b)) return true;
  std::map<Id, std::array<Pieces, 2>> left;
  for (const Piece& piece : a) left[piece.value][0].push_back(piece);
  for (const Piece& piece : b) left[piece.value][1].push_back(piece);
  for (std::size_t made = 0; !left.empty();) {
    const auto last = left.extract(std::prev(left.end()));
    if (same_sum(last.mapped()[0], last.mapped()[1])) continue;
    for (const std::size_t side : {0u, 1u}) {
      for (const Piece& piece : last.mapped()[side]) {
        Pieces terms;
        if (!apart(piece, terms)) return false;
        bounded(made += terms.size(), kMaxPieces, kTooMany);
        for (const Piece& term : terms) {
          if (term.value >= piece.value)
            refuse("CEP-LCHK-3", item("values", piece.value), "comes apart into no earlier value");
          left[term.value][side].push_back(term);
        }
      }
    }
  }
  return true;
}

}  // namespace cep_check::logical
