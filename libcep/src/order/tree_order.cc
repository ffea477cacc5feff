#include "cep/tree_order.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "cep/message_lines.h"
#include "logical/intern.h"
#include "logical/operators.h"
#include "order/tree.h"

namespace cep::logical {
namespace {

using order::Row;

// What computes a tensor, views aside: equal numbers, equal bits. Or the reason why that is not known.
struct Expression {
  Id id = kNone;
  std::uint32_t fault = 0xffffffffu;  // in faults_, where id is kNone
  [[nodiscard]] bool known() const { return id != kNone; }
  bool operator==(const Expression&) const = default;
};

enum class Act : std::uint8_t { kView, kSum, kOther };

// x + y, and not x + 2 y, or with a constant.
bool adds_alone(const Program& program, const Operation& operation, std::span<const Id> operands) {
  return std::ranges::all_of(operation.attributes,
                             [](const Operation::Attribute& attribute) {
                               const auto* real = std::get_if<double>(&attribute.value);
                               const auto* whole = std::get_if<std::int64_t>(&attribute.value);
                               return attribute.name == "alpha" &&
                                      ((real != nullptr && *real == 1) || (whole != nullptr && *whole == 1));
                             }) &&
         std::ranges::all_of(
             operands, [&](Id operand) { return program.shape(operand) == program.shape(operands[0]); });
}

// kView: the result has the bits of operand 0, in another layout at most.
Act act_of(const Program& program, const Node& node, Effect effect) {
  const Operation& operation = program.operations[node.operation];
  const auto in = program.inputs(node), out = program.outputs(node);
  switch (effect) {
    case Effect::kMoves:
      return program.tensors[in[0]].element == program.tensors[out[0]].element ? Act::kView : Act::kOther;
    case Effect::kAdds: return adds_alone(program, operation, in) ? Act::kSum : Act::kOther;
    case Effect::kSpreads:
      return in.size() == 2 || adds_alone(program, operation, in.subspan(1)) ? Act::kView : Act::kOther;
    default: return Act::kOther;
  }
}

// Of every operation of a program.
std::vector<Effect> effects_of(const Program& program) {
  std::vector<Effect> effects;
  effects.reserve(program.operations.size());
  for (const Operation& operation : program.operations) effects.push_back(effect_of(operation));
  return effects;
}

class Walk {
 public:
  Walk(const Document& document, const LogicalCertificate& certificate)
      : reference_(document.reference.program),
        plan_(document.plan),
        program_(document.plan.program),
        certificate_(certificate),
        reference_effects_(effects_of(reference_)),
        effects_(effects_of(program_)),
        members_(member_places(plan_)),
        messages_(program_) {}

  std::optional<Finding> run() {
    read_reference();
    bind();
    for (Id id = 0; id < program_.nodes.size(); ++id) step(id);
    return deliveries();
  }

 private:
  // --- the reference -------------------------------------------------------------------------------------------------------------------

  // Operator, its attributes, the operands' expressions, which result, and of which value: layouts that differ make other values.
  using Key = std::vector<Id>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      std::uint64_t seed = key.size();
      for (const Id word : key) seed = mix(seed, word);
      return seed;
    }
  };

  Id operation_id(const Operation& operation) {
    return operations_.find_or_add(without_windows(operation)).id;
  }

  static constexpr Id kSumWord = 0xfffffffeu;
  static Key sum_key(std::vector<Id> terms, Id value) {
    if (terms.size() == 2) std::ranges::sort(terms);  // x + y is y + x
    Key key{kSumWord};
    key.insert(key.end(), terms.begin(), terms.end());
    key.push_back(value);
    return key;
  }

