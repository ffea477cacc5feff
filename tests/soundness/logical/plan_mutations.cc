#include "soundness/logical/plan_mutations.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "soundness/logical/document_writer.h"

namespace cep::logical::oracle {
namespace {

template <typename T>
const T& any_of(const std::vector<T>& choices, Random& random) {
  return choices[static_cast<std::size_t>(random() % choices.size())];
}
template <typename Fits>
std::vector<std::size_t> nodes_where(const Plan& plan, Fits fits) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < plan.program.nodes.size(); ++i) {
    if (fits(plan.program.nodes[i])) found.push_back(i);
  }
  return found;
}
Id intern(Program& program, const Operation& operation) {
  const auto found = std::find(program.operations.begin(), program.operations.end(), operation);
  const auto id = static_cast<Id>(found - program.operations.begin());
  if (found == program.operations.end()) program.operations.push_back(operation);
  return id;
}
Id intern(Plan& plan, const std::vector<Affine>& ranks) {
  for (std::size_t i = 0; i < plan.groups.size(); ++i) {
    if (plan.groups[i].ranks == ranks && plan.groups[i].variable == kNone) return static_cast<Id>(i);
  }
  plan.groups.push_back({.ranks = ranks, .variable = kNone});
  return static_cast<Id>(plan.groups.size() - 1);
}
std::int64_t rank_of(const Plan& plan, Id place) { return plan.places[place].constant; }
Id& input(Plan& plan, const Node& node, std::size_t i) { return plan.program.operands[node.first_input + i]; }
Id& result(Plan& plan, const Node& node, std::size_t i) {
  return plan.program.operands[node.first_output + i];
}
bool same_type(const Program& program, Id a, Id b) {
  return program.tensors[a].shape == program.tensors[b].shape &&
         program.tensors[a].element == program.tensors[b].element;
}
bool is_pair(CommKind kind) { return kind == CommKind::kSend || kind == CommKind::kReceive; }
bool is_collective(CommKind kind) {
  return kind != CommKind::kNoComm && kind != CommKind::kChunk && !is_pair(kind) &&
         kind != CommKind::kBroadcast;
}

using Lines = std::vector<std::size_t>;
// The lines of each collective of which `fits` accepts one.
template <typename Fits>
std::vector<Lines> instances(const Plan& plan, Fits fits) {
  std::map<Id, Lines> by_message;
  for (std::size_t i = 0; i < plan.program.nodes.size(); ++i) {
    const Node& node = plan.program.nodes[i];
    if (is_collective(node.comm) && fits(node)) by_message[node.message].push_back(i);
  }
  std::vector<Lines> found;
  for (auto& [message, lines] : by_message) found.push_back(std::move(lines));
  return found;
}
void set_comm(Plan& plan, Node& node, CommKind kind) {
  constexpr std::string_view kNames[] = {"identity",       "all_reduce", "all_gather",
                                         "reduce_scatter", "all_to_all", "chunk",
                                         "send",           "receive",    "broadcast"};
  node.comm = kind;
  node.operation = intern(plan.program, make_operation(std::string(kNames[static_cast<std::size_t>(kind)])));
  if (kind == CommKind::kNoComm || kind == CommKind::kChunk) node.message = kNone;
  if (kind == CommKind::kNoComm) node.group = kNone;
}

// Communications.

