#include "soundness/logical/scale_down.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cep::logical::oracle {
namespace {

std::int64_t product(std::span<const std::int64_t> lengths) {
  std::int64_t total = 1;
  for (const std::int64_t length : lengths) total *= length;
  return total;
}

// The operands whose gradients an operator's derivative gives, counted from its first operand, the gradient.
std::vector<std::size_t> gradients_of(std::string_view name, std::size_t operands) {
  if (name == "add") return operands == 2 ? std::vector<std::size_t>{1} : std::vector<std::size_t>{1, 2};
  if (name == "mul" || name == "linear" || name == "matmul" || name == "router") return {1, 2};
  if (name == "rotary") return {2, 3};
  if (name == "embedding") return {2};
  if (name == "experts") return {1, 3, 4, 5, 6};
  return {1};
}

class Scaler {
 public:
  Scaler(const Document& from, const Lengths& lengths, const std::map<Id, Shape>& given)
      : from_(from), lengths_(lengths), given_(given), made_{from, {}} {}

  Scaled scale() {
    reference();
    if (made_.fault.empty()) plan();
    return std::move(made_);
  }

 private:
  [[nodiscard]] std::int64_t mapped(std::int64_t length) const {
    const auto found = lengths_.find(length);
    return found == lengths_.end() ? length : found->second;
  }
  Shape mapped(const Shape& shape) const {
    Shape small;
    for (const std::int64_t length : shape) small.push_back(mapped(length));
    return small;
  }
  void fail(std::string what) {
    if (made_.fault.empty()) made_.fault = std::move(what);
  }
  std::int64_t divide(std::int64_t a, std::int64_t b) {
    if (b != 0 && a % b == 0) return a / b;
    fail(std::to_string(a) + " is no multiple of " + std::to_string(b));
    return 0;
  }

  static void set_shape(Program& program, Id tensor, const Shape& shape) {
    const auto found = std::find(program.shapes.begin(), program.shapes.end(), shape);
    program.tensors[tensor].shape = static_cast<Id>(found - program.shapes.begin());
    if (found == program.shapes.end()) program.shapes.push_back(shape);
  }

  void reference() {
    const Program& old = from_.reference.program;
    Program& small = made_.document.reference.program;
    small.shapes.clear();
    for (Id id = 0; id < old.tensors.size(); ++id) {
      if (old.tensors[id].role == Role::kValue) continue;
      set_shape(small, id, given_.contains(id) ? given_.at(id) : mapped(old.shape(id)));
    }
    for (std::size_t i = 0; i < old.nodes.size() && made_.fault.empty(); ++i) compute(old, small, i);
  }

  void plan() {
    const Program& old = from_.plan.program;
    Program& small = made_.document.plan.program;
    small.shapes.clear();
    for (std::size_t i = 0; i < from_.plan.binds.size(); ++i) {
      Bind& bind = made_.document.plan.binds[i];
      set_shape(small, bind.tensor, scale_box(bind.box, bind.reference));
    }
    for (std::size_t i = 0; i < old.nodes.size() && made_.fault.empty(); ++i) {
      if (old.nodes[i].comm == CommKind::kNoComm) {
        compute(old, small, i);
      } else {
        communicate(small, old.nodes[i]);
      }
    }
    for (Yield& yield : made_.document.plan.yields) {
      if (made_.fault.empty() && scale_box(yield.box, yield.reference) != small.shape(yield.tensor))
        fail("what is delivered of tensor " + std::to_string(yield.reference) + " has another shape");
    }
  }
  Shape scale_box(Box& box, Id reference) {
    const Shape& old = from_.reference.program.shape(reference);
    const Shape& small = made_.document.reference.program.shape(reference);
    Shape shape;
    for (std::size_t d = 0; d < box.size(); ++d) {
      box[d].begin.constant = divide(box[d].begin.constant * small[d], old[d]);
      box[d].size = divide(box[d].size * small[d], old[d]);
      shape.push_back(box[d].size);
    }
    return shape;
  }

  void compute(const Program& old, Program& small, std::size_t index) {
    const Node& node = old.nodes[index];
    std::vector<Shape> in;
    for (const Id id : old.inputs(node)) in.push_back(small.shape(id));
    const auto outputs = old.outputs(node);
    const Operation& operation = old.operations[node.operation];
    if (operation.backward && operation.name != "identity") {
      const auto which = gradients_of(operation.name, in.size());
      if (which.size() != outputs.size() || which.back() >= in.size())
        return fail("line " + std::to_string(index) + ": results");
      for (std::size_t i = 0; i < which.size(); ++i) set_shape(small, outputs[i], in[which[i]]);
    } else {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto shape = result(operation, in, old, outputs[i], i);
        if (!shape) return fail("line " + std::to_string(index) + ": " + operation.name + " does not scale");
        set_shape(small, outputs[i], *shape);
      }
    }
    scale_range(old, small, index);
  }

