// Mixtures of experts: which experts a row goes to, and what they make of it.
#include <algorithm>
#include <numeric>
#include <utility>

#include "replay/operator_rows.h"

namespace cep::logical::oracle {
namespace {

template <typename N>
N dot(const N* a, const N* b, std::size_t length) {
  SumOf<N> total;
  for (std::size_t i = 0; i < length; ++i) total.take(multiply(a[i], b[i]));
  return total.value();
}
// to[i] += factor * from[i]
template <typename N>
void add_scaled(SumOf<N>* to, const N* from, const N& factor, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) to[i].take(multiply(factor, from[i]));
}
// A row that does not come here.
template <typename N>
void add_nothing(SumOf<N>* to, std::size_t length) {
  if constexpr (Ordered<N>) {
    for (std::size_t i = 0; i < length; ++i) to[i].take_nothing();
  }
}

template <typename N>
struct Routing {
  std::size_t rows = 0, hidden = 0, experts = 0, groups = 0, groups_kept = 0, chosen = 0;
  N scale{};
  std::string score = {};  // the function that scores
};
template <typename N>
std::optional<Routing<N>> routing_of(const CallOf<N>& call, const ArrayOf<N>& x, const ArrayOf<N>& w,
                                     const ArrayOf<N>& weights) {
  if (x.shape.size() != 2 || w.shape.size() != 2 || x.shape[1] != w.shape[1]) return std::nullopt;
  const auto groups = integer(call.operation, "n_groups");
  const auto kept = integer(call.operation, "topk_groups");
  const auto chosen = integer(call.operation, "topk");
  const auto scale = number<N>(call.operation, "route_scale");
  const auto score = word(call.operation, "score_func");
  if (!groups || !kept || !chosen || !scale || !score) return std::nullopt;
  if (*groups <= 0 || w.shape[0] % *groups != 0 || *kept <= 0 || *kept > *groups || *chosen <= 0 ||
      *chosen > *kept * (w.shape[0] / *groups) || weights.shape != Shape{x.shape[0], *chosen})
    return std::nullopt;
  return Routing<N>{.rows = static_cast<std::size_t>(x.shape[0]),
                    .hidden = static_cast<std::size_t>(x.shape[1]),
                    .experts = static_cast<std::size_t>(w.shape[0]),
                    .groups = static_cast<std::size_t>(*groups),
                    .groups_kept = static_cast<std::size_t>(*kept),
                    .chosen = static_cast<std::size_t>(*chosen),
                    .scale = *scale,
                    .score = *score};
}

template <typename N>
struct Choice {
  std::vector<N> logits = {}, scores = {};  // of all experts
  std::vector<std::size_t> experts = {};    // the chosen ones, best first
  N total{};                                // of the chosen scores
  std::string fault = {};                   // why nothing can be chosen
};
// The `kept` largest of `values`, largest first, ties by the lower index; nothing where it is not certain which they are.
template <typename N>
std::optional<std::vector<std::size_t>> largest(const std::vector<N>& values, std::vector<std::size_t> among,
                                                std::size_t kept) {
  std::sort(among.begin(), among.end(), [&](auto a, auto b) {
    const bool less = Numbers<N>::less(values[b], values[a]);
    return less || (!Numbers<N>::less(values[a], values[b]) && a < b);
  });
  for (std::size_t i = 0; i < kept; ++i) {
    for (std::size_t j = i + 1; j < among.size(); ++j) {
      if (!Numbers<N>::certainly_not_less(values[among[i]], values[among[j]])) return std::nullopt;
    }
  }
  among.resize(kept);
  return among;
}
template <typename N>
Choice<N> choose(const Routing<N>& routing, const N* row, const ArrayOf<N>& w) {
  Choice<N> choice;
  choice.logits.reserve(routing.experts);
  choice.scores.reserve(routing.experts);
  for (std::size_t e = 0; e < routing.experts; ++e) {
    choice.logits.push_back(dot(row, w.scalars.data() + e * routing.hidden, routing.hidden));
    const auto score = Numbers<N>::score(routing.score, choice.logits.back());
    if (!score) choice.fault = "the function " + routing.score + " has no meaning in real numbers";
    if (score && !Numbers<N>::exists(*score)) choice.fault = "a score that does not exist";
    if (!choice.fault.empty()) return choice;
    choice.scores.push_back(*score);
  }
  const std::size_t group_size = routing.experts / routing.groups;
  std::vector<N> best(routing.groups);
  std::vector<std::size_t> groups(routing.groups);
  std::iota(groups.begin(), groups.end(), 0);
  for (std::size_t group = 0; group < routing.groups; ++group) {
    best[group] = choice.scores[group * group_size];
    for (std::size_t i = 1; i < group_size; ++i)
      best[group] = Numbers<N>::larger(best[group], choice.scores[group * group_size + i]);
  }
  auto kept = largest(best, groups, routing.groups_kept);
  if (kept) {
    std::sort(kept->begin(), kept->end());
    for (const std::size_t group : *kept) {
      for (std::size_t i = 0; i < group_size; ++i) choice.experts.push_back(group * group_size + i);
    }
    kept = largest(choice.scores, choice.experts, routing.chosen);
  }
  if (!kept) {
    choice.fault = "scores too close to each other to choose";
    return choice;
  }
  choice.experts = *std::move(kept);
  SumOf<N> total;
  for (const std::size_t e : choice.experts) total.take(choice.scores[e]);
  choice.total = total.value();
  return choice;
}

template <typename N>
std::string router_forward(const CallOf<N>& call) {
  const ArrayOf<N>& x = *call.in[0];
  const auto routing = routing_of(call, x, *call.in[1], call.out[0]);
  if (!routing || call.out[1].shape != call.out[0].shape || !is_integer(call.out[1].element)) return "shapes";
  for (std::size_t row = 0; row < routing->rows; ++row) {
    const Choice<N> choice = choose(*routing, x.scalars.data() + row * routing->hidden, *call.in[1]);
    if (!choice.fault.empty()) return choice.fault;
    const DivisorOf<N> total(choice.total);
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      call.out[0].scalars[row * routing->chosen + i] =
          multiply(total.divide(choice.scores[choice.experts[i]]), routing->scale);
      call.out[1].scalars[row * routing->chosen + i] =
          Numbers<N>::of(static_cast<std::int64_t>(choice.experts[i]));
    }
  }
  return {};
}