bool drop_all_reduce(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node& node) { return node.comm == CommKind::kAllReduce; });
  if (found.empty()) return false;
  for (const std::size_t i : any_of(found, random)) set_comm(plan, plan.program.nodes[i], CommKind::kNoComm);
  return true;
}
bool drop_one_member(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.comm == CommKind::kAllReduce; });
  if (found.empty()) return false;
  set_comm(plan, plan.program.nodes[any_of(found, random)], CommKind::kNoComm);
  return true;
}
bool scatter_without_sum(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node& node) { return node.comm == CommKind::kReduceScatter; });
  if (found.empty()) return false;
  for (const std::size_t i : any_of(found, random)) set_comm(plan, plan.program.nodes[i], CommKind::kChunk);
  return true;
}
// Lines that follow each other and cut along one group: made a sum of copies.
bool sum_of_copies(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.comm == CommKind::kChunk; });
  if (found.empty()) return false;
  const std::size_t first = any_of(found, random);
  const Node model = plan.program.nodes[first];
  Id message = 0;
  for (const Node& node : plan.program.nodes) {
    if (node.message != kNone) message = std::max(message, node.message + 1);
  }
  std::set<std::int64_t> ranks;
  const std::size_t size = plan.groups[model.group].ranks.size();
  for (std::size_t i = first; i < plan.program.nodes.size() && ranks.size() < size; ++i) {
    Node& node = plan.program.nodes[i];
    if (node.comm != CommKind::kChunk || node.group != model.group || node.dim != model.dim) break;
    if (!ranks.insert(rank_of(plan, node.place)).second) break;
    set_comm(plan, node, CommKind::kReduceScatter);
    node.message = message;
  }
  return true;
}
bool reduce_becomes_exchange(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [&](const Node& node) {
    const Shape& shape = plan.program.shape(plan.program.inputs(node)[0]);
    return node.comm == CommKind::kAllReduce && !shape.empty() && plan.groups[node.group].variable == kNone &&
           shape[0] % static_cast<std::int64_t>(plan.groups[node.group].ranks.size()) == 0;
  });
  if (found.empty()) return false;
  for (const std::size_t i : any_of(found, random)) {
    Node& node = plan.program.nodes[i];
    set_comm(plan, node, CommKind::kAllToAll);
    node.dim = node.other_dim = 0;
  }
  return true;
}
bool wrong_dim(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node& node) { return node.comm != CommKind::kAllReduce; });
  if (found.empty()) return false;
  const Lines& lines = any_of(found, random);
  const std::size_t rank = plan.program.shape(plan.program.inputs(plan.program.nodes[lines[0]])[0]).size();
  if (rank == 0) return false;
  const auto dim = static_cast<std::uint8_t>(random() % rank);
  for (const std::size_t i : lines) {
    Node& node = plan.program.nodes[i];
    if (node.comm == CommKind::kAllToAll && random() % 2 == 0) {
      std::swap(node.dim, node.other_dim);
    } else {
      node.dim = dim;
    }
  }
  return true;
}
bool wrong_group_order(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node&) { return true; });
  const auto chunks = nodes_where(plan, [](const Node& node) { return node.comm == CommKind::kChunk; });
  if (found.empty() && chunks.empty()) return false;
  const bool chunk = found.empty() || (!chunks.empty() && random() % 2 == 0);
  const Lines lines = chunk ? Lines{any_of(chunks, random)} : any_of(found, random);
  std::vector<Affine> ranks = plan.groups[plan.program.nodes[lines[0]].group].ranks;
  if (ranks.size() < 2) return false;
  std::swap(ranks[random() % ranks.size()], ranks[random() % ranks.size()]);
  const Id group = intern(plan, ranks);
  // All members speak of the new order, or one alone does.
  const std::size_t only = random() % 4 == 0 ? any_of(lines, random) : SIZE_MAX;
  for (const std::size_t i : lines) {
    if (only == SIZE_MAX || only == i) plan.program.nodes[i].group = group;
  }
  return true;
}
// Two instances exchange a member each: a group across where one along was meant.
bool members_swapped(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node&) { return true; });
  if (found.size() < 2) return false;
  const Lines& a = any_of(found, random);
  const Lines& b = any_of(found, random);
  Node model_a = plan.program.nodes[a[0]];
  Node model_b = plan.program.nodes[b[0]];
  if (model_a.message == model_b.message || model_a.comm != model_b.comm || model_a.dim != model_b.dim)
    return false;
  if (a.size() != b.size() || model_a.group == model_b.group) return false;
  const std::size_t i = random() % a.size();
  const std::size_t j = random() % b.size();
  std::vector<Affine> ranks_a = plan.groups[model_a.group].ranks;
  std::vector<Affine> ranks_b = plan.groups[model_b.group].ranks;
  const Affine from_a = plan.places[plan.program.nodes[a[i]].place];
  const Affine from_b = plan.places[plan.program.nodes[b[j]].place];
  std::replace(ranks_a.begin(), ranks_a.end(), from_a, from_b);
  std::replace(ranks_b.begin(), ranks_b.end(), from_b, from_a);
  for (const std::size_t line : a) plan.program.nodes[line].group = intern(plan, ranks_a);
  for (const std::size_t line : b) plan.program.nodes[line].group = intern(plan, ranks_b);
  Node& moved_a = plan.program.nodes[a[i]];
  Node& moved_b = plan.program.nodes[b[j]];
  std::swap(moved_a.group, moved_b.group);
  std::swap(moved_a.message, moved_b.message);
  return true;
}
bool second_all_reduce(Plan& plan, const Reference&, Random& random) {
  const auto found = instances(plan, [](const Node& node) { return node.comm == CommKind::kAllReduce; });
  if (found.empty()) return false;
  const Lines lines = any_of(found, random);
  Program& program = plan.program;
  std::vector<Node> again;
  Id message = 0;
  for (const Node& node : program.nodes) {
    if (node.message != kNone) message = std::max(message, node.message + 1);
  }
  for (const std::size_t i : lines) {
    Node& first = program.nodes[i];
    const Id old = result(plan, first, 0);
    const auto fresh = static_cast<Id>(program.tensors.size());
    program.tensors.push_back(program.tensors[old]);
    Node second = first;
    second.message = message;
    second.first_input = static_cast<std::uint32_t>(program.operands.size());
    second.first_output = second.first_input + 1;
    program.operands.push_back(fresh);
    program.operands.push_back(old);
    result(plan, first, 0) = fresh;
    again.push_back(second);
  }
  program.nodes.insert(program.nodes.begin() + static_cast<std::ptrdiff_t>(lines.back() + 1), again.begin(),
                       again.end());
  return true;
}

