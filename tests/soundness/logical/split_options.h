// How an operator may be computed in pieces: along one axis of a mesh, what each point needs of its operands and makes of its results.
#pragma once

#include <cstdint>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::oracle {

enum class Spread : std::uint8_t {
  kCopies,   // every point has the whole
  kPieces,   // every point has its piece along `dim`
  kAddends,  // what the points have adds up to the whole
};
struct Split {
  Spread spread = Spread::kCopies;
  std::size_t dim = 0;
  auto operator<=>(const Split&) const = default;
};
struct Option {
  std::vector<Split> operands, results;
};

// Copies of everything come first. Each option is right for every number of points that divides the dimensions it cuts; where the first
// dimension of a table of rows or experts is cut, the node's start and stop are those of the piece.
[[nodiscard]] std::vector<Option> options_of(const Operation& operation, const std::vector<Shape>& operands,
                                             const std::vector<Shape>& results);

}  // namespace cep::logical::oracle