  std::optional<Shape> result(const Operation& operation, const std::vector<Shape>& in, const Program& old,
                              Id output, std::size_t which) {
    const std::string_view name = operation.name;
    Shape shape = in[0];
    if (name == "reshape") {
      shape = mapped(old.shape(output));
      return product(shape) == product(in[0]) ? std::optional(shape) : std::nullopt;
    }
    if (name == "rotary") return in[which];
    if (name == "sum_all") return Shape{1};
    if (name == "causal_mask") return Shape{1, 1, in[0].at(1), in[0].at(1)};
    if (name == "cache_mask" || name == "cache_update") return std::nullopt;  // nor does a position
    if (name == "router") return Shape{in[0].at(0), old.shape(output).at(1)};
    if (name == "linear") shape.back() = in[1].at(0);
    if (name == "matmul") shape.back() = in[1].back();
    if (name == "embedding") shape.push_back(in[1].at(1));
    if (name == "add" || name == "mul") {
      if (in.size() == 2 && in[1].size() > shape.size()) shape = in[1];
    }
    for (const Operation::Attribute& attribute : operation.attributes) {
      if (name == "transpose" && attribute.name == "dim0") {
        const auto other = std::find_if(operation.attributes.begin(), operation.attributes.end(),
                                        [](const auto& a) { return a.name == "dim1"; });
        std::swap(shape.at(position(attribute.value, shape)), shape.at(position(other->value, shape)));
      }
      if (name == "mean" && attribute.name == "dims") {
        for (const std::int64_t dim : std::get<std::vector<std::int64_t>>(attribute.value))
          shape.at(position(dim, shape)) = 1;
      }
    }
    return shape;
  }
  static std::size_t position(const Operation::Value& value, const Shape& shape) {
    const std::int64_t dim = std::get<std::int64_t>(value);
    return static_cast<std::size_t>(dim < 0 ? dim + static_cast<std::int64_t>(shape.size()) : dim);
  }

  void scale_range(const Program& old, Program& small, std::size_t index) {
    const Node& node = old.nodes[index];
    const Operation& operation = old.operations[node.operation];
    const bool table = operation.name == "embedding";
    if (!table && operation.name != "experts") return;
    const Id w = old.inputs(node)[operation.backward ? (table ? 2 : 4) : (table ? 1 : 3)];
    const std::int64_t before = old.shape(w)[0];
    const std::int64_t after = small.shape(w)[0];
    Operation scaled = operation;
    for (Operation::Attribute& attribute : scaled.attributes) {
      if (attribute.name != "start" && attribute.name != "stop") continue;
      auto* affine = std::get_if<Affine>(&attribute.value);
      const std::int64_t value =
          affine != nullptr ? affine->constant : std::get<std::int64_t>(attribute.value);
      attribute.value = divide(value * after, before);
    }
    const auto found = std::find(small.operations.begin(), small.operations.end(), scaled);
    small.nodes[index].operation = static_cast<Id>(found - small.operations.begin());
    if (found == small.operations.end()) small.operations.push_back(scaled);
  }

  void communicate(Program& small, const Node& node) {
    const auto inputs = from_.plan.program.inputs(node);
    const auto outputs = from_.plan.program.outputs(node);
    // A message's shape is its sender's; senders come first.
    if (!inputs.empty() && node.message != kNone && outputs.empty())
      sent_[node.message] = small.shape(inputs[0]);
    if (outputs.empty()) return;
    if (inputs.empty()) {
      if (!sent_.contains(node.message)) return fail("a message received before it is sent");
      return set_shape(small, outputs[0], sent_.at(node.message));
    }
    Shape shape = small.shape(inputs[0]);
    const auto size = static_cast<std::int64_t>(from_.plan.groups[node.group].ranks.size());
    if (node.comm == CommKind::kAllGather) shape.at(node.dim) *= size;
    if (node.comm == CommKind::kReduceScatter || node.comm == CommKind::kChunk ||
        node.comm == CommKind::kAllToAll)
      shape.at(node.dim) = divide(shape.at(node.dim), size);
    if (node.comm == CommKind::kAllToAll) shape.at(node.other_dim) *= size;
    set_shape(small, outputs[0], shape);
  }

  const Document& from_;
  const Lengths& lengths_;
  const std::map<Id, Shape>& given_;
  Scaled made_;
  std::map<Id, Shape> sent_;
};

}  // namespace

Scaled scale_down(const Document& document, const Lengths& lengths, const std::map<Id, Shape>& given) {
  return Scaler(document, lengths, given).scale();
}

}  // namespace cep::logical::oracle