// Operands and results.

// A tensor of the same rank and type, or of another shape, that is made before line `before`, or bound.
enum class Like : bool { kAlike, kOtherShape };
Id other_tensor(const Plan& plan, Id tensor, std::size_t before, Random& random, Like like = Like::kAlike) {
  std::set<Id> there;
  for (const Bind& bind : plan.binds) there.insert(bind.tensor);
  for (std::size_t i = 0; i < before; ++i) {
    for (const Id id : plan.program.outputs(plan.program.nodes[i])) there.insert(id);
  }
  std::vector<Id> choices;
  for (const Id id : there) {
    const bool same_rank =
        rank_of(plan, plan.program.tensors[id].place) == rank_of(plan, plan.program.tensors[tensor].place);
    const bool fits = like == Like::kAlike
                          ? same_type(plan.program, id, tensor)
                          : plan.program.tensors[id].shape != plan.program.tensors[tensor].shape &&
                                plan.program.tensors[id].element == plan.program.tensors[tensor].element;
    if (id != tensor && same_rank && fits) choices.push_back(id);
  }
  return choices.empty() ? kNone : any_of(choices, random);
}
bool other_operand_of(Plan& plan, const std::vector<std::size_t>& found, Random& random,
                      Like like = Like::kAlike) {
  if (found.empty()) return false;
  const std::size_t line = any_of(found, random);
  const Node& node = plan.program.nodes[line];
  if (node.inputs == 0) return false;
  Id& operand = input(plan, node, random() % node.inputs);
  const Id other = other_tensor(plan, operand, line, random, like);
  if (other == kNone) return false;
  operand = other;
  return true;
}
bool other_operand(Plan& plan, const Reference&, Random& random) {
  return other_operand_of(plan, nodes_where(plan, [](const Node& node) { return node.inputs > 0; }), random);
}
// What a gradient is the gradient of, and other operands, are looked at even where only their shapes matter.
bool unlike_operand(Plan& plan, const Reference&, Random& random) {
  return other_operand_of(plan, nodes_where(plan, [](const Node& node) { return node.inputs > 1; }), random,
                          Like::kOtherShape);
}
bool sends_another_tensor(Plan& plan, const Reference&, Random& random) {
  return other_operand_of(
      plan,
      nodes_where(plan, [](const Node& node) { return node.comm != CommKind::kNoComm && node.inputs > 0; }),
      random);
}
bool swap_operands(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.inputs >= 2; });
  if (found.empty()) return false;
  const Node& node = plan.program.nodes[any_of(found, random)];
  Id& a = input(plan, node, random() % node.inputs);
  Id& b = input(plan, node, random() % node.inputs);
  if (a == b || !same_type(plan.program, a, b)) return false;
  std::swap(a, b);
  return true;
}
bool swap_results(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.outputs >= 2; });
  if (found.empty()) return false;
  const Node& node = plan.program.nodes[any_of(found, random)];
  Id& a = result(plan, node, random() % node.outputs);
  Id& b = result(plan, node, random() % node.outputs);
  if (a == b || !same_type(plan.program, a, b)) return false;
  std::swap(a, b);
  return true;
}
// The results of two lines of one rank change places: two micro-batches, two layers, two weights.
bool cross_results(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.outputs > 0; });
  if (found.size() < 2) return false;
  Id& a = result(plan, plan.program.nodes[any_of(found, random)], 0);
  Id& b = result(plan, plan.program.nodes[any_of(found, random)], 0);
  const auto& tensors = plan.program.tensors;
  if (a == b || !same_type(plan.program, a, b) || tensors[a].place != tensors[b].place) return false;
  std::swap(a, b);
  return true;
}
std::vector<std::size_t> sums(const Plan& plan) {
  return nodes_where(plan, [&](const Node& node) {
    return node.inputs >= 2 && plan.program.operations[node.operation].name == "sum";
  });
}
bool drop_addend(Plan& plan, const Reference&, Random& random) {
  const auto found = sums(plan);
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  std::swap(input(plan, node, random() % node.inputs), input(plan, node, node.inputs - 1));
  --node.inputs;
  if (node.inputs == 1) node.operation = intern(plan.program, make_operation("identity"));
  return true;
}
bool repeat_addend(Plan& plan, const Reference&, Random& random) {
  const auto found = sums(plan);
  if (found.empty()) return false;
  const Node& node = plan.program.nodes[any_of(found, random)];
  const std::size_t at = random() % node.inputs;
  input(plan, node, at) = input(plan, node, (at + 1) % node.inputs);
  return true;
}

