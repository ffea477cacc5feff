#include "replay/run.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "replay/instantiate.h"
#include "replay/values.h"

namespace cep::logical::oracle {
namespace {

// Token ids stay below the longest vocabulary any embedding of the reference reads them with.
std::int64_t vocabulary(const Reference& reference, Id tensor) {
  std::int64_t size = 1;
  for (const Node& node : reference.program.nodes) {
    const auto inputs = reference.program.inputs(node);
    if (node.operation >= reference.program.operations.size() || inputs.size() != 2 || inputs[0] != tensor)
      continue;
    const Operation& operation = reference.program.operations[node.operation];
    if (operation.name == "embedding" && !operation.backward)
      size = std::max(size, reference.program.shape(inputs[1]).at(0));
  }
  return size;
}

// Ranks that run their lines in order and wait for each other at communications.
template <typename N>
class Machine {
 public:
  explicit Machine(const Document& document, std::uint64_t seed)
      : document_(document), plan_(document.plan), program_(plan_.program), values_(program_), seed_(seed) {}

  RunOf<N> run() {
    std::string fault = prepare();
    std::deque<Rank> ready;
    for (const auto& [rank, lines] : lines_) ready.push_back(rank);
    for (; fault.empty() && !ready.empty(); ready.pop_front()) {
      const Rank rank = ready.front();
      while (fault.empty() && waiting(rank) != nullptr && advance(rank, fault)) {
        // Whoever was met there can go on too.
        ready.insert(ready.end(), met_.begin(), met_.end());
        met_.clear();
      }
      if (!fault.empty() && waiting(rank) != nullptr) line_ = static_cast<Id>(lines_[rank][at_[rank]]);
    }
    for (const auto& [rank, lines] : lines_) {
      if (fault.empty() && at_[rank] < lines.size()) {
        line_ = static_cast<Id>(lines[at_[rank]]);
        fault = "deadlock: rank " + std::to_string(rank) + " waits at line " + std::to_string(line_);
      }
    }
    return values_.finish(fault, line_);
  }

 private:
  using Rank = std::int64_t;

  std::string prepare() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      const Node& node = program_.nodes[i];
      if (node.place >= plan_.places.size() || node.operation >= program_.operations.size())
        return "an id out of range";
      for (const auto list : {program_.inputs(node), program_.outputs(node)}) {
        for (const Id id : list) {
          if (id >= program_.tensors.size() || program_.tensors[id].place >= plan_.places.size())
            return "an id out of range";
          if (rank_of(program_.tensors[id].place) != rank_of(node.place))
            return "line " + std::to_string(i) + " uses a tensor of another rank";
        }
      }
      lines_[rank_of(node.place)].push_back(i);
    }
    for (const Bind& bind : plan_.binds) {
      if (bind.tensor >= program_.tensors.size() ||
          bind.reference >= document_.reference.program.tensors.size())
        return "a bind out of range";
      const Tensor& tensor = program_.tensors[bind.tensor];
      const Tensor& source = document_.reference.program.tensors[bind.reference];
      if (source.role == Role::kValue || source.role != tensor.role || source.element != tensor.element)
        return "a bind of another role or element";
      auto [root, fresh] = roots_.try_emplace(bind.reference);
      if (fresh) root->second = root_value<N>(document_, bind.reference, seed_);
      const Piece piece = piece_of_box(bind.box);
      if (!inside(piece, root->second.shape)) return "a bind outside its tensor";
      if (std::string fault = values_.put(bind.tensor, cut(root->second, piece), 0); !fault.empty())
        return fault;
    }
    return {};
  }

  [[nodiscard]] Rank rank_of(Id place) const { return plan_.places[place].constant; }
  [[nodiscard]] std::vector<Rank> members(const Node& node) const {
    std::vector<Rank> ranks;
    if (node.group >= plan_.groups.size()) return ranks;
    for (const Affine& rank : plan_.groups[node.group].ranks) ranks.push_back(rank.constant);
    return ranks;
  }
  [[nodiscard]] const Node* waiting(Rank rank) const {
    const auto lines = lines_.find(rank);
    if (lines == lines_.end()) return nullptr;
    const std::size_t at = at_.contains(rank) ? at_.at(rank) : 0;
    return at < lines->second.size() ? &program_.nodes[lines->second[at]] : nullptr;
  }

