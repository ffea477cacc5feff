// Ids, order of definition, binds and yields.
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "logical/affine.h"
#include "logical/checks.h"
#include "logical/intern.h"
#include "logical/limits.h"

namespace cep::logical {
namespace {

// Where something is wrong: a text, or what makes it when it is needed.
template <typename Where>
std::string spelled(const Where& where) {
  if constexpr (std::is_invocable_v<Where>) {
    return where();
  } else {
    return where;
  }
}
template <typename Where>
acp::Status range(bool holds, const Where& where, const char* what) {
  if (holds) return acp::ok();
  return acp::invalid("CEP-LOGICAL-1", spelled(where), what);
}
template <typename Where>
acp::Status limit(bool holds, const Where& where, const char* what) {
  if (holds) return acp::ok();
  return acp::over_limit("CEP-LOGICAL-5", spelled(where), what);
}
std::string item(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

template <typename Value>
acp::Status check_distinct(const std::vector<Value>& list, const std::string& path) {
  Intern<Value> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!seen.find_or_add(list[i]).added) {
      return acp::invalid("CEP-LOGICAL-9", item(path, i), "stands in the table already");
    }
  }
  return acp::ok();
}

struct SizeOf {
  std::size_t operator()(std::int64_t) const { return 0; }
  std::size_t operator()(double) const { return 0; }
  std::size_t operator()(const std::string& text) const { return text.size(); }
  std::size_t operator()(const std::vector<std::int64_t>& list) const { return list.size(); }
  std::size_t operator()(const Affine&) const { return 0; }
};

// A name is shown to people, and written as JSON.
bool is_name(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) < 0x20 || byte(i) == 0x7f) return false;
    // U+0080 to U+009F.
    if (byte(i) == 0xc2 && i + 1 < text.size() && byte(i + 1) < 0xa0) return false;
  }
  return simdjson::validate_utf8(text.data(), text.size());
}
template <typename Where>
acp::Status check_name(std::string_view name, const Where& where) {
  ACP_CHECK(limit(name.size() <= limits::kMaxNameBytes, where, "a name of more than 256 bytes"));
  return range(is_name(name), where, "a name with a control character, or that is not UTF-8");
}

acp::Status check_operation(const Operation& operation, std::span<const Variable> variables,
                            const std::string& path) {
  ACP_CHECK(check_name(operation.name, path));
  ACP_CHECK(limit(operation.attributes.size() <= limits::kMaxAttributes, path, "more than 16 attributes"));
  for (std::size_t i = 0; i < operation.attributes.size(); ++i) {
    const auto& [name, value] = operation.attributes[i];
    const std::string at = item(path + ".attributes", i);
    ACP_CHECK(check_name(name, at));
    ACP_CHECK(limit(std::visit(SizeOf{}, value) <= limits::kMaxNameBytes, at, "longer than 256"));
    if (const auto* text = std::get_if<std::string>(&value)) ACP_CHECK(check_name(*text, at));
    ACP_CHECK(
        range(i == 0 || operation.attributes[i - 1].name < name, at, "attributes do not ascend by name"));
    if (const auto* real = std::get_if<double>(&value))
      ACP_CHECK(range(std::isfinite(*real), at, "not a finite number"));
    if (const auto* affine = std::get_if<Affine>(&value)) {
      ACP_CHECK(range(affine_ok(*affine, variables), at, "not affine in the variables, within 2^48"));
    }
  }
  return acp::ok();
}

acp::Status check_tables(const Program& program, std::span<const Variable> variables,
                         const std::string& path) {
  for (const std::size_t size :
       {program.shapes.size(), program.operations.size(), program.tensors.size(), program.nodes.size()}) {
    ACP_CHECK(limit(size <= limits::kMaxItems, path, "more than 2^24 of a kind"));
  }
  ACP_CHECK(limit(program.operands.size() <= limits::kMaxOperands, path, "more than 2^26 operands"));
  for (std::size_t i = 0; i < program.shapes.size(); ++i) {
    const Shape& shape = program.shapes[i];
    const std::string at = item(path + ".shapes", i);
    ACP_CHECK(limit(shape.size() <= limits::kMaxRank, at, "more than 8 dimensions"));
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) {
      ACP_CHECK(range(dim >= 0, at, "a negative dimension"));
      ACP_CHECK(limit(dim <= limits::kMaxMagnitude / std::max<std::int64_t>(count, 1), at,
                      "more than 2^48 elements"));
      count *= dim;
    }
  }
  ACP_CHECK(check_distinct(program.shapes, path + ".shapes"));
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    ACP_CHECK(check_operation(program.operations[i], variables, item(path + ".operations", i)));
  }
  return check_distinct(program.operations, path + ".operations");
}

