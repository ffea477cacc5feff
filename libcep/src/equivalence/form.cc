#include "form.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "logical/operators.h"

namespace cep::logical::calculus {
namespace {

acp::Error no_rule(const Operation& operation, std::string why) {
  return {acp::Family::kUnsupported, "CEP-EQV-10", "",
          operation.name + (operation.backward ? " (backward): " : ": ") + std::move(why)};
}

struct Call {
  const Operation& operation;
  std::span<const Typed> inputs;
  std::span<const Typed> outputs;
  [[nodiscard]] const Shape& in(std::size_t i) const { return *inputs[i].shape; }
  [[nodiscard]] std::size_t rank(std::size_t i) const { return inputs[i].shape->size(); }
};

constexpr std::uint32_t bit(std::size_t i) { return 1u << i; }

// A whole number, however it is written; `otherwise` when there is none.
// Errors   nothing, when the attribute is there and is no whole number.
std::optional<std::int64_t> integer(const Call& call, std::string_view name,
                                    std::optional<std::int64_t> otherwise) {
  const auto* value = find_attribute(call.operation, name);
  if (value == nullptr) return otherwise;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  const auto* real = std::get_if<double>(value);
  if (real == nullptr || !(std::abs(*real) <= 1e15) || *real != std::trunc(*real)) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

// A dimension counted from either end; npos when there is none.
std::size_t dimension(std::optional<std::int64_t> number, std::size_t rank) {
  if (!number) return std::size_t(-1);
  std::int64_t dim = *number;
  if (dim < 0) dim += static_cast<std::int64_t>(rank);
  return dim < 0 || dim >= static_cast<std::int64_t>(rank) ? std::size_t(-1) : static_cast<std::size_t>(dim);
}

// Axes for a whole shape, in order.
std::vector<Axis> fresh(Form& form, std::size_t rank) {
  std::vector<Axis> dims(rank);
  for (Axis& axis : dims) axis = form.axes++;
  return dims;
}

Meaning same(std::vector<std::uint8_t> operand) {
  Meaning meaning;
  meaning.kind = Kind::kSame;
  meaning.operand = std::move(operand);
  return meaning;
}
Meaning of(Form form) {
  Meaning meaning;
  meaning.form = std::move(form);
  return meaning;
}

// Lines two shapes up at their last dimensions. A length of 1 that stretches is no axis of its operand.
struct Broadcast {
  std::vector<Axis> a, b, result;
  bool stretched = false;
};
bool broadcast(Form& form, const Shape& a, const Shape& b, Broadcast& out) {
  const std::size_t rank = std::max(a.size(), b.size());
  out.result = fresh(form, rank);
  out.stretched = a.size() != b.size();
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t ia = i + a.size() - rank, ib = i + b.size() - rank;
    const bool has_a = i + a.size() >= rank, has_b = i + b.size() >= rank;
    const std::int64_t na = has_a ? a[ia] : 1, nb = has_b ? b[ib] : 1;
    if (na != nb && na != 1 && nb != 1) return false;
    if (na != nb) out.stretched = true;
    if (has_a) out.a.push_back(na == 1 && nb != 1 ? kUnit : out.result[i]);
    if (has_b) out.b.push_back(nb == 1 && na != 1 ? kUnit : out.result[i]);
  }
  return true;
}
// The axes of `all` that an operand does not run over: its gradient is summed over them.
std::vector<Axis> missing(const std::vector<Axis>& all, const std::vector<Axis>& present) {
  std::vector<Axis> axes;
  for (const Axis axis : all) {
    if (std::ranges::find(present, axis) == present.end()) axes.push_back(axis);
  }
  return axes;
}

// --- element by element -------------------------------------------------------------------------------------------------------------

acp::Result<Meaning> unary(const Call& call) {
  Form form;
  const auto dims = fresh(form, call.rank(0));
  form.operands.assign(call.inputs.size(), dims);  // backward: gradient and operand
  form.results.push_back({.dims = dims, .linear_in = call.operation.backward ? bit(0) : 0u});
  return of(std::move(form));
}

acp::Result<Meaning> cast(const Call& call) {
  // The attribute and the declared type must not tell two stories.
  const auto* to = find_attribute(call.operation, "to");
  const auto* name = to == nullptr ? nullptr : std::get_if<std::string>(to);
  if (name == nullptr || (!call.operation.backward && *name != to_string(call.outputs[0].element))) {
    return no_rule(call.operation, "the attribute to is not the type of the result");
  }
  if (call.operation.backward && call.inputs[1].element != call.outputs[0].element) {
    return no_rule(call.operation, "the gradient has the type of the operand");
  }
  if (call.inputs[0].element == call.outputs[0].element) return same({0});
  auto meaning = unary(call);
  if (meaning) meaning->form.results[0].linear_in = 0;  // rounding is not linear
  return meaning;
}

acp::Result<Meaning> divide(const Call& call) {
  if (find_attribute(call.operation, "constant") == nullptr)
    return no_rule(call.operation, "needs the attribute constant");
  const std::int64_t whole = integer(call, "constant", std::nullopt).value_or(0);
  if (whole > 0) {
    Meaning meaning = same({0});
    meaning.denominator = whole;
    return meaning;
  }
  auto meaning = unary(call);
  if (meaning) meaning->form.results[0].linear_in = bit(0);
  return meaning;
}

acp::Result<Meaning> multiply(const Call& call) {
  const std::size_t first = call.operation.backward ? 1 : 0;
  Form form;
  Broadcast shapes;
  if (!broadcast(form, call.in(first), call.in(first + 1), shapes))
    return no_rule(call.operation, "shapes do not broadcast");
  if (call.operation.backward) {
    form.operands = {shapes.result, shapes.a, shapes.b};
    form.results.push_back(
        {.dims = shapes.a, .reduced = missing(shapes.result, shapes.a), .linear_in = bit(0) | bit(2)});
    form.results.push_back(
        {.dims = shapes.b, .reduced = missing(shapes.result, shapes.b), .linear_in = bit(0) | bit(1)});
  } else {
    form.operands = {shapes.a, shapes.b};
    form.results.push_back({.dims = shapes.result, .linear_in = bit(0) | bit(1)});
  }
  return of(std::move(form));
}

acp::Result<Meaning> add(const Call& call) {
  const bool constant = find_attribute(call.operation, "constant") != nullptr;
  if (constant) {
    if (call.inputs.size() != (call.operation.backward ? 2u : 1u))
      return no_rule(call.operation, "takes one operand and a constant");
    return call.operation.backward ? acp::Result<Meaning>(same({0})) : unary(call);
  }
  const auto alpha = integer(call, "alpha", 1);
  if (!alpha || *alpha == 0) return no_rule(call.operation, "alpha is no whole number but 0");
  const std::size_t first = call.operation.backward ? 1 : 0;
  if (call.inputs.size() != first + 2)
    return no_rule(call.operation, "takes two operands, or one and a constant");
  Form form;
  Broadcast shapes;
  if (!broadcast(form, call.in(first), call.in(first + 1), shapes))
    return no_rule(call.operation, "shapes do not broadcast");
  if (!shapes.stretched) {
    if (!call.operation.backward) {
      Meaning meaning;
      meaning.kind = Kind::kSum;
      meaning.factors = {1, *alpha};
      return meaning;
    }
    if (*alpha == 1) return same({0, 0});
  }
  if (call.operation.backward) {
    if (*alpha != 1) return no_rule(call.operation, "alpha is not 1");
    form.operands = {shapes.result, shapes.a, shapes.b};
    form.results.push_back(
        {.dims = shapes.a, .reduced = missing(shapes.result, shapes.a), .linear_in = bit(0)});
    form.results.push_back(
        {.dims = shapes.b, .reduced = missing(shapes.result, shapes.b), .linear_in = bit(0)});
  } else {
    form.operands = {shapes.a, shapes.b};
    form.results.push_back({.dims = shapes.result});
    form.adds = {1, *alpha};
  }
  return of(std::move(form));
}

acp::Result<Meaning> add_mask(const Call& call) {
  if (call.operation.backward) return same({0});
  Form form;
  Broadcast shapes;
  if (!broadcast(form, call.in(0), call.in(1), shapes))
    return no_rule(call.operation, "shapes do not broadcast");
  form.operands = {shapes.a, shapes.b};
  form.results.push_back({.dims = shapes.result});
  return of(std::move(form));
}

acp::Result<Meaning> softmax(const Call& call) {
  const std::size_t dim = dimension(integer(call, "dim", std::nullopt), call.rank(0));
  if (dim == std::size_t(-1)) return no_rule(call.operation, "dim past the last dimension");
  auto meaning = unary(call);
  if (meaning) meaning->form.opaque = bit(meaning->form.operands[0][dim]);
  return meaning;
}

acp::Result<Meaning> causal_mask(const Call& call) {
  Form form;
  const Shape& shape = *call.outputs[0].shape;
  if (shape.size() != 4 || shape[0] != 1 || shape[1] != 1)
    return no_rule(call.operation, "the result is [1, 1, s, s]");
  if (call.rank(0) < 2 || call.in(0)[1] != shape[2] || shape[2] != shape[3]) {
    return no_rule(call.operation, "the second dimension of the tokens is the length of the mask");
  }
  if (call.inputs[1].element != call.outputs[0].element)
    return no_rule(call.operation, "the mask has the type of its second operand");
  const Axis i = form.axes++, j = form.axes++;
  form.operands.resize(call.inputs.size());
  form.reads_operands = false;
  form.opaque = bit(i) | bit(j);
  form.results.push_back({.dims = {kUnit, kUnit, i, j}});
  return of(std::move(form));
}

// --- keys and values kept from step to step ------------------------------------------------------------------------------------------

// Whether `count` positions from the attribute `position` on are among the `length` there are.
bool has_room(const Call& call, std::int64_t count, std::int64_t length) {
  const auto position = integer(call, "position", std::nullopt);
  return position && *position >= 0 && *position <= length && count <= length - *position;
}

// cache [b, h, l, d], x [b, h, t, d] -> [b, h, l, d]: x at its positions, elsewhere the cache.
acp::Result<Meaning> cache_update(const Call& call) {
  if (call.rank(0) != 4 || call.rank(1) != 4)
    return no_rule(call.operation, "takes a cache and a piece of rank 4");
  if (!has_room(call, call.in(1)[2], call.in(0)[2]))
    return no_rule(call.operation, "the positions are not all in the cache");
  Form form;
  const Axis b = form.axes++, h = form.axes++, l = form.axes++, t = form.axes++, d = form.axes++;
  form.operands = {{b, h, l, d}, {b, h, t, d}};
  form.opaque = bit(l) | bit(t);
  form.results.push_back({.dims = {b, h, l, d}});
  return of(std::move(form));
}

// Of its operand only the type matters.
acp::Result<Meaning> cache_mask(const Call& call) {
  const Shape& shape = *call.outputs[0].shape;
  if (shape.size() != 4 || shape[0] != 1 || shape[1] != 1 || !has_room(call, shape[2], shape[3]))
    return no_rule(call.operation, "the result is [1, 1, t, l], its t positions among l");
  if (call.inputs[0].element != call.outputs[0].element)
    return no_rule(call.operation, "the mask has the type of its operand");
  Form form;
  const Axis t = form.axes++, l = form.axes++;
  form.operands.resize(call.inputs.size());
  form.reads_operands = false;
  form.opaque = bit(t) | bit(l);
  form.results.push_back({.dims = {kUnit, kUnit, t, l}});
  return of(std::move(form));
}

// Neighbouring pairs of the last dimension, multiplied by f[s, pair] or its conjugate.
acp::Result<Meaning> rotary(const Call& call) {
  if (call.rank(0) != 4 || call.rank(1) != 4) return no_rule(call.operation, "takes q and k of rank 4");
  const std::size_t f = call.operation.backward ? 4 : 2;
  Form form;
  const Axis b = form.axes++, s = form.axes++, hq = form.axes++, hk = form.axes++, d = form.axes++,
             pair = form.axes++;
  const std::vector<Axis> q{b, s, hq, d}, k{b, s, hk, d};
  form.operands.assign(f + 1, {});
  for (std::size_t i = 0; i < f; i += 2) {
    form.operands[i] = q;
    form.operands[i + 1] = k;
  }
  form.operands[f] = {s, pair};
  form.opaque = bit(d) | bit(pair);
  const bool back = call.operation.backward;
  form.results.push_back({.dims = q, .linear_in = bit(0), .unread = bit(1) | (back ? bit(2) | bit(3) : 0)});
  form.results.push_back({.dims = k, .linear_in = bit(1), .unread = bit(0) | (back ? bit(2) | bit(3) : 0)});
  return of(std::move(form));
}

// --- reductions ---------------------------------------------------------------------------------------------------------------------

acp::Result<Meaning> mean(const Call& call) {
  const auto* value = find_attribute(call.operation, "dims");
  const auto* dims = value == nullptr ? nullptr : std::get_if<std::vector<std::int64_t>>(value);
  if (dims == nullptr) return no_rule(call.operation, "needs the attribute dims");
  const std::size_t x = call.operation.backward ? 1 : 0;
  Form form;
  const auto axes = fresh(form, call.rank(x));
  auto kept = axes;
  std::vector<Axis> over;
  for (const std::int64_t dim : *dims) {
    const std::size_t at = dimension(dim, axes.size());
    if (at == std::size_t(-1) || kept[at] == kUnit)
      return no_rule(call.operation, "dims names no dimension, or one twice");
    over.push_back(axes[at]);
    kept[at] = kUnit;
  }
  if (call.operation.backward) {
    form.operands = {kept, axes};
    form.results.push_back({.dims = axes, .divided_by = over, .linear_in = bit(0)});
  } else {
    form.operands = {axes};
    form.results.push_back({.dims = kept, .reduced = over, .divided_by = over, .linear_in = bit(0)});
  }
  return of(std::move(form));
}

acp::Result<Meaning> sum_all(const Call& call) {
  Form form;
  if (call.operation.backward) {
    const auto axes = fresh(form, call.rank(1));
    form.operands = {{kUnit}, axes};
    form.results.push_back({.dims = axes, .linear_in = bit(0)});
  } else {
    const auto axes = fresh(form, call.rank(0));
    form.operands = {axes};
    form.results.push_back({.dims = {kUnit}, .reduced = axes, .linear_in = bit(0)});
  }
  return of(std::move(form));
}

// x [.., k], w [o, k] -> [.., o].
acp::Result<Meaning> linear(const Call& call) {
  const std::size_t x = call.operation.backward ? 1 : 0;
  if (call.rank(x) < 1 || call.rank(x + 1) != 2)
    return no_rule(call.operation, "takes x of rank 1 or more and w of rank 2");
  Form form;
  const auto batch = fresh(form, call.rank(x) - 1);
  const Axis k = form.axes++, o = form.axes++;
  auto in = batch, out = batch;
  in.push_back(k);
  out.push_back(o);
  if (call.operation.backward) {
    form.operands = {out, in, {o, k}};
    form.results.push_back({.dims = in, .reduced = {o}, .linear_in = bit(0) | bit(2)});
    form.results.push_back({.dims = {o, k}, .reduced = batch, .linear_in = bit(0) | bit(1)});
  } else {
    form.operands = {in, {o, k}};
    form.results.push_back({.dims = out, .reduced = {k}, .linear_in = bit(0) | bit(1)});
  }
  return of(std::move(form));
}

// a [.., i, k], b [.., k, j] -> [.., i, j]; leading dimensions broadcast.
acp::Result<Meaning> matmul(const Call& call) {
  const std::size_t x = call.operation.backward ? 1 : 0;
  if (call.rank(x) < 2 || call.rank(x + 1) < 2)
    return no_rule(call.operation, "takes operands of rank 2 or more");
  const Shape left(call.in(x).begin(), call.in(x).end() - 2),
      right(call.in(x + 1).begin(), call.in(x + 1).end() - 2);
  Form form;
  Broadcast batch;
  if (!broadcast(form, left, right, batch)) return no_rule(call.operation, "shapes do not broadcast");
  const Axis i = form.axes++, j = form.axes++, k = form.axes++;
  auto a = batch.a, b = batch.b, y = batch.result;
  a.insert(a.end(), {i, k});
  b.insert(b.end(), {k, j});
  y.insert(y.end(), {i, j});
  if (call.operation.backward) {
    auto ra = missing(batch.result, batch.a), rb = missing(batch.result, batch.b);
    ra.push_back(j);
    rb.push_back(i);
    form.operands = {y, a, b};
    form.results.push_back({.dims = a, .reduced = ra, .linear_in = bit(0) | bit(2)});
    form.results.push_back({.dims = b, .reduced = rb, .linear_in = bit(0) | bit(1)});
  } else {
    form.operands = {a, b};
    form.results.push_back({.dims = y, .reduced = {k}, .linear_in = bit(0) | bit(1)});
  }
  return of(std::move(form));
}

// ids [..], w [v, h] -> [.., h]: the sum over v of [ids = v] w[v]. Identifiers outside the window give zeros.
acp::Result<Meaning> embedding(const Call& call) {
  const std::size_t ids = call.operation.backward ? 1 : 0;
  if (call.rank(ids + 1) != 2) return no_rule(call.operation, "takes w of rank 2");
  Form form;
  const auto where = fresh(form, call.rank(ids));
  const Axis v = form.axes++, h = form.axes++;
  auto rows = where;
  rows.push_back(h);
  form.window = v;
  if (call.operation.backward) {
    form.operands = {rows, where, {v, h}};
    form.results.push_back({.dims = {v, h}, .reduced = where, .linear_in = bit(0)});
  } else {
    form.operands = {where, {v, h}};
    form.results.push_back({.dims = rows, .reduced = {v}, .linear_in = bit(1)});
  }
  return of(std::move(form));
}

// --- mixture of experts ---------------------------------------------------------------------------------------------------------------

acp::Result<Meaning> router(const Call& call) {
  Form form;
  const Axis a = form.axes++, h = form.axes++, e = form.axes++, k = form.axes++;
  form.opaque = bit(h) | bit(e) | bit(k);
  form.discontinuous = true;
  form.assumption = "router: where scores are equal, every rank chooses as the reference does";
  if (call.operation.backward) {
    form.operands = {{a, k}, {a, h}, {e, h}};
    form.results.push_back({.dims = {a, h}, .linear_in = bit(0)});
    form.results.push_back({.dims = {e, h}, .reduced = {a}, .linear_in = bit(0)});
  } else {
    form.operands = {{a, h}, {e, h}};
    form.results.push_back({.dims = {a, k}});
    form.results.push_back({.dims = {a, k}});
  }
  return of(std::move(form));
}

// y[a, h] = sum over experts e, inner d of weight * (silu(x w1) * (x w3))[d] w2[e, h, d], for the chosen ones of the window.
acp::Result<Meaning> experts(const Call& call) {
  Form form;
  const Axis a = form.axes++, h = form.axes++, e = form.axes++, k = form.axes++, d = form.axes++;
  form.opaque = bit(h) | bit(k);
  form.window = e;
  const std::vector<std::vector<Axis>> forward{{a, h}, {a, k}, {a, k}, {e, d, h}, {e, d, h}, {e, h, d}};
  form.operands = forward;
  if (call.operation.backward) {
    form.operands.insert(form.operands.begin(), {a, h});
    form.results.push_back({.dims = {a, h}, .reduced = {e, d}, .linear_in = bit(0)});
    form.results.push_back({.dims = {a, k}, .reduced = {e, d}, .linear_in = bit(0)});
    for (std::size_t w = 3; w < 6; ++w) {
      form.results.push_back({.dims = forward[w], .reduced = {a}, .linear_in = bit(0)});
    }
  } else {
    form.results.push_back({.dims = {a, h}, .reduced = {e, d}, .linear_in = bit(2)});
  }
  return of(std::move(form));
}

// --- views ----------------------------------------------------------------------------------------------------------------------------

acp::Result<Meaning> identity(const Call&) { return same({0}); }
acp::Result<Meaning> copies(const Call& call) {
  return same(std::vector<std::uint8_t>(call.outputs.size(), 0));
}
acp::Result<Meaning> sum(const Call& call) {
  Meaning meaning;
  meaning.kind = Kind::kSum;
  meaning.factors.assign(call.inputs.size(), 1);
  return meaning;
}
acp::Result<Meaning> reshape(const Call&) {
  Meaning meaning;
  meaning.kind = Kind::kReshape;
  return meaning;
}
acp::Result<Meaning> transpose(const Call& call) {
  Meaning meaning;
  meaning.kind = Kind::kTranspose;
  const std::size_t rank = call.rank(0);
  const std::size_t dim0 = dimension(integer(call, "dim0", std::nullopt), rank),
                    dim1 = dimension(integer(call, "dim1", std::nullopt), rank);
  if (dim0 == std::size_t(-1) || dim1 == std::size_t(-1))
    return no_rule(call.operation, "dim past the last dimension");
  meaning.dim0 = static_cast<std::uint8_t>(dim0);
  meaning.dim1 = static_cast<std::uint8_t>(dim1);
  return meaning;
}

// What each operator of the table means.
struct Row {
  std::string_view name;
  acp::Result<Meaning> (*meaning)(const Call&);
};
constexpr Row kRows[] = {
    {"add", add},
    {"add_mask", add_mask},
    {"cache_mask", cache_mask},
    {"cache_update", cache_update},
    {"cast", cast},
    {"causal_mask", causal_mask},
    {"copy", copies},
    {"div", divide},
    {"embedding", embedding},
    {"experts", experts},
    {"identity", identity},
    {"linear", linear},
    {"matmul", matmul},
    {"mean", mean},
    {"mul", multiply},
    {"power", unary},
    {"reshape", reshape},
    {"rotary", rotary},
    {"router", router},
    {"rsqrt", unary},
    {"silu", unary},
    {"softmax", softmax},
    {"sum", sum},
    {"sum_all", sum_all},
    {"transpose", transpose},
};

// Every dimension an axis serves has the same length, or the form does not apply.
acp::Status check_lengths(const Call& call, const Form& form) {
  std::array<std::int64_t, 32> length{};
  const auto meet = [&](const std::vector<Axis>& dims, const Shape& shape) {
    if (dims.size() != shape.size()) return false;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] == kUnit) {
        if (shape[i] != 1) return false;
        continue;
      }
      if (length[dims[i]] == 0) length[dims[i]] = shape[i];
      if (length[dims[i]] != shape[i]) return false;
    }
    return true;
  };
  for (std::size_t i = 0; form.reads_operands && i < form.operands.size(); ++i) {
    if (!meet(form.operands[i], call.in(i)))
      return no_rule(call.operation, "the shapes of its operands do not fit");
  }
  for (std::size_t i = 0; i < form.results.size(); ++i) {
    if (!meet(form.results[i].dims, *call.outputs[i].shape))
      return no_rule(call.operation, "the shapes of its results do not fit");
  }
  return acp::ok();
}

}  // namespace

