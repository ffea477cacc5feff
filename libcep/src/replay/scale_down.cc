#include "replay/scale_down.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/operator_rows.h"

namespace cep::logical::oracle {
namespace {

// Operands that are there, and long enough for what is asked of their shapes below.
bool fits(const Operation& operation, const std::vector<Shape>& in) {
  if (in.empty()) return false;
  const std::string_view name = operation.name;
  const auto ranks = [&](std::size_t first, std::size_t second) {
    return in.size() >= 2 && in[0].size() >= first && in[1].size() >= second;
  };
  if (operation.backward) return true;
  if (name == "linear" || name == "matmul") return ranks(1, 1);
  if (name == "embedding") return ranks(0, 2);
  if (name == "causal_mask") return in[0].size() >= 2;
  if (name == "router") return !in[0].empty();
  if (name == "rotary") return in.size() == 3;
  return true;
}

// The shape a reshape gives, dimension by dimension as in the large one: what was whole stays whole, a product is a product, and where a
// dimension is cut the last factors are looked up and the first is what is left.
std::optional<Shape> reshaped(const Shape& from, const Shape& to, const Shape& small,
                              const Lengths& lengths) {
  Shape made;
  std::size_t i = 0, j = 0;
  while (i < from.size() || j < to.size()) {
    const std::size_t first_i = i, first_j = j;
    std::int64_t left = i < from.size() ? from[i++] : 1, right = j < to.size() ? to[j++] : 1;
    while (left != right) {
      const bool more = left < right;  // of the large one's dimensions: else of the reshaped one's
      if (more ? i == from.size() : j == to.size()) return std::nullopt;
      std::int64_t& side = more ? left : right;
      if (__builtin_mul_overflow(side, more ? from[i++] : to[j++], &side)) return std::nullopt;
    }
    std::int64_t rest = 1;
    for (std::size_t d = first_i; d < i; ++d) {
      if (__builtin_mul_overflow(rest, small[d], &rest)) return std::nullopt;
    }
    for (std::size_t d = j; d-- > first_j + 1;) {
      const auto found = lengths.find(to[d]);
      const std::int64_t length = found == lengths.end() ? to[d] : found->second;
      if (length == 0 || rest % length != 0) return std::nullopt;
      made.insert(made.begin() + static_cast<std::ptrdiff_t>(first_j), length);
      rest /= length;
    }
    if (j > first_j) {
      made.insert(made.begin() + static_cast<std::ptrdiff_t>(first_j), rest);
    } else if (rest != 1) {
      return std::nullopt;
    }
  }
  return made;
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
  // What becomes of a place, or a length, in a dimension that becomes `after` long.
  std::int64_t resized(std::int64_t value, std::int64_t before, std::int64_t after) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(value, after, &product)) {
      fail(std::to_string(value) + " is too large");
      return 0;
    }
    return divide(product, before);
  }

