#include "tools/cep-check/logical/form.h"

#include <algorithm>
#include <cmath>

namespace cep_check::logical {

using cep::logical::Node;
using cep::logical::Operation;
using cep::logical::Program;
using cep::logical::Shape;

const Operation::Value* attribute(const Operation& operation, std::string_view name) {
  for (const Operation::Attribute& at : operation.attributes) {
    if (at.name == name) return &at.value;
  }
  return nullptr;
}

std::int64_t whole_number(const Operation& operation, std::string_view name, std::int64_t instead) {
  const Operation::Value* value = attribute(operation, name);
  if (value == nullptr) return instead;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  const auto* real = std::get_if<double>(value);
  const bool whole = real != nullptr && std::abs(*real) <= 0x1p53 && std::floor(*real) == *real;
  return whole ? static_cast<std::int64_t>(*real) : 0;
}

bool known_attributes(const Operation& operation) {
  struct Row {
    std::string_view name, attributes;
  };
  static constexpr Row kRows[] = {
      {"add", " alpha constant "},  {"cast", " to "},
      {"div", " constant "},        {"embedding", " start stop "},
      {"mean", " dims "},           {"experts", " count start stop "},
      {"power", " exponent "},      {"router", " n_groups route_scale score_func topk topk_groups "},
      {"softmax", " dim "},         {"transpose", " dim0 dim1 "},
      {"cache_mask", " position "}, {"cache_update", " position "},
  };
  const auto* const row = std::ranges::find(kRows, operation.name, &Row::name);
  return std::ranges::all_of(operation.attributes, [&](const Operation::Attribute& at) {
    return row != std::end(kRows) && row->attributes.find(" " + at.name + " ") != std::string_view::npos;
  });
}

namespace {

bool is_window(std::string_view name) { return name == "start" || name == "stop"; }

Operation::Value counted_from_the_first(const Operation::Attribute& at, std::size_t rank) {
  const auto count = [rank](std::int64_t dim) {
    return dim < 0 ? dim + static_cast<std::int64_t>(rank) : dim;
  };
  Operation::Value value = at.value;
  if (!at.name.starts_with("dim")) return value;
  if (auto* dim = std::get_if<std::int64_t>(&value)) *dim = count(*dim);
  if (auto* dims = std::get_if<std::vector<std::int64_t>>(&value)) {
    for (std::int64_t& dim : *dims) dim = count(dim);
  }
  return value;
}

}  // namespace

bool same_operation(const Operation& a, const Operation& b, std::size_t rank, Window window) {
  return a.name == b.name && a.backward == b.backward &&
         std::ranges::equal(a.attributes, b.attributes, [&](const auto& x, const auto& y) {
           if (x.name != y.name) return false;
           return (window == Window::kLeftOut && is_window(x.name)) ||
                  counted_from_the_first(x, rank) == counted_from_the_first(y, rank);
         });
}

namespace {

// Thrown where shapes are not those of the operator; caught in form_of.
struct NoForm {};
void need(bool holds) {
  if (!holds) throw NoForm{};
}

class Maker {
 public:
  Maker(const Program& program, const Node& node)
      : operation_(program.operations[node.operation]), backward_(operation_.backward) {
    for (const auto id : program.inputs(node)) in_.push_back(&program.shape(id));
    for (const auto id : program.outputs(node)) out_.push_back(&program.shape(id));
  }

  Form make() {
    struct Row {
      std::string_view name;
      void (Maker::*make)();
    };
    static constexpr Row kRows[] = {
        {"add", &Maker::elementwise},
        {"add_mask", &Maker::elementwise},
        {"cache_mask", &Maker::cache_mask},
        {"cache_update", &Maker::cache_update},
        {"cast", &Maker::unary},
        {"causal_mask", &Maker::causal_mask},
        {"div", &Maker::unary},
        {"embedding", &Maker::embedding},
        {"experts", &Maker::experts},
        {"linear", &Maker::linear},
        {"matmul", &Maker::matmul},
        {"mean", &Maker::mean},
        {"mul", &Maker::elementwise},
        {"power", &Maker::unary},
        {"rotary", &Maker::rotary},
        {"router", &Maker::router},
        {"rsqrt", &Maker::unary},
        {"silu", &Maker::unary},
        {"softmax", &Maker::unary},
        {"sum_all", &Maker::sum_all},
    };
    const auto* const row = std::ranges::find(kRows, operation_.name, &Row::name);
    need(row != std::end(kRows));
    (this->*row->make)();
    check_lengths();
    return std::move(form_);
  }