// Operators.

bool skip_operator(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [&](const Node& node) {
    return node.comm == CommKind::kNoComm && node.inputs > 0 && node.outputs == 1 &&
           plan.program.operations[node.operation].name != "identity" &&
           same_type(plan.program, plan.program.inputs(node)[0], plan.program.outputs(node)[0]);
  });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  node.operation = intern(plan.program, make_operation("identity"));
  node.inputs = 1;
  return true;
}
bool other_operator(Plan& plan, const Reference&, Random& random) {
  constexpr std::pair<std::string_view, std::string_view> kOthers[] = {
      {"silu", "rsqrt"}, {"rsqrt", "silu"}, {"add", "mul"},
      {"mul", "add"},    {"sum", "mul"},    {"linear", "matmul"}};
  const auto& [from, to] = kOthers[random() % std::size(kOthers)];
  const auto found = nodes_where(
      plan, [&](const Node& node) { return plan.program.operations[node.operation].name == from; });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  if (from == "sum" && node.inputs != 2) return false;
  Operation operation = plan.program.operations[node.operation];
  operation.name = to;
  if (to == "mul" && !operation.attributes.empty()) operation.attributes.clear();
  if (to == "add") operation.attributes = {{"alpha", 1.0}};
  node.operation = intern(plan.program, operation);
  return true;
}
bool other_attribute(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(
      plan, [&](const Node& node) { return !plan.program.operations[node.operation].attributes.empty(); });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  Operation operation = plan.program.operations[node.operation];
  Operation::Value& value = operation.attributes[random() % operation.attributes.size()].value;
  const std::int64_t shift = random() % 2 == 0 ? 1 : -1;
  if (auto* integer = std::get_if<std::int64_t>(&value)) *integer += shift;
  if (auto* real = std::get_if<double>(&value))
    *real = random() % 2 == 0 ? *real + static_cast<double>(shift) : *real * 2;
  if (auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    if (list->empty()) list->push_back(0);
    list->front() += list->front() == 0 ? 1 : -1;
  }
  if (auto* affine = std::get_if<Affine>(&value)) affine->constant += shift;
  if (auto* text = std::get_if<std::string>(&value)) text->push_back('x');
  node.operation = intern(plan.program, operation);
  return true;
}
// Both ends of a range move together: another piece of the table.
bool other_range(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [&](const Node& node) {
    const std::string& name = plan.program.operations[node.operation].name;
    return name == "embedding" || name == "experts";
  });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  Operation operation = plan.program.operations[node.operation];
  const std::int64_t shift = std::array<std::int64_t, 4>{1, -1, 2, -2}[random() % 4];
  for (Operation::Attribute& attribute : operation.attributes) {
    if (attribute.name != "start" && attribute.name != "stop") continue;
    if (auto* integer = std::get_if<std::int64_t>(&attribute.value)) *integer += shift;
    if (auto* affine = std::get_if<Affine>(&attribute.value)) affine->constant += shift;
  }
  node.operation = intern(plan.program, operation);
  return true;
}
bool other_transpose(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(
      plan, [&](const Node& node) { return plan.program.operations[node.operation].name == "transpose"; });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  Operation operation = plan.program.operations[node.operation];
  const auto rank = static_cast<std::int64_t>(plan.program.shape(input(plan, node, 0)).size());
  for (Operation::Attribute& attribute : operation.attributes)
    attribute.value = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rank));
  node.operation = intern(plan.program, operation);
  return true;
}
bool narrower_element(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [](const Node& node) { return node.outputs > 0; });
  if (found.empty()) return false;
  Tensor& tensor = plan.program.tensors[result(plan, plan.program.nodes[any_of(found, random)], 0)];
  if (tensor.element != Element::kF32) return false;
  tensor.element = random() % 2 == 0 ? Element::kBf16 : Element::kF16;
  return true;
}
bool move_line(Plan& plan, const Reference&, Random& random) {
  std::vector<Node>& nodes = plan.program.nodes;
  if (nodes.size() < 2) return false;
  const std::size_t from = random() % nodes.size();
  const Node node = nodes[from];
  nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(from));
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(random() % (nodes.size() + 1)), node);
  return true;
}

