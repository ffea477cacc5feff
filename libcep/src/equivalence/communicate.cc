// Communications: what every member holds afterwards. Who is a member, and in which place, comes from the group and the lines' ranks.
#include <algorithm>

#include "prover.h"

namespace cep::logical::calculus {

Prover::Done Prover::chunk(const Node& node) {
  const Group& group = plan_.groups[node.group];
  Begin position;
  auto count = static_cast<std::int64_t>(group.ranks.size());
  const bool over = group.variable != kNone;
  if (over) {
    count = plan_.variables[group.variable].size;
  } else {
    const auto& places = members_[node.group];
    const auto at = std::ranges::find(places, node.place);
    if (at == places.end()) return refuse("CEP-EQV-5", &node, "this rank is no member of the group");
    position.constant = at - places.begin();
  }
  Pieces list = pieces(plan_.program.inputs(node)[0]);
  for (Piece& piece : list) {
    auto cut = over ? cut_over(patterns_, linears_, piece, node.dim, group.variable)
                    : cut_out(patterns_, linears_, piece, node.dim, count, position);
    if (!cut) {
      return refuse("CEP-EQV-9", &node,
                    "dimension " + std::to_string(node.dim) + " cannot be cut into " + std::to_string(count) +
                        " of " + describe(patterns_, linears_, document_, piece));
    }
    piece = std::move(*cut);
  }
  return store(node, plan_.program.outputs(node)[0], list);
}

Prover::Done Prover::communicate(Id id) {
  const Node& node = plan_.program.nodes[id];
  if (plan_.groups[node.group].variable != kNone) return communicate_variable(node);
  const std::span<const Id> lines = messages_.lines(node.message);
  if (lines.back() != id) return std::nullopt;  // with its last member
  return communicate_group(node, lines);
}

// The line of each position of the group.
Prover::Done Prover::find_members(const Node& node, std::span<const Id> lines,
                                  std::vector<const Node*>& members) {
  const auto& places = members_[node.group];
  members.assign(places.size(), nullptr);
  const bool pair = node.comm == CommKind::kSend || node.comm == CommKind::kReceive;
  for (const Id line : lines) {
    const Node& member = plan_.program.nodes[line];
    const auto at = std::ranges::find(places, member.place);
    if (at == places.end()) return refuse("CEP-EQV-5", &member, "this rank is no member of the group");
    const CommKind kind = !pair ? node.comm : at == places.begin() ? CommKind::kSend : CommKind::kReceive;
    if (member.comm != kind || member.group != node.group || member.dim != node.dim ||
        member.other_dim != node.other_dim || member.root != node.root) {
      return refuse("CEP-EQV-5", &member, "its members call different communications");
    }
    members[static_cast<std::size_t>(at - places.begin())] = &member;
  }
  if (std::ranges::find(members, nullptr) != members.end()) {
    return refuse("CEP-EQV-5", &node, "a member of the group does not take part");
  }
  return std::nullopt;
}

Prover::Done Prover::communicate_group(const Node& node, std::span<const Id> lines) {
  std::vector<const Node*> members;
  if (auto fault = find_members(node, lines, members)) return fault;
  const Program& program = plan_.program;
  if (node.comm == CommKind::kSend || node.comm == CommKind::kReceive || node.comm == CommKind::kBroadcast) {
    const std::size_t root = node.comm == CommKind::kBroadcast ? node.root : 0;
    if (root >= members.size() || program.inputs(*members[root]).size() != 1) {
      return refuse("CEP-EQV-5", &node, "the source sends nothing");
    }
    const Pieces sent = pieces(program.inputs(*members[root])[0]);
    for (const Node* member : members) {
      for (const Id result : program.outputs(*member)) {
        if (auto fault = store(*member, result, sent)) return fault;
      }
    }
    return std::nullopt;
  }
  std::vector<Pieces> held;
  held.reserve(members.size());
  for (const Node* member : members) {
    if (program.inputs(*member).size() != 1 || program.outputs(*member).size() != 1) {
      return refuse("CEP-EQV-5", member, "takes one operand and gives one result");
    }
    held.push_back(pieces(program.inputs(*member)[0]));
  }
  switch (node.comm) {
    case CommKind::kAllReduce:
    case CommKind::kReduceScatter: return reduce(members, held);
    case CommKind::kAllGather: return gather(members, held);
    case CommKind::kAllToAll: return exchange(members, held);
    default: return refuse("CEP-EQV-5", &node, "no communication of a group");
  }
}

Finding Prover::misfit(const std::vector<const Node*>& members, const char* why) const {
  std::string message = std::string(to_string(members[0]->comm)) + ": " + why + ":";
  for (std::size_t m = 0; m < members.size() && m < 4; ++m)
    message += " {" + held(plan_.program.inputs(*members[m])[0]) + "}";
  if (members.size() > 4) message += " and " + std::to_string(members.size() - 4) + " more";
  return refuse("CEP-EQV-5", members[0], message);
}

namespace {

constexpr const char* kNoNeighbours = "in the order of the group the members' pieces are no neighbours";

// The i-th pieces of all members, joined, for every i.
std::optional<Pieces> join_all(Patterns& patterns, const std::vector<Pieces>& parts, std::size_t dim) {
  Pieces result;
  for (std::size_t i = 0; i < parts[0].size(); ++i) {
    std::vector<Piece> row;
    row.reserve(parts.size());
    for (const Pieces& part : parts) {
      if (part.size() != parts[0].size()) return std::nullopt;
      row.push_back(part[i]);
    }
    auto whole = joined(patterns, std::move(row), dim);
    if (!whole) return std::nullopt;
    result.push_back(std::move(*whole));
  }
  return result;
}

}  // namespace

Prover::Done Prover::reduce(const std::vector<const Node*>& members, const std::vector<Pieces>& held) {
  const Program& program = plan_.program;
  Pieces sum;
  for (const Pieces& list : held) sum.insert(sum.end(), list.begin(), list.end());
  const Shape& shape = program.shape(program.inputs(*members[0])[0]);
  for (const Node* member : members) {
    if (program.shape(program.inputs(*member)[0]) != shape)
      return misfit(members, "the operands have different shapes");
  }
  Id named = kNone;
  if (!add_up(patterns_, sum, joins_, named)) return misfit(members, "a coefficient leaves 64 bits");
  for (std::size_t m = 0; m < members.size(); ++m) {
    repeat(*members[m], named);
    Pieces mine = sum;
    for (Piece& piece : mine) {
      if (members[m]->comm == CommKind::kAllReduce) break;
      auto part = cut_out(patterns_, linears_, piece, members[m]->dim,
                          static_cast<std::int64_t>(members.size()), {static_cast<std::int64_t>(m), 0});
      if (!part) return misfit(members, "the sum cannot be cut");
      piece = std::move(*part);
    }
    if (auto fault = store(*members[m], program.outputs(*members[m])[0], mine)) return fault;
  }
  return std::nullopt;
}

Prover::Done Prover::gather(const std::vector<const Node*>& members, const std::vector<Pieces>& held) {
  const auto whole = join_all(patterns_, held, members[0]->dim);
  if (!whole) return misfit(members, kNoNeighbours);
  for (const Node* member : members) {
    if (auto fault = store(*member, plan_.program.outputs(*member)[0], *whole)) return fault;
  }
  return std::nullopt;
}

Prover::Done Prover::exchange(const std::vector<const Node*>& members, const std::vector<Pieces>& held) {
  const auto count = static_cast<std::int64_t>(members.size());
  for (std::size_t m = 0; m < members.size(); ++m) {
    std::vector<Pieces> parts = held;
    for (Pieces& list : parts) {
      for (Piece& piece : list) {
        auto part =
            cut_out(patterns_, linears_, piece, members[m]->dim, count, {static_cast<std::int64_t>(m), 0});
        if (!part) return misfit(members, "a piece cannot be cut");
        piece = std::move(*part);
      }
    }
    const auto mine = join_all(patterns_, parts, members[m]->other_dim);
    if (!mine) return misfit(members, kNoNeighbours);
    if (auto fault = store(*members[m], plan_.program.outputs(*members[m])[0], *mine)) return fault;
  }
  return std::nullopt;
}

// All points of one variable at once: each holds what this line's operand holds there.
Prover::Done Prover::communicate_variable(const Node& node) {
  const Program& program = plan_.program;
  const Id variable = plan_.groups[node.group].variable;
  const std::int64_t points = plan_.variables[variable].size;
  if (program.inputs(node).size() != 1 || program.outputs(node).size() != 1) {
    return refuse("CEP-EQV-5", &node, "over a variable, every member gives an operand and gets a result");
  }
  const Id operand = program.inputs(node)[0];
  const auto refuse_it = [&](const char* why) {
    return refuse("CEP-EQV-5", &node,
                  std::string(to_string(node.comm)) + " over " + plan_.variables[variable].name + ": " + why +
                      ": {" + held(operand) + "}");
  };
  const Pieces list = pieces(operand);
  const bool reduces = node.comm == CommKind::kAllReduce || node.comm == CommKind::kReduceScatter;
  Pieces result;
  if (reduces) {
    result = list;
    if (!sum_over(patterns_, linears_, result, variable))
      return refuse_it("the members' pieces do not fit together");
    for (const Piece& piece : list) {
      if (std::ranges::none_of(piece.begins,
                               [&](const Begin& b) { return linears_.moves(b.linear, variable); }))
        continue;
      std::int64_t& most = joins_[values_.atom(patterns_[piece.pattern].atom).base];
      most = std::max(most, points);
    }
  }
  for (std::size_t i = 0; !reduces && i < list.size(); ++i) {
    const Piece& piece = list[i];
    std::optional<Piece> made;
    switch (node.comm) {
      case CommKind::kAllGather: made = joined_over(patterns_, linears_, piece, node.dim, variable); break;
      case CommKind::kAllToAll:
        made = exchanged_over(patterns_, linears_, piece, node.dim, node.other_dim, variable);
        break;
      default: return refuse_it("no communication over a variable");
    }
    if (!made) return refuse_it("the members' pieces do not fit together");
    result.push_back(std::move(*made));
  }
  if (reduces) {
    Id named = kNone;
    if (!add_up(patterns_, result, joins_, named)) return refuse_it("a coefficient leaves 64 bits");
    repeat(node, named);
  }
  if (node.comm == CommKind::kReduceScatter) {
    for (Piece& piece : result) {
      auto part = cut_over(patterns_, linears_, piece, node.dim, variable);
      if (!part) return refuse_it("the sum cannot be cut");
      piece = std::move(*part);
    }
  }
  return store(node, program.outputs(node)[0], result);
}

}  // namespace cep::logical::calculus