 private:
  using Labels = Form::Labels;
  enum class Kind : bool { kFree, kWhole };

  int label(Kind kind = Kind::kFree) {
    form_.whole.push_back(kind == Kind::kWhole);
    return static_cast<int>(form_.whole.size()) - 1;
  }
  Labels labels(std::size_t count) {
    Labels list(count);
    for (int& each : list) each = label();
    return list;
  }
  void count(std::size_t inputs, std::size_t outputs) const {
    need(in_.size() == inputs && out_.size() == outputs);
  }
  void result(Labels dims, unsigned scales, Labels reduced = {}) {
    form_.results.push_back({std::move(dims), std::move(reduced), scales});
  }
  [[nodiscard]] std::size_t dimension(std::int64_t dim, std::size_t rank) const {
    if (dim < 0) dim += static_cast<std::int64_t>(rank);
    need(dim >= 0 && dim < static_cast<std::int64_t>(rank));
    return static_cast<std::size_t>(dim);
  }
  [[nodiscard]] std::int64_t integer(std::string_view name) const {
    const auto* value = attribute(operation_, name);
    need(value != nullptr && std::holds_alternative<std::int64_t>(*value));
    return std::get<std::int64_t>(*value);
  }
  static Labels joined(std::initializer_list<Labels> parts) {
    Labels all;
    for (const Labels& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }
  // The labels of `shape` within those of a result it broadcasts to; `missing`: those it has not.
  static Labels within(const Shape& shape, const Shape& to, const Labels& labels, Labels* missing = nullptr) {
    need(shape.size() <= to.size());
    const std::size_t ahead = to.size() - shape.size();
    Labels mine;
    for (std::size_t d = 0; d < to.size(); ++d) {
      const bool has = d >= ahead && shape[d - ahead] == to[d];
      if (d >= ahead) mine.push_back(has ? labels[d] : Form::kAlone);
      if (!has && missing != nullptr) missing->push_back(labels[d]);
    }
    return mine;
  }

  // Every dimension alike in all operands and the result.
  void unary() {
    count(backward_ ? 2 : 1, 1);
    const Labels all = labels(in_[0]->size());
    if (operation_.name == "softmax") form_.whole[dimension(integer("dim"), all.size())] = true;
    form_.operands.assign(in_.size(), all);
    // A cast rounds: it does not scale. What is backward is linear in the gradient.
    const bool scales = operation_.name != "cast" && (backward_ || operation_.name == "div");
    result(all, scales ? 1 : 0);
  }

  // Of one operand, or of two that broadcast.
  // With a constant in place of the second operand, or with two.
  void elementwise() { attribute(operation_, "constant") != nullptr ? unary() : binary(); }

  void binary() {
    const bool product = operation_.name == "mul";
    count(backward_ ? 3 : 2, backward_ ? 2 : 1);
    const Shape& full = backward_ ? *in_[0] : *out_[0];
    const Labels all = labels(full.size());
    Labels not_a, not_b;
    const Labels a = within(*in_[backward_ ? 1 : 0], full, all, &not_a);
    const Labels b = within(*in_[backward_ ? 2 : 1], full, all, &not_b);
    if (!backward_) {
      form_.operands = {a, b};
      const std::int64_t alpha = whole_number(operation_, "alpha", 1);
      if (operation_.name == "add" && alpha != 0) form_.adds = {1, alpha};
      return result(all, product ? 3 : 0);
    }
    form_.operands = {all, a, b};
    result(a, product ? 1 | 4 : 1, not_a);
    result(b, product ? 1 | 2 : 1, not_b);
  }

  void mean() {
    count(backward_ ? 2 : 1, 1);
    const Labels all = labels(in_.back()->size());
    const auto* dims = attribute(operation_, "dims");
    need(dims != nullptr && std::holds_alternative<std::vector<std::int64_t>>(*dims));
    Labels kept = all;
    for (const std::int64_t dim : std::get<std::vector<std::int64_t>>(*dims)) {
      const std::size_t d = dimension(dim, all.size());
      need(kept[d] != Form::kAlone);
      kept[d] = Form::kAlone;
      form_.averaged.push_back(all[d]);
    }
    form_.operands = backward_ ? std::vector<Labels>{kept, all} : std::vector<Labels>{all};
    backward_ ? result(all, 1) : result(kept, 1, form_.averaged);
  }

  void sum_all() {
    count(backward_ ? 2 : 1, 1);
    const Labels all = labels(in_.back()->size());
    form_.operands = backward_ ? std::vector<Labels>{{Form::kAlone}, all} : std::vector<Labels>{all};
    backward_ ? result(all, 1) : result({Form::kAlone}, 1, all);
  }

  void linear() {
    count(backward_ ? 3 : 2, backward_ ? 2 : 1);
    need(!in_[backward_ ? 1 : 0]->empty());
    const Labels rows = labels(in_[backward_ ? 1 : 0]->size() - 1);
    const int o = label(), k = label();
    const Labels y = joined({rows, {o}}), x = joined({rows, {k}});
    if (!backward_) {
      form_.operands = {x, {o, k}};
      return result(y, 3, {k});
    }
    form_.operands = {y, x, {o, k}};
    result(x, 1 | 4, {o});
    result({o, k}, 1 | 2, rows);
  }

  void matmul() {
    count(backward_ ? 3 : 2, backward_ ? 2 : 1);
    const auto batch = [](const Shape& shape) {
      need(shape.size() >= 2);
      return Shape(shape.begin(), shape.end() - 2);
    };
    const Shape full = batch(backward_ ? *in_[0] : *out_[0]);
    const Labels all = labels(full.size());
    const int i = label(), j = label(), k = label();
    Labels not_a, not_b;
    const Labels a = joined({within(batch(*in_[backward_ ? 1 : 0]), full, all, &not_a), {i, j}});
    const Labels b = joined({within(batch(*in_[backward_ ? 2 : 1]), full, all, &not_b), {j, k}});
    const Labels y = joined({all, {i, k}});
    if (!backward_) {
      form_.operands = {a, b};
      return result(y, 3, {j});
    }
    form_.operands = {y, a, b};
    result(a, 1 | 4, joined({not_a, {k}}));
    result(b, 1 | 2, joined({not_b, {i}}));
  }

  void embedding() {
    count(backward_ ? 3 : 2, 1);
    const Labels ids = labels(in_[backward_ ? 1 : 0]->size());
    const int v = label(), h = label();
    form_.window = v;
    const Labels y = joined({ids, {h}});
    if (!backward_) {
      form_.operands = {ids, {v, h}};
      return result(y, 2, {v});
    }
    form_.operands = {y, ids, {v, h}};
    result({v, h}, 1, ids);
  }

  // Of the tokens only the second dimension matters, of the other operand nothing.
  void causal_mask() {
    count(2, 1);
    need(in_[0]->size() >= 2 && out_[0]->size() == 4);
    need((*out_[0])[2] == (*in_[0])[1] && (*out_[0])[3] == (*in_[0])[1]);
    Labels tokens = labels(in_[0]->size());
    form_.whole[static_cast<std::size_t>(tokens[1])] = true;
    form_.operands = {tokens, labels(in_[1]->size())};
    form_.ignored = 2;
    const int row = label(Kind::kWhole), column = label(Kind::kWhole);
    result({Form::kAlone, Form::kAlone, row, column}, 0);
  }

  // Of its operand nothing matters.
  void cache_mask() {
    count(1, 1);
    need(out_[0]->size() == 4);
    need_room((*out_[0])[2], (*out_[0])[3]);
    form_.operands = {labels(in_[0]->size())};
    form_.ignored = 1;
    const int row = label(Kind::kWhole), column = label(Kind::kWhole);
    result({Form::kAlone, Form::kAlone, row, column}, 0);
  }

  void cache_update() {
    count(2, 1);
    need(in_[0]->size() == 4 && in_[1]->size() == 4);
    need_room((*in_[1])[2], (*in_[0])[2]);
    const int b = label(), h = label(), there = label(Kind::kWhole), fresh = label(Kind::kWhole), d = label();
    form_.operands = {{b, h, there, d}, {b, h, fresh, d}};
    result({b, h, there, d}, 0);
  }

  // `fresh` places from the attribute position on, among `there`.
  void need_room(std::int64_t fresh, std::int64_t there) const {
    const std::int64_t position = integer("position");
    need(position >= 0 && position <= there && fresh <= there - position);
  }

  void rotary() {
    count(backward_ ? 5 : 3, 2);
    const int b = label(), s = label(), q_heads = label(), k_heads = label();
    const int q_pairs = label(Kind::kWhole), k_pairs = label(Kind::kWhole), angles = label(Kind::kWhole);
    const Labels q = {b, s, q_heads, q_pairs}, k = {b, s, k_heads, k_pairs};
    form_.operands =
        backward_ ? std::vector<Labels>{q, k, q, k, {s, angles}} : std::vector<Labels>{q, k, {s, angles}};
    result(q, 1);
    result(k, 2);
    // Each turns its own.
    form_.results[0].unread = backward_ ? 2 | 4 | 8 : 2;
    form_.results[1].unread = backward_ ? 1 | 4 | 8 : 1;
  }

  void router() {
    count(backward_ ? 3 : 2, 2);
    const int a = label(), h = label(Kind::kWhole), e = label(Kind::kWhole), chosen = label(Kind::kWhole);
    const Labels x = {a, h}, w = {e, h};
    if (!backward_) {
      need(out_[0]->size() == 2 && (*out_[0])[1] == integer("topk"));
      form_.operands = {x, w};
      result({a, chosen}, 0);
      return result({a, chosen}, 0);
    }
    form_.operands = {{a, chosen}, x, w};
    result(x, 1);
    result(w, 1, {a});
  }

  void experts() {
    count(backward_ ? 7 : 6, backward_ ? 5 : 1);
    const int a = label(), chosen = label(Kind::kWhole), h = label(Kind::kWhole), e = label(), d = label();
    // What comes out need not be whole, as long as nothing flows back.
    const int out = backward_ ? h : label();
    form_.window = e;
    const Labels x = {a, h}, picks = {a, chosen}, w13 = {e, d, h}, w2 = {e, out, d}, y = {a, out};
    if (!backward_) {
      form_.operands = {x, picks, picks, w13, w13, w2};
      return result(y, 4 | 32, {e, d});
    }
    form_.operands = {y, x, picks, picks, w13, w13, w2};
    result(x, 1, {e, d});
    result(picks, 1, {e, d});
    result(w13, 1, {a});
    result(w13, 1, {a});
    result(w2, 1, {a});
  }

  void check_lengths() const {
    std::vector<std::int64_t> lengths(form_.whole.size(), -1);
    const auto check = [&](const Labels& dims, const Shape& shape) {
      need(dims.size() == shape.size());
      for (std::size_t d = 0; d < dims.size(); ++d) {
        if (dims[d] == Form::kAlone) {
          need(shape[d] == 1);
          continue;
        }
        std::int64_t& length = lengths[static_cast<std::size_t>(dims[d])];
        if (length < 0) length = shape[d];
        need(length == shape[d]);
      }
    };
    for (std::size_t i = 0; i < in_.size(); ++i) check(form_.operands[i], *in_[i]);
    for (std::size_t i = 0; i < out_.size(); ++i) check(form_.results[i].dims, *out_[i]);
    if (form_.window == Form::kAlone) return;
    const std::int64_t first = whole_affine("start"), last = whole_affine("stop");
    need(last - first == lengths[static_cast<std::size_t>(form_.window)]);
  }
  [[nodiscard]] std::int64_t whole_affine(std::string_view name) const {
    const auto* value = attribute(operation_, name);
    if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
    const auto* affine = std::get_if<cep::logical::Affine>(value);
    need(affine != nullptr && affine->by_variable.empty());
    return affine->constant;
  }

  const Operation& operation_;
  bool backward_;
  std::vector<const Shape*> in_, out_;
  Form form_;
};

}  // namespace

std::optional<Form> form_of(const Program& program, const Node& node) {
  try {
    return Maker(program, node).make();
  } catch (const NoForm&) {
    return std::nullopt;
  }
}

}  // namespace cep_check::logical
