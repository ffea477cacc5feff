#include "conformance/mutants/misfits.h"

#include <algorithm>

#include "cep/box.h"
#include "cep/graph.h"

namespace conformance {
namespace {

cep::TensorId add(cep::Workload& workload, cep::TensorKind kind, const cep::TensorType& type) {
  const auto id = static_cast<cep::TensorId>(workload.tensors.size());
  if (kind == cep::TensorKind::kInput) workload.inputs.push_back(id);
  workload.tensors.push_back({"t" + std::to_string(id), kind, type, {}, {}});
  return id;
}

// One node, whose inputs of known contents are constants.
cep::Workload workload_of(const cep::OpDef& op, const cep::OpCase& op_case,
                          const std::vector<cep::TensorType>& outputs) {
  const cep::OpContext context = cep::context_of(op_case);
  cep::Workload workload;
  cep::Node node;
  node.name = op.name;
  node.domain = op.domain;
  node.op = op.name;
  node.attributes = op_case.attributes;
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    if (!context.has_input(i)) {
      node.inputs.push_back(cep::kNoId);
      continue;
    }
    const auto* known = context.known_input(i);
    const auto kind = known != nullptr ? cep::TensorKind::kConstant : cep::TensorKind::kInput;
    node.inputs.push_back(add(workload, kind, context.input(i)));
    if (known != nullptr) workload.tensors.back().constant = *known;
  }
  for (const cep::TensorType& type : outputs)
    node.outputs.push_back(add(workload, cep::TensorKind::kValue, type));
  workload.outputs = node.outputs;
  workload.nodes.push_back(std::move(node));
  return workload;
}

// A workload's constants are integers of 64 bits, as many as their shape says, and its bodies are no programs.
bool fits_a_workload(const cep::OpCase& op_case) {
  const cep::OpContext context = cep::context_of(op_case);
  for (std::size_t i = 0; i < context.inputs.size(); ++i) {
    const auto* known = context.known_input(i);
    if (known == nullptr) continue;
    const cep::TensorType& type = context.input(i);
    if (type.dtype != cep::Dtype::kI64 || std::ssize(*known) != cep::volume(type.dims)) return false;
  }
  return op_case.body == nullptr;
}

acp::Status accept(const cep::OpDef& op, const cep::OpCase& op_case) {
  if (!fits_a_workload(op_case)) {
    const auto types = cep::infer_types(op, cep::context_of(op_case));
    return types ? acp::ok() : acp::Status(types.error());
  }
  // Nobody asks for the types of the outputs before the operator has agreed.
  const std::vector<cep::TensorType> outputs(op_case.output_count, {cep::Dtype::kF32, {}});
  return cep::check_workload(workload_of(op, op_case, outputs));
}

// Made to a right workload of one node. False: this operator leaves no room for it.
struct Change {
  std::string_view name;
  std::string_view what;
  std::string_view breaks;
  bool (*make)(const cep::OpDef& op, cep::Workload& workload);
};

bool too_few_inputs(const cep::OpDef& op, cep::Workload& workload) {
  workload.nodes[0].inputs.clear();
  return op.min_inputs > 0;
}

bool too_many_inputs(const cep::OpDef& op, cep::Workload& workload) {
  workload.nodes[0].inputs.resize(op.max_inputs + 1, 0);
  return workload.tensors[0].kind != cep::TensorKind::kValue;
}

bool unknown_attribute(const cep::OpDef&, cep::Workload& workload) {
  workload.nodes[0].attributes.push_back({"no_such_attribute", std::int64_t{1}});
  return true;
}

bool attribute_of_another_kind(const cep::OpDef& op, cep::Workload& workload) {
  if (op.attributes.empty()) return false;
  const cep::AttrRow& row = op.attributes[0];
  std::vector<cep::Attribute>& attributes = workload.nodes[0].attributes;
  std::erase_if(attributes, [&](const cep::Attribute& attribute) { return attribute.name == row.name; });
  const cep::AttrValue integer = std::int64_t{1};
  attributes.push_back({std::string(row.name), row.kind == cep::AttrKind::kInt ? 1.0f : integer});
  return true;
}

bool required_attribute_missing(const cep::OpDef& op, cep::Workload& workload) {
  const auto required = [&](const cep::Attribute& attribute) {
    return std::ranges::any_of(
        op.attributes, [&](const cep::AttrRow& row) { return row.required && row.name == attribute.name; });
  };
  return std::erase_if(workload.nodes[0].attributes, required) > 0;
}

bool blocks_of_no_length(const cep::OpDef&, cep::Workload& workload) {
  workload.nodes[0].order = {.kind = cep::OrderKind::kBlockedTree, .block = 0};
  return true;
}

bool output_past_the_last_tensor(const cep::OpDef&, cep::Workload& workload) {
  workload.outputs[0] = static_cast<cep::TensorId>(workload.tensors.size());
  return true;
}

bool made_twice(const cep::OpDef&, cep::Workload& workload) {
  workload.nodes.push_back(workload.nodes[0]);
  workload.nodes[1].name += "_again";
  return true;
}

bool takes_its_own_result(const cep::OpDef&, cep::Workload& workload) {
  if (workload.nodes[0].inputs.empty()) return false;
  workload.nodes[0].inputs[0] = workload.nodes[0].outputs[0];
  return true;
}

bool unknown_operator(const cep::OpDef&, cep::Workload& workload) {
  workload.nodes[0].op += "NoSuch";
  return true;
}

bool declared_with_another_rank(const cep::OpDef&, cep::Workload& workload) {
  workload.tensors.back().type.dims.push_back(1);
  return true;
}

bool tensor_without_a_name(const cep::OpDef&, cep::Workload& workload) {
  workload.tensors.back().name.clear();
  return true;
}

bool body_nobody_runs(const cep::OpDef& op, cep::Workload& workload) {
  workload.nodes[0].body.emplace_back();
  return !op.has_body;
}

bool rank_of_nine(const cep::OpDef&, cep::Workload& workload) {
  workload.tensors.back().type.dims.assign(9, 1);
  return true;
}

bool contents_of_a_value(const cep::OpDef&, cep::Workload& workload) {
  workload.tensors.back().constant = {1};
  return true;
}

constexpr Change kChanges[] = {
    {"too_few_inputs", "no input at all", "CEP-OP-1", too_few_inputs},
    {"too_many_inputs", "one input more than the operator takes", "CEP-OP-1", too_many_inputs},
    {"unknown_attribute", "an attribute the operator has not", "CEP-OP-2", unknown_attribute},
    {"another_kind", "an attribute of another kind", "CEP-OP-3", attribute_of_another_kind},
    {"attribute_missing", "a required attribute left out", "CEP-OP-4", required_attribute_missing},
    {"empty_blocks", "an order in blocks of no length", "CEP-OP-5", blocks_of_no_length},
    {"output_past_the_last", "an output that is no tensor", "CEP-GRAPH-1", output_past_the_last_tensor},
    {"made_twice", "two nodes make one tensor", "CEP-GRAPH-2", made_twice},
    {"takes_its_own_result", "the node's first input is what it makes", "CEP-GRAPH-3", takes_its_own_result},
    {"unknown_operator", "an operator nobody knows", "CEP-GRAPH-4", unknown_operator},
    {"another_rank", "the result is declared with a rank too many", "CEP-GRAPH-5",
     declared_with_another_rank},
    {"no_name", "a tensor without a name", "CEP-GRAPH-6", tensor_without_a_name},
    {"body_nobody_runs", "a sub-graph for an operator that has none", "CEP-GRAPH-7", body_nobody_runs},
    {"rank_of_nine", "a tensor of rank 9", "CEP-GRAPH-8", rank_of_nine},
    {"contents_of_a_value", "contents given for the result", "CEP-GRAPH-9", contents_of_a_value},
};

void add_cases(const cep::OpDef& op, const std::vector<cep::OpCase>& cases, std::vector<Misfit>& rows) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].requirement.empty()) continue;
    rows.push_back({std::string(op.name) + ".case" + std::to_string(i),
                    "a node that its operator must not take", cases[i].requirement,
                    [&op, row = cases[i]] { return accept(op, row); }});
  }
}

void add_changes(const cep::OpDef& op, const cep::OpCase& right, std::vector<Misfit>& rows) {
  const auto types = cep::infer_types(op, cep::context_of(right));
  ACP_ASSERT(types.has_value());
  for (const Change& change : kChanges) {
    cep::Workload workload = workload_of(op, right, *types);
    ACP_ASSERT(cep::check_workload(workload).has_value());
    if (!change.make(op, workload)) continue;
    rows.push_back({std::string(op.name) + "." + std::string(change.name), change.what, change.breaks,
                    [workload = std::move(workload)] { return cep::check_workload(workload); }});
  }
}

}  // namespace

std::vector<Misfit> misfits() {
  std::vector<Misfit> rows;
  for (const cep::OpDef* op : cep::op_table()) {
    const std::vector<cep::OpCase> cases = op->cases();
    add_cases(*op, cases, rows);
    const auto right =
        std::ranges::find_if(cases, [](const cep::OpCase& row) { return row.requirement.empty(); });
    ACP_ASSERT(right != cases.end());
    if (fits_a_workload(*right)) add_changes(*op, *right, rows);
  }
  return rows;
}

}  // namespace conformance