  // One line of this rank, and of those who meet it there. False: it has to wait.
  bool advance(Rank rank, std::string& fault) {
    const Node& node = *waiting(rank);
    if (node.comm == CommKind::kNoComm) {
      fault = values_.run(node);
      if (fault.empty()) ++at_[rank];
    } else {
      const std::vector<Rank> group = members(node);
      const auto self = std::find(group.begin(), group.end(), rank);
      std::vector<Rank> sorted = group;
      std::sort(sorted.begin(), sorted.end());
      if (self == group.end() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        fault = "a communication of others, or a member twice";
      } else if (node.comm == CommKind::kChunk) {
        fault = chunk(node, self - group.begin(), static_cast<std::int64_t>(group.size()));
        if (fault.empty()) ++at_[rank];
      } else if (node.comm == CommKind::kSend || node.comm == CommKind::kReceive) {
        return meet_pair(node, group, fault);
      } else {
        return meet(node, group, fault);
      }
    }
    if (!fault.empty()) fault = "rank " + std::to_string(rank) + ": " + fault;
    return fault.empty();
  }

  std::string chunk(const Node& node, std::int64_t position, std::int64_t pieces) {
    if (node.inputs != 1 || node.outputs != 1 || !values_.made(program_.inputs(node)[0])) return "operand";
    return values_.put(program_.outputs(node)[0],
                       piece_of(values_[program_.inputs(node)[0]], node.dim, position, pieces),
                       values_.free(program_.inputs(node)[0]));
  }

  bool meet_pair(const Node& node, const std::vector<Rank>& pair, std::string& fault) {
    if (pair.size() != 2) {
      fault = "a pair of " + std::to_string(pair.size());
      return false;
    }
    const Node* send = waiting(pair[0]);
    const Node* receive = waiting(pair[1]);
    if (send == nullptr || receive == nullptr || send->comm != CommKind::kSend ||
        receive->comm != CommKind::kReceive || members(*send) != pair || members(*receive) != pair)
      return false;
    if (node.message == kNone || send->message != receive->message)
      fault = "a message that is not the one meant";
    if (send->inputs != 1 || send->outputs != 0 || receive->inputs != 0 || receive->outputs != 1)
      fault = "operands";
    if (fault.empty() && !values_.made(program_.inputs(*send)[0])) fault = "nothing to send";
    if (fault.empty()) fault = give(*receive, *send);
    return fault.empty() && pass(pair);
  }

  // A collective, once every member stands at it.
  bool meet(const Node& node, const std::vector<Rank>& group, std::string& fault) {
    std::vector<const Node*> nodes;
    for (const Rank member : group) {
      const Node* other = waiting(member);
      if (other == nullptr || other->comm != node.comm) return false;
      if (other->group != node.group && members(*other) != group) return false;
      if (other->dim != node.dim || other->other_dim != node.other_dim || other->root != node.root ||
          other->message != node.message || node.message == kNone)
        fault = "members that do not agree";
      nodes.push_back(other);
    }
    if (fault.empty())
      fault = node.comm == CommKind::kBroadcast ? broadcast(node, nodes) : collective(node, nodes);
    return fault.empty() && pass(group);
  }
  bool pass(const std::vector<Rank>& ranks) {
    for (const Rank rank : ranks) ++at_[rank];
    met_.insert(met_.end(), ranks.begin(), ranks.end());
    return true;
  }
  // What `from` takes, as what `to` gives.
  std::string give(const Node& to, const Node& from) {
    const Id source = program_.inputs(from)[0];
    return values_.put(program_.outputs(to)[0], values_[source], values_.free(source));
  }

  std::string broadcast(const Node& node, const std::vector<const Node*>& nodes) {
    if (node.root >= nodes.size()) return "no such root";
    const Node& root = *nodes[node.root];
    if (root.inputs != 1 || root.outputs != 0 || !values_.made(program_.inputs(root)[0]))
      return "the root's operand";
    for (const Node* other : nodes) {
      if (other == &root) continue;
      if (other->inputs != 0 || other->outputs != 1) return "operands";
      if (std::string fault = give(*other, root); !fault.empty()) return fault;
    }
    return {};
  }

  std::string collective(const Node& node, const std::vector<const Node*>& nodes) {
    std::vector<const ArrayOf<N>*> operands;
    Free free = 0;
    for (const Node* member : nodes) {
      if (member->inputs != 1 || member->outputs != 1 || !values_.made(program_.inputs(*member)[0]))
        return "operands";
      operands.push_back(&values_[program_.inputs(*member)[0]]);
      free |= values_.free(program_.inputs(*member)[0]);
    }
    const auto size = static_cast<std::int64_t>(nodes.size());
    std::optional<ArrayOf<N>> all;  // what each member holds, or holds a piece of
    if (node.comm == CommKind::kAllReduce || node.comm == CommKind::kReduceScatter) all = total(operands);
    if (node.comm == CommKind::kAllGather) all = concatenate(operands, node.dim);
    for (std::int64_t i = 0; i < size; ++i) {
      ArrayOf<N> result;
      if (node.comm == CommKind::kAllToAll) {
        std::vector<ArrayOf<N>> pieces;
        std::vector<const ArrayOf<N>*> pointers;
        for (const ArrayOf<N>* operand : operands) pieces.push_back(piece_of(*operand, node.dim, i, size));
        for (const ArrayOf<N>& piece : pieces) pointers.push_back(&piece);
        result = concatenate(pointers, node.other_dim);
      } else if (all) {
        result = node.comm == CommKind::kReduceScatter ? piece_of(*all, node.dim, i, size) : *all;
      }
      if (std::string fault =
              values_.put(program_.outputs(*nodes[static_cast<std::size_t>(i)])[0], std::move(result), free);
          !fault.empty())
        return fault;
    }
    return {};
  }