// Of tensors and nodes. A reference has no places, groups or messages.
acp::Status check_program(const Program& program, const Plan* plan, const std::string& path) {
  const auto place_ok = [&](Id place) {
    return plan != nullptr ? place < plan->places.size() : place == kNone;
  };
  for (std::size_t i = 0; i < program.tensors.size(); ++i) {
    const Tensor& tensor = program.tensors[i];
    if (tensor.shape < program.shapes.size() && tensor.element <= Element::kBool &&
        tensor.role <= Role::kValue && place_ok(tensor.place)) {
      continue;
    }
    return range(false, item(path + ".tensors", i), "no such shape, element, role or rank");
  }
  const std::size_t operands = program.operands.size();
  for (Id i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    const auto at = [&] { return item(path + ".nodes", i); };
    ACP_CHECK(range(node.operation < program.operations.size(), at, "no such operation"));
    ACP_CHECK(range(place_ok(node.place), at, "no such rank"));
    ACP_CHECK(range(node.first_input <= operands && node.inputs <= operands - node.first_input &&
                        node.first_output <= operands && node.outputs <= operands - node.first_output,
                    at, "operands beyond the list"));
    ACP_CHECK(limit(node.inputs <= limits::kMaxMembers && node.outputs <= limits::kMaxMembers, at,
                    "more than 2^14 operands"));
    ACP_CHECK(range(node.comm <= CommKind::kBroadcast && node.micro_batch >= -1, at,
                    "no such communication or micro-batch"));
    const bool known = plan != nullptr && (node.group == kNone || node.group < plan->groups.size()) &&
                       (node.message == kNone || node.message < program.nodes.size());
    const bool alone = node.group == kNone && node.message == kNone && node.comm == CommKind::kNoComm;
    ACP_CHECK(range(known || alone, at, "no such group or message, or a communication of the reference"));
  }
  for (std::size_t i = 0; i < operands; ++i) {
    const auto at = [&] { return item(path + ".operands", i); };
    ACP_CHECK(range(program.operands[i] < program.tensors.size(), at, "no such tensor"));
  }
  return acp::ok();
}

acp::Status check_variables(const Plan& plan) {
  ACP_CHECK(check_name(plan.name, "plan.name"));
  ACP_CHECK(limit(plan.variables.size() <= limits::kMaxVariables, "plan.variables", "more than 8 variables"));
  std::int64_t points = 1;
  for (std::size_t i = 0; i < plan.variables.size(); ++i) {
    const std::string at = item("plan.variables", i);
    const Variable& variable = plan.variables[i];
    ACP_CHECK(check_name(variable.name, at));
    ACP_CHECK(range(!variable.name.empty() && variable.name != "c", at,
                    "a name that affine values need for themselves"));
    for (std::size_t j = 0; j < i; ++j) {
      if (plan.variables[j].name == variable.name)
        return acp::invalid("CEP-LOGICAL-9", at, "a name that another variable has");
    }
    ACP_CHECK(range(variable.size >= 1, at, "a variable without points"));
    ACP_CHECK(limit(variable.size <= limits::kMaxPoints / points, at, "more than 2^24 points"));
    points *= variable.size;
  }
  ACP_CHECK(range(plan.ranks >= 1, "plan.ranks", "no ranks"));
  return limit(plan.ranks <= limits::kMaxPoints, "plan.ranks", "more than 2^24 ranks");
}

template <typename Where>
acp::Status check_rank(const Affine& rank, const Plan& plan, const Where& path) {
  ACP_CHECK(range(affine_ok(rank, plan.variables), path, "not affine in the variables, within 2^48"));
  const Range reached = range_of(rank, plan.variables);
  if (reached.low >= 0 && reached.high < plan.ranks) return acp::ok();
  return acp::invalid("CEP-LOGICAL-1", spelled(path),
                      to_text(rank, plan.variables) + " is not a rank at every point: there are " +
                          std::to_string(plan.ranks));
}

// Every line exists at every point, so each rank belongs to one place, at one point.
acp::Status check_places(const Plan& plan) {
  std::vector<bool> taken(static_cast<std::size_t>(plan.ranks));
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    const std::string at = item("plan.places", i);
    ACP_CHECK(check_rank(plan.places[i], plan, at));
    std::int64_t twice = -1;
    // A hostile plan must not make this take places times points: past the first rank met again, a place is refused.
    for_each_value(plan.places[i], plan.variables, [&](std::int64_t rank) {
      if (taken[static_cast<std::size_t>(rank)]) twice = rank;
      taken[static_cast<std::size_t>(rank)] = true;
    });
    if (twice >= 0)
      return acp::invalid("CEP-LOGICAL-9", at,
                          "rank " + std::to_string(twice) + " has another place, or another point");
  }
  return acp::ok();
}

