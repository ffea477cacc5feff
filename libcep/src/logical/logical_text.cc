#include "cep/logical_text.h"

#include <algorithm>
#include <unordered_set>

#include "logical/affine.h"
#include "logical/names.h"

namespace cep::logical {
namespace {

bool plain(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

// One name for each tensor of a program.
std::vector<std::string> names_of(const Program& program, char letter,
                                  const std::vector<std::string>& given) {
  std::vector<std::uint32_t> sources;
  sources.reserve(program.tensors.size());
  for (const Tensor& tensor : program.tensors) sources.push_back(tensor.source);
  std::ranges::sort(sources);
  const bool by_source = std::ranges::adjacent_find(sources) == sources.end();
  std::unordered_set<std::string> taken;
  std::vector<std::string> names;
  names.reserve(program.tensors.size());
  for (Id id = 0; id < program.tensors.size(); ++id) {
    std::string number = letter + std::to_string(by_source ? program.tensors[id].source : id);
    if (id < given.size() && plain(given[id]) && taken.insert(given[id]).second) number = given[id];
    // A name somebody gave may look like one of ours.
    if (id >= given.size() || number != given[id]) {
      while (!taken.insert(number).second) number += '_';
    }
    names.push_back(std::move(number));
  }
  return names;
}

class Printer {
 public:
  explicit Printer(const Document& document)
      : document_(document),
        reference_(names_of(document.reference.program, 'r', document.reference.names)),
        pieces_(names_of(document.plan.program, 'p', {})) {}

  std::string print() {
    const Program& reference = document_.reference.program;
    for (Id id = 0; id < reference.tensors.size(); ++id) {
      const Role role = reference.tensors[id].role;
      if (role == Role::kValue) continue;
      out_ += std::string(kRoleNames[static_cast<std::size_t>(role)]) + " " +
              declared(reference, reference_, id) + "\n";
    }
    for (const Node& node : reference.nodes) print_node(reference, reference_, node);
    for (const Id id : document_.reference.outputs) out_ += "output " + reference_[id] + "\n";
    const Plan& plan = document_.plan;
    out_ += "plan " + (plain(plan.name) ? plan.name : "-") + " ranks " + std::to_string(plan.ranks) + "\n";
    for (const Variable& variable : plan.variables) {
      out_ += "variable " + variable.name + " " + std::to_string(variable.size) + "\n";
    }
    for (const Bind& bind : plan.binds) {
      out_ += rank(plan.program.tensors[bind.tensor].place) + " " +
              declared(plan.program, pieces_, bind.tensor) + " = bind " + reference_[bind.reference] + " " +
              box(bind.box) + "\n";
    }
    for (const Node& node : plan.program.nodes) print_node(plan.program, pieces_, node);
    for (const Yield& yield : plan.yields) {
      out_ += rank(plan.program.tensors[yield.tensor].place) + " yield " + pieces_[yield.tensor] + " as " +
              reference_[yield.reference] + " " + box(yield.box);
      if (yield.parts != 1 || yield.part != Affine{})
        out_ += " part " + affine(yield.part) + "/" + std::to_string(yield.parts);
      out_ += "\n";
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string affine(const Affine& value) const {
    return to_text(value, document_.plan.variables);
  }
  [[nodiscard]] std::string rank(Id place) const { return "@" + affine(document_.plan.places[place]); }

  static std::string numbers(const std::vector<std::int64_t>& values) {
    std::string text = "[";
    for (const std::int64_t value : values) text += (text.size() > 1 ? "," : "") + std::to_string(value);
    return text + "]";
  }
  static std::string declared(const Program& program, const std::vector<std::string>& names, Id id) {
    return names[id] + ":" + std::string(to_string(program.tensors[id].element)) + numbers(program.shape(id));
  }
  [[nodiscard]] std::string box(const Box& value) const {
    std::string text = "[";
    for (const Interval& side : value) {
      Affine end = side.begin;
      end.constant += side.size;
      text += (text.size() > 1 ? "," : "") + affine(side.begin) + ":" + affine(end);
    }
    return text + "]";
  }

  struct Print {
    const Printer& printer;
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return to_text(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const std::vector<std::int64_t>& value) const { return numbers(value); }
    std::string operator()(const Affine& value) const { return printer.affine(value); }
  };

  [[nodiscard]] std::string attributes(const Operation& operation, const Node& node) const {
    std::string text;
    const auto add = [&](const std::string& name, const std::string& value) {
      text += (text.empty() ? "{" : ",") + name + "=" + value;
    };
    for (const Operation::Attribute& attribute : operation.attributes) {
      add(attribute.name, std::visit(Print{*this}, attribute.value));
    }
    const CommKind kind = node.comm;
    const bool along = kind == CommKind::kAllGather || kind == CommKind::kReduceScatter ||
                       kind == CommKind::kAllToAll || kind == CommKind::kChunk;
    if (along) add("dim", std::to_string(node.dim));
    if (kind == CommKind::kAllToAll) add("other_dim", std::to_string(node.other_dim));
    if (kind == CommKind::kBroadcast) add("root", std::to_string(node.root));
    return text.empty() ? text : text + "}";
  }

  void print_node(const Program& program, const std::vector<std::string>& names, const Node& node) {
    const Operation& operation = program.operations[node.operation];
    if (node.place != kNone) out_ += rank(node.place) + " ";
    if (node.micro_batch >= 0) out_ += "mb" + std::to_string(node.micro_batch) + " ";
    for (const Id id : program.outputs(node)) out_ += declared(program, names, id) + " ";
    if (node.outputs > 0) out_ += "= ";
    out_ += operation.name + (operation.backward ? ".bw" : "") + attributes(operation, node);
    for (const Id id : program.inputs(node)) out_ += " " + names[id];
    if (node.group != kNone) {
      const Group& group = document_.plan.groups[node.group];
      std::string members;
      for (const Affine& member : group.ranks) members += (members.empty() ? "" : ",") + affine(member);
      out_ += " over " + (group.variable == kNone ? members : document_.plan.variables[group.variable].name);
    }
    if (node.message != kNone) out_ += " msg " + std::to_string(node.message);
    out_ += "\n";
  }

  const Document& document_;
  std::vector<std::string> reference_, pieces_;
  std::string out_;
};

}  // namespace

std::string to_text(const Document& document) { return Printer(document).print(); }

}  // namespace cep::logical
