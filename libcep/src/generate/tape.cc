#include "generate/tape.h"

namespace cep::logical {

Id Tape::new_slot() {
  slots_.push_back(kNone);
  return static_cast<Id>(slots_.size() - 1);
}

std::vector<Value> Tape::apply(const Operation& operation, const std::vector<Value>& inputs,
                               const std::vector<Made>& made) {
  std::vector<Value> outputs;
  std::vector<Id> reads, writes;
  outputs.reserve(made.size());
  reads.reserve(inputs.size());
  writes.reserve(made.size());
  bool differentiable = false;
  for (const Value& input : inputs) reads.push_back(input.tensor);
  for (const Made& result : made) {
    writes.push_back(writer_.tensor(result.shape, result.element, Role::kValue, site_.place));
    outputs.push_back({.tensor = writes.back(), .slot = result.differentiable ? new_slot() : kNone});
    differentiable |= result.differentiable;
  }
  writer_.line(operation, site_, reads, writes);
  if (differentiable)
    entries_.push_back(
        {.kind = Kind::kApply, .operation = operation, .inputs = inputs, .outputs = outputs, .backward = {}});
  return outputs;
}

std::vector<Value> Tape::copy(Value x, std::size_t times) {
  const std::vector<Made> made(times, {.shape = shape(x), .element = element(x)});
  std::vector<Value> outputs = apply({.name = "copy", .backward = false, .attributes = {}}, {x}, made);
  entries_.back().kind = Kind::kCopy;
  return outputs;
}

Value Tape::identity(Value x) {
  const Value y = apply({.name = "identity", .backward = false, .attributes = {}}, {x},
                        {{.shape = shape(x), .element = element(x)}})[0];
  entries_.back().kind = Kind::kIdentity;
  return y;
}

Value Tape::exchange(Value x, const Exchange& forward, const Exchange& backward, std::int64_t size) {
  const Value y{.tensor = exchanged(x.tensor, forward, size), .slot = x.slot == kNone ? kNone : new_slot()};
  if (x.slot != kNone)
    entries_.push_back({.kind = Kind::kExchange,
                        .operation = {},
                        .inputs = {x},
                        .outputs = {y},
                        .backward = backward,
                        .size = size});
  return y;
}

Id Tape::exchanged(Id x, const Exchange& exchange, std::int64_t size) {
  if (exchange.kind == CommKind::kNoComm) return x;
  Shape shape = writer_.shape(x);
  if (exchange.kind == CommKind::kAllGather) shape[exchange.dim] *= size;
  if (exchange.kind == CommKind::kReduceScatter || exchange.kind == CommKind::kChunk)
    shape[exchange.dim] /= size;
  if (exchange.kind == CommKind::kAllToAll) {
    shape[exchange.dim] /= size;
    shape[exchange.other_dim] *= size;
  }
  const Id y = writer_.tensor(shape, writer_.element(x), Role::kValue, site_.place);
  const Id message = exchange.kind == CommKind::kChunk ? kNone : writer_.next_message();
  writer_.exchange(exchange, site_, message, std::span(&x, 1), std::span(&y, 1));
  return y;
}

void Tape::undo_apply(const Entry& entry) {
  std::vector<Id> reads, writes;
  reads.reserve(entry.inputs.size() + entry.outputs.size());
  writes.reserve(entry.inputs.size());
  for (const Value& output : entry.outputs)
    if (output.slot != kNone) {
      if (slots_[output.slot] == kNone) return;  // nothing depends on it
      reads.push_back(slots_[output.slot]);
    }
  for (const Value& input : entry.inputs) reads.push_back(input.tensor);
  for (const Value& input : entry.inputs)
    if (input.slot != kNone) {
      writes.push_back(writer_.value_like(input.tensor, site_.place));
      slots_[input.slot] = writes.back();
    }
  Operation operation = entry.operation;
  operation.backward = true;
  if (!writes.empty()) writer_.line(operation, site_, reads, writes);
}

void Tape::undo_copy(const Entry& entry) {
  std::vector<Id> gradients;
  gradients.reserve(entry.outputs.size());
  for (const Value& output : entry.outputs)
    if (slots_[output.slot] != kNone) gradients.push_back(slots_[output.slot]);
  if (gradients.empty()) return;
  Id& total = slots_[entry.inputs[0].slot];
  total = gradients[0];
  if (gradients.size() == 1) return;
  total = writer_.value_like(gradients[0], site_.place);
  writer_.line({.name = "sum", .backward = false, .attributes = {}}, site_, gradients, std::span(&total, 1));
}

void Tape::backward() {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->kind == Kind::kApply) {
      undo_apply(*entry);
      continue;
    }
    if (entry->kind == Kind::kCopy) {
      undo_copy(*entry);
      continue;
    }
    const Id gradient = slots_[entry->outputs[0].slot];
    if (gradient == kNone || entry->inputs[0].slot == kNone) continue;
    Id& into = slots_[entry->inputs[0].slot];
    if (entry->kind == Kind::kExchange) {
      into = exchanged(gradient, entry->backward, entry->size);
    } else {
      into = writer_.value_like(gradient, site_.place);
      writer_.line({.name = "identity", .backward = false, .attributes = {}}, site_, std::span(&gradient, 1),
                   std::span(&into, 1));
    }
  }
}

}  // namespace cep::logical
