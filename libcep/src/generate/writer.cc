#include "generate/writer.h"

namespace cep::logical {

Id Writer::tensor(const Shape& shape, Element element, Role role, Id place) {
  const auto [known, fresh] = shapes_.emplace(shape, static_cast<Id>(program_.shapes.size()));
  if (fresh) program_.shapes.push_back(shape);
  program_.tensors.push_back({.shape = known->second, .element = element, .role = role, .place = place});
  return static_cast<Id>(program_.tensors.size() - 1);
}

Id Writer::operation(const Operation& operation) {
  const auto [known, fresh] = operations_.emplace(operation, static_cast<Id>(program_.operations.size()));
  if (fresh) program_.operations.push_back(operation);
  return known->second;
}

void Writer::add(Node node, std::span<const Id> inputs, std::span<const Id> outputs) {
  node.first_input = static_cast<std::uint32_t>(program_.operands.size());
  node.inputs = static_cast<std::uint32_t>(inputs.size());
  program_.operands.insert(program_.operands.end(), inputs.begin(), inputs.end());
  node.first_output = static_cast<std::uint32_t>(program_.operands.size());
  node.outputs = static_cast<std::uint32_t>(outputs.size());
  program_.operands.insert(program_.operands.end(), outputs.begin(), outputs.end());
  program_.nodes.push_back(node);
}

void Writer::line(const Operation& operation, Site site, std::span<const Id> inputs,
                  std::span<const Id> outputs) {
  add({.operation = this->operation(operation), .place = site.place, .micro_batch = site.micro_batch}, inputs,
      outputs);
}

void Writer::exchange(const Exchange& exchange, Site site, Id message, std::span<const Id> inputs,
                      std::span<const Id> outputs) {
  add({.operation =
           operation({.name = std::string(to_string(exchange.kind)), .backward = false, .attributes = {}}),
       .place = site.place,
       .micro_batch = site.micro_batch,
       .comm = exchange.kind,
       .dim = exchange.dim,
       .other_dim = exchange.other_dim,
       .group = exchange.group,
       .message = message},
      inputs, outputs);
}

Id Groups::add(Group group) {
  const auto [known, fresh] = known_.emplace(group, static_cast<Id>(groups_.size()));
  if (fresh) groups_.push_back(std::move(group));
  return known->second;
}

}  // namespace cep::logical
