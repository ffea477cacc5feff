// Mixtures of experts: which experts a row goes to, and what they make of it.
#include <algorithm>
#include <numeric>
#include <utility>

#include "soundness/logical/operator_rows.h"

namespace cep::logical::oracle {
namespace {

Scalar dot(const Scalar* a, const Scalar* b, std::size_t length) {
  Scalar total = 0;
  for (std::size_t i = 0; i < length; ++i) total = add(total, multiply(a[i], b[i]));
  return total;
}
// to[i] += factor * from[i]
void add_scaled(Scalar* to, const Scalar* from, Scalar factor, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) to[i] = add(to[i], multiply(factor, from[i]));
}

struct Routing {
  std::size_t rows = 0, hidden = 0, experts = 0, groups = 0, groups_kept = 0, chosen = 0;
  Scalar scale = 1;
  std::uint64_t score = 0;  // key of the function that scores
};
std::optional<Routing> routing_of(const Call& call, const Array& x, const Array& w, const Array& weights) {
  if (x.shape.size() != 2 || w.shape.size() != 2 || x.shape[1] != w.shape[1]) return std::nullopt;
  const auto groups = integer(call.operation, "n_groups");
  const auto kept = integer(call.operation, "topk_groups");
  const auto chosen = integer(call.operation, "topk");
  const auto scale = number(call.operation, "route_scale");
  const auto score = word(call.operation, "score_func");
  if (!groups || !kept || !chosen || !scale || !score) return std::nullopt;
  if (*groups <= 0 || w.shape[0] % *groups != 0 || *kept <= 0 || *kept > *groups || *chosen <= 0 ||
      *chosen > *kept * (w.shape[0] / *groups) || weights.shape != Shape{x.shape[0], *chosen})
    return std::nullopt;
  std::uint64_t key = 0x5c07e;
  for (const char letter : *score) key = hash(key, static_cast<std::uint64_t>(letter));
  return Routing{.rows = static_cast<std::size_t>(x.shape[0]),
                 .hidden = static_cast<std::size_t>(x.shape[1]),
                 .experts = static_cast<std::size_t>(w.shape[0]),
                 .groups = static_cast<std::size_t>(*groups),
                 .groups_kept = static_cast<std::size_t>(*kept),
                 .chosen = static_cast<std::size_t>(*chosen),
                 .scale = *scale,
                 .score = key};
}

struct Choice {
  std::vector<Scalar> logits, scores;  // of all experts
  std::vector<std::size_t> experts;    // the chosen ones, best first
  Scalar total = 0;                    // of the chosen scores
};
Choice choose(const Routing& routing, const Scalar* row, const Array& w) {
  Choice choice;
  for (std::size_t e = 0; e < routing.experts; ++e) {
    choice.logits.push_back(dot(row, w.scalars.data() + e * routing.hidden, routing.hidden));
    choice.scores.push_back(hash(routing.score, choice.logits.back()) % kPrime);
  }
  const std::size_t group_size = routing.experts / routing.groups;
  const auto best_of = [&](std::size_t group) {
    const auto first = choice.scores.begin() + static_cast<std::ptrdiff_t>(group * group_size);
    return *std::max_element(first, first + static_cast<std::ptrdiff_t>(group_size));
  };
  std::vector<std::size_t> groups(routing.groups);
  std::iota(groups.begin(), groups.end(), 0);
  std::sort(groups.begin(), groups.end(),
            [&](auto a, auto b) { return std::pair(best_of(b), a) < std::pair(best_of(a), b); });
  groups.resize(routing.groups_kept);
  std::sort(groups.begin(), groups.end());
  for (const std::size_t group : groups) {
    for (std::size_t i = 0; i < group_size; ++i) choice.experts.push_back(group * group_size + i);
  }
  std::sort(choice.experts.begin(), choice.experts.end(),
            [&](auto a, auto b) { return std::pair(choice.scores[b], a) < std::pair(choice.scores[a], b); });
  choice.experts.resize(routing.chosen);
  for (const std::size_t e : choice.experts) choice.total = add(choice.total, choice.scores[e]);
  return choice;
}

std::string router_forward(const Call& call) {
  const Array& x = *call.in[0];
  const auto routing = routing_of(call, x, *call.in[1], call.out[0]);
  if (!routing || call.out[1].shape != call.out[0].shape || !is_integer(call.out[1].element)) return "shapes";
  for (std::size_t row = 0; row < routing->rows; ++row) {
    const Choice choice = choose(*routing, x.scalars.data() + row * routing->hidden, *call.in[1]);
    const Scalar factor = multiply(routing->scale, inverse(choice.total));
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      call.out[0].scalars[row * routing->chosen + i] = multiply(choice.scores[choice.experts[i]], factor);
      call.out[1].scalars[row * routing->chosen + i] = choice.experts[i];
    }
  }
  return {};
}