// weight_i = scale * s_i / S with S the sum of the chosen scores: d weight_i / d s_j = scale * ([i = j] / S - s_i / S^2).
template <typename N>
std::string router_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const ArrayOf<N>& x = *call.in[1];
  const ArrayOf<N>& w = *call.in[2];
  const auto routing = routing_of(call, x, w, g);
  if (!routing || call.out[0].shape != x.shape || call.out[1].shape != w.shape) return "shapes";
  TensorSums<N> gx(x.scalars.size()), gw(w.scalars.size());
  for (std::size_t row = 0; row < routing->rows; ++row) {
    const N* x_row = x.scalars.data() + row * routing->hidden;
    const N* g_row = g.scalars.data() + row * routing->chosen;
    const Choice<N> choice = choose(*routing, x_row, w);
    if (!choice.fault.empty()) return choice.fault;
    const DivisorOf<N> total(choice.total);
    SumOf<N> products;  // of g_i * s_i / S
    for (std::size_t i = 0; i < routing->chosen; ++i)
      products.take(multiply(g_row[i], total.divide(choice.scores[choice.experts[i]])));
    const N common = products.value();
    std::vector<bool> met(routing->experts);
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      const std::size_t e = choice.experts[i];
      met[e] = true;
      const N slope = Numbers<N>::score_slope(routing->score, choice.logits[e]);
      const N g_score = multiply(routing->scale, total.divide(subtract(g_row[i], common)));
      const N g_logit = multiply(g_score, slope);
      add_scaled(gx.data() + row * routing->hidden, w.scalars.data() + e * routing->hidden, g_logit,
                 routing->hidden);
      add_scaled(gw.data() + e * routing->hidden, x_row, g_logit, routing->hidden);
    }
    for (std::size_t e = 0; e < routing->experts; ++e) {
      if (!met[e]) add_nothing(gw.data() + e * routing->hidden, routing->hidden);
    }
  }
  put_sums(gx, call.out[0].scalars);
  put_sums(gw, call.out[1].scalars);
  return {};
}