const Operation::Value* find_attribute(const Operation& operation, std::string_view name) {
  for (const auto& attribute : operation.attributes) {
    if (attribute.name == name) return &attribute.value;
  }
  return nullptr;
}

acp::Result<Meaning> meaning_of(const Operation& operation, std::span<const Typed> inputs,
                                std::span<const Typed> outputs) {
  const OperatorDef* def = find_operator(operation.name);
  const auto* row = std::ranges::find(kRows, operation.name, &Row::name);
  if (def == nullptr || row == std::end(kRows) || (operation.backward && !def->backward.exists()))
    return no_rule(operation, "no rule for it");
  if (!(operation.backward ? def->backward : def->forward).fits(inputs.size(), outputs.size()))
    return no_rule(operation, "not this number of operands and results");
  for (const auto& [name, value] : operation.attributes) {
    const auto known = std::ranges::find(def->attributes, name, &AttributeDef::name);
    if (known == def->attributes.end()) return no_rule(operation, "no rule for its attribute " + name);
    if (!of_kind(value, known->kind)) return no_rule(operation, "no such value of its attribute " + name);
  }
  for (const AttributeDef& needed : def->attributes) {
    // Where no alpha is given it is 1.
    if (needed.presence == Presence::kOptional || needed.name == "alpha") continue;
    if (find_attribute(operation, needed.name) == nullptr)
      return no_rule(operation, "needs the attribute " + std::string(needed.name));
  }
  // An axis is a bit in a word.
  for (const Typed& typed : inputs) {
    if (typed.shape->size() > 8) return no_rule(operation, "more than 8 dimensions");
  }
  const Call call{operation, inputs, outputs};
  auto meaning = row->meaning(call);
  if (meaning && !meaning->fits(inputs.size(), outputs.size()))
    return no_rule(operation, "not this number of operands and results");
  if (!meaning) return meaning;
  if (meaning->kind == Kind::kForm) {
    if (auto fault = check_lengths(call, meaning->form); !fault) return fault.error();
  } else if (operation.backward) {
    // A view passes the gradient on without a look at what it is the gradient of; that has its shape all the same.
    for (std::size_t r = 0; r < outputs.size(); ++r) {
      if (r + 1 >= inputs.size() || *outputs[r].shape != call.in(r + 1))
        return no_rule(operation, "a gradient has the shape of its operand");
    }
  }
  return meaning;
}

std::string operator_key(const Operation& operation, std::size_t rank) {
  std::string key = operation.name + (operation.backward ? "'" : "");
  const auto put = [&key](std::int64_t number) { key += "," + std::to_string(number); };
  const auto put_dim = [&](std::int64_t dim) { put(dim < 0 ? dim + static_cast<std::int64_t>(rank) : dim); };
  for (const auto& [name, value] : operation.attributes) {
    if (name == "start" || name == "stop") continue;
    key += ";" + name + "=";
    const bool dim = name.starts_with("dim");
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      dim ? put_dim(*number) : put(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      key += "r" + std::to_string(std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      key += "'" + std::to_string(text->size()) + "'" + *text;  // whatever stands in it, it ends there
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      for (const std::int64_t number_in : *list) dim ? put_dim(number_in) : put(number_in);
    } else {
      const auto& affine = std::get<Affine>(value);
      key += "a";
      put(affine.constant);
      for (const std::int64_t by : affine.by_variable) put(by);
    }
  }
  return key;
}

}  // namespace cep::logical::calculus