// What is agreed with the outside.

bool shift(Box& box, const Shape& whole, Random& random) {
  std::vector<std::size_t> loose;
  for (std::size_t d = 0; d < box.size(); ++d) {
    if (box[d].size < whole[d]) loose.push_back(d);
  }
  if (loose.empty()) return false;
  const std::size_t d = any_of(loose, random);
  const std::int64_t places = whole[d] - box[d].size + 1;
  const auto step = static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(places - 1));
  box[d].begin.constant = (box[d].begin.constant + step) % places;
  return true;
}
bool bind_other_box(Plan& plan, const Reference& reference, Random& random) {
  if (plan.binds.empty()) return false;
  Bind& bind = plan.binds[random() % plan.binds.size()];
  return shift(bind.box, reference.program.shape(bind.reference), random);
}
bool bind_other_tensor(Plan& plan, const Reference& reference, Random& random) {
  if (plan.binds.empty()) return false;
  Bind& bind = plan.binds[random() % plan.binds.size()];
  std::vector<Id> choices;
  for (Id id = 0; id < reference.program.tensors.size(); ++id) {
    const Tensor& other = reference.program.tensors[id];
    const Tensor& now = reference.program.tensors[bind.reference];
    if (id != bind.reference && other.role == now.role && other.element == now.element &&
        reference.program.shape(id) == reference.program.shape(bind.reference))
      choices.push_back(id);
  }
  if (choices.empty()) return false;
  bind.reference = any_of(choices, random);
  return true;
}
bool yield_other_box(Plan& plan, const Reference& reference, Random& random) {
  if (plan.yields.empty()) return false;
  Yield& yield = plan.yields[random() % plan.yields.size()];
  return shift(yield.box, reference.program.shape(yield.reference), random);
}
bool yield_other_tensor(Plan& plan, const Reference&, Random& random) {
  if (plan.yields.empty()) return false;
  Yield& yield = plan.yields[random() % plan.yields.size()];
  const Id other = other_tensor(plan, yield.tensor, plan.program.nodes.size(), random);
  if (other == kNone) return false;
  yield.tensor = other;
  const auto by_tensor = [](const Yield& a, const Yield& b) {
    return std::tie(a.tensor, a.reference, a.box) < std::tie(b.tensor, b.reference, b.box);
  };
  std::sort(plan.yields.begin(), plan.yields.end(), by_tensor);
  return true;
}
bool yield_other_part(Plan& plan, const Reference&, Random& random) {
  if (plan.yields.empty()) return false;
  Yield& yield = plan.yields[random() % plan.yields.size()];
  if (yield.parts < 2) return false;
  yield.part.constant = (yield.part.constant + 1) % yield.parts;
  return true;
}
bool drop_yield(Plan& plan, const Reference&, Random& random) {
  if (plan.yields.empty()) return false;
  plan.yields.erase(plan.yields.begin() + static_cast<std::ptrdiff_t>(random() % plan.yields.size()));
  return true;
}
// All that is delivered for one output: addends as copies, or copies as addends.
bool other_number_of_parts(Plan& plan, const Reference&, Random& random) {
  if (plan.yields.empty()) return false;
  const Id output = plan.yields[random() % plan.yields.size()].reference;
  std::vector<Yield*> all;
  for (Yield& yield : plan.yields) {
    if (yield.reference == output) all.push_back(&yield);
  }
  const bool addends = all[0]->parts > 1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i]->parts = addends ? 1 : static_cast<std::int64_t>(std::max<std::size_t>(all.size(), 2));
    all[i]->part.constant = addends ? 0 : static_cast<std::int64_t>(i);
  }
  return true;
}

