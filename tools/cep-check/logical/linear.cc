// Views and sums.
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

// ---- Sums of the reference, by their terms ----

// What `node`, a sum of the reference, adds up within a piece of its result. False where the piece is of another value, or only part of it.
bool Reference::by_terms(const Piece& piece, Id node, Pieces& terms) const {
  const lp::Node& sum = program_.nodes[node];
  const Piece& whole = views_[program_.outputs(sum)[0]];
  if (factors_[node].empty() || !whole_of(piece, whole)) return false;
  const std::size_t before = terms.size();
  for (std::size_t j = 0; j < factors_[node].size(); ++j) {
    Piece part;
    if (!read_as(piece, whole, views_[program_.inputs(sum)[j]], part)) {
      terms.resize(before);
      return false;
    }
    part.factor = part.factor * fraction(factors_[node][j], 1);
    terms.push_back(part);
  }
  return true;
}

// Every sum by its terms, until none is left. False where nothing changed.
bool Reference::atoms(Pieces& pieces) const {
  Pieces done;
  bool changed = false;
  while (!pieces.empty()) {
    const Piece piece = pieces.back();
    pieces.pop_back();
    const Id sum = sums_[piece.value];
    if (sum != kNone && by_terms(piece, sum, pieces)) {
      changed = true;
    } else {
      done.push_back(piece);
    }
    // Sums of sums of one value with itself double at every step.
    bounded(pieces.size() + done.size(), kMaxPieces, kTooMany);
  }
  pieces = std::move(done);
  return changed;
}

bool Reference::same(const Pieces& a, const Pieces& b, Id sum) const {
  if (same_sum(a, b)) return true;
  if (sum != kNone) {
    Pieces terms;
    for (const Piece& piece : b) {
      if (!by_terms(piece, sum, terms)) terms.push_back(piece);
    }
    if (same_sum(a, terms)) return true;
  }
  Pieces left = a, right = b;
  const bool left_changed = atoms(left), right_changed = atoms(right);
  return ((left_changed || right_changed) && same_sum(left, right)) || same_shares(a, b);
}

}  // namespace cep_check::logical
