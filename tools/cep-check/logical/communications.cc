// Communications: what the members hold against what they are said to get, once all have called.
#include <algorithm>

#include "tools/cep-check/logical/plan.h"

namespace cep_check::logical {

void PlanCheck::require_same(Id line, const Pieces& made, const Pieces& claimed) {
  if (!reference_.same(made, claimed))
    refuse("CEP-LCHK-8", place(line), "not what the communication makes of what the members hold");
}

// [first, first + size) of dimension `dim` of every piece.
Pieces PlanCheck::parts(Pieces pieces, std::size_t dim, Begin first, std::int64_t size, Id line) {
  for (Piece& piece : pieces) {
    if (!cut(linears_, piece, dim, first, size))
      refuse("CEP-LCHK-8", place(line), "a piece that cannot be cut so");
  }
  return pieces;
}

Pieces PlanCheck::renamed(Pieces pieces, Id variable) {
  for (Piece& piece : pieces) {
    for (std::size_t a = 0; a < piece.axes; ++a) piece.begins[a] = linears_.twin(piece.begins[a], variable);
  }
  return pieces;
}

// Of the line's rank among the members.
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

void PlanCheck::check_chunk(Id line) {
  const lp::Node& node = plan_.program.nodes[line];
  const Id operand = plan_.program.inputs(node)[0], result = plan_.program.outputs(node)[0];
  const std::int64_t size = plan_.program.shape(result)[node.dim];
  const Begin first = stride(plan_.groups[node.group].variable, position(node), size);
  require_same(line, parts(facts_.pieces(operand), node.dim, first, size, line), facts_.pieces(result));
  there_[result] = true;
}

// Lines of a message are kept until the last member calls: no result is believed before.
void PlanCheck::check_communication(Id line) {
  const lp::Node& node = plan_.program.nodes[line];
  const lp::Group& group = plan_.groups[node.group];
  if (group.variable != kNone) {
    check_made(line, plan_.program.inputs(node), 0, group.variable);
    there_[plan_.program.outputs(node)[0]] = true;
    return;
  }
  before_[line] = std::exchange(last_[node.message], line);
  if (++called_[node.message] < group.ranks.size()) return;
  std::vector<Id> lines(group.ranks.size(), kNone);
  for (Id at = line; at != kNone; at = before_[at]) {
    const std::size_t member = position(plan_.program.nodes[at]);
    if (member == lines.size() || lines[member] != kNone)
      refuse("CEP-LCHK-8", place(at), "no member, or one that has called already");
    lines[member] = at;
  }
  check_instance(lines);
  for (const Id at : lines) {
    for (const Id tensor : plan_.program.outputs(plan_.program.nodes[at])) there_[tensor] = true;
  }
}

// All lines of one message, by position in the group.
void PlanCheck::check_instance(std::span<const Id> lines) {
  const lp::Program& program = plan_.program;
  std::vector<Id> operands;
  for (const Id line : lines) {
    const auto in = program.inputs(program.nodes[line]);
    if (!in.empty()) operands.push_back(in[0]);
  }
  Id first = kNone;  // a result that has been checked
  for (std::size_t p = 0; p < lines.size(); ++p) {
    const lp::Node& node = program.nodes[lines[p]];
    if (node.outputs == 0) continue;
    const Id result = program.outputs(node)[0];
    switch (node.comm) {
      case lp::CommKind::kReceive:
      case lp::CommKind::kBroadcast:
        if (!facts_.equal(operands[0], result))
          require_same(lines[p], facts_.pieces(operands[0]), facts_.pieces(result));
        break;
      case lp::CommKind::kAllReduce:
      case lp::CommKind::kAllGather:
        if (first == kNone || !facts_.equal(first, result)) check_members(lines[p], operands, p);
        break;
      default: check_members(lines[p], operands, p);
    }
    first = result;
  }
}

// The result at `position` against the operands of all members.
void PlanCheck::check_members(Id line, std::span<const Id> operands, std::size_t position) {
  const lp::Node& node = plan_.program.nodes[line];
  const auto result = plan_.program.outputs(node);
  kind_ = {static_cast<Id>(node.comm) | Id{node.dim} << 8 | Id{node.other_dim} << 16,
           certificate_.repeats[line], static_cast<Id>(operands.size()), static_cast<Id>(position)};
  if (found_before(operands, result)) return;
  check_made(line, operands, position, kNone);
  remember(true, node.comm == lp::CommKind::kAllReduce && whole_);
}

// Of a variable, all points at once: there is one operand, of the line's own point; another member's point is the variable's twin.
void PlanCheck::check_made(Id line, std::span<const Id> operands, std::size_t position, Id variable) {
  const lp::Node& node = plan_.program.nodes[line];
  const Id result = plan_.program.outputs(node)[0];
  const Pieces claimed = facts_.pieces(result);
  const lp::Shape& shape = plan_.program.shape(result);
  const std::int64_t mine = node.dim < shape.size() ? shape[node.dim] : 1;  // all_reduce cuts nothing
  const bool listed = variable == kNone, exchanged = node.comm == lp::CommKind::kAllToAll;
  if (node.comm == lp::CommKind::kAllReduce || node.comm == lp::CommKind::kReduceScatter) {
    Pieces sum;
    for (const Id operand : operands)
      add_over(linears_, facts_.pieces(operand), linears_.digits(variable), sum);
    if (node.comm == lp::CommKind::kReduceScatter)
      sum = parts(std::move(sum), node.dim, stride(variable, position, mine), mine, line);
    return require_same(line, sum, claimed);
  }
  if (!exchanged && node.comm != lp::CommKind::kAllGather)
    refuse("CEP-LCHK-8", place(line), "a communication that needs its members one by one");
  // Joined: the part of the result that comes from each member.
  const std::size_t joined = exchanged ? node.other_dim : node.dim;
  const std::int64_t members =
      listed ? static_cast<std::int64_t>(operands.size()) : plan_.variables[variable].size;
  const std::int64_t size = shape[joined] / members;
  for (std::size_t m = 0; m < operands.size(); ++m) {
    Pieces from = facts_.pieces(operands[m]);
    if (!listed) from = renamed(std::move(from), variable);
    if (exchanged) from = parts(std::move(from), node.dim, stride(variable, position, mine), mine, line);
    Begin first = stride(variable, m, size);
    if (!listed) first = linears_.twin(first, variable);
    require_same(line, from, parts(claimed, joined, first, size, line));
  }
}

}  // namespace cep_check::logical