  void read_reference() {
    of_reference_.assign(reference_.tensors.size(), kNone);
    for (Id id = 0; id < reference_.tensors.size(); ++id) {
      if (reference_.tensors[id].role != Role::kValue) of_reference_[id] = next_++;
    }
    reference_operations_.reserve(reference_.operations.size());
    for (const Operation& operation : reference_.operations)
      reference_operations_.push_back(operation_id(operation));
    for (const Node& node : reference_.nodes) {
      const auto in = reference_.inputs(node), out = reference_.outputs(node);
      const Effect effect = reference_effects_[node.operation];
      const Act act = act_of(reference_, node, effect);
      std::vector<Id> operands;
      operands.reserve(in.size());
      for (const Id operand : in) {
        if (effect != Effect::kFills) operands.push_back(of_reference_[operand]);
      }
      for (Id r = 0; r < out.size(); ++r) {
        const Id value = certificate_.views[out[r]].value;
        if (act == Act::kView || (act == Act::kSum && in.size() == 1)) {
          of_reference_[out[r]] = operands[0];
          continue;
        }
        Key key = act == Act::kSum ? sum_key(operands, value)
                                   : other_key(reference_operations_[node.operation], operands, r, value);
        const auto [at, added] = known_.try_emplace(std::move(key), next_);
        if (added) ++next_;
        of_reference_[out[r]] = at->second;
      }
    }
    // What is delivered of an expression is compared as a multiple of its value too: a mean of a part is no part of the mean.
    factors_.assign(next_, {0, 0});
    for (Id id = 0; id < reference_.tensors.size(); ++id) {
      const auto& view = certificate_.views[id];
      factors_[of_reference_[id]] = {view.numerator, view.denominator};
    }
  }

  static Key other_key(Id operation, const std::vector<Id>& operands, Id result, Id value) {
    Key key{operation, result, value};
    key.insert(key.end(), operands.begin(), operands.end());
    return key;
  }

  // --- the plan ------------------------------------------------------------------------------------------------------------------------

  void bind() {
    of_.assign(program_.tensors.size(), {});
    for (const Bind& bind : plan_.binds) of_[bind.tensor] = {of_reference_[bind.reference]};
    for (const Operation& operation : program_.operations)
      plan_operations_.push_back(operation_id(operation));
  }

  Expression fault(const Node& node, const char* id, std::string message) {
    faults_.push_back({.id = id,
                       .node = static_cast<Id>(&node - program_.nodes.data()),
                       .source = node.source,
                       .message = program_.operations[node.operation].name + ": " + std::move(message)});
    return {kNone, static_cast<std::uint32_t>(faults_.size() - 1)};
  }

  // The only piece of a tensor, as part of its sum.
  [[nodiscard]] std::optional<Row> row(Id tensor) const {
    const auto& fact = certificate_.facts[tensor];
    if (fact.pieces != 1) return std::nullopt;
    return order::row_of(certificate_, certificate_.pieces[fact.first_piece], plan_.variables.size());
  }
  [[nodiscard]] bool whole(Id tensor) const {
    const auto here = row(tensor);
    return here && here->whole();
  }
  [[nodiscard]] const LogicalCertificate::Pattern& pattern(Id tensor) const {
    return certificate_.patterns[certificate_.pieces[certificate_.facts[tensor].first_piece].pattern];
  }

  void put(const Node& node, Id tensor, Expression expression) {
    if (expression.known() && certificate_.facts[tensor].pieces != 1) {
      expression = fault(node, "CEP-TREE-2", "parts of sums that are no part of one");
    } else if (expression.known()) {
      const auto& held = pattern(tensor);
      if (factors_[expression.id] != std::pair(held.numerator, held.denominator)) {
        expression = fault(node, "CEP-TREE-1", "a multiple of what the reference has");
      }
    }
    of_[tensor] = expression;
  }

  void step(Id id) {
    const Node& node = program_.nodes[id];
    if (node.message != kNone) {
      const std::span<const Id> lines = messages_.lines(node.message);
      if (lines.back() == id) communicate(lines);  // with its last member
      return;
    }
    const auto in = program_.inputs(node), out = program_.outputs(node);
    const Effect effect = effects_[node.operation];
    const Act act = node.comm == CommKind::kChunk ? Act::kView : act_of(program_, node, effect);
    if (act == Act::kView) {
      for (const Id result : out) put(node, result, of_[in[0]]);
      return;
    }
    for (const Id operand : in) {
      if (of_[operand].known() || effect == Effect::kFills) continue;
      for (const Id result : out) of_[result] = of_[operand];
      return;
    }
    for (Id r = 0; r < out.size(); ++r) put(node, out[r], act == Act::kSum ? add(id) : apply(id, r));
  }