// Operands from `first` on: x, indices, weights, w1, w3, w2.
template <typename N>
struct Experts {
  const ArrayOf<N>&x, &indices, &weights, &w1, &w3, &w2;
  std::size_t rows, hidden, inner, chosen;
  std::int64_t start, stop;
  // Experts of this piece.
  [[nodiscard]] std::size_t experts() const { return static_cast<std::size_t>(stop - start); }
  [[nodiscard]] std::size_t w2_at(std::size_t local, std::size_t h, std::size_t d) const {
    return (local * hidden + h) * inner + d;
  }
};
template <typename N>
std::optional<Experts<N>> experts_of(const CallOf<N>& call, std::size_t first, const ArrayOf<N>& y) {
  const auto start = integer(call.operation, "start");
  const auto stop = integer(call.operation, "stop");
  const auto at = [&](std::size_t i) -> const ArrayOf<N>& { return *call.in[first + i]; };
  const ArrayOf<N>&x = at(0), &indices = at(1), &weights = at(2), &w1 = at(3), &w3 = at(4), &w2 = at(5);
  if (!start || !stop || *start < 0 || *stop < *start || x.shape.size() != 2 || y.shape != x.shape ||
      indices.shape.size() != 2 || indices.shape[0] != x.shape[0] || weights.shape != indices.shape ||
      !is_integer(indices.element) || w1.shape.size() != 3 || *stop - *start != w1.shape[0] ||
      w1.shape[2] != x.shape[1] || w3.shape != w1.shape ||
      w2.shape != Shape{w1.shape[0], w1.shape[2], w1.shape[1]})
    return std::nullopt;
  return Experts<N>{.x = x,
                    .indices = indices,
                    .weights = weights,
                    .w1 = w1,
                    .w3 = w3,
                    .w2 = w2,
                    .rows = static_cast<std::size_t>(x.shape[0]),
                    .hidden = static_cast<std::size_t>(x.shape[1]),
                    .inner = static_cast<std::size_t>(w1.shape[1]),
                    .chosen = static_cast<std::size_t>(indices.shape[1]),
                    .start = *start,
                    .stop = *stop};
}

// One row in one expert, up to the last product: gate = w1 x, up = w3 x, inner = silu(gate) * up.
template <typename N>
struct Inside {
  std::vector<N> gate, up, squash, inner;
};
template <typename N>
Inside<N> inside_of(const Experts<N>& all, const N* x_row, std::size_t local) {
  Inside<N> made;
  for (std::size_t d = 0; d < all.inner; ++d) {
    const std::size_t at = (local * all.inner + d) * all.hidden;
    made.gate.push_back(dot(x_row, all.w1.scalars.data() + at, all.hidden));
    made.up.push_back(dot(x_row, all.w3.scalars.data() + at, all.hidden));
    made.squash.push_back(sigmoid(made.gate[d]));
    made.inner.push_back(multiply(multiply(made.gate[d], made.squash[d]), made.up[d]));
  }
  return made;
}

// The slots of a row that chose an expert of this piece: one at most, where a router chose.
using Slots = std::vector<std::size_t>;
// By row and local expert.
template <typename N>
std::optional<std::vector<Slots>> slots_of(const Experts<N>& all) {
  std::vector<Slots> chosen(all.rows * all.experts());
  for (std::size_t slot = 0; slot < all.rows * all.chosen; ++slot) {
    const auto expert = Numbers<N>::integer(all.indices.scalars[slot]);
    if (!expert) return std::nullopt;
    if (*expert < all.start || *expert >= all.stop) continue;
    chosen[slot / all.chosen * all.experts() + static_cast<std::size_t>(*expert - all.start)].push_back(slot);
  }
  return chosen;
}
template <typename N>
N weight_of(const Experts<N>& all, const Slots& slots) {
  N weight = all.weights.scalars[slots[0]];
  for (std::size_t i = 1; i < slots.size(); ++i) weight = add(weight, all.weights.scalars[slots[i]]);
  return weight;
}

// The terms of a row stand in the order of the experts, and of the inner dimension.
template <typename N>
std::string experts_forward(const CallOf<N>& call) {
  const auto all = experts_of(call, 0, call.out[0]);
  if (!all) return "shapes or range";
  const auto chosen = slots_of(*all);
  if (!chosen) return kNoInteger;
  for (std::size_t row = 0; row < all->rows; ++row) {
    TensorSums<N> sums(all->hidden);
    for (std::size_t local = 0; local < all->experts(); ++local) {
      const Slots& slots = (*chosen)[row * all->experts() + local];
      if (slots.empty()) {
        for (std::size_t d = 0; d < all->inner; ++d) add_nothing(sums.data(), all->hidden);
        continue;
      }
      const Inside<N> inside = inside_of(*all, all->x.scalars.data() + row * all->hidden, local);
      const N weight = weight_of(*all, slots);
      for (std::size_t d = 0; d < all->inner; ++d) {
        const N weighted = multiply(weight, inside.inner[d]);
        for (std::size_t h = 0; h < all->hidden; ++h)
          sums[h].take(multiply(weighted, all->w2.scalars[all->w2_at(local, h, d)]));
      }
    }
    for (std::size_t h = 0; h < all->hidden; ++h)
      call.out[0].scalars[row * all->hidden + h] = sums[h].value();
  }
  return {};
}

// What the gradients add up, of all rows.
template <typename N>
struct ExpertGradients {
  TensorSums<N> x, weights, w1, w3, w2;
};

