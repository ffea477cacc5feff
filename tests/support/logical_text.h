// Logical plans as tests write them, one line a tensor or node:
//
//   input x:f32[4,8]
//   param w:f32[6,8]
//   y:f32[4,6] = linear x w
//   output y
//   plan columns ranks 2
//   variable tp 2                                   a pattern; expanded plans have none
//   @tp x0:f32[4,8] = bind x [0:4,0:8]              the role is that of x
//   @tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
//   @tp mb0 y0:f32[4,3] = linear x0 w0              mb0: micro-batch 0
//   @tp y1:f32[4,6] = all_gather{dim=1} y0 over tp  over: a variable, or ranks with commas
//   @0 send y1 over 0,1 msg 2                       lines with one msg are one instance; without, each line's own
//   @tp yield y1 as y [0:4,0:6] part 0/1            part may be left out
//
// Backward operators end in ".bw". Numbers of ranks, boxes, start, stop and part are affine: "4*tp+8", without blanks. A line that begins with
// '#' is a comment. Names are used once in the reference and once in the plan. What is wrong throws std::runtime_error.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cep/logical.h"

namespace cep::support {

class LogicalText {
 public:
  [[nodiscard]] logical::Document read(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line); ++number_) read_line(line);
    return document_;
  }

 private:
  using Id = logical::Id;
  using Words = std::vector<std::string>;

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(number_) + ": " + what);
  }

  // Parts between separators; those within brackets do not separate.
  static Words split(const std::string& text, char separator) {
    Words parts(1);
    int depth = 0;
    for (const char c : text) {
      depth += (c == '[' || c == '{') - (c == ']' || c == '}');
      if (c == separator && depth == 0) {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }
  static std::string within(const std::string& text) { return text.substr(1, text.size() - 2); }

  template <typename Value>
  static Id intern(std::vector<Value>& list, const Value& value) {
    const auto at = std::find(list.begin(), list.end(), value);
    if (at != list.end()) return static_cast<Id>(at - list.begin());
    list.push_back(value);
    return static_cast<Id>(list.size() - 1);
  }

  [[nodiscard]] Id variable(const std::string& name) const {
    const auto& all = document_.plan.variables;
    for (Id v = 0; v < all.size(); ++v) {
      if (all[v].name == name) return v;
    }
    return logical::kNone;
  }

  [[nodiscard]] logical::Affine affine(const std::string& text) const {
    logical::Affine value;
    std::string terms;
    for (const char c : text) terms += c == '-' ? std::string("+-") : std::string(1, c);
    if (terms.starts_with('+')) terms.erase(0, 1);
    for (const std::string& term : split(terms, '+')) {
      const Words factors = split(term, '*');
      const std::string& last = factors.back();
      const Id v = variable(last.starts_with('-') ? last.substr(1) : last);
      if (v == logical::kNone) {
        value.constant += std::stoll(term);
        continue;
      }
      value.by_variable.resize(std::max<std::size_t>(value.by_variable.size(), v + 1));
      value.by_variable[v] += factors.size() == 2 ? std::stoll(factors[0]) : last.starts_with('-') ? -1 : 1;
    }
    while (!value.by_variable.empty() && value.by_variable.back() == 0) value.by_variable.pop_back();
    return value;
  }

  [[nodiscard]] logical::Box box(const std::string& text) const {
    logical::Box box;
    if (text == "[]") return box;
    for (const std::string& side : split(within(text), ',')) {
      const Words ends = split(side, ':');
      if (ends.size() != 2) fail("not a box: " + text);
      const logical::Affine begin = affine(ends[0]), end = affine(ends[1]);
      if (begin.by_variable != end.by_variable) fail("its length depends on a variable: " + side);
      box.push_back({begin, end.constant - begin.constant});
    }
    return box;
  }

  [[nodiscard]] logical::Element element(const std::string& name) const {
    for (int e = 0; e < 8; ++e) {
      if (to_string(static_cast<logical::Element>(e)) == name) return static_cast<logical::Element>(e);
    }
    fail("no such element: " + name);
  }

  // "x:f32[4,8]".
  Id declare(logical::Program& program, std::map<std::string, Id>& names, const std::string& word,
             logical::Role role, Id place) {
    const std::size_t colon = word.find(':'), open = word.find('[');
    if (colon == std::string::npos || open == std::string::npos) fail("not NAME:TYPE: " + word);
    logical::Tensor tensor;
    tensor.element = element(word.substr(colon + 1, open - colon - 1));
    logical::Shape shape;
    const std::string dims = within(word.substr(open));
    if (!dims.empty()) {
      for (const std::string& dim : split(dims, ',')) shape.push_back(std::stoll(dim));
    }
    tensor.shape = intern(program.shapes, shape);
    tensor.role = role;
    tensor.place = place;
    tensor.source = next_source_++;
    const auto id = static_cast<Id>(program.tensors.size());
    if (!names.emplace(word.substr(0, colon), id).second) fail("a name twice: " + word);
    program.tensors.push_back(tensor);
    return id;
  }

  [[nodiscard]] Id named(const std::map<std::string, Id>& names, const std::string& name) const {
    const auto at = names.find(name);
    if (at == names.end()) fail("no such tensor: " + name);
    return at->second;
  }

  [[nodiscard]] logical::Operation::Value attribute(const std::string& name, const std::string& text) const {
    const auto is = [&](std::initializer_list<std::string_view> list) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    if (is({"start", "stop"})) return affine(text);
    if (is({"alpha", "constant", "exponent", "route_scale"})) return std::stod(text);
    if (is({"to", "score_func"})) return text;
    if (is({"dims"})) {
      std::vector<std::int64_t> dims;
      for (const std::string& dim : split(within(text), ',')) dims.push_back(std::stoll(dim));
      return dims;
    }
    return static_cast<std::int64_t>(std::stoll(text));
  }

  // "mean.bw{dims=[2]}".
  [[nodiscard]] logical::Operation operation(const std::string& word) const {
    logical::Operation value;
    const std::size_t open = word.find('{');
    value.name = word.substr(0, open);
    if (value.name.ends_with(".bw")) {
      value.backward = true;
      value.name.resize(value.name.size() - 3);
    }
    if (open == std::string::npos) return value;
    for (const std::string& pair : split(within(word.substr(open)), ',')) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos) fail("not NAME=VALUE: " + pair);
      const std::string name = pair.substr(0, equals);
      value.attributes.push_back({name, attribute(name, pair.substr(equals + 1))});
    }
    std::sort(value.attributes.begin(), value.attributes.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return value;
  }

  // Takes dim, root and other_dim out of the attributes of a communication.
  void communicate(logical::Node& node, logical::Operation& operation) {
    for (int kind = 1; kind <= static_cast<int>(logical::CommKind::kBroadcast); ++kind) {
      if (to_string(static_cast<logical::CommKind>(kind)) == operation.name) {
        node.comm = static_cast<logical::CommKind>(kind);
      }
    }
    if (node.comm == logical::CommKind::kNoComm) return;
    for (const auto& [name, value] : operation.attributes) {
      const std::int64_t number = std::get<std::int64_t>(value);
      if (name == "dim") node.dim = static_cast<std::uint8_t>(number);
      if (name == "other_dim") node.other_dim = static_cast<std::uint8_t>(number);
      if (name == "root") node.root = static_cast<std::uint16_t>(number);
    }
    operation.attributes.clear();
  }

  [[nodiscard]] logical::Group group(const std::string& text) const {
    logical::Group group;
    group.variable = variable(text);
    if (group.variable != logical::kNone) return group;
    for (const std::string& rank : split(text, ',')) group.ranks.push_back(affine(rank));
    return group;
  }

  // [results =] operator operands [over group] [msg n], from words[at].
  void read_node(logical::Program& program, std::map<std::string, Id>& names, const Words& words,
                 std::size_t at, Id place, int micro_batch) {
    logical::Node node;
    node.place = place;
    node.micro_batch = micro_batch;
    std::vector<Id> inputs, outputs;
    const auto equals = std::find(words.begin(), words.end(), "=");
    if (equals != words.end()) {
      for (; words[at] != "="; ++at) {
        outputs.push_back(declare(program, names, words[at], logical::Role::kValue, place));
      }
      ++at;
    }
    if (at >= words.size()) fail("no operator");
    logical::Operation what = operation(words[at++]);
    communicate(node, what);
    for (; at < words.size(); ++at) {
      if (words[at] == "over" && at + 1 < words.size()) {
        node.group = intern(document_.plan.groups, group(words[++at]));
      } else if (words[at] == "msg" && at + 1 < words.size()) {
        node.message = messages_.try_emplace(words[++at], next_message_).first->second;
        next_message_ = static_cast<Id>(std::max<std::size_t>(next_message_, node.message + 1));
      } else {
        inputs.push_back(named(names, words[at]));
      }
    }
    const bool local = node.comm == logical::CommKind::kNoComm || node.comm == logical::CommKind::kChunk;
    if (!local && node.message == logical::kNone) node.message = next_message_++;
    node.operation = intern(program.operations, what);
    node.first_input = static_cast<std::uint32_t>(program.operands.size());
    node.inputs = static_cast<std::uint32_t>(inputs.size());
    node.first_output = node.first_input + node.inputs;
    node.outputs = static_cast<std::uint32_t>(outputs.size());
    node.source = next_source_++;
    program.operands.insert(program.operands.end(), inputs.begin(), inputs.end());
    program.operands.insert(program.operands.end(), outputs.begin(), outputs.end());
    program.nodes.push_back(node);
  }

  void read_bind(const Words& words, std::size_t at, Id place) {
    if (words.size() != at + 5) fail("not NAME:TYPE = bind NAME BOX");
    const Id reference = named(reference_, words[at + 3]);
    const logical::Role role = document_.reference.program.tensors[reference].role;
    const Id tensor = declare(document_.plan.program, pieces_, words[at], role, place);
    document_.plan.binds.push_back({tensor, reference, box(words[at + 4])});
  }

  void read_yield(const Words& words, std::size_t at) {
    if (words.size() < at + 5 || words[at + 2] != "as") fail("not yield NAME as NAME BOX");
    logical::Yield yield{
        named(pieces_, words[at + 1]), named(reference_, words[at + 3]), box(words[at + 4]), {}, 1};
    if (words.size() == at + 7) {
      const Words part = split(words[at + 6], '/');
      yield.part = affine(part.at(0));
      yield.parts = std::stoll(part.at(1));
    }
    auto& all = document_.plan.yields;
    const auto after =
        std::find_if(all.begin(), all.end(), [&](const auto& y) { return y.tensor > yield.tensor; });
    all.insert(after, yield);
  }

  void read_line(const std::string& line) {
    std::istringstream stream(line);
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.empty() || words[0].starts_with('#')) return;
    logical::Plan& plan = document_.plan;
    logical::Reference& reference = document_.reference;
    constexpr std::string_view kRoles[] = {"input", "param", "buffer", "seed"};
    const auto* const role = std::find(std::begin(kRoles), std::end(kRoles), words[0]);
    if (words[0] == "plan" && words.size() == 4) {
      plan.name = words[1];
      plan.ranks = std::stoll(words[3]);
    } else if (words[0] == "variable" && words.size() == 3) {
      plan.variables.push_back({words[1], std::stoll(words[2])});
    } else if (words[0] == "output" && words.size() == 2) {
      reference.outputs.push_back(named(reference_, words[1]));
    } else if (role != std::end(kRoles)) {
      declare(reference.program, reference_, words.at(1), static_cast<logical::Role>(role - kRoles),
              logical::kNone);
    } else if (words[0].starts_with('@')) {
      read_plan_line(words);
    } else {
      read_node(reference.program, reference_, words, 0, logical::kNone, -1);
    }
    reference.names.resize(reference.program.tensors.size());
    for (const auto& [name, id] : reference_) reference.names[id] = name;
  }

  void read_plan_line(const Words& words) {
    const Id place = intern(document_.plan.places, affine(words[0].substr(1)));
    std::size_t at = 1;
    int micro_batch = -1;
    if (words.size() > at && words[at].size() > 2 && words[at].starts_with("mb") &&
        words[at].find(':') == std::string::npos) {
      micro_batch = std::stoi(words[at++].substr(2));
    }
    if (words.size() <= at) fail("an empty line of a rank");
    if (words[at] == "yield") return read_yield(words, at);
    if (words.size() > at + 2 && words[at + 1] == "=" && words[at + 2] == "bind")
      return read_bind(words, at, place);
    read_node(document_.plan.program, pieces_, words, at, place, micro_batch);
  }

  std::size_t number_ = 1;
  std::uint32_t next_source_ = 0;
  Id next_message_ = 0;
  std::map<std::string, Id> messages_;
  std::map<std::string, Id> reference_, pieces_;
  logical::Document document_;
};

inline logical::Document logical_text(const std::string& text) { return LogicalText().read(text); }

}  // namespace cep::support