// Patterns: what moves with a variable moves otherwise.

void change_form(Affine& form, std::size_t variables, Random& random) {
  form.by_variable.resize(variables);
  std::int64_t& by = form.by_variable[random() % variables];
  switch (random() % 5) {
    case 0: by = 0; break;
    case 1: form.constant += std::exchange(by, -by); break;  // the other way round
    case 2: std::swap(by, form.by_variable[random() % variables]); break;
    case 3: by += random() % 2 == 0 ? 1 : -1; break;
    default: by = random() % 2 == 0 ? by * 2 : by / 2; break;
  }
  while (!form.by_variable.empty() && form.by_variable.back() == 0) form.by_variable.pop_back();
}
bool other_form(Plan& plan, const Reference&, Random& random) {
  std::vector<Affine*> forms;
  for (Bind& bind : plan.binds) {
    for (Interval& side : bind.box) forms.push_back(&side.begin);
  }
  for (Yield& yield : plan.yields) {
    for (Interval& side : yield.box) forms.push_back(&side.begin);
    if (yield.parts > 1) forms.push_back(&yield.part);
  }
  std::erase_if(forms, [](const Affine* form) { return form->by_variable.empty(); });
  if (forms.empty()) return false;
  change_form(*any_of(forms, random), plan.variables.size(), random);
  return true;
}
bool other_group_variable(Plan& plan, const Reference&, Random& random) {
  const auto found = nodes_where(plan, [&](const Node& node) {
    return node.group != kNone && plan.groups[node.group].variable != kNone;
  });
  if (found.empty()) return false;
  Node& node = plan.program.nodes[any_of(found, random)];
  const Group other{.ranks = {}, .variable = static_cast<Id>(random() % plan.variables.size())};
  const auto at = std::ranges::find(plan.groups, other);
  node.group = static_cast<Id>(at - plan.groups.begin());
  if (at == plan.groups.end()) plan.groups.push_back(other);
  return true;
}
// One more place of what is delivered, beside it or where another point has it.
bool yield_again(Plan& plan, const Reference&, Random& random) {
  if (plan.yields.empty()) return false;
  Yield again = plan.yields[random() % plan.yields.size()];
  Program& program = plan.program;
  const Tensor tensor = program.tensors[again.tensor];
  Node node{.operation = intern(program, make_operation("identity")),
            .place = tensor.place,
            .first_input = static_cast<std::uint32_t>(program.operands.size()),
            .inputs = 1,
            .first_output = static_cast<std::uint32_t>(program.operands.size() + 1),
            .outputs = 1};
  program.operands.push_back(again.tensor);
  again.tensor = static_cast<Id>(program.tensors.size());
  program.operands.push_back(again.tensor);
  program.tensors.push_back(tensor);
  program.tensors.back().role = Role::kValue;
  program.nodes.push_back(node);
  for (Interval& side : again.box) {
    if (random() % 2 == 0) side.begin.by_variable.clear();
  }
  plan.yields.push_back(std::move(again));
  return true;
}
constexpr Mutation kOfPatterns[] = {
    {"other_form", other_form},
    {"other_group_variable", other_group_variable},
    {"yield_again", yield_again},
};