// One row in one expert that it chose. With v_d the product of the gradient and column d of w2: weights get the inner values times v, the
// inner values the weight times v.
template <typename N>
void add_gradients(const Experts<N>& all, const N* g_row, std::size_t row, std::size_t local,
                   const Slots& slots, ExpertGradients<N>& sums) {
  const N* x_row = all.x.scalars.data() + row * all.hidden;
  const Inside<N> inside = inside_of(all, x_row, local);
  const N weight = weight_of(all, slots);
  for (std::size_t h = 0; h < all.hidden; ++h) {
    const N weighted = multiply(g_row[h], weight);
    for (std::size_t d = 0; d < all.inner; ++d)
      sums.w2[all.w2_at(local, h, d)].take(multiply(weighted, inside.inner[d]));
  }
  for (std::size_t d = 0; d < all.inner; ++d) {
    SumOf<N> products;
    for (std::size_t h = 0; h < all.hidden; ++h)
      products.take(multiply(g_row[h], all.w2.scalars[all.w2_at(local, h, d)]));
    const N g_out = products.value();
    for (const std::size_t slot : slots) sums.weights[slot].take(multiply(inside.inner[d], g_out));
    const N g_inner = multiply(weight, g_out);
    const N bend = multiply(inside.gate[d], sigmoid_slope(inside.gate[d]));
    const N g_gate = multiply(multiply(g_inner, inside.up[d]), add(inside.squash[d], bend));
    const N g_up = multiply(g_inner, multiply(inside.gate[d], inside.squash[d]));
    const std::size_t at = (local * all.inner + d) * all.hidden;
    add_scaled(sums.w1.data() + at, x_row, g_gate, all.hidden);
    add_scaled(sums.w3.data() + at, x_row, g_up, all.hidden);
    for (std::size_t h = 0; h < all.hidden; ++h)
      sums.x[row * all.hidden + h].take(
          add(multiply(g_gate, all.w1.scalars[at + h]), multiply(g_up, all.w3.scalars[at + h])));
  }
}
// One row in an expert that it did not choose.
template <typename N>
void add_no_gradients(const Experts<N>& all, std::size_t row, std::size_t local, ExpertGradients<N>& sums) {
  const std::size_t size = all.inner * all.hidden;
  for (auto* parts : {&sums.w1, &sums.w3, &sums.w2}) add_nothing(parts->data() + local * size, size);
  for (std::size_t d = 0; d < all.inner; ++d) add_nothing(sums.x.data() + row * all.hidden, all.hidden);
}

template <typename N>
std::string experts_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const auto all = experts_of(call, 1, g);
  if (!all) return "shapes or range";
  const ArrayOf<N>* like[] = {&all->x, &all->weights, &all->w1, &all->w3, &all->w2};
  for (std::size_t i = 0; i < 5; ++i) {
    if (call.out[i].shape != like[i]->shape) return "a gradient unlike its operand";
  }
  const auto chosen = slots_of(*all);
  if (!chosen) return kNoInteger;
  const auto sums_like = [](const ArrayOf<N>& operand) { return TensorSums<N>(operand.scalars.size()); };
  ExpertGradients<N> sums{sums_like(all->x), sums_like(all->weights), sums_like(all->w1), sums_like(all->w3),
                          sums_like(all->w2)};
  for (std::size_t row = 0; row < all->rows; ++row) {
    for (std::size_t local = 0; local < all->experts(); ++local) {
      const Slots& slots = (*chosen)[row * all->experts() + local];
      Slots others;
      for (std::size_t slot = row * all->chosen; slot < (row + 1) * all->chosen; ++slot) {
        if (std::ranges::find(slots, slot) == slots.end()) others.push_back(slot);
      }
      for (std::size_t d = 0; d < all->inner; ++d)
        for (const std::size_t slot : others) sums.weights[slot].take_nothing();
      if (slots.empty()) {
        add_no_gradients(*all, row, local, sums);
      } else {
        add_gradients(*all, g.scalars.data() + row * all->hidden, row, local, slots, sums);
      }
    }
  }
  const TensorSums<N>* made[] = {&sums.x, &sums.weights, &sums.w1, &sums.w3, &sums.w2};
  for (std::size_t i = 0; i < 5; ++i) put_sums(*made[i], call.out[i].scalars);
  return {};
}

template <typename N>
constexpr OperatorRowOf<N> kRows[] = {
    {"router", 2, 2, router_forward<N>, 3, 2, router_backward<N>, kFreeScore},
    {"experts", 6, 1, experts_forward<N>, 7, 5, experts_backward<N>, kFreeSigmoid},
};

}  // namespace

template <typename N>
std::span<const OperatorRowOf<N>> expert_rows() {
  return kRows<N>;
}
template std::span<const OperatorRowOf<Scalar>> expert_rows();
template std::span<const OperatorRowOf<Real>> expert_rows();
template std::span<const OperatorRowOf<Terms>> expert_rows();
template std::span<const OperatorRowOf<Rounded>> expert_rows();

}  // namespace cep::logical::oracle