  // Nothing when operands are not of one type.
  static ArrayOf<N> total(const std::vector<const ArrayOf<N>*>& operands) {
    ArrayOf<N> total = *operands.front();
    TensorSums<N> sums(total.scalars.size());
    for (const ArrayOf<N>* operand : operands) {
      if (operand->shape != total.shape || operand->element != total.element) return {};
      for (std::size_t e = 0; e < sums.size(); ++e) sums[e].take(operand->scalars[e]);
    }
    put_sums(sums, total.scalars);
    return total;
  }

  const Document& document_;
  const Plan& plan_;
  const Program& program_;
  Values<N> values_;
  std::uint64_t seed_;
  std::map<Rank, std::vector<std::size_t>> lines_;
  std::map<Rank, std::size_t> at_;
  std::map<Id, ArrayOf<N>> roots_;
  std::vector<Rank> met_;  // by the last step of one rank
  Id line_ = kNone;
};

}  // namespace

template <typename N>
ArrayOf<N> root_value(const Document& document, Id reference_tensor, std::uint64_t seed) {
  const Tensor& tensor = document.reference.program.tensors[reference_tensor];
  ArrayOf<N> value = zeros<N>(document.reference.program.shape(reference_tensor), tensor.element);
  const std::uint64_t key = hash(hash(static_cast<std::uint64_t>(Function::kRoot), seed), reference_tensor);
  const auto tokens = static_cast<std::uint64_t>(
      is_integer(tensor.element) ? vocabulary(document.reference, reference_tensor) : 1);
  for (std::size_t i = 0; i < value.scalars.size(); ++i) {
    const std::uint64_t drawn = hash(key, i);
    if (tensor.role == Role::kSeed) {
      value.scalars[i] = Numbers<N>::of(1.0);
    } else if (is_integer(tensor.element)) {
      value.scalars[i] = Numbers<N>::of(static_cast<std::int64_t>(drawn % tokens));
    } else {
      const bool narrow = tensor.element == Element::kF16 || tensor.element == Element::kBf16;
      const N number = Numbers<N>::drawn(drawn, seed);
      value.scalars[i] = narrow ? round_to(tensor.element, number) : number;
    }
  }
  return value;
}

template <typename N>
RunOf<N> run_reference(const Document& document, std::uint64_t seed) {
  const Program& program = document.reference.program;
  Values<N> values(program);
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].role == Role::kValue) continue;
    if (std::string fault = values.put(id, root_value<N>(document, id, seed), 0); !fault.empty())
      return {fault, kNone, {}, {}};
  }
  for (Id i = 0; i < program.nodes.size(); ++i) {
    if (program.nodes[i].comm != CommKind::kNoComm) return {"the reference communicates", i, {}, {}};
    if (std::string fault = values.run(program.nodes[i]); !fault.empty())
      return {"node " + std::to_string(i) + ": " + fault, i, {}, {}};
  }
  return values.finish({}, kNone);
}

template <typename N>
RunOf<N> run_plan(const Document& document, std::uint64_t seed) {
  return Machine<N>(document, seed).run();
}

std::vector<Disagreement> disagreements(const Document& document, std::uint64_t seed) {
  const Run reference = run_reference(document, seed);
  const Document expanded = instantiate(document);
  return compare(expanded, reference, run_plan(expanded, seed));
}

template ArrayOf<Scalar> root_value(const Document&, Id, std::uint64_t);
template ArrayOf<Real> root_value(const Document&, Id, std::uint64_t);
template ArrayOf<Terms> root_value(const Document&, Id, std::uint64_t);
template ArrayOf<Rounded> root_value(const Document&, Id, std::uint64_t);
template RunOf<Scalar> run_reference(const Document&, std::uint64_t);
template RunOf<Real> run_reference(const Document&, std::uint64_t);
template RunOf<Terms> run_reference(const Document&, std::uint64_t);
template RunOf<Rounded> run_reference(const Document&, std::uint64_t);
template RunOf<Scalar> run_plan(const Document&, std::uint64_t);
template RunOf<Real> run_plan(const Document&, std::uint64_t);
template RunOf<Terms> run_plan(const Document&, std::uint64_t);
template RunOf<Rounded> run_plan(const Document&, std::uint64_t);

}  // namespace cep::logical::oracle
