#include "generate/layers.h"

#include <cmath>

namespace cep::logical {

namespace {

constexpr double kEpsilon = 1e-5;  // of the norms

Operation plain(std::string name) { return {.name = std::move(name), .backward = false, .attributes = {}}; }

Operation with(std::string name, std::vector<Operation::Attribute> attributes) {
  return {.name = std::move(name), .backward = false, .attributes = std::move(attributes)};
}

Affine scaled(const Affine& index, std::int64_t scale, std::int64_t offset) {
  Affine out = index;
  out.constant = out.constant * scale + offset;
  for (std::int64_t& coefficient : out.by_variable) coefficient *= scale;
  return out;
}

}  // namespace

Value Segment::weight(const std::string& name) {
  const Value held = Tape::constant(holding_.weights.at(name));
  const auto shared = holding_.gathered.find(name);
  const Value whole = shared == holding_.gathered.end()
                          ? held
                          : tape.exchange(held, {CommKind::kAllGather, shared->second, holding_.dp_group}, {},
                                          holding_.partition.dp);
  const Value value = tape.leaf(whole.tensor);
  used.emplace_back(name, value);
  return value;
}

Value Segment::apply(const Operation& operation, const std::vector<Value>& inputs, const Made& made) {
  return tape.apply(operation, inputs, {made})[0];
}

Value Segment::reshape(Value x, const Shape& shape) {
  return apply(plain("reshape"), {x},
               {.shape = shape, .element = tape.element(x), .differentiable = x.slot != kNone});
}

Value Segment::transpose(Value x, std::int64_t dim0, std::int64_t dim1) {
  Shape shape = tape.shape(x);
  std::swap(shape[static_cast<std::size_t>(dim0)], shape[static_cast<std::size_t>(dim1)]);
  return apply(with("transpose", {{"dim0", dim0}, {"dim1", dim1}}), {x},
               {.shape = shape, .element = tape.element(x)});
}

Value Segment::cast(Value x, Element to) {
  return apply(with("cast", {{"to", std::string(to_string(to))}}), {x},
               {.shape = tape.shape(x), .element = to});
}

Value Segment::linear(Value x, Value w) {
  Shape shape = tape.shape(x);
  shape.back() = tape.shape(w)[0];
  return apply(plain("linear"), {x, w}, {.shape = shape, .element = tape.element(x)});
}

Value Segment::matmul(Value a, Value b) {
  Shape shape = tape.shape(a);
  shape.back() = tape.shape(b).back();
  return apply(plain("matmul"), {a, b}, {.shape = shape, .element = tape.element(a)});
}

Value Segment::add(Value a, Value b) {
  return apply(with("add", {{"alpha", 1.0}}), {a, b}, {.shape = tape.shape(a), .element = tape.element(a)});
}

Value Segment::mul(Value a, Value b) {
  return apply(plain("mul"), {a, b}, {.shape = tape.shape(a), .element = tape.element(a)});
}

// x / sqrt(mean of squares + epsilon) * w, the root in f32.
Value Segment::norm(Value x, const std::string& name) {
  const Element element = tape.element(x);
  const std::vector<Value> wide = tape.copy(cast(x, Element::kF32), 2);
  const Shape shape = tape.shape(wide[0]);
  const Made full{.shape = shape, .element = Element::kF32};
  const Made row{.shape = {shape[0], shape[1], 1}, .element = Element::kF32};
  const Value square = apply(with("power", {{"exponent", 2.0}}), {wide[0]}, full);
  const Value mean = apply(with("mean", {{"dims", std::vector<std::int64_t>{2}}}), {square}, row);
  const Value shifted = apply(with("add", {{"alpha", 1.0}, {"constant", kEpsilon}}), {mean}, row);
  const Value root = apply(plain("rsqrt"), {shifted}, row);
  return mul(cast(mul(wide[1], root), element), weight(name));
}

Value Segment::enter(Value x) {
  const Id group = holding_.tp_group;
  if (group == kNone) return x;
  if (shares_sequence(holding_.partition))
    return tape.exchange(x, {CommKind::kAllGather, 1, group}, {CommKind::kReduceScatter, 1, group},
                         holding_.partition.tp);
  return tape.exchange(x, {}, {CommKind::kAllReduce, 0, group}, holding_.partition.tp);
}

Value Segment::leave(Value x) {
  const Id group = holding_.tp_group;
  if (group == kNone) return x;
  if (shares_sequence(holding_.partition))
    return tape.exchange(x, {CommKind::kReduceScatter, 1, group}, {CommKind::kAllGather, 1, group},
                         holding_.partition.tp);
  return tape.exchange(x, {CommKind::kAllReduce, 0, group}, {}, holding_.partition.tp);
}

Value Segment::gather(Value x) {
  const Id group = holding_.tp_group;
  if (group == kNone || !shares_sequence(holding_.partition)) return x;
  return tape.exchange(x, {CommKind::kAllGather, 1, group}, {CommKind::kChunk, 1, group},
                       holding_.partition.tp);
}

Value Segment::scatter(Value x) {
  const Id group = holding_.tp_group;
  if (group == kNone || !shares_sequence(holding_.partition)) return x;
  return tape.exchange(x, {CommKind::kChunk, 1, group}, {CommKind::kAllGather, 1, group},
                       holding_.partition.tp);
}

Value Segment::to_heads(Value x) {
  if (!exchanges()) return x;
  const Id group = holding_.tp_group;
  return tape.exchange(x, {CommKind::kAllToAll, 2, group, 1}, {CommKind::kAllToAll, 1, group, 2},
                       holding_.partition.tp);
}

Value Segment::to_sequence(Value x) {
  if (!exchanges()) return x;
  const Id group = holding_.tp_group;
  return tape.exchange(x, {CommKind::kAllToAll, 1, group, 2}, {CommKind::kAllToAll, 2, group, 1},
                       holding_.partition.tp);
}

void Segment::embed() {
  const LlamaShape& model = holding_.shape;
  const bool cut = holding_.partition.vocabulary_parallel;
  const std::int64_t rows = cut ? model.vocabulary / holding_.partition.tp : model.vocabulary;
  const Affine first = cut ? holding_.tp_index : Affine{};
  const Value x =
      apply(with("embedding", {{"start", scaled(first, rows, 0)}, {"stop", scaled(first, rows, rows)}}),
            {Tape::constant(turn_.tokens), weight("tok_embeddings.weight")},
            {.shape = {holding_.batch, model.sequence, model.hidden}, .element = model.element});
  out = cut ? leave(x) : scatter(x);
}

void Segment::layer(std::int64_t index, Id input) {
  const std::string prefix = "layers." + std::to_string(index) + ".";
  in = tape.leaf(input);
  const std::vector<Value> first = tape.copy(in, 2);
  const Value attended =
      add(first[1], attention(norm(first[0], prefix + "attention_norm.weight"), prefix + "attention."));
  const std::vector<Value> second = tape.copy(attended, 2);
  const Value x = norm(second[0], prefix + "ffn_norm.weight");
  const Experts& experts = holding_.shape.experts;
  const bool dense = experts.count == 0 || index < experts.first_layer;
  out = add(second[1], dense ? network(x, prefix + "feed_forward.") : mixture(x, prefix + "feed_forward."));
}

Value Segment::mask_for(Value x) {
  const std::int64_t s = holding_.shape.sequence;
  Made mask{.shape = {1, 1, s, s}, .element = tape.element(x), .differentiable = false};
  const Value like = Tape::constant(x.tensor);
  if (cache_ == nullptr) return apply(plain("causal_mask"), {Tape::constant(turn_.tokens), like}, mask);
  mask.shape[3] = holding_.shape.decoding.length;
  return apply(with("cache_mask", {{"position", position()}}), {like}, mask);
}

Value Segment::kept(Value x, Id Cache::* part) {
  if (cache_ == nullptr) return x;
  const Value before = Tape::constant(cache_->*part);
  const Value after =
      apply(with("cache_update", {{"position", position()}}), {before, x},
            {.shape = tape.shape(before), .element = tape.element(before), .differentiable = false});
  cache_->*part = after.tensor;
  return after;
}

Value Segment::attention(Value x, const std::string& prefix) {
  const LlamaShape& model = holding_.shape;
  const std::int64_t b = holding_.batch, s = model.sequence, d = model.hidden / model.heads;
  const std::int64_t ranks = holding_.partition.tp, made_by = exchanges() ? 1 : ranks;
  if (!exchanges() && !one_by_one()) x = enter(x);
  const std::int64_t rows = tape.shape(x)[1];
  const Value mask = mask_for(x);
  std::vector<Value> xs = tape.copy(x, 3);
  if (one_by_one())
    for (Value& each : xs) each = enter(each);
  const Value q = linear(xs[0], weight(prefix + "wq.weight"));
  const Value k = linear(xs[1], weight(prefix + "wk.weight"));
  const Value v = linear(xs[2], weight(prefix + "wv.weight"));
  const Shape by_kv_head = {b, rows, model.kv_heads / made_by, d};
  const Value split_q = to_heads(reshape(q, {b, rows, model.heads / made_by, d}));
  const Value split_k = to_heads(reshape(k, by_kv_head));
  const Value split_v = to_heads(reshape(v, by_kv_head));
  const Made turned_q{.shape = {b, s, model.heads / ranks, d}, .element = model.element};
  const Made turned_k{.shape = {b, s, model.kv_heads / ranks, d}, .element = model.element};
  const std::vector<Value> turned =
      tape.apply(plain("rotary"),
                 {split_q, split_k, Tape::constant(holding_.rotary[static_cast<std::size_t>(turn_.step)])},
                 {turned_q, turned_k});
  const Value mixed = to_sequence(attend(turned[0], turned[1], split_v, mask));
  const Value out_of =
      linear(reshape(mixed, {b, rows, model.heads / made_by * d}), weight(prefix + "wo.weight"));
  return exchanges() ? out_of : leave(out_of);
}

// softmax(q k / sqrt(d) + mask) v. Heads that share keys and values stand below each other: [b, kv, group * s, d].
Value Segment::attend(Value q, Value k, Value v, Value mask) {
  const Shape shape = tape.shape(q);
  const std::int64_t b = shape[0], s = shape[1], heads = shape[2], d = shape[3];
  const std::int64_t kv_heads = tape.shape(k)[2], rows = heads / kv_heads * s;
  const Element element = tape.element(q);
  const bool grouped = heads != kv_heads;
  Value queries = transpose(q, 1, 2);
  const Value keys = kept(transpose(k, 1, 2), &Cache::keys);
  const Value values = kept(transpose(v, 1, 2), &Cache::values);
  const std::int64_t length = tape.shape(keys)[2];
  if (grouped) queries = reshape(queries, {b, kv_heads, rows, d});
  Value scores = matmul(queries, transpose(keys, 2, 3));
  if (grouped) scores = reshape(scores, {b, heads, s, length});
  const Made narrow{.shape = {b, heads, s, length}, .element = element};
  scores = apply(with("div", {{"constant", std::sqrt(static_cast<double>(d))}}), {scores}, narrow);
  scores = apply(plain("add_mask"), {scores, mask}, narrow);
  scores = apply(with("softmax", {{"dim", std::int64_t{3}}}), {cast(scores, Element::kF32)},
                 {.shape = narrow.shape, .element = Element::kF32});
  scores = cast(scores, element);
  if (grouped) scores = reshape(scores, {b, kv_heads, rows, length});
  Value mixed = matmul(scores, values);
  if (grouped) mixed = reshape(mixed, {b, heads, s, d});
  return tape.identity(transpose(mixed, 1, 2));
}

// w2 (silu(w1 x) * w3 x)
Value Segment::network(Value x, const std::string& prefix) {
  std::vector<Value> xs = tape.copy(exchanges() || one_by_one() ? x : enter(x), 2);
  if (one_by_one())
    for (Value& each : xs) each = enter(each);
  const Value gate = linear(xs[0], weight(prefix + "w1.weight"));
  const Value open = apply(plain("silu"), {gate}, {.shape = tape.shape(gate), .element = tape.element(gate)});
  const Value up = linear(xs[1], weight(prefix + "w3.weight"));
  const Value out_of = linear(mul(open, up), weight(prefix + "w2.weight"));
  return exchanges() ? out_of : leave(out_of);
}

// All ranks route alike; each adds what its experts make.
Value Segment::mixture(Value x, const std::string& prefix) {
  const LlamaShape& model = holding_.shape;
  const Experts& experts = model.experts;
  const std::int64_t rows = holding_.batch * model.sequence, mine = experts.count / holding_.partition.tp;
  const Element element = tape.element(x);
  const std::vector<Value> xs = tape.copy(x, 2);
  const Value routed = reshape(gather(xs[0]), {rows, model.hidden});
  const std::vector<Value> chosen =
      tape.apply(with("router", {{"n_groups", experts.groups},
                                 {"route_scale", 1.0},
                                 {"score_func", std::string("sigmoid")},
                                 {"topk", experts.chosen},
                                 {"topk_groups", experts.chosen_groups}}),
                 {routed, weight(prefix + "gate.weight")},
                 {{.shape = {rows, experts.chosen}, .element = element},
                  {.shape = {rows, experts.chosen}, .element = Element::kI64, .differentiable = false}});
  Value weights = chosen[0];
  if (holding_.tp_group != kNone)
    weights = tape.exchange(weights, {}, {CommKind::kAllReduce, 0, holding_.tp_group}, holding_.partition.tp);
  const Value tokens = reshape(enter(xs[1]), {rows, model.hidden});
  const Value w1 = weight(prefix + "experts.w1");
  const Value w3 = weight(prefix + "experts.w3");
  const Value w2 = weight(prefix + "experts.w2");
  const Value mixed =
      apply(with("experts", {{"count", experts.count},
                             {"start", scaled(holding_.tp_index, mine, 0)},
                             {"stop", scaled(holding_.tp_index, mine, mine)}}),
            {tokens, chosen[1], weights, w1, w3, w2}, {.shape = {rows, model.hidden}, .element = element});
  return leave(reshape(mixed, {holding_.batch, model.sequence, model.hidden}));
}

void Segment::head(Id input) {
  const bool cut = holding_.partition.vocabulary_parallel;
  in = tape.leaf(input);
  const Value x = norm(in, "norm.weight");
  const Value logits = cast(linear(cut ? enter(x) : gather(x), weight("output.weight")), Element::kF32);
  out = holding_.partition.step != Step::kTraining
            ? logits
            : apply(plain("sum_all"), {logits}, {.shape = {1}, .element = Element::kF32});
}

}  // namespace cep::logical
