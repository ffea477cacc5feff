// Communications: what the members hold against what they are said to get, once all have called.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

// Of the line's rank among listed members; 0 where they are the points of a variable.
std::size_t PlanCheck::position(const lp::Node& node) const {
  const std::vector<lp::Affine>& ranks = plan_.groups[node.group].ranks;
  return static_cast<std::size_t>(std::ranges::find(ranks, plan_.places[node.place]) - ranks.begin());
}

// `size` times a position in a group: a number, or the point of a variable.
Begin PlanCheck::stride(Id variable, std::size_t number, std::int64_t size) {
  if (variable == kNone) return {times(static_cast<std::int64_t>(number), size), 0};
  lp::Affine point{0, std::vector<std::int64_t>(variable + std::size_t{1})};
  point.by_variable[variable] = size;
  return linears_.begin(point);
}

// [first, first + size) of dimension `dim` of every piece.
void PlanCheck::cut_all(Pieces& pieces, std::size_t dim, Begin first, std::int64_t size, Id line) {
  for (Piece& piece : pieces) {
    if (!cut(linears_, piece, dim, first, size))
      refuse("CEP-LCHK-8", place(line), "a piece that cannot be cut so");
  }
}

// The same of another point of the variable.
void PlanCheck::other_points(Pieces& pieces, Id variable) {
  for (Piece& piece : pieces) {
    for (std::size_t a = 0; a < piece.axes; ++a) piece.begins[a] = linears_.twin(piece.begins[a], variable);
  }
}

// The lines of a message wait for the last of them: no result is believed before.
void PlanCheck::check_communication(Id line) {
  const lp::Program& program = plan_.program;
  const lp::Node& node = program.nodes[line];
  const auto lines = node.message == kNone ? std::span<const Id>(&line, 1) : messages_.lines(node.message);
  if (lines.back() != line) return;
  const lp::Group& group = plan_.groups[node.group];
  std::vector<Id> operands(std::max<std::size_t>(group.ranks.size(), 1), kNone);
  for (const Id at : lines) {
    const lp::Node& member = program.nodes[at];
    if (member.inputs > 0) operands[position(member)] = program.inputs(member)[0];
  }
  std::erase(operands, kNone);
  // Without a cut all get the same: what the one among listed members holds that holds something, or another's result, once checked.
  Id right = group.variable == kNone && operands.size() == 1 ? operands[0] : kNone;
  Pieces sum;
  for (const Id at : lines) {
    for (const Id result : program.outputs(program.nodes[at])) {
      if (lp::making(node).cut || right == kNone || !facts_.equal(right, result))
        check_made(at, operands, sum);
      right = result;
      there_[result] = true;
    }
  }
}

// What one member gets. Of a variable, all points at once: there is one operand, of the line's own point; another member's point is the
// variable's twin. sum: of all operands, once it is made, for the other members.
void PlanCheck::check_made(Id line, std::span<const Id> operands, Pieces& sum) {
  const lp::Node& node = plan_.program.nodes[line];
  const auto result = plan_.program.outputs(node);
  const lp::Shape& shape = plan_.program.shape(result[0]);
  const Id variable = plan_.groups[node.group].variable;
  const bool listed = variable == kNone, points = !listed && node.message != kNone;
  kind_ = {static_cast<Id>(node.comm) | Id{node.dim} << 8 | Id{node.other_dim} << 16,
           static_cast<Id>(position(node)), static_cast<Id>(operands.size()), 0};
  // Of many members each would be as long to compare as all to add up.
  if (!listed || operands.size() > kMostMembers) {
    kind_.clear();
  } else if (found_before(operands, result)) {
    return;
  }
  const lp::Making how = lp::making(node);
  const bool joins = how.joined != kNone;
  if (!joins && sum.empty()) {
    Pieces all;
    for (const Id operand : operands)
      add_over(linears_, facts_.pieces(operand), linears_.digits(points ? variable : kNone), all);
    for (const Piece& piece : all) {
      if (sum.empty() || !extend(sum.back(), piece)) sum.push_back(piece);
    }
  }
  // What is joined is looked at member by member, against its part of the result; what is added up, at once.
  for (std::size_t m = 0; m < (joins ? operands.size() : 1); ++m) {
    Pieces made = joins ? facts_.pieces(operands[m]) : sum, claimed = facts_.pieces(result[0]);
    if (points && joins) other_points(made, variable);
    const std::int64_t members =
        listed ? static_cast<std::int64_t>(operands.size()) : plan_.variables[variable].size;
    if (how.cut) {
      const std::int64_t size = shape[node.dim] / (how.joined == node.dim ? members : 1);
      cut_all(made, node.dim, stride(variable, position(node), size), size, line);
    }
    if (joins) {
      const std::int64_t size = shape[how.joined] / members;
      const Begin first = stride(variable, m, size);
      cut_all(claimed, how.joined, listed ? first : linears_.twin(first, variable), size, line);
    }
    if (!reference_.same(made, claimed))
      refuse("CEP-LCHK-8", place(line), "not what the communication makes of what the members hold");
  }
  remember(true, !how.cut && !joins && whole_);
}

}  // namespace cep_check::logical
