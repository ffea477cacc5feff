#include "soundness/logical/document_writer.h"

#include <algorithm>
#include <tuple>

namespace cep::logical::oracle {
namespace {

constexpr std::string_view kNames[] = {"none",  "all_reduce", "all_gather", "reduce_scatter", "all_to_all",
                                       "chunk", "send",       "receive",    "broadcast"};

}  // namespace

Operation make_operation(std::string name, Attributes attributes, bool backward) {
  std::sort(attributes.begin(), attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return {.name = std::move(name), .backward = backward, .attributes = std::move(attributes)};
}

Box make_box(const std::vector<std::int64_t>& begin, const Shape& size) {
  Box box;
  for (std::size_t d = 0; d < size.size(); ++d) box.push_back({Affine{begin[d], {}}, size[d]});
  return box;
}

Id DocumentWriter::shape_of(Writing& to, const Shape& shape) {
  const auto [found, fresh] = to.shapes.try_emplace(shape, static_cast<Id>(written(to).shapes.size()));
  if (fresh) written(to).shapes.push_back(shape);
  return found->second;
}
Id DocumentWriter::operation_of(Writing& to, const Operation& operation) {
  const auto [found, fresh] =
      to.operations.try_emplace(operation, static_cast<Id>(written(to).operations.size()));
  if (fresh) written(to).operations.push_back(operation);
  return found->second;
}
Id DocumentWriter::place(std::int64_t rank) {
  const auto [found, fresh] = places_.try_emplace(rank, static_cast<Id>(document_.plan.places.size()));
  if (fresh) document_.plan.places.push_back(Affine{rank, {}});
  return found->second;
}
Id DocumentWriter::group(const std::vector<std::int64_t>& ranks) {
  const auto [found, fresh] = groups_.try_emplace(ranks, static_cast<Id>(document_.plan.groups.size()));
  if (fresh) {
    Group& made = document_.plan.groups.emplace_back();
    for (const std::int64_t rank : ranks) made.ranks.push_back(Affine{rank, {}});
  }
  return found->second;
}

Id DocumentWriter::root(Role role, const Shape& shape, Element element, std::string name) {
  Program& program = document_.reference.program;
  const auto id = static_cast<Id>(program.tensors.size());
  program.tensors.push_back(
      {.shape = shape_of(reference_, shape), .element = element, .role = role, .source = id});
  document_.reference.names.push_back(std::move(name));
  return id;
}
std::vector<Id> DocumentWriter::compute(const Operation& operation, const std::vector<Id>& inputs,
                                        const std::vector<Shape>& shapes, Element element) {
  std::vector<Id> made;
  for (const Shape& shape : shapes) made.push_back(root(Role::kValue, shape, element));
  add_node(reference_, operation, inputs, made);
  return made;
}

Id DocumentWriter::piece(Role role, const Shape& shape, Element element, std::int64_t rank) {
  Program& program = document_.plan.program;
  const auto id = static_cast<Id>(program.tensors.size());
  program.tensors.push_back({.shape = shape_of(plan_, shape),
                             .element = element,
                             .role = role,
                             .place = place(rank),
                             .source = id});
  return id;
}
Id DocumentWriter::bound(std::int64_t rank, Id reference, const Box& box) {
  Shape shape;
  for (const Interval& interval : box) shape.push_back(interval.size);
  const Tensor& source = document_.reference.program.tensors[reference];
  const Id id = piece(source.role, shape, source.element, rank);
  document_.plan.binds.push_back({id, reference, box});
  return id;
}
Id DocumentWriter::bound(std::int64_t rank, Id reference) {
  const Shape& shape = document_.reference.program.shape(reference);
  return bound(rank, reference, make_box(std::vector<std::int64_t>(shape.size(), 0), shape));
}

Node& DocumentWriter::add_node(Writing& to, const Operation& operation, const std::vector<Id>& inputs,
                               const std::vector<Id>& outputs) {
  Program& program = written(to);
  const auto first = static_cast<std::uint32_t>(program.operands.size());
  program.operands.insert(program.operands.end(), inputs.begin(), inputs.end());
  program.operands.insert(program.operands.end(), outputs.begin(), outputs.end());
  program.nodes.push_back({.operation = operation_of(to, operation),
                           .first_input = first,
                           .inputs = static_cast<std::uint32_t>(inputs.size()),
                           .first_output = first + static_cast<std::uint32_t>(inputs.size()),
                           .outputs = static_cast<std::uint32_t>(outputs.size()),
                           .source = static_cast<std::uint32_t>(program.nodes.size())});
  return program.nodes.back();
}

std::vector<Id> DocumentWriter::line(std::int64_t rank, const Operation& operation,
                                     const std::vector<Id>& inputs, const std::vector<Shape>& shapes,
                                     Element element, std::int32_t micro_batch) {
  std::vector<Id> made;
  for (const Shape& shape : shapes) made.push_back(piece(Role::kValue, shape, element, rank));
  Node& node = add_node(plan_, operation, inputs, made);
  node.place = place(rank);
  node.micro_batch = micro_batch;
  return made;
}

void DocumentWriter::add_comm(CommKind kind, std::int64_t rank, const std::vector<std::int64_t>& ranks,
                              const std::vector<Id>& inputs, const std::vector<Id>& outputs,
                              const Collective& what, std::int32_t micro_batch, Id message) {
  Node& node =
      add_node(plan_, make_operation(std::string(kNames[static_cast<std::size_t>(kind)])), inputs, outputs);
  node.place = place(rank);
  node.micro_batch = micro_batch;
  node.comm = kind;
  node.dim = what.dim;
  node.other_dim = what.other_dim;
  node.group = group(ranks);
  node.message = message;
}

std::vector<Id> DocumentWriter::exchange(const Collective& what, const std::vector<Id>& inputs,
                                         const Shape& shape, std::int32_t micro_batch) {
  std::vector<Id> made;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Element element = document_.plan.program.tensors[inputs[i]].element;
    made.push_back(piece(Role::kValue, shape, element, what.ranks[i]));
    add_comm(what.kind, what.ranks[i], what.ranks, {inputs[i]}, {made.back()}, what, micro_batch, messages_);
  }
  ++messages_;
  return made;
}
Id DocumentWriter::chunk(std::int64_t rank, const Collective& what, Id input, const Shape& shape,
                         std::int32_t micro_batch) {
  const Id made = piece(Role::kValue, shape, document_.plan.program.tensors[input].element, rank);
  add_comm(CommKind::kChunk, rank, what.ranks, {input}, {made}, what, micro_batch, kNone);
  return made;
}
Id DocumentWriter::move(std::int64_t from, std::int64_t to, Id input, std::int32_t micro_batch) {
  const Program& program = document_.plan.program;
  const Shape shape = program.shape(input);
  const Id made = piece(Role::kValue, shape, program.tensors[input].element, to);
  add_comm(CommKind::kSend, from, {from, to}, {input}, {}, {}, micro_batch, messages_);
  add_comm(CommKind::kReceive, to, {from, to}, {}, {made}, {}, micro_batch, messages_++);
  return made;
}
std::vector<Id> DocumentWriter::broadcast(const std::vector<std::int64_t>& ranks, Id input,
                                          std::int32_t micro_batch) {
  const Shape shape = document_.plan.program.shape(input);
  const Element element = document_.plan.program.tensors[input].element;
  std::vector<Id> made{input};
  add_comm(CommKind::kBroadcast, ranks[0], ranks, {input}, {}, {}, micro_batch, messages_);
  for (std::size_t i = 1; i < ranks.size(); ++i) {
    made.push_back(piece(Role::kValue, shape, element, ranks[i]));
    add_comm(CommKind::kBroadcast, ranks[i], ranks, {}, {made.back()}, {}, micro_batch, messages_);
  }
  ++messages_;
  return made;
}

void DocumentWriter::yield(Id tensor, Id reference, const Box& box, std::int64_t part, std::int64_t parts) {
  document_.plan.yields.push_back({tensor, reference, box, Affine{part, {}}, parts});
}
void DocumentWriter::yield(Id tensor, Id reference) {
  const Shape& shape = document_.reference.program.shape(reference);
  yield(tensor, reference, make_box(std::vector<std::int64_t>(shape.size(), 0), shape));
}

Document DocumentWriter::finish() {
  const auto by_tensor = [](const auto& a, const auto& b) {
    return std::tie(a.tensor, a.reference, a.box) < std::tie(b.tensor, b.reference, b.box);
  };
  Plan& plan = document_.plan;
  std::sort(plan.binds.begin(), plan.binds.end(), by_tensor);
  std::sort(plan.yields.begin(), plan.yields.end(), by_tensor);
  std::sort(document_.reference.outputs.begin(), document_.reference.outputs.end());
  for (const Affine& rank : plan.places) plan.ranks = std::max(plan.ranks, rank.constant + 1);
  return document_;
}

}  // namespace cep::logical::oracle
