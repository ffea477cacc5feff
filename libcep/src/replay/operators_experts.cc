// Mixtures of experts: which experts a row goes to, and what they make of it.
#include <algorithm>
#include <numeric>
#include <utility>

#include "replay/operator_rows.h"

namespace cep::logical::oracle {
namespace {

template <typename N>
N dot(const N* a, const N* b, std::size_t length) {
  N total{};
  for (std::size_t i = 0; i < length; ++i) total = add(total, multiply(a[i], b[i]));
  return total;
}
// to[i] += factor * from[i]
template <typename N>
void add_scaled(N* to, const N* from, const N& factor, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) to[i] = add(to[i], multiply(factor, from[i]));
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
  for (const std::size_t e : choice.experts) choice.total = add(choice.total, choice.scores[e]);
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
    const N factor = multiply(routing->scale, inverse(choice.total));
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      call.out[0].scalars[row * routing->chosen + i] = multiply(choice.scores[choice.experts[i]], factor);
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
  for (std::size_t row = 0; row < routing->rows; ++row) {
    const N* x_row = x.scalars.data() + row * routing->hidden;
    const N* g_row = g.scalars.data() + row * routing->chosen;
    const Choice<N> choice = choose(*routing, x_row, w);
    if (!choice.fault.empty()) return choice.fault;
    const N factor = inverse(choice.total);
    N common{};  // sum over i of g_i * s_i / S
    for (std::size_t i = 0; i < routing->chosen; ++i)
      common = add(common, multiply(multiply(g_row[i], choice.scores[choice.experts[i]]), factor));
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      const std::size_t e = choice.experts[i];
      const N slope = Numbers<N>::score_slope(routing->score, choice.logits[e]);
      const N g_score = multiply(multiply(routing->scale, factor), subtract(g_row[i], common));
      const N g_logit = multiply(g_score, slope);
      add_scaled(call.out[0].scalars.data() + row * routing->hidden, w.scalars.data() + e * routing->hidden,
                 g_logit, routing->hidden);
      add_scaled(call.out[1].scalars.data() + e * routing->hidden, x_row, g_logit, routing->hidden);
    }
  }
  return {};
}

// Operands from `first` on: x, indices, weights, w1, w3, w2.
template <typename N>
struct Experts {
  const ArrayOf<N>&x, &indices, &weights, &w1, &w3, &w2;
  std::size_t rows, hidden, inner, chosen;
  std::int64_t start, stop;
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

// Calls visit(row, slot, local expert) for each chosen expert of this piece.
template <typename N, typename Visit>
std::string for_each_chosen(const Experts<N>& all, Visit visit) {
  for (std::size_t slot = 0; slot < all.rows * all.chosen; ++slot) {
    const auto expert = Numbers<N>::integer(all.indices.scalars[slot]);
    if (!expert) return kNoInteger;
    if (*expert < all.start || *expert >= all.stop) continue;
    visit(slot / all.chosen, slot, static_cast<std::size_t>(*expert - all.start));
  }
  return {};
}

template <typename N>
std::string experts_forward(const CallOf<N>& call) {
  const auto all = experts_of(call, 0, call.out[0]);
  if (!all) return "shapes or range";
  return for_each_chosen(*all, [&](std::size_t row, std::size_t slot, std::size_t local) {
    const Inside<N> inside = inside_of(*all, all->x.scalars.data() + row * all->hidden, local);
    for (std::size_t h = 0; h < all->hidden; ++h) {
      const N y = dot(inside.inner.data(), all->w2.scalars.data() + (local * all->hidden + h) * all->inner,
                      all->inner);
      N& result = call.out[0].scalars[row * all->hidden + h];
      result = add(result, multiply(all->weights.scalars[slot], y));
    }
  });
}

template <typename N>
std::string experts_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const auto all = experts_of(call, 1, g);
  if (!all) return "shapes or range";
  ArrayOf<N>&gx = call.out[0], &g_weights = call.out[1], &gw1 = call.out[2], &gw3 = call.out[3],
  &gw2 = call.out[4];
  if (gx.shape != all->x.shape || g_weights.shape != all->weights.shape || gw1.shape != all->w1.shape ||
      gw3.shape != all->w3.shape || gw2.shape != all->w2.shape)
    return "a gradient unlike its operand";
  return for_each_chosen(*all, [&](std::size_t row, std::size_t slot, std::size_t local) {
    const N* x_row = all->x.scalars.data() + row * all->hidden;
    const N* g_row = g.scalars.data() + row * all->hidden;
    const Inside<N> inside = inside_of(*all, x_row, local);
    const N weight = all->weights.scalars[slot];
    std::vector<N> g_inner(all->inner);
    for (std::size_t h = 0; h < all->hidden; ++h) {
      const std::size_t at = (local * all->hidden + h) * all->inner;
      const N y = dot(inside.inner.data(), all->w2.scalars.data() + at, all->inner);
      g_weights.scalars[slot] = add(g_weights.scalars[slot], multiply(g_row[h], y));
      const N weighted = multiply(g_row[h], weight);
      add_scaled(gw2.scalars.data() + at, inside.inner.data(), weighted, all->inner);
      add_scaled(g_inner.data(), all->w2.scalars.data() + at, weighted, all->inner);
    }
    for (std::size_t d = 0; d < all->inner; ++d) {
      const std::size_t at = (local * all->inner + d) * all->hidden;
      const N bend = multiply(inside.gate[d], sigmoid_slope(inside.gate[d]));
      const N g_gate = multiply(multiply(g_inner[d], inside.up[d]), add(inside.squash[d], bend));
      const N g_up = multiply(g_inner[d], multiply(inside.gate[d], inside.squash[d]));
      add_scaled(gw1.scalars.data() + at, x_row, g_gate, all->hidden);
      add_scaled(gw3.scalars.data() + at, x_row, g_up, all->hidden);
      add_scaled(gx.scalars.data() + row * all->hidden, all->w1.scalars.data() + at, g_gate, all->hidden);
      add_scaled(gx.scalars.data() + row * all->hidden, all->w3.scalars.data() + at, g_up, all->hidden);
    }
  });
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

}  // namespace cep::logical::oracle
