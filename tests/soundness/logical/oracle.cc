#include "soundness/logical/oracle.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "soundness/logical/instantiate.h"
#include "soundness/logical/operators.h"

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

Piece piece_of_box(const Box& box) {
  Piece piece;
  for (const Interval& interval : box) {
    piece.begin.push_back(interval.begin.constant);
    piece.size.push_back(interval.size);
  }
  return piece;
}

// Runs `node` on the values it names; they must have been made, its results must not.
class Values {
 public:
  explicit Values(const Program& program)
      : program_(program), arrays_(program.tensors.size()), made_(program.tensors.size(), 0) {}

  [[nodiscard]] bool made(Id tensor) const { return tensor < made_.size() && made_[tensor] != 0; }
  [[nodiscard]] const Array& operator[](Id tensor) const { return arrays_[tensor]; }
  [[nodiscard]] std::string put(Id tensor, Array value) {
    if (tensor >= made_.size()) return "an id out of range";
    if (made_[tensor] != 0) return "tensor " + std::to_string(tensor) + " is made twice";
    if (value.shape != program_.shape(tensor) || value.element != program_.tensors[tensor].element ||
        value.scalars.size() != static_cast<std::size_t>(count(value.shape)) * width(value.element))
      return "tensor " + std::to_string(tensor) + " gets a value of another type";
    arrays_[tensor] = std::move(value);
    made_[tensor] = 1;
    return {};
  }
  [[nodiscard]] std::string run(const Node& node) {
    std::vector<const Array*> operands;
    for (const Id id : program_.inputs(node)) {
      if (!made(id)) return "operand " + std::to_string(id) + " is not there";
      operands.push_back(&arrays_[id]);
    }
    std::vector<Array> results;
    for (const Id id : program_.outputs(node)) {
      if (id >= made_.size()) return "an id out of range";
      results.push_back(zeros(program_.shape(id), program_.tensors[id].element));
    }
    if (std::string fault = apply(program_.operations[node.operation], operands, results); !fault.empty())
      return fault;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (std::string fault = put(program_.outputs(node)[i], std::move(results[i])); !fault.empty())
        return fault;
    }
    return {};
  }
  [[nodiscard]] std::vector<Array> take() { return std::move(arrays_); }

 private:
  const Program& program_;
  std::vector<Array> arrays_;
  std::vector<char> made_;
};

// Ranks that run their lines in order and wait for each other at communications.
class Machine {
 public:
  explicit Machine(const Document& document, std::uint64_t seed)
      : document_(document), plan_(document.plan), program_(plan_.program), values_(program_), seed_(seed) {}

  Run run() {
    std::string fault = prepare();
    for (bool moved = true; moved && fault.empty();) {
      moved = false;
      for (auto& [rank, lines] : lines_) {
        while (fault.empty() && at_[rank] < lines.size() && advance(rank, fault)) moved = true;
      }
    }
    for (const auto& [rank, lines] : lines_) {
      if (fault.empty() && at_[rank] < lines.size())
        fault =
            "deadlock: rank " + std::to_string(rank) + " waits at line " + std::to_string(lines[at_[rank]]);
    }
    return {.fault = std::move(fault), .values = values_.take()};
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
      if (fresh) root->second = root_value(document_, bind.reference, seed_);
      const Piece piece = piece_of_box(bind.box);
      if (!inside(piece, root->second.shape)) return "a bind outside its tensor";
      if (std::string fault = values_.put(bind.tensor, cut(root->second, piece)); !fault.empty())
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
      ++at_[rank];
    } else {
      const std::vector<Rank> group = members(node);
      const auto self = std::find(group.begin(), group.end(), rank);
      std::vector<Rank> sorted = group;
      std::sort(sorted.begin(), sorted.end());
      if (self == group.end() || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        fault = "a communication of others, or a member twice";
      } else if (node.comm == CommKind::kChunk) {
        fault = chunk(node, self - group.begin(), static_cast<std::int64_t>(group.size()));
        ++at_[rank];
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
                       piece_of(values_[program_.inputs(node)[0]], node.dim, position, pieces));
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
    if (fault.empty()) fault = values_.put(program_.outputs(*receive)[0], values_[program_.inputs(*send)[0]]);
    ++at_[pair[0]];
    ++at_[pair[1]];
    return fault.empty();
  }