  Expression apply(Id id, Id r) {
    const Node& node = program_.nodes[id];
    const auto in = program_.inputs(node);
    const Id repeats = certificate_.repeats[id];
    if (repeats != kNone) {
      const Node& twin = reference_.nodes[repeats];
      const auto needed = reference_.inputs(twin);
      const bool fills = effects_[node.operation] == Effect::kFills;
      for (std::size_t i = 0; i < in.size() && !fills; ++i) {
        if (!whole(in[i])) return fault(node, "CEP-TREE-2", "applied to the parts of a sum, not to the sum");
        if (of_[in[i]].id != of_reference_[needed[i]])
          return fault(node, "CEP-TREE-1", "operand " + std::to_string(i) + " was computed in another way");
      }
      return {of_reference_[reference_.outputs(twin)[r]]};
    }
    // A multiple: the same constant, of the same.
    std::vector<Id> operands;
    operands.reserve(in.size());
    for (const Id operand : in) {
      if (!whole(operand)) return fault(node, "CEP-TREE-2", "applied to the parts of a sum, not to the sum");
      operands.push_back(of_[operand].id);
    }
    const auto known = known_.find(
        other_key(plan_operations_[node.operation], operands, r, pattern(program_.outputs(node)[r]).value));
    if (known == known_.end()) return fault(node, "CEP-TREE-1", "the reference does this to no such value");
    return {known->second};
  }

  Expression add(Id id) {
    const Node& node = program_.nodes[id];
    const auto in = program_.inputs(node);
    if (in.size() == 1) return of_[in[0]];
    const auto added = program_.outputs(node)[0];
    if (std::ranges::all_of(in, [&](Id operand) { return whole(operand); })) return add_values(id);
    // Two neighbours of one sum.
    if (in.size() == 2 && certificate_.facts[added].pieces == 1 && of_[in[0]] == of_[in[1]]) {
      std::vector<Row> rows;
      for (const Id operand : in) {
        if (auto here = row(operand)) rows.push_back(std::move(*here));
      }
      if (rows.size() == 2 && rows[1].begin < rows[0].begin) std::swap(rows[0], rows[1]);
      if (rows.size() == 2 && order::make_node(rows)) return of_[in[0]];
    }
    return fault(node, "CEP-TREE-2", "adds parts that are no two halves of a node");
  }

  // The terms of a sum of the reference, in its order.
  Expression add_values(Id id) {
    const Node& node = program_.nodes[id];
    const auto in = program_.inputs(node);
    const Id repeats = certificate_.repeats[id];
    if (repeats == kNone) return fault(node, "CEP-TREE-1", "no sum of the reference");
    const Node& twin = reference_.nodes[repeats];
    const auto needed = reference_.inputs(twin);
    if (act_of(reference_, twin, reference_effects_[twin.operation]) != Act::kSum ||
        needed.size() != in.size())
      return fault(node, "CEP-TREE-1", "the reference adds another number of terms");
    const auto same = [&](std::size_t i, std::size_t j) {
      return of_[in[i]].id == of_reference_[needed[j]] && laid_out_alike(in[i], needed[j]);
    };
    bool ordered = true;
    for (std::size_t i = 0; i < in.size(); ++i) ordered = ordered && same(i, i);
    if (!ordered && !(in.size() == 2 && same(0, 1) && same(1, 0)))
      return fault(node, "CEP-TREE-1", "other terms than the reference adds, or in another order");
    return {of_reference_[reference_.outputs(twin)[0]]};
  }

  [[nodiscard]] bool laid_out_alike(Id tensor, Id reference) const {
    const auto& held = pattern(tensor);
    const auto& view = certificate_.views[reference];
    if (held.value != view.value || held.dims.size() != view.dims.size()) return false;
    for (std::size_t d = 0; d < view.dims.size(); ++d) {
      std::vector<std::uint16_t> axes;
      for (const std::uint16_t axis : view.dims[d]) {
        if (held.sizes[axis] > 1) axes.push_back(axis);
      }
      if (axes != held.dims[d]) return false;
    }
    return true;
  }

  // --- communication ---------------------------------------------------------------------------------------------------------------------