// weight_i = scale * s_i / S with S the sum of the chosen scores: d weight_i / d s_j = scale * ([i = j] / S - s_i / S^2).
std::string router_backward(const Call& call) {
  const Array& g = *call.in[0];
  const Array& x = *call.in[1];
  const Array& w = *call.in[2];
  const auto routing = routing_of(call, x, w, g);
  if (!routing || call.out[0].shape != x.shape || call.out[1].shape != w.shape) return "shapes";
  for (std::size_t row = 0; row < routing->rows; ++row) {
    const Scalar* x_row = x.scalars.data() + row * routing->hidden;
    const Scalar* g_row = g.scalars.data() + row * routing->chosen;
    const Choice choice = choose(*routing, x_row, w);
    const Scalar factor = inverse(choice.total);
    Scalar common = 0;  // sum over i of g_i * s_i / S
    for (std::size_t i = 0; i < routing->chosen; ++i)
      common = add(common, multiply(multiply(g_row[i], choice.scores[choice.experts[i]]), factor));
    for (std::size_t i = 0; i < routing->chosen; ++i) {
      const std::size_t e = choice.experts[i];
      const Scalar slope = hash(~routing->score, choice.logits[e]) % kPrime;
      const Scalar g_score = multiply(multiply(routing->scale, factor), subtract(g_row[i], common));
      const Scalar g_logit = multiply(g_score, slope);
      add_scaled(call.out[0].scalars.data() + row * routing->hidden, w.scalars.data() + e * routing->hidden,
                 g_logit, routing->hidden);
      add_scaled(call.out[1].scalars.data() + e * routing->hidden, x_row, g_logit, routing->hidden);
    }
  }
  return {};
}