  // Both programs' tables are made anew; a map each, since a hostile plan has as many shapes as tensors.
  void set_shape(Program& program, Id tensor, const Shape& shape) {
    auto& table = &program == &made_.document.plan.program ? plan_shapes_ : reference_shapes_;
    const auto [found, fresh] = table.try_emplace(shape, static_cast<Id>(table.size()));
    if (fresh) program.shapes.push_back(shape);
    program.tensors[tensor].shape = found->second;
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
      box[d].begin.constant = resized(box[d].begin.constant, old[d], small[d]);
      box[d].size = resized(box[d].size, old[d], small[d]);
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
    if (!fits(operation, in)) return fail("line " + std::to_string(index) + ": operands");
    if (operation.name == "rotary" && !operation.backward) set_factors(old, small, node, in);
    if (operation.backward && operation.name != "identity") {
      const auto which = gradients_of(operation.name, in.size());
      if (which.size() != outputs.size() || which.back() >= in.size())
        return fail("line " + std::to_string(index) + ": results");
      for (std::size_t i = 0; i < which.size(); ++i) set_shape(small, outputs[i], in[which[i]]);
    } else {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto shape = result(node, in, old, outputs[i], i);
        if (!shape) return fail("line " + std::to_string(index) + ": " + operation.name + " does not scale");
        set_shape(small, outputs[i], *shape);
      }
    }
    scale_range(old, small, index);
  }

  // A table of rotations that nobody makes is as long as what it turns, and half as wide.
  void set_factors(const Program& old, Program& small, const Node& node, const std::vector<Shape>& in) {
    const Id factors = old.inputs(node)[2];
    if (&old != &from_.reference.program || old.tensors[factors].role == Role::kValue || in[0].size() != 4)
      return;
    set_shape(small, factors, {in[0][1], in[0][3] / 2});
  }

  std::optional<Shape> result(const Node& node, const std::vector<Shape>& in, const Program& old, Id output,
                              std::size_t which) {
    const Operation& operation = old.operations[node.operation];
    const std::string_view name = operation.name;
    Shape shape = in[0];
    if (name == "reshape")
      return reshaped(old.shape(old.inputs(node)[0]), old.shape(output), in[0], lengths_);
    if (name == "rotary") return which < 2 ? std::optional(in[which]) : std::nullopt;
    if (name == "sum_all") return Shape{1};
    if (name == "cache_mask" || name == "cache_update") return std::nullopt;  // a position does not scale
    if (name == "causal_mask") return Shape{1, 1, in[0][1], in[0][1]};
    if (name == "router") {
      if (old.shape(output).size() != 2) return std::nullopt;
      return Shape{in[0][0], old.shape(output)[1]};
    }
    if (name == "linear") shape.back() = in[1][0];
    if (name == "matmul") shape.back() = in[1].back();
    if (name == "embedding") shape.push_back(in[1][1]);
    if (name == "add" || name == "mul") {
      if (in.size() == 2 && in[1].size() > shape.size()) shape = in[1];
    }
    if (name == "transpose") {
      const auto dim0 = dimension(operation, "dim0", shape.size());
      const auto dim1 = dimension(operation, "dim1", shape.size());
      if (!dim0 || !dim1) return std::nullopt;
      std::swap(shape[*dim0], shape[*dim1]);
    }
    if (name == "mean") {
      for (const std::int64_t dim : integers(operation, "dims")) {
        const std::int64_t at = dim < 0 ? dim + static_cast<std::int64_t>(shape.size()) : dim;
        if (at < 0 || at >= static_cast<std::int64_t>(shape.size())) return std::nullopt;
        shape[static_cast<std::size_t>(at)] = 1;
      }
    }
    return shape;
  }

  void scale_range(const Program& old, Program& small, std::size_t index) {
    const Node& node = old.nodes[index];
    const Operation& operation = old.operations[node.operation];
    const bool table = operation.name == "embedding";
    if (!table && operation.name != "experts") return;
    const std::size_t at = operation.backward ? (table ? 2 : 4) : (table ? 1 : 3);
    if (at >= node.inputs || old.shape(old.inputs(node)[at]).empty())
      return fail("line " + std::to_string(index) + ": operands");
    const Id w = old.inputs(node)[at];
    const std::int64_t before = old.shape(w)[0];
    const std::int64_t after = small.shape(w)[0];
    Operation scaled = operation;
    for (Operation::Attribute& attribute : scaled.attributes) {
      if (attribute.name != "start" && attribute.name != "stop") continue;
      const std::int64_t value = integer(operation, attribute.name).value_or(0);
      attribute.value = resized(value, before, after);
    }
    auto& windows = &small == &made_.document.plan.program ? plan_windows_ : reference_windows_;
    const auto [found, fresh] = windows.try_emplace(scaled, static_cast<Id>(small.operations.size()));
    if (fresh) small.operations.push_back(scaled);
    small.nodes[index].operation = found->second;
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
  std::map<Shape, Id> reference_shapes_, plan_shapes_;
  std::map<Operation, Id> reference_windows_, plan_windows_;
};

}  // namespace

Scaled scale_down(const Document& document, const Lengths& lengths, const std::map<Id, Shape>& given) {
  return Scaler(document, lengths, given).scale();
}

}  // namespace cep::logical::oracle