acp::Status check_groups(const Plan& plan) {
  ACP_CHECK(limit(plan.groups.size() <= limits::kMaxItems, "plan.groups", "more than 2^24 groups"));
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    const Group& group = plan.groups[i];
    const std::string at = item("plan.groups", i);
    ACP_CHECK(limit(group.ranks.size() <= limits::kMaxMembers, at, "more than 2^14 members"));
    if (group.variable != kNone) {
      ACP_CHECK(range(group.variable < plan.variables.size() && group.ranks.empty(), at,
                      "no such variable, or ranks beside it"));
      ACP_CHECK(limit(plan.variables[group.variable].size <= static_cast<std::int64_t>(limits::kMaxMembers),
                      at, "more than 2^14 members"));
    } else {
      ACP_CHECK(range(!group.ranks.empty(), at, "no members"));
    }
    for (std::size_t r = 0; r < group.ranks.size(); ++r) {
      ACP_CHECK(check_rank(group.ranks[r], plan, [&] { return item(at + ".ranks", r); }));
    }
  }
  return check_distinct(plan.groups, "plan.groups");
}

acp::Status check_claim_ids(const Document& document) {
  const std::size_t pieces = document.plan.program.tensors.size(),
                    tensors = document.reference.program.tensors.size();
  const auto check = [&](const auto& list, const std::string& path) -> acp::Status {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string at = item(path, i);
      ACP_CHECK(range(list[i].tensor < pieces && list[i].reference < tensors, at, "no such tensor"));
      ACP_CHECK(range(i == 0 || list[i - 1].tensor < list[i].tensor, at, "tensors do not ascend"));
      for (const Interval& side : list[i].box) {
        ACP_CHECK(range(affine_ok(side.begin, document.plan.variables) && side.size >= 0 &&
                            limits::magnitude_ok(side.size),
                        at, "not a box, within 2^48"));
      }
    }
    return acp::ok();
  };
  ACP_CHECK(check(document.plan.binds, "plan.binds"));
  ACP_CHECK(check(document.plan.yields, "plan.yields"));
  for (std::size_t i = 0; i < document.plan.yields.size(); ++i) {
    const Yield& yield = document.plan.yields[i];
    ACP_CHECK(range(affine_ok(yield.part, document.plan.variables) && yield.parts >= 1 &&
                        limits::magnitude_ok(yield.parts),
                    item("plan.yields", i), "not a part of some, within 2^48"));
  }
  return acp::ok();
}

// What a person finds it by in the file.
std::string tensor_of(const Tensor& tensor) { return " (tensor " + std::to_string(tensor.source) + ")"; }

// Whatever reads the reference or the plan in order finds every tensor made.
acp::Status check_program_assignment(const Program& program, const std::string& path) {
  std::vector<bool> made(program.tensors.size());
  for (std::size_t i = 0; i < made.size(); ++i) made[i] = program.tensors[i].role != Role::kValue;
  for (Id i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    const auto place = [&](const char* list, std::size_t at) {
      return item(item(path + ".nodes", i) + list, at);
    };
    const auto tensor = [&](Id id) {
      return "tensor " + std::to_string(program.tensors[id].source) + line_of(node);
    };
    const std::span<const Id> inputs = program.inputs(node), outputs = program.outputs(node);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (!made[inputs[k]])
        return acp::invalid("CEP-LOGICAL-2", place(".inputs", k), "not made yet: " + tensor(inputs[k]));
      if (program.tensors[inputs[k]].place != node.place) {
        return acp::invalid("CEP-LOGICAL-3", place(".inputs", k), "of another rank: " + tensor(inputs[k]));
      }
    }
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (made[outputs[k]])
        return acp::invalid("CEP-LOGICAL-2", place(".outputs", k), "made already: " + tensor(outputs[k]));
      if (program.tensors[outputs[k]].place != node.place) {
        return acp::invalid("CEP-LOGICAL-3", place(".outputs", k), "of another rank: " + tensor(outputs[k]));
      }
      made[outputs[k]] = true;
    }
  }
  const auto never = std::find(made.begin(), made.end(), false);
  if (never == made.end()) return acp::ok();
  const auto id = static_cast<std::size_t>(never - made.begin());
  return acp::invalid("CEP-LOGICAL-2", item(path + ".tensors", id),
                      "made by no node: tensor " + std::to_string(program.tensors[id].source));
}

