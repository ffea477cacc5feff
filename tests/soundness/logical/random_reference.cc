#include "soundness/logical/random_reference.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace cep::logical::oracle {
namespace {

constexpr std::int64_t kBatch = 4;

// Writes forward nodes and remembers them; then the derivatives, last first.
class Step {
 public:
  explicit Step(RandomReference& made) : made_(made) {}

  Id parameter(const Shape& shape) {
    const Id id = made_.writer.root(Role::kParameter, shape);
    parameters_.push_back(id);
    return id;
  }
  // `differentiable`: the positions of operands that get a gradient.
  std::vector<Id> apply(const Operation& operation, const std::vector<Id>& inputs,
                        const std::vector<Shape>& shapes, std::vector<std::size_t> differentiable) {
    made_.position.push_back(forward_.size());
    const std::vector<Id> outputs = made_.writer.compute(operation, inputs, shapes);
    forward_.push_back({operation, inputs, outputs, std::move(differentiable)});
    return outputs;
  }
  Id unary(const std::string& name, Id x, Attributes attributes = {}) {
    return apply(make_operation(name, std::move(attributes)), {x}, {shape(x)}, {0})[0];
  }
  Id binary(const std::string& name, Id a, Id b) {
    return apply(make_operation(name), {a, b}, {shape(a)}, {0, 1})[0];
  }
  Id linear(Id x, Id w) {
    Shape result = shape(x);
    result.back() = shape(w)[0];
    return apply(make_operation("linear"), {x, w}, {result}, {0, 1})[0];
  }
  Id reshape(Id x, Shape to) { return apply(make_operation("reshape"), {x}, {std::move(to)}, {0})[0]; }
  Id transpose(Id x, std::int64_t dim0, std::int64_t dim1) {
    Shape result = shape(x);
    std::swap(result[static_cast<std::size_t>(dim0)], result[static_cast<std::size_t>(dim1)]);
    return apply(make_operation("transpose", {{"dim0", dim0}, {"dim1", dim1}}), {x}, {result}, {0})[0];
  }
  Id matmul(Id a, Id b) {
    Shape result = shape(a);
    result.back() = shape(b).back();
    return apply(make_operation("matmul"), {a, b}, {result}, {0, 1})[0];
  }
  std::vector<Id> copies(Id x, std::size_t times) {
    return apply(make_operation("copy"), {x}, std::vector<Shape>(times, shape(x)), {0});
  }
  [[nodiscard]] Shape shape(Id tensor) const { return made_.writer.so_far().reference.program.shape(tensor); }
  [[nodiscard]] std::size_t nodes() const { return forward_.size(); }

  void backward(Id loss) {
    gradients_[loss] = made_.writer.root(Role::kSeed, {1});
    for (std::size_t i = forward_.size(); i-- > 0;) undo(i);
    for (const Id parameter : parameters_) made_.writer.output(gradients_.at(parameter));
  }

 private:
  struct Entry {
    Operation operation;
    std::vector<Id> inputs, outputs;
    std::vector<std::size_t> differentiable;
  };

  void undo(std::size_t i) {
    const Entry entry = forward_[i];
    std::vector<Id> operands;
    for (const Id output : entry.outputs) {
      if (gradients_.contains(output)) operands.push_back(gradients_.at(output));
    }
    if (operands.empty() || entry.differentiable.empty()) return;
    if (entry.operation.name == "copy") {
      if (operands.size() == 1) {
        gradients_[entry.inputs[0]] = operands[0];
        return;
      }
      made_.position.push_back(i);
      gradients_[entry.inputs[0]] =
          made_.writer.compute(make_operation("sum"), operands, {shape(operands[0])})[0];
      return;
    }
    if (entry.operation.name == "identity") {
      made_.position.push_back(i);
      gradients_[entry.inputs[0]] = made_.writer.compute(entry.operation, operands, {shape(operands[0])})[0];
      return;
    }
    operands.insert(operands.end(), entry.inputs.begin(), entry.inputs.end());
    std::vector<Shape> shapes;
    for (const std::size_t in : entry.differentiable) shapes.push_back(shape(entry.inputs[in]));
    made_.position.push_back(i);
    const auto results = made_.writer.compute(
        make_operation(entry.operation.name, entry.operation.attributes, true), operands, shapes);
    for (std::size_t k = 0; k < results.size(); ++k) {
      const Id of = entry.inputs[entry.differentiable[k]];
      made_.writer.set_element(results[k], made_.writer.so_far().reference.program.tensors[of].element);
      gradients_[of] = results[k];
    }
  }

