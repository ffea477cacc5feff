// What a tensor of the plan is known to hold: pieces of values of the reference, and what views and communications do to them.
//
// A piece is factor * (a box of an atom's coordinates, summed over a box of its reduced axes), laid out with its axes in the order of
// `dims`. Everything about it but where it begins is a pattern, kept once: ranks and micro-batches that differ in an index alone share
// patterns, by computation and not because the plan says so.
//
// Spec     CEP 11.5.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "reference.h"

namespace cep::logical::calculus {

struct Pattern {
  Rational factor;
  Id atom = 0;
  std::vector<std::int64_t> sizes;        // per axis of the atom
  std::vector<std::vector<AxisId>> dims;  // axes longer than 1 alone; outermost first
  // Derived.
  bool whole = false;  // summed over everything there is to sum over
  Id frame = 0;        // equal for patterns that differ in factor and reduced axes alone
  Shape shape;
};

class Patterns {
 public:
  explicit Patterns(ReferenceValues& values) : values_(values) {}
  Id intern(const Rational& factor, Id atom, std::vector<std::int64_t> sizes,
            std::vector<std::vector<AxisId>> dims);
  [[nodiscard]] const Pattern& operator[](Id id) const { return patterns_[id]; }
  [[nodiscard]] std::size_t size() const { return patterns_.size(); }
  [[nodiscard]] const ReferenceValues& values() const { return values_; }
  [[nodiscard]] ReferenceValues& values() { return values_; }

 private:
  using Key = std::tuple<Rational, Id, std::vector<std::int64_t>, std::vector<std::vector<AxisId>>>;
  ReferenceValues& values_;
  std::deque<Pattern> patterns_;  // references stay good while more are added
  std::map<Key, Id> ids_;
  std::map<std::tuple<Id, std::vector<std::int64_t>, std::vector<std::vector<AxisId>>>, Id> frames_;
};

struct Piece {
  Id pattern = 0;
  std::vector<Begin> begins;  // per axis of the atom
  bool operator==(const Piece&) const = default;
};
using Pieces = std::vector<Piece>;

// Each returns nothing where the result is no piece.
[[nodiscard]] std::optional<Id> scaled(Patterns& patterns, Id pattern, const Rational& by);
[[nodiscard]] std::optional<Id> transposed(Patterns& patterns, Id pattern, std::size_t dim0,
                                           std::size_t dim1);
[[nodiscard]] std::optional<Id> reshaped(Patterns& patterns, Id pattern, const Shape& shape);
// One of `count` equal cuts along a dimension, the one at `position`.
[[nodiscard]] std::optional<Piece> cut_out(Patterns& patterns, Linears& linears, const Piece& piece,
                                           std::size_t dim, std::int64_t count, const Begin& position);
// Joined along a dimension, in this order.
[[nodiscard]] std::optional<Piece> joined(Patterns& patterns, std::vector<Piece> pieces, std::size_t dim);
// Over all points of a variable, in ascending order, digit after digit: the cut at the variable's own point, pieces joined, or summed.
// Where places along reduced axes are no long piece, sums are taken piece by piece, at no more than 64 points of a digit.
// Errors   nothing, false: no pieces, or other elements at other points.
[[nodiscard]] std::optional<Piece> cut_over(Patterns& patterns, Linears& linears, Piece piece,
                                            std::size_t dim, Id variable);
[[nodiscard]] std::optional<Piece> joined_over(Patterns& patterns, Linears& linears, Piece piece,
                                               std::size_t dim, Id variable);
[[nodiscard]] bool sum_over(Patterns& patterns, Linears& linears, Pieces& pieces, Id variable);
// Over one digit, where it makes one piece.
[[nodiscard]] std::optional<Piece> summed_over(Patterns& patterns, Linears& linears, const Piece& piece,
                                               Id digit);
// Cut as over the variable and joined along another dimension: each point has what the others have for it.
[[nodiscard]] std::optional<Piece> exchanged_over(Patterns& patterns, Linears& linears, Piece piece,
                                                  std::size_t dim, std::size_t other_dim, Id variable);

// Adds up: equal pieces add their factors, neighbours of one sum become one piece, all terms of a sum of the reference become that sum.
// joins: how many pieces went into each reduction that was put together, by atom; the largest is kept.
// Errors   false: a number left 64 bits.
// named: the node of the reference whose sum they are, or kNone.
[[nodiscard]] bool add_up(Patterns& patterns, Pieces& pieces, std::map<Id, std::int64_t>& joins, Id& named);

[[nodiscard]] std::string describe(const Patterns& patterns, const Linears& linears, const Document& document,
                                   const Piece& piece);

}  // namespace cep::logical::calculus