acp::Status check_claim(const Document& document, Id tensor, Id reference, const Box& box,
                        const std::string& path) {
  const Program& pieces = document.plan.program;
  const auto no = [&](std::string what) {
    return acp::invalid("CEP-LOGICAL-6", path, std::move(what) + tensor_of(pieces.tensors[tensor]));
  };
  const Program& whole = document.reference.program;
  if (pieces.tensors[tensor].element != whole.tensors[reference].element)
    return no("an element of another type");
  const Shape& piece = pieces.shape(tensor);
  const Shape& full = whole.shape(reference);
  if (box.size() != full.size() || piece.size() != full.size()) return no("not of the reference's rank");
  for (std::size_t d = 0; d < box.size(); ++d) {
    if (box[d].size != piece[d]) return no("dimension " + std::to_string(d) + " is not as long as the piece");
    const Range begin = range_of(box[d].begin, document.plan.variables);
    if (begin.low < 0 || begin.high + box[d].size > full[d])
      return no("dimension " + std::to_string(d) + " leaves the reference");
  }
  return acp::ok();
}

}  // namespace

std::string node_path(Id node) { return item("plan.nodes", node); }

std::string line_of(const Node& node) { return " (node " + std::to_string(node.source) + ")"; }

acp::Status check_ids(const Document& document) {
  const Reference& reference = document.reference;
  const Plan& plan = document.plan;
  ACP_CHECK(check_variables(plan));
  ACP_CHECK(check_tables(reference.program, {}, "reference"));
  ACP_CHECK(check_program(reference.program, nullptr, "reference"));
  ACP_CHECK(range(reference.names.size() == reference.program.tensors.size(), "reference.names",
                  "not one for each tensor"));
  for (std::size_t i = 0; i < reference.names.size(); ++i)
    ACP_CHECK(check_name(reference.names[i], [&] { return item("reference.names", i); }));
  for (std::size_t i = 0; i < reference.outputs.size(); ++i) {
    const std::string at = item("reference.outputs", i);
    ACP_CHECK(range(reference.outputs[i] < reference.program.tensors.size(), at, "no such tensor"));
    ACP_CHECK(range(i == 0 || reference.outputs[i - 1] < reference.outputs[i], at, "outputs do not ascend"));
  }
  ACP_CHECK(check_tables(plan.program, plan.variables, "plan"));
  ACP_CHECK(limit(plan.places.size() <= limits::kMaxItems, "plan.places", "more than 2^24 places"));
  ACP_CHECK(check_places(plan));
  ACP_CHECK(check_groups(plan));
  ACP_CHECK(check_program(plan.program, &plan, "plan"));
  return check_claim_ids(document);
}

acp::Status check_assignment(const Document& document) {
  ACP_CHECK(check_program_assignment(document.reference.program, "reference"));
  return check_program_assignment(document.plan.program, "plan");
}

acp::Status check_claims(const Document& document) {
  const Plan& plan = document.plan;
  const std::vector<Tensor>& pieces = plan.program.tensors;
  std::size_t next = 0;
  for (Id id = 0; id < pieces.size(); ++id) {
    const bool bound = next < plan.binds.size() && plan.binds[next].tensor == id;
    if (bound == (pieces[id].role == Role::kValue)) {
      return acp::invalid(
          "CEP-LOGICAL-6", item("plan.tensors", id),
          (bound ? "made by a node, and bound" : "not bound to the reference") + tensor_of(pieces[id]));
    }
    if (!bound) continue;
    const std::string at = item("plan.binds", next);
    const Bind& bind = plan.binds[next++];
    if (pieces[id].role != document.reference.program.tensors[bind.reference].role) {
      return acp::invalid("CEP-LOGICAL-6", at, "a tensor of another role" + tensor_of(pieces[id]));
    }
    ACP_CHECK(check_claim(document, id, bind.reference, bind.box, at));
  }
  for (std::size_t i = 0; i < plan.yields.size(); ++i) {
    const Yield& yield = plan.yields[i];
    const std::string at = item("plan.yields", i);
    if (!std::ranges::binary_search(document.reference.outputs, yield.reference)) {
      return acp::invalid("CEP-LOGICAL-6", at,
                          "not an output of the reference" + tensor_of(pieces[yield.tensor]));
    }
    const Range part = range_of(yield.part, plan.variables);
    if (part.low < 0 || part.high >= yield.parts)
      return acp::invalid("CEP-LOGICAL-6", at,
                          "a part that is none of them" + tensor_of(pieces[yield.tensor]));
    ACP_CHECK(check_claim(document, yield.tensor, yield.reference, yield.box, at));
  }
  return acp::ok();
}

acp::Status check_logical(const Document& document) {
  ACP_CHECK(check_ids(document));
  ACP_CHECK(check_assignment(document));
  ACP_CHECK(check_claims(document));
  ACP_CHECK(check_communications(document.plan));
  return check_schedule(document.plan);
}

}  // namespace cep::logical