  RandomReference& made_;
  std::vector<Entry> forward_;
  std::vector<Id> parameters_;
  std::map<Id, Id> gradients_;
};

class Model {
 public:
  Model(Step& step, DocumentWriter& writer, Random& random) : step_(step), writer_(writer), random_(random) {}

  void write(bool backward) {
    backward_ = backward;
    Id x = start();
    const std::size_t blocks = 1 + random_() % 2;
    for (std::size_t i = 0; i < blocks; ++i) x = block(x);
    if (random_() % 2 == 0) x = step_.linear(x, step_.parameter({sometimes(4, 8), hidden_}));
    if (!backward) {
      writer_.output(x);
      return;
    }
    const Id loss = step_.apply(make_operation("sum_all"), {x}, {{1}}, {0})[0];
    writer_.output(loss);
    step_.backward(loss);
  }

 private:
  std::int64_t sometimes(std::int64_t usual, std::int64_t other) {
    return random_() % 3 == 0 ? other : usual;
  }

  Id start() {
    if (random_() % 2 == 0) return writer_.root(Role::kInput, {kBatch, sequence_, hidden_});
    const std::int64_t vocabulary = sometimes(4, 8);
    tokens_ = writer_.root(Role::kInput, {kBatch, sequence_}, Element::kI64);
    // A table may hold the rows from a later token on.
    const std::int64_t first = sometimes(0, 2);
    const Operation embedding = make_operation("embedding", {{"start", first}, {"stop", first + vocabulary}});
    return step_.apply(embedding, {tokens_, step_.parameter({vocabulary, hidden_})},
                       {{kBatch, sequence_, hidden_}}, {1})[0];
  }

  Id block(Id x) {
    const bool residual = random_() % 2 == 0;
    Id kept = kNone;
    if (residual) {
      const auto both = step_.copies(x, 2);
      kept = both[0];
      x = both[1];
    }
    if (random_() % 3 == 0) x = norm(x);
    if (random_() % 4 == 0) x = rounded(x);
    switch (random_() % 6) {
      case 0: x = attention(x); break;
      case 1: x = mixture(x); break;
      case 2: x = gated(x); break;
      default: x = pair(x); break;
    }
    return residual ? step_.binary("add", kept, x) : x;
  }

  Id norm(Id x) {
    const auto both = step_.copies(x, 2);
    Shape narrow = step_.shape(x);
    narrow.back() = 1;
    const Id squares = step_.unary("power", both[0], {{"exponent", 2.0}});
    const auto last = static_cast<std::int64_t>(narrow.size()) - 1;
    const Id mean = step_.apply(make_operation("mean", {{"dims", std::vector<std::int64_t>{last}}}),
                                {squares}, {narrow}, {0})[0];
    const Id root = step_.unary("rsqrt", step_.unary("add", mean, {{"alpha", 1.0}, {"constant", 1e-05}}));
    return step_.binary("mul", step_.binary("mul", both[1], root), step_.parameter({hidden_}));
  }

  // To a narrower element, and back.
  Id rounded(Id x) {
    const Id narrow = step_.unary("cast", x, {{"to", std::string("bf16")}});
    writer_.set_element(narrow, Element::kBf16);
    return step_.unary("cast", narrow, {{"to", std::string("f32")}});
  }
  // A bias, stretched over the rows; where no gradient is asked for, any whole multiple of it.
  Id biased(Id x) {
    const double alpha = backward_ ? 1 : std::array<double, 3>{1, 2, -1}[random_() % 3];
    return step_.apply(make_operation("add", {{"alpha", alpha}}),
                       {x, step_.parameter({step_.shape(x).back()})}, {step_.shape(x)}, {0, 1})[0];
  }

  Id pair(Id x) {
    const std::int64_t inner = sometimes(4, 8);
    Id y = step_.linear(x, step_.parameter({inner, hidden_}));
    if (random_() % 3 == 0) y = biased(y);
    if (random_() % 4 != 0) y = step_.unary("silu", y);
    return step_.linear(y, step_.parameter({hidden_, inner}));
  }
  Id gated(Id x) {
    const std::int64_t inner = sometimes(4, 8);
    const auto both = step_.copies(x, 2);
    const Id gate = step_.unary("silu", step_.linear(both[0], step_.parameter({inner, hidden_})));
    const Id up = step_.linear(both[1], step_.parameter({inner, hidden_}));
    return step_.linear(step_.binary("mul", gate, up), step_.parameter({hidden_, inner}));
  }

