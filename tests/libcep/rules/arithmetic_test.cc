// Every arithmetic rule against plain enumeration: what the rule says is recomputed here from the definition, point by point.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cep/rule.h"

namespace cep {
namespace {

using Ints = std::vector<std::int64_t>;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
__extension__ using Wide = __int128;  // no sum or product of two 64-bit integers overflows it

std::optional<Ints> run(std::string_view id, const Ints& inputs, std::string* why = nullptr) {
  const Rule* rule = find_rule(id);
  if (rule == nullptr) {
    ADD_FAILURE() << "no rule " << id;
    return std::nullopt;
  }
  Ints out(rule->outputs.size());
  std::string_view failed;
  if (!fire(*rule, inputs, out, &failed)) {
    EXPECT_FALSE(failed.empty());
    if (why != nullptr) *why = failed;
    return std::nullopt;
  }
  return out;
}

std::string refusal(std::string_view id, const Ints& inputs) {
  std::string why = "fired";
  (void)run(id, inputs, &why);
  return why;
}

// Calls f with every vector of `count` integers from [lo, hi].
void for_all(std::size_t count, std::int64_t lo, std::int64_t hi, const std::function<void(const Ints&)>& f) {
  Ints values(count, lo);
  for (;;) {
    f(values);
    std::size_t i = 0;
    while (i < count && values[i] == hi) values[i++] = lo;
    if (i == count) return;
    ++values[i];
  }
}

// The hull of some numbers, from scratch.
struct Hull {
  std::int64_t lo = kLargest;
  std::int64_t hi = kSmallest;
  void add(std::int64_t x) {
    lo = std::min(lo, x);
    hi = std::max(hi, x);
  }
  [[nodiscard]] bool empty() const { return lo > hi; }
  [[nodiscard]] Ints ends() const { return {lo, hi}; }
};

// Compares a rule of one bounded index and a constant with the hull of its values; returns how many cases were met.
int check_hull(std::string_view id, std::int64_t c_from, std::int64_t c_to,
               const std::function<std::int64_t(std::int64_t, std::int64_t)>& f) {
  int cases = 0;
  for_all(2, -9, 9, [&](const Ints& range) {
    if (range[0] > range[1]) return;
    for (std::int64_t c = c_from; c <= c_to; ++c) {
      Hull hull;
      for (std::int64_t a = range[0]; a <= range[1]; ++a) hull.add(f(a, c));
      EXPECT_EQ(run(id, {range[0], range[1], c}), hull.ends())
          << id << " " << range[0] << " " << range[1] << " " << c;
      ++cases;
    }
  });
  return cases;
}

// Division and remainder by counting, not by the machine's operators.
std::int64_t quotient(std::int64_t a, std::int64_t c) {
  std::int64_t q = 0;
  while (q * c > a) --q;
  while ((q + 1) * c <= a) ++q;
  return q;
}

TEST(Rules, table_names_are_unique) {
  std::set<std::string_view> names;
  for (const Rule& rule : rule_table()) {
    EXPECT_TRUE(names.insert(rule.id).second) << rule.id;
    EXPECT_EQ(find_rule(rule.id), &rule);
    EXPECT_FALSE(rule.says.empty());
    EXPECT_FALSE(rule.conclusions.empty()) << rule.id;
  }
  EXPECT_EQ(find_rule("index.nothing"), nullptr);
}

TEST(Rules, index_const_and_range) {
  for (std::int64_t v : {std::int64_t{-3}, std::int64_t{0}, std::int64_t{7}, kLargest, kSmallest}) {
    EXPECT_EQ(run("index.const", {v}), (Ints{v, v}));
  }
  for_all(2, -4, 4, [](const Ints& in) {
    if (in[0] < in[1]) {
      EXPECT_EQ(run("index.range", in), (Ints{in[0], in[1] - 1}));
    } else {
      EXPECT_EQ(refusal("index.range", in), "nonempty");
    }
  });
}

TEST(Rules, index_add_is_the_hull_of_sums) {
  for_all(4, -3, 3, [](const Ints& in) {
    Hull hull;
    for (std::int64_t a = in[0]; a <= in[1]; ++a) {
      for (std::int64_t b = in[2]; b <= in[3]; ++b) hull.add(a + b);
    }
    if (!hull.empty()) {
      EXPECT_EQ(run("index.add", in), hull.ends());
    }
  });
}

TEST(Rules, index_of_one_operand_is_the_hull_of_its_values) {
  int cases = 0;
  cases += check_hull("index.scale", -5, 5, [](std::int64_t a, std::int64_t c) { return a * c; });
  cases += check_hull("index.floordiv", 1, 7, quotient);
  cases +=
      check_hull("index.mod", 1, 7, [](std::int64_t a, std::int64_t c) { return a - quotient(a, c) * c; });
  cases += check_hull("index.wrap", -5, 11, [](std::int64_t a, std::int64_t c) { return a < 0 ? a + c : a; });
  EXPECT_EQ(cases, 190 * (11 + 7 + 7 + 17));
  for (std::int64_t c = -2; c <= 0; ++c) {
    EXPECT_EQ(refusal("index.floordiv", {0, 5, c}), "positive");
    EXPECT_EQ(refusal("index.mod", {0, 5, c}), "positive");
  }
}

TEST(Rules, index_guard_is_the_intersection) {
  for_all(4, -3, 4, [](const Ints& in) {
    Hull hull;
    for (std::int64_t x = -5; x <= 6; ++x) {
      if (in[0] <= x && x <= in[1] && in[2] <= x && x < in[3]) hull.add(x);
    }
    const auto out = run("index.guard", in);
    ASSERT_TRUE(out.has_value());
    if (hull.empty()) {
      EXPECT_GT((*out)[0], (*out)[1]);
    } else {
      EXPECT_EQ(*out, hull.ends());
    }
  });
}

TEST(Rules, view_axis_is_equality_of_addresses) {
  for_all(4, -2, 2, [](const Ints& in) {
    bool same = true;
    for (std::int64_t d = 0; d < 3; ++d) same = same && in[0] + d * in[2] == in[1] + d * in[3];
    EXPECT_EQ(run("view.axis", in).has_value(), same);
  });
}

TEST(Rules, box_cut_puts_every_point_in_one_part) {
  for_all(4, -3, 4, [](const Ints& in) {
    const auto out = run("box.cut", in);
    ASSERT_TRUE(out.has_value());
    for (std::int64_t x = -5; x <= 6; ++x) {
      int parts = 0;
      for (std::size_t i = 0; i < 6; i += 2) parts += ((*out)[i] <= x && x < (*out)[i + 1]) ? 1 : 0;
      const bool inside = in[0] <= x && x < in[1];
      const bool cut = in[2] <= x && x < in[3];
      EXPECT_EQ(parts, inside ? 1 : 0);
      EXPECT_EQ((*out)[2] <= x && x < (*out)[3], inside && cut);
    }
  });
}

// A fold over free terms: the state is the list of what was folded, so that only the canonical order is equal.
TEST(Rules, fold_append_against_a_literal_fold) {
  int fired = 0;
  for_all(4, -1, 5, [&](const Ints& in) {
    const auto [state_to, from, to, length] = std::tuple(in[0], in[1], in[2], in[3]);
    const auto out = run("fold.append", in);
    if (!out) {
      EXPECT_TRUE(from < 0 || state_to != from || from > to || to > length);
      return;
    }
    ++fired;
    ASSERT_LE(to, length);
    Ints state;
    for (std::int64_t k = 0; k < state_to; ++k) state.push_back(k);
    for (std::int64_t k = from; k < to; ++k) state.push_back(k);
    Ints canonical;
    for (std::int64_t k = 0; k < (*out)[0]; ++k) canonical.push_back(k);
    EXPECT_EQ(state, canonical);
  });
  EXPECT_EQ(fired, 1 + 3 + 6 + 10 + 15 + 21);  // length 0 to 5: the pairs from <= to <= length
  EXPECT_TRUE(run("fold.start", {0}).has_value());
  EXPECT_EQ(refusal("fold.start", {1}), "first");
}

TEST(Rules, index_order_append_takes_the_next_block_only) {
  for_all(3, -1, 5, [](const Ints& in) {
    const bool next = in[0] >= 0 && in[0] == in[1] && in[1] < in[2];
    const auto out = run("index_order.append", in);
    ASSERT_EQ(out.has_value(), next);
    if (out) {
      EXPECT_EQ((*out)[0], in[0] + 1);
    }
  });
}

TEST(Rules, sums_count_every_k_once) {
  for_all(4, 0, 5, [](const Ints& in) {
    int most = 0;
    int shared_bytes = 0;
    for (std::int64_t k = -1; k <= 6; ++k) {
      const int count = ((in[0] <= k && k < in[1]) ? 1 : 0) + ((in[2] <= k && k < in[3]) ? 1 : 0);
      most = std::max(most, count);
      shared_bytes += count == 2 ? 1 : 0;
    }
    if (run("sum.disjoint", in)) {
      EXPECT_LE(most, 1);
    }
    if (run("memory.disjoint", in)) {
      EXPECT_EQ(shared_bytes, 0);
    }
    if (in[0] < in[1] && in[2] < in[3]) {  // for ranges that hold something, the rules also miss nothing
      EXPECT_EQ(run("sum.disjoint", in).has_value(), most == 1);
      EXPECT_EQ(run("memory.disjoint", in).has_value(), shared_bytes == 0);
    }
  });
  for_all(3, -1, 4, [](const Ints& in) {
    if (!run("sum.whole", in)) return;
    for (std::int64_t k = -2; k <= 5; ++k) EXPECT_EQ(in[0] <= k && k < in[1], 0 <= k && k < in[2]);
  });
  EXPECT_TRUE(run("sum.whole", {0, 4, 4}).has_value());
  EXPECT_EQ(refusal("sum.whole", {1, 4, 4}), "from_zero");
  EXPECT_EQ(refusal("sum.whole", {0, 3, 4}), "to_length");
}

TEST(Rules, semilattice_union_is_the_union_of_the_ranges) {
  for_all(4, 0, 5, [](const Ints& in) {
    const auto out = run("semilattice.union", in);
    if (!out) {
      if (in[0] < in[1] && in[2] < in[3]) {
        EXPECT_TRUE(in[1] < in[2] || in[3] < in[0]);
      }
      return;
    }
    for (std::int64_t k = -1; k <= 6; ++k) {
      const bool either = (in[0] <= k && k < in[1]) || (in[2] <= k && k < in[3]);
      EXPECT_EQ((*out)[0] <= k && k < (*out)[1], either);
    }
  });
}

TEST(Rules, order_before_compares_events_of_one_queue) {
  for_all(2, 0, 4, [](const Ints& in) { EXPECT_EQ(run("order.before", in).has_value(), in[0] <= in[1]); });
}

TEST(Rules, arithmetic_that_overflows_does_not_fire) {
  const struct {
    std::string_view id;
    Ints inputs;
  } cases[] = {
      {"index.add", {0, kLargest, 0, 1}},
      {"index.add", {kSmallest, 0, -1, 0}},
      {"index.scale", {0, kLargest, 2}},
      {"index.scale", {kSmallest, 0, -1}},
      {"index.wrap", {kSmallest, -1, -1}},
      {"tree.join", {std::int64_t{1} << 62, 0, std::int64_t{1} << 62, 1, kLargest}},
      {"tree.pass_up", {std::int64_t{1} << 62, 2, kLargest}},
      {"tree.block", {0, 1, 1, kLargest, 2}},
      {"tree.blocks", {kLargest, 2}},
      {"index.guard", {0, 1, 0, kSmallest}},
  };
  for (const auto& row : cases) EXPECT_EQ(refusal(row.id, row.inputs), "overflow") << row.id;
}

RC_GTEST_PROP(RulesProperty, index_rules_bound_large_values, ()) {
  const auto any = rc::gen::arbitrary<std::int64_t>();
  const std::int64_t x = *any;
  const std::int64_t y = *any;
  const std::int64_t lo = std::min(x, y);
  const std::int64_t hi = std::max(x, y);
  const std::int64_t a =
      lo + static_cast<std::int64_t>(
               static_cast<std::uint64_t>(*any) %
               std::max<std::uint64_t>(1, static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo)));
  const std::int64_t c = *any;
  const auto wide = [](std::int64_t v) { return static_cast<Wide>(v); };
  const auto bounded = [&](std::string_view id, Wide value) {
    if (const auto out = run(id, {lo, hi, c}))
      RC_ASSERT(wide((*out)[0]) <= value && value <= wide((*out)[1]));
  };
  bounded("index.scale", wide(a) * c);
  bounded("index.wrap", a < 0 ? wide(a) + c : wide(a));
  if (c > 0) {
    const Wide remainder = ((wide(a) % c) + c) % c;
    bounded("index.mod", remainder);
    bounded("index.floordiv", (wide(a) - remainder) / c);
  }
  if (const auto out = run("index.add", {lo, hi, c, c})) {
    RC_ASSERT(wide((*out)[0]) <= wide(a) + c && wide(a) + c <= wide((*out)[1]));
  }
}

}  // namespace
}  // namespace cep
