// A tape: writes forward lines, remembers them, and writes the backward lines that belong to them.
#pragma once

#include <string>
#include <vector>

#include "generate/writer.h"

namespace cep::logical {

// A tensor, and where its gradient is collected. A value is used once; copy() makes more of it.
struct Value {
  Id tensor = kNone;
  Id slot = kNone;  // kNone: no gradient
};

struct Made {
  Shape shape;
  Element element = Element::kF32;
  bool differentiable = true;
};

class Tape {
 public:
  Tape(Writer& writer, Site site) : writer_(writer), site_(site) {}

  // A value from outside, whose gradient is wanted.
  Value leaf(Id tensor) { return {.tensor = tensor, .slot = new_slot()}; }
  static Value constant(Id tensor) { return {.tensor = tensor, .slot = kNone}; }

  std::vector<Value> apply(const Operation& operation, const std::vector<Value>& inputs,
                           const std::vector<Made>& made);
  std::vector<Value> copy(Value x, std::size_t times);
  Value identity(Value x);
  // `forward` over the value, `backward` over its gradient; kNoComm does nothing and writes no line. `size`: members of the group.
  Value exchange(Value x, const Exchange& forward, const Exchange& backward, std::int64_t size);

  [[nodiscard]] Shape shape(Value x) const { return writer_.shape(x.tensor); }
  [[nodiscard]] Element element(Value x) const { return writer_.element(x.tensor); }

  void set_gradient(Value x, Id tensor) { slots_[x.slot] = tensor; }
  [[nodiscard]] Id gradient(Value x) const { return slots_[x.slot]; }
  // Writes the backward lines, last one first, from the gradients set.
  void backward();

 private:
  enum class Kind : std::uint8_t { kApply, kCopy, kIdentity, kExchange };
  struct Entry {
    Kind kind = Kind::kApply;
    Operation operation;
    std::vector<Value> inputs, outputs;
    Exchange backward;
    std::int64_t size = 1;
  };
  Id new_slot();
  Id exchanged(Id x, const Exchange& exchange, std::int64_t size);
  void undo_apply(const Entry& entry);
  void undo_copy(const Entry& entry);

  Writer& writer_;
  Site site_;
  std::vector<Entry> entries_;
  std::vector<Id> slots_;  // the gradient, kNone before there is one
};

}  // namespace cep::logical