constexpr Mutation kMutations[] = {
    {"drop_all_reduce", drop_all_reduce},
    {"drop_one_member", drop_one_member},
    {"scatter_without_sum", scatter_without_sum},
    {"sum_of_copies", sum_of_copies},
    {"reduce_becomes_exchange", reduce_becomes_exchange},
    {"wrong_dim", wrong_dim},
    {"wrong_group_order", wrong_group_order},
    {"members_swapped", members_swapped},
    {"second_all_reduce", second_all_reduce},
    {"other_operand", other_operand},
    {"unlike_operand", unlike_operand},
    {"sends_another_tensor", sends_another_tensor},
    {"swap_operands", swap_operands},
    {"swap_results", swap_results},
    {"cross_results", cross_results},
    {"drop_addend", drop_addend},
    {"repeat_addend", repeat_addend},
    {"skip_operator", skip_operator},
    {"other_operator", other_operator},
    {"other_attribute", other_attribute},
    {"other_range", other_range},
    {"other_transpose", other_transpose},
    {"narrower_element", narrower_element},
    {"move_line", move_line},
    {"bind_other_box", bind_other_box},
    {"bind_other_tensor", bind_other_tensor},
    {"yield_other_box", yield_other_box},
    {"yield_other_tensor", yield_other_tensor},
    {"yield_other_part", yield_other_part},
    {"drop_yield", drop_yield},
    {"other_number_of_parts", other_number_of_parts},
};

}  // namespace

std::span<const Mutation> mutations() { return kMutations; }

const Mutation& find_mutation(std::string_view name) {
  return *std::find_if(std::begin(kMutations), std::end(kMutations),
                       [&](const Mutation& m) { return m.name == name; });
}

std::string_view mutate(Document& document, Random& random) {
  const bool pattern = !document.plan.variables.empty();
  for (int attempt = 0; attempt < 200; ++attempt) {
    const Mutation& mutation = pattern && random() % 2 == 0 ? kOfPatterns[random() % std::size(kOfPatterns)]
                                                            : kMutations[random() % std::size(kMutations)];
    if (mutation.apply(document.plan, document.reference, random)) return mutation.name;
  }
  return {};
}

}  // namespace cep::logical::oracle