// Operands from `first` on: x, indices, weights, w1, w3, w2.
struct Experts {
  const Array &x, &indices, &weights, &w1, &w3, &w2;
  std::size_t rows, hidden, inner, chosen;
  std::int64_t start, stop;
};
std::optional<Experts> experts_of(const Call& call, std::size_t first, const Array& y) {
  const auto start = integer(call.operation, "start");
  const auto stop = integer(call.operation, "stop");
  const auto at = [&](std::size_t i) -> const Array& { return *call.in[first + i]; };
  const Array &x = at(0), &indices = at(1), &weights = at(2), &w1 = at(3), &w3 = at(4), &w2 = at(5);
  if (!start || !stop || *start < 0 || *stop < *start || x.shape.size() != 2 || y.shape != x.shape ||
      indices.shape.size() != 2 || indices.shape[0] != x.shape[0] || weights.shape != indices.shape ||
      !is_integer(indices.element) || w1.shape.size() != 3 || *stop - *start != w1.shape[0] ||
      w1.shape[2] != x.shape[1] || w3.shape != w1.shape ||
      w2.shape != Shape{w1.shape[0], w1.shape[2], w1.shape[1]})
    return std::nullopt;
  return Experts{.x = x,
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
struct Inside {
  std::vector<Scalar> gate, up, squash, inner;
};
Inside inside_of(const Experts& all, const Scalar* x_row, std::size_t local) {
  Inside made;
  for (std::size_t d = 0; d < all.inner; ++d) {
    const std::size_t at = (local * all.inner + d) * all.hidden;
    made.gate.push_back(dot(x_row, all.w1.scalars.data() + at, all.hidden));
    made.up.push_back(dot(x_row, all.w3.scalars.data() + at, all.hidden));
    made.squash.push_back(random_function(Function::kSigmoid, made.gate[d]));
    made.inner.push_back(multiply(multiply(made.gate[d], made.squash[d]), made.up[d]));
  }
  return made;
}

// Calls visit(row, slot, local expert) for each chosen expert of this piece.
template <typename Visit>
void for_each_chosen(const Experts& all, Visit visit) {
  for (std::size_t slot = 0; slot < all.rows * all.chosen; ++slot) {
    const auto expert = static_cast<std::int64_t>(all.indices.scalars[slot]);
    if (expert < all.start || expert >= all.stop) continue;
    visit(slot / all.chosen, slot, static_cast<std::size_t>(expert - all.start));
  }
}

std::string experts_forward(const Call& call) {
  const auto all = experts_of(call, 0, call.out[0]);
  if (!all) return "shapes or range";
  for_each_chosen(*all, [&](std::size_t row, std::size_t slot, std::size_t local) {
    const Inside inside = inside_of(*all, all->x.scalars.data() + row * all->hidden, local);
    for (std::size_t h = 0; h < all->hidden; ++h) {
      const Scalar y = dot(inside.inner.data(),
                           all->w2.scalars.data() + (local * all->hidden + h) * all->inner, all->inner);
      Scalar& result = call.out[0].scalars[row * all->hidden + h];
      result = add(result, multiply(all->weights.scalars[slot], y));
    }
  });
  return {};
}

std::string experts_backward(const Call& call) {
  const Array& g = *call.in[0];
  const auto all = experts_of(call, 1, g);
  if (!all) return "shapes or range";
  Array &gx = call.out[0], &g_weights = call.out[1], &gw1 = call.out[2], &gw3 = call.out[3],
        &gw2 = call.out[4];
  if (gx.shape != all->x.shape || g_weights.shape != all->weights.shape || gw1.shape != all->w1.shape ||
      gw3.shape != all->w3.shape || gw2.shape != all->w2.shape)
    return "a gradient unlike its operand";
  for_each_chosen(*all, [&](std::size_t row, std::size_t slot, std::size_t local) {
    const Scalar* x_row = all->x.scalars.data() + row * all->hidden;
    const Scalar* g_row = g.scalars.data() + row * all->hidden;
    const Inside inside = inside_of(*all, x_row, local);
    const Scalar weight = all->weights.scalars[slot];
    std::vector<Scalar> g_inner(all->inner, 0);
    for (std::size_t h = 0; h < all->hidden; ++h) {
      const std::size_t at = (local * all->hidden + h) * all->inner;
      const Scalar y = dot(inside.inner.data(), all->w2.scalars.data() + at, all->inner);
      g_weights.scalars[slot] = add(g_weights.scalars[slot], multiply(g_row[h], y));
      const Scalar weighted = multiply(g_row[h], weight);
      add_scaled(gw2.scalars.data() + at, inside.inner.data(), weighted, all->inner);
      add_scaled(g_inner.data(), all->w2.scalars.data() + at, weighted, all->inner);
    }
    for (std::size_t d = 0; d < all->inner; ++d) {
      const std::size_t at = (local * all->inner + d) * all->hidden;
      const Scalar bend = multiply(inside.gate[d], random_function(Function::kSigmoidSlope, inside.gate[d]));
      const Scalar g_gate = multiply(multiply(g_inner[d], inside.up[d]), add(inside.squash[d], bend));
      const Scalar g_up = multiply(g_inner[d], multiply(inside.gate[d], inside.squash[d]));
      add_scaled(gw1.scalars.data() + at, x_row, g_gate, all->hidden);
      add_scaled(gw3.scalars.data() + at, x_row, g_up, all->hidden);
      add_scaled(gx.scalars.data() + row * all->hidden, all->w1.scalars.data() + at, g_gate, all->hidden);
      add_scaled(gx.scalars.data() + row * all->hidden, all->w3.scalars.data() + at, g_up, all->hidden);
    }
  });
  return {};
}

constexpr OperatorRow kRows[] = {
    {"router", 2, 2, router_forward, 3, 2, router_backward},
    {"experts", 6, 1, experts_forward, 7, 5, experts_backward},
};

}  // namespace

std::span<const OperatorRow> expert_rows() { return kRows; }

}  // namespace cep::logical::oracle
