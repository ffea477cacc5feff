// Patterns written out: one line for every point of the variables' domain.
#pragma once

#include <cstdint>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::oracle {

using Point = std::vector<std::int64_t>;  // a value for each variable

[[nodiscard]] std::int64_t value_at(const Affine& form, const Point& point);
// All points, the last variable fastest.
[[nodiscard]] std::vector<Point> points_of(const std::vector<Variable>& variables);
// The members of a group at a point. `place` is the rank of the line that speaks of it: along a variable, its own coordinate moves.
[[nodiscard]] std::vector<std::int64_t> members_at(const Plan& plan, const Group& group, const Affine& place,
                                                   const Point& point);

// The same reference, and a plan without variables. Lines keep their order; each is followed by its other points. Two lines are members of
// one instance when they have the same message and the same members; send and receive also the same point.
[[nodiscard]] Document instantiate(const Document& document);

}  // namespace cep::logical::oracle