  Id attention(Id x) {
    constexpr std::int64_t kHeads = 2;
    const std::int64_t length = hidden_ / kHeads;
    const Shape split{kBatch, sequence_, kHeads, length};
    Id mask = kNone;
    std::size_t copies = 3;
    if (tokens_ != kNone && random_() % 2 == 0) ++copies;
    const auto all = step_.copies(x, copies);
    if (copies == 4)
      mask = step_.apply(make_operation("causal_mask"), {tokens_, all[3]}, {{1, 1, sequence_, sequence_}},
                         {})[0];
    std::vector<Id> heads;
    for (std::size_t i = 0; i < 3; ++i)
      heads.push_back(step_.reshape(step_.linear(all[i], step_.parameter({hidden_, hidden_})), split));
    if (random_() % 2 == 0) {
      const Id turns = writer_.root(Role::kBuffer, {sequence_, length / 2}, Element::kC64);
      const auto turned =
          step_.apply(make_operation("rotary"), {heads[0], heads[1], turns}, {split, split}, {0, 1});
      heads[0] = turned[0];
      heads[1] = turned[1];
    }
    for (Id& head : heads) head = step_.transpose(head, 1, 2);
    if (!backward_ && mask == kNone && random_() % 2 == 0) mask = remember(heads);
    Id scores = step_.matmul(heads[0], step_.transpose(heads[1], 2, 3));
    scores = step_.unary("div", scores, {{"constant", 1.4142135623730951}});
    if (mask != kNone)
      scores = step_.apply(make_operation("add_mask"), {scores, mask}, {step_.shape(scores)}, {0})[0];
    scores = step_.unary("softmax", scores, {{"dim", std::int64_t{3}}});
    const Id mixed = step_.unary("identity", step_.transpose(step_.matmul(scores, heads[2]), 1, 2));
    return step_.linear(step_.reshape(mixed, {kBatch, sequence_, hidden_}),
                        step_.parameter({hidden_, hidden_}));
  }

  // Keys and values into caches at one position; the mask that goes with it.
  Id remember(std::vector<Id>& heads) {
    constexpr std::int64_t kLength = 4;
    const Attributes where = {
        {"position",
         static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(kLength - sequence_ + 1))}};
    const Id mask =
        step_.apply(make_operation("cache_mask", where), {heads[0]}, {{1, 1, sequence_, kLength}}, {})[0];
    for (const std::size_t i : {1u, 2u}) {
      Shape shape = step_.shape(heads[i]);
      shape[2] = kLength;
      const Id cache = writer_.root(Role::kInput, shape);
      heads[i] = step_.apply(make_operation("cache_update", where), {cache, heads[i]}, {shape}, {})[0];
      writer_.output(heads[i]);
    }
    return mask;
  }

  Id mixture(Id x) {
    constexpr std::int64_t kHeld = 4;
    constexpr std::int64_t kChosen = 2;
    // There may be experts that the layer does not hold, before and behind.
    const std::int64_t count = sometimes(kHeld, kHeld + 2);
    const auto first = static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count - kHeld + 1));
    const std::int64_t rows = kBatch * sequence_;
    const std::int64_t inner = 4;
    const auto both = step_.copies(step_.reshape(x, {rows, hidden_}), 2);
    const Operation routing = make_operation("router", {{"score_func", std::string("sigmoid")},
                                                        {"n_groups", std::int64_t{2}},
                                                        {"topk_groups", sometimes(1, 2)},
                                                        {"topk", kChosen},
                                                        {"route_scale", 2.5}});
    // The indices are integers: what compute() declares is set right afterwards.
    const auto routed = step_.apply(routing, {both[0], step_.parameter({count, hidden_})},
                                    {{rows, kChosen}, {rows, kChosen}}, {0, 1});
    writer_.set_element(routed[1], Element::kI64);
    const Operation experts =
        make_operation("experts", {{"count", count}, {"start", first}, {"stop", first + kHeld}});
    const Id w1 = step_.parameter({kHeld, inner, hidden_});
    const Id w3 = step_.parameter({kHeld, inner, hidden_});
    const Id w2 = step_.parameter({kHeld, hidden_, inner});
    const Id y = step_.apply(experts, {both[1], routed[1], routed[0], w1, w3, w2}, {{rows, hidden_}},
                             {0, 2, 3, 4, 5})[0];
    return step_.reshape(y, {kBatch, sequence_, hidden_});
  }

  Step& step_;
  DocumentWriter& writer_;
  Random& random_;
  std::int64_t sequence_ = 2, hidden_ = 4;
  Id tokens_ = kNone;
  bool backward_ = false;
};

}  // namespace

RandomReference random_reference(Random& random) {
  RandomReference made;
  Step step(made);
  Model(step, made.writer, random).write(random() % 4 != 0);
  made.forward_nodes = step.nodes();
  return made;
}

}  // namespace cep::logical::oracle