  // Lines of one instance, all of them. What moves keeps its bits; what is reduced has to make a node.
  void communicate(std::span<const Id> lines) {
    std::vector<const Node*> givers;
    Expression given;
    for (const Id id : lines) {
      const Node& node = program_.nodes[id];
      if (program_.inputs(node).empty()) continue;
      const Expression here = of_[program_.inputs(node)[0]];
      if (givers.empty()) {
        given = here;
      } else if (given.known() && given != here) {
        given = here.known() ? fault(node, "CEP-TREE-1", "members have computed it in different ways") : here;
      }
      givers.push_back(&node);
    }
    const Node& first = program_.nodes[lines[0]];
    const bool reduces = first.comm == CommKind::kAllReduce || first.comm == CommKind::kReduceScatter;
    if (reduces && given.known() && !reduced_in_order(givers))
      given = fault(first, "CEP-TREE-2", "what its members hold is not, in their order, the parts of a node");
    for (const Id id : lines) {
      const Node& node = program_.nodes[id];
      for (const Id result : program_.outputs(node)) put(node, result, given);
    }
  }

  [[nodiscard]] bool reduced_in_order(const std::vector<const Node*>& givers) const {
    const Id variable = plan_.groups[givers[0]->group].variable;
    if (variable != kNone) {
      const auto here = row(program_.inputs(*givers[0])[0]);
      const std::int64_t points = plan_.variables[variable].size;
      return points == 1 || (here && order::make_node_over(*here, variable, points));
    }
    std::map<Id, Id> held;  // by place
    for (const Node* node : givers) held[node->place] = program_.inputs(*node)[0];
    if (held.size() == 1) return true;
    std::vector<Row> rows;
    rows.reserve(held.size());
    for (const Id place : members_[givers[0]->group]) {
      const auto at = held.find(place);
      auto here = at == held.end() ? std::nullopt : row(at->second);
      if (!here) return false;
      rows.push_back(std::move(*here));
    }
    return order::make_node(rows);
  }

  // --- what is delivered -------------------------------------------------------------------------------------------------------------

  [[nodiscard]] std::optional<Finding> deliveries() const {
    for (const Yield& yield : plan_.yields) {
      const Expression here = of_[yield.tensor];
      if (!here.known()) return faults_[here.fault];
      if (here.id != of_reference_[yield.reference])
        return unlike(yield, "CEP-TREE-1", "computed in another way than the output");
      if (yield.parts > 1 && !is_leaf(yield))
        return unlike(yield, "CEP-TREE-3",
                      "its parts, by their numbers, are not the leaves of the sum's tree");
    }
    return std::nullopt;
  }

  // Part i of 2^k is term i of as many equal ones.
  [[nodiscard]] bool is_leaf(const Yield& yield) const {
    const auto here = row(yield.tensor);
    if (!here || here->terms % here->length != 0 || here->terms / here->length != yield.parts) return false;
    Row first = *here;
    if (first.begin != yield.part.constant * here->length) return false;
    for (std::size_t v = 0; v < first.by_variable.size(); ++v) {
      const std::int64_t by = v < yield.part.by_variable.size() ? yield.part.by_variable[v] : 0;
      if (first.by_variable[v] != by * here->length) return false;
      first.by_variable[v] = 0;
    }
    first.begin = 0;
    return order::starts_node(first, yield.parts);
  }

  [[nodiscard]] Finding unlike(const Yield& yield, const char* id, std::string message) const {
    return {.id = id, .source = program_.tensors[yield.tensor].source, .message = std::move(message)};
  }

  const Program& reference_;
  const Plan& plan_;
  const Program& program_;
  const LogicalCertificate& certificate_;
  const std::vector<Effect> reference_effects_, effects_;  // per operation
  const std::vector<std::vector<Id>> members_;             // per group: places, in its order
  const MessageLines messages_;
  Intern<Operation> operations_;
  std::vector<Id> reference_operations_, plan_operations_;
  std::unordered_map<Key, Id, KeyHash> known_;
  std::vector<Id> of_reference_;                                // per tensor
  std::vector<std::pair<std::int64_t, std::int64_t>> factors_;  // per expression
  Id next_ = 0;
  std::vector<Expression> of_;  // per tensor of the plan
  std::vector<Finding> faults_;
};

}  // namespace

std::optional<Finding> find_other_order(const Document& document, const LogicalCertificate& certificate) {
  if (!certificate.digits.empty())
    return Finding{.id = "CEP-TREE-2",
                   .message = "a variable runs through two axes at once: expand the plan"};
  return Walk(document, certificate).run();
}

}  // namespace cep::logical
