// Documents as version 2 of distgraph-jsonl.
#include <algorithm>
#include <cmath>

#include "cep/distgraph.h"
#include "logical/affine.h"
#include "logical/names.h"

namespace cep::logical {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (code < 0x20) {
      out += "\\u00";
      out += kDigits[code >> 4];
      out += kDigits[code & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

class Writer {
 public:
  explicit Writer(const Document& document) : document_(document), keep_(sources_differ()) {}

  std::string write() {
    header();
    const Reference& reference = document_.reference;
    std::vector<bool> output(reference.program.tensors.size());
    for (const Id id : reference.outputs) output[id] = true;
    for (Id id = 0; id < reference.program.tensors.size(); ++id) {
      tensor("tensor", reference.program, id, 0);
      if (id < reference.names.size() && !reference.names[id].empty())
        out_ += ",\"name\":" + quoted(reference.names[id]);
      if (output[id]) out_ += ",\"output\":true";
      out_ += "}\n";
    }
    for (Id id = 0; id < reference.program.nodes.size(); ++id) node("node", reference.program, id, 0);
    pieces();
    const Program& plan = document_.plan.program;
    for (Id id = 0; id < plan.nodes.size(); ++id) node("pnode", plan, id, first_piece());
    return std::move(out_);
  }

 private:
  // Ids of the plan follow those of the reference, where they are given anew.
  [[nodiscard]] Id first_piece() const {
    return static_cast<Id>(document_.reference.program.tensors.size() +
                           document_.reference.program.nodes.size());
  }

  // Whether the ids the lines were known by tell them all apart.
  [[nodiscard]] bool sources_differ() const {
    std::vector<std::uint32_t> ids;
    for (const Program* program : {&document_.reference.program, &document_.plan.program}) {
      ids.reserve(ids.size() + program->tensors.size() + program->nodes.size());
      for (const Tensor& tensor : program->tensors) ids.push_back(tensor.source);
      for (const Node& node : program->nodes) ids.push_back(node.source);
    }
    std::ranges::sort(ids);
    return std::ranges::adjacent_find(ids) == ids.end() && (ids.empty() || ids.back() != kNone);
  }

  [[nodiscard]] std::string tensor_id(const Program& program, Id id, Id first) const {
    return std::to_string(keep_ ? program.tensors[id].source : first + id);
  }

  [[nodiscard]] std::string affine(const Affine& value, std::int64_t plus = 0) const {
    std::string text = std::to_string(value.constant + plus);
    if (value.by_variable.empty()) return text;
    text = "{\"c\":" + text;
    for (std::size_t v = 0; v < value.by_variable.size(); ++v) {
      if (value.by_variable[v] == 0) continue;
      text += "," + quoted(document_.plan.variables[v].name) + ":" + std::to_string(value.by_variable[v]);
    }
    return text + "}";
  }

  template <typename List, typename Item>
  static std::string list(const List& values, Item item) {
    std::string text = "[";
    for (const auto& value : values) text += (text.size() > 1 ? "," : "") + item(value);
    return text + "]";
  }
  static std::string numbers(const std::vector<std::int64_t>& values) {
    return list(values, [](std::int64_t value) { return std::to_string(value); });
  }
  [[nodiscard]] std::string box(const Box& value) const {
    return list(value, [&](const Interval& side) {
      return "[" + affine(side.begin) + "," + affine(side.begin, side.size) + "]";
    });
  }

  void header() {
    const Plan& plan = document_.plan;
    out_ += R"({"kind":"header","format":"distgraph-jsonl","version":2,"name":)" + quoted(plan.name) +
            ",\"parallel\":{\"ranks\":" + std::to_string(plan.ranks) + "}";
    if (!plan.variables.empty()) {
      out_ += ",\"variables\":" + list(plan.variables, [](const Variable& variable) {
                return "[" + quoted(variable.name) + "," + std::to_string(variable.size) + "]";
              });
    }
    const Program& reference = document_.reference.program;
    out_ += ",\"counts\":{\"tensor\":" + std::to_string(reference.tensors.size()) +
            ",\"node\":" + std::to_string(reference.nodes.size()) +
            ",\"ptensor\":" + std::to_string(plan.program.tensors.size()) +
            ",\"pnode\":" + std::to_string(plan.program.nodes.size()) + "}}\n";
  }

  // Up to what only one of the two kinds has.
  void tensor(std::string_view kind, const Program& program, Id id, Id first) {
    const Tensor& value = program.tensors[id];
    out_ += "{\"kind\":" + quoted(kind) + ",\"id\":" + tensor_id(program, id, first);
    if (value.place != kNone) out_ += ",\"rank\":" + affine(document_.plan.places[value.place]);
    out_ += ",\"shape\":" + numbers(program.shape(id)) +
            ",\"dtype\":" + quoted(kDtypeNames[static_cast<std::size_t>(value.element)]) +
            ",\"role\":" + quoted(kRoleNames[static_cast<std::size_t>(value.role)]);
  }

  void pieces() {
    const Plan& plan = document_.plan;
    auto bind = plan.binds.begin();
    auto yield = plan.yields.begin();
    for (Id id = 0; id < plan.program.tensors.size(); ++id) {
      tensor("ptensor", plan.program, id, first_piece());
      if (bind != plan.binds.end() && bind->tensor == id) {
        out_ += ",\"bind\":" + claim(bind->reference, bind->box) + "}";
        ++bind;
      }
      if (yield != plan.yields.end() && yield->tensor == id) {
        out_ += ",\"yield\":" + claim(yield->reference, yield->box);
        if (yield->parts != 1 || yield->part != Affine{}) {
          out_ += ",\"part\":[" + affine(yield->part) + "," + std::to_string(yield->parts) + "]";
        }
        out_ += "}";
        ++yield;
      }
      out_ += "}\n";
    }
  }
  [[nodiscard]] std::string claim(Id reference, const Box& slice) const {
    return "{\"ref\":" + tensor_id(document_.reference.program, reference, 0) + ",\"slice\":" + box(slice);
  }

  struct WriteValue {
    const Writer& writer;
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const {
      std::string text = to_text(value);
      // A reader takes a whole number for an integer, of 64 bits and without a sign of zero.
      const bool whole = text.find_first_of(".e") == std::string::npos;
      const bool as_integer = std::abs(value) < 0x1p53 && !(value == 0 && std::signbit(value));
      return whole && !as_integer ? text + ".0" : text;
    }
    std::string operator()(const std::string& value) const { return quoted(value); }
    std::string operator()(const std::vector<std::int64_t>& value) const { return numbers(value); }
    std::string operator()(const Affine& value) const { return writer.affine(value); }
  };

  void node(std::string_view kind, const Program& program, Id id, Id first) {
    const Node& value = program.nodes[id];
    const Operation& operation = program.operations[value.operation];
    const auto own = static_cast<Id>(first + program.tensors.size() + id);
    out_ += "{\"kind\":" + quoted(kind) + ",\"id\":" + std::to_string(keep_ ? value.source : own);
    if (value.place != kNone) out_ += ",\"rank\":" + affine(document_.plan.places[value.place]);
    if (value.micro_batch >= 0) out_ += ",\"mb\":" + std::to_string(value.micro_batch);
    out_ += ",\"op\":" + quoted(operation.name) + ",\"dir\":" + (operation.backward ? "\"bw\"" : "\"fw\"") +
            ",\"at\":{";
    bool next = false;
    for (const Operation::Attribute& attribute : operation.attributes) {
      out_ +=
          (next ? "," : "") + quoted(attribute.name) + ":" + std::visit(WriteValue{*this}, attribute.value);
      next = true;
    }
    out_ += "}";
    if (value.comm != CommKind::kNoComm) comm(value);
    const auto ids = [&](std::span<const Id> operands) {
      return list(operands, [&](Id operand) { return tensor_id(program, operand, first); });
    };
    out_ += ",\"in\":" + ids(program.inputs(value)) + ",\"out\":" + ids(program.outputs(value)) + "}\n";
  }

  void comm(const Node& node) {
    const Group& group = document_.plan.groups[node.group];
    const CommKind kind = node.comm;
    out_ += ",\"comm\":{\"kind\":" + quoted(to_string(kind));
    if (node.message != kNone) out_ += ",\"id\":" + std::to_string(node.message);
    if (kind == CommKind::kSend || kind == CommKind::kReceive) {
      out_ += ",\"src\":" + affine(group.ranks[0]) + ",\"dst\":" + affine(group.ranks[1]) + "}";
      return;
    }
    out_ += ",\"ranks\":";
    if (group.variable != kNone) {
      out_ += quoted(document_.plan.variables[group.variable].name);
    } else {
      out_ += list(group.ranks, [&](const Affine& rank) { return affine(rank); });
    }
    if (kind == CommKind::kAllReduce || kind == CommKind::kReduceScatter) out_ += ",\"reduce\":\"sum\"";
    if (kind == CommKind::kBroadcast) out_ += ",\"root_position\":" + std::to_string(node.root);
    if (kind != CommKind::kAllReduce && kind != CommKind::kBroadcast)
      out_ += ",\"dim\":" + std::to_string(node.dim);
    if (kind == CommKind::kAllToAll) out_ += ",\"other_dim\":" + std::to_string(node.other_dim);
    out_ += "}";
  }

  const Document& document_;
  bool keep_;
  std::string out_;
};

}  // namespace

std::string write_distgraph(const Document& document) { return Writer(document).write(); }

}  // namespace cep::logical
