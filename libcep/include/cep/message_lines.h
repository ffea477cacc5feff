// Who takes part in a communication, from a message to its lines, from a group to its members; and what they get.
//
// Cost     linear in lines and members to make; then a look-up is one access.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cep/logical.h"

namespace cep::logical {

// The lines of every message of a program, in its order. Keeps numbers alone: the program may go.
class MessageLines {
 public:
  explicit MessageLines(const Program& program);
  // Message numbers are below this; not all of them need have lines.
  [[nodiscard]] Id messages() const { return static_cast<Id>(first_.size() - 1); }
  [[nodiscard]] std::span<const Id> lines(Id message) const {
    return std::span(lines_).subspan(first_[message], first_[message + 1] - first_[message]);
  }

 private:
  std::vector<std::uint32_t> first_;  // in lines_, by message, and the end
  std::vector<Id> lines_;
};

// The places of a group's members, in its order; kNone for a rank that has no line. Empty for the points of a variable.
[[nodiscard]] std::vector<std::vector<Id>> member_places(const Plan& plan);

// A member gets what the members hold: of each its own part, or all of it; these joined, or added up. Where one alone holds something (it
// sends, or cuts what it has), that is all there is to add.
struct Making {
  bool cut = false;   // along the line's `dim`
  Id joined = kNone;  // along this dimension
};
[[nodiscard]] Making making(const Node& node);

}  // namespace cep::logical