  // A collective, once every member stands at it.
  bool meet(const Node& node, const std::vector<Rank>& group, std::string& fault) {
    std::vector<const Node*> nodes;
    for (const Rank member : group) {
      const Node* other = waiting(member);
      if (other == nullptr || other->comm != node.comm || members(*other) != group) return false;
      if (other->dim != node.dim || other->other_dim != node.other_dim || other->root != node.root ||
          other->message != node.message || node.message == kNone)
        fault = "members that do not agree";
      nodes.push_back(other);
    }
    if (fault.empty())
      fault = node.comm == CommKind::kBroadcast ? broadcast(node, nodes) : collective(node, nodes);
    for (const Rank member : group) ++at_[member];
    return fault.empty();
  }

  std::string broadcast(const Node& node, const std::vector<const Node*>& nodes) {
    if (node.root >= nodes.size()) return "no such root";
    const Node& root = *nodes[node.root];
    if (root.inputs != 1 || root.outputs != 0 || !values_.made(program_.inputs(root)[0]))
      return "the root's operand";
    for (const Node* other : nodes) {
      if (other == &root) continue;
      if (other->inputs != 0 || other->outputs != 1) return "operands";
      if (std::string fault = values_.put(program_.outputs(*other)[0], values_[program_.inputs(root)[0]]);
          !fault.empty())
        return fault;
    }
    return {};
  }

  std::string collective(const Node& node, const std::vector<const Node*>& nodes) {
    std::vector<const Array*> operands;
    for (const Node* member : nodes) {
      if (member->inputs != 1 || member->outputs != 1 || !values_.made(program_.inputs(*member)[0]))
        return "operands";
      operands.push_back(&values_[program_.inputs(*member)[0]]);
    }
    const auto size = static_cast<std::int64_t>(nodes.size());
    std::optional<Array> all;  // what each member holds, or holds a piece of
    if (node.comm == CommKind::kAllReduce || node.comm == CommKind::kReduceScatter) all = total(operands);
    if (node.comm == CommKind::kAllGather) all = concatenate(operands, node.dim);
    for (std::int64_t i = 0; i < size; ++i) {
      Array result;
      if (node.comm == CommKind::kAllToAll) {
        std::vector<Array> pieces;
        std::vector<const Array*> pointers;
        for (const Array* operand : operands) pieces.push_back(piece_of(*operand, node.dim, i, size));
        for (const Array& piece : pieces) pointers.push_back(&piece);
        result = concatenate(pointers, node.other_dim);
      } else if (all) {
        result = node.comm == CommKind::kReduceScatter ? piece_of(*all, node.dim, i, size) : *all;
      }
      if (std::string fault =
              values_.put(program_.outputs(*nodes[static_cast<std::size_t>(i)])[0], std::move(result));
          !fault.empty())
        return fault;
    }
    return {};
  }

  // Nothing when operands are not of one type.
  static Array total(const std::vector<const Array*>& operands) {
    Array sum = *operands.front();
    for (std::size_t i = 1; i < operands.size(); ++i) {
      if (operands[i]->shape != sum.shape || operands[i]->element != sum.element) return {};
      for (std::size_t e = 0; e < sum.scalars.size(); ++e)
        sum.scalars[e] = add(sum.scalars[e], operands[i]->scalars[e]);
    }
    return sum;
  }

  const Document& document_;
  const Plan& plan_;
  const Program& program_;
  Values values_;
  std::uint64_t seed_;
  std::map<Rank, std::vector<std::size_t>> lines_;
  std::map<Rank, std::size_t> at_;
  std::map<Id, Array> roots_;
};

// What the plan hands out for one output.
class Delivery {
 public:
  explicit Delivery(const Array& wanted)
      : wanted_(wanted), parts_of_(static_cast<std::size_t>(count(wanted.shape)), 0) {}

  std::string check(const std::vector<const Yield*>& yields, const std::vector<Array>& values) {
    for (const Yield* yield : yields) {
      if (yield->tensor >= values.size()) return "an id out of range";
      if (std::string fault = take(*yield, values[yield->tensor]); !fault.empty()) return fault;
    }
    for (std::size_t e = 0; e < parts_of_.size(); ++e) {
      Scalar sum[2] = {0, 0};
      if (parts_of_[e] == 0) return "element " + std::to_string(e) + " is not delivered";
      for (std::int64_t part = 0; part < parts_of_[e]; ++part) {
        const auto found = parts_.find(part);
        if (found == parts_.end() || !found->second.covered[e])
          return "element " + std::to_string(e) + " lacks part " + std::to_string(part);
        for (std::size_t w = 0; w < wide(); ++w) sum[w] = add(sum[w], found->second.scalars[e * wide() + w]);
      }
      for (std::size_t w = 0; w < wide(); ++w) {
        if (sum[w] != wanted_.scalars[e * wide() + w])
          return "element " + std::to_string(e) + " is " + std::to_string(sum[w]) + ", not " +
                 std::to_string(wanted_.scalars[e * wide() + w]);
      }
    }
    return {};
  }

 private:
  struct Part {
    std::vector<Scalar> scalars;
    std::vector<bool> covered;
  };
  [[nodiscard]] std::size_t wide() const { return width(wanted_.element); }

  std::string take(const Yield& yield, const Array& value) {
    const Piece piece = piece_of_box(yield.box);
    if (!inside(piece, wanted_.shape) || value.shape != piece.size || value.element != wanted_.element ||
        value.scalars.size() != static_cast<std::size_t>(count(piece.size)) * wide())
      return "a piece of another type, or outside";
    if (yield.part.constant < 0 || yield.part.constant >= yield.parts) return "a part out of range";
    Part& part = parts_[yield.part.constant];
    part.scalars.resize(wanted_.scalars.size());
    part.covered.resize(parts_of_.size());
    std::string fault;
    for_each_element(wanted_.shape, piece, [&](std::int64_t outer, std::int64_t flat) {
      const auto to = static_cast<std::size_t>(outer);
      const auto from = static_cast<std::size_t>(flat);
      if (parts_of_[to] != 0 && parts_of_[to] != yield.parts)
        fault = "pieces that disagree on the number of parts";
      parts_of_[to] = yield.parts;
      for (std::size_t w = 0; w < wide(); ++w) {
        Scalar& scalar = part.scalars[to * wide() + w];
        if (part.covered[to] && scalar != value.scalars[from * wide() + w]) fault = "copies that differ";
        scalar = value.scalars[from * wide() + w];
      }
      part.covered[to] = true;
    });
    return fault;
  }

  const Array& wanted_;
  std::vector<std::int64_t> parts_of_;  // by element; 0: nobody delivered it
  std::map<std::int64_t, Part> parts_;
};

}  // namespace

Array root_value(const Document& document, Id reference_tensor, std::uint64_t seed) {
  const Tensor& tensor = document.reference.program.tensors[reference_tensor];
  Array value = zeros(document.reference.program.shape(reference_tensor), tensor.element);
  const std::uint64_t key = hash(hash(static_cast<std::uint64_t>(Function::kRoot), seed), reference_tensor);
  const auto tokens = static_cast<std::uint64_t>(
      is_integer(tensor.element) ? vocabulary(document.reference, reference_tensor) : 1);
  for (std::size_t i = 0; i < value.scalars.size(); ++i) {
    const std::uint64_t drawn = hash(key, i);
    if (tensor.role == Role::kSeed) {
      value.scalars[i] = 1;
    } else if (is_integer(tensor.element)) {
      value.scalars[i] = drawn % tokens;
    } else {
      const bool narrow = tensor.element == Element::kF16 || tensor.element == Element::kBf16;
      value.scalars[i] = narrow ? round_to(tensor.element, drawn % kPrime) : drawn % kPrime;
    }
  }
  return value;
}

Run run_reference(const Document& document, std::uint64_t seed) {
  const Program& program = document.reference.program;
  Values values(program);
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].role == Role::kValue) continue;
    if (std::string fault = values.put(id, root_value(document, id, seed)); !fault.empty())
      return {fault, {}};
  }
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    if (program.nodes[i].comm != CommKind::kNoComm) return {"the reference communicates", {}};
    if (std::string fault = values.run(program.nodes[i]); !fault.empty())
      return {"node " + std::to_string(i) + ": " + fault, {}};
  }
  return {.fault = {}, .values = values.take()};
}

Run run_plan(const Document& document, std::uint64_t seed) { return Machine(document, seed).run(); }

std::vector<Disagreement> compare(const Document& document, const Run& reference, const Run& plan) {
  if (!reference.fault.empty()) return {{kNone, "reference: " + reference.fault}};
  if (!plan.fault.empty()) return {{kNone, plan.fault}};
  std::map<Id, std::vector<const Yield*>> yields;
  for (const Id output : document.reference.outputs) yields[output];
  std::vector<Disagreement> found;
  for (const Yield& yield : document.plan.yields) {
    const auto output = yields.find(yield.reference);
    if (output == yields.end()) return {{yield.reference, "delivered, and not an output"}};
    output->second.push_back(&yield);
  }
  for (const auto& [output, list] : yields) {
    std::string what = Delivery(reference.values[output]).check(list, plan.values);
    if (!what.empty()) found.push_back({output, std::move(what)});
  }
  return found;
}

std::vector<Disagreement> disagreements(const Document& document, std::uint64_t seed) {
  const Run reference = run_reference(document, seed);
  const Document expanded = instantiate(document);
  return compare(expanded, reference, run_plan(expanded, seed));
}

}  // namespace cep::logical::oracle
