// The tree rules against a tree built literally, level by level, over terms written out as text.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cep/rule.h"

namespace cep {
namespace {

using Ints = std::vector<std::int64_t>;

std::optional<Ints> run(std::string_view id, const Ints& inputs) {
  const Rule* rule = find_rule(id);
  if (rule == nullptr) {
    ADD_FAILURE() << "no rule " << id;
    return std::nullopt;
  }
  Ints out(rule->outputs.size());
  if (!fire(*rule, inputs, out)) return std::nullopt;
  return out;
}

// The levels of the tree over some block sums: levels[l][t].
std::vector<std::vector<std::string>> levels_over(std::vector<std::string> entries) {
  std::vector<std::vector<std::string>> levels{entries};
  while (levels.back().size() > 1) {
    const auto& below = levels.back();
    std::vector<std::string> next;
    for (std::size_t t = 0; t < below.size(); t += 2) {
      next.push_back(t + 1 < below.size() ? "(" + below[t] + "+" + below[t + 1] + ")" : below[t]);
    }
    levels.push_back(next);
  }
  return levels;
}

// The blocks of the k range [from, to), as a device that reduces that range by itself cuts it. A block is named by its elements.
std::vector<std::string> block_sums(std::int64_t from, std::int64_t to, std::int64_t block) {
  std::vector<std::string> sums;
  std::int64_t k = from;
  do {
    std::string sum = "[";
    for (std::int64_t i = 0; i < block && k < to; ++i) sum += std::to_string(k++) + ",";
    sums.push_back(sum + "]");
  } while (k < to);
  return sums;
}

struct Tree {
  std::int64_t blocks;
  std::vector<std::vector<std::string>> levels;
  // Levels above the root repeat it.
  [[nodiscard]] std::optional<std::string> at(std::int64_t span, std::int64_t position) const {
    std::size_t level = 0;
    while ((std::int64_t{1} << level) < span) ++level;
    if ((std::int64_t{1} << level) != span || position < 0) return std::nullopt;
    const auto& entries = levels[std::min(level, levels.size() - 1)];
    if (position >= static_cast<std::int64_t>(entries.size())) return std::nullopt;
    return entries[static_cast<std::size_t>(position)];
  }
};

Tree tree_of(std::int64_t length, std::int64_t block) {
  auto sums = block_sums(0, length, block);
  const auto blocks = static_cast<std::int64_t>(sums.size());
  return {blocks, levels_over(std::move(sums))};
}

TEST(TreeRules, blocks_are_counted_as_they_are_cut) {
  for (std::int64_t block = 1; block <= 4; ++block) {
    for (std::int64_t length = 0; length <= 20; ++length) {
      EXPECT_EQ(run("tree.blocks", {length, block}), Ints{tree_of(length, block).blocks});
    }
  }
  EXPECT_FALSE(run("tree.blocks", {4, 0}).has_value());
}

// Every k range: the rule fires for a span if and only if the locally reduced range is that node of the tree.
TEST(TreeRules, block_is_exactly_the_nodes) {
  int fired = 0;
  for (std::int64_t block = 1; block <= 3; ++block) {
    for (std::int64_t length = 0; length <= 20; ++length) {
      const Tree tree = tree_of(length, block);
      for (std::int64_t from = 0; from <= length; ++from) {
        for (std::int64_t to = from; to <= length; ++to) {
          if (from == to && length > 0) continue;
          const std::string local = levels_over(block_sums(from, to, block)).back().front();
          for (std::int64_t span = 1; span <= 16; ++span) {
            const auto out = run("tree.block", {from, to, length, block, span});
            // Which nodes of this span have this value, read off the literal tree.
            std::optional<std::int64_t> expected;
            for (std::int64_t t = 0; t < tree.blocks; ++t) {
              if (tree.at(span, t) == local) expected = t;
            }
            ASSERT_EQ(out.has_value(), expected.has_value())
                << from << " " << to << " of " << length << " by " << block << ", span " << span;
            if (!out) continue;
            EXPECT_EQ(*out, (Ints{span, *expected}));
            ++fired;
          }
        }
      }
    }
  }
  EXPECT_GT(fired, 800);
}

TEST(TreeRules, block_refuses_what_lies_outside) {
  EXPECT_FALSE(run("tree.block", {-2, 2, 8, 2, 2}).has_value());
  EXPECT_FALSE(run("tree.block", {8, 8, 8, 2, 2}).has_value());   // an empty tail is no node
  EXPECT_FALSE(run("tree.block", {0, 6, 12, 2, 3}).has_value());  // three blocks are no span
}

TEST(TreeRules, join_pass_up_and_root_agree_with_the_levels) {
  int joins = 0;
  int passes = 0;
  for (std::int64_t blocks = 1; blocks <= 33; ++blocks) {
    const Tree tree = tree_of(blocks, 1);
    for (std::int64_t span = 1; span <= 64; span *= 2) {
      for (std::int64_t a = -1; a <= blocks; ++a) {
        for (std::int64_t b = -1; b <= blocks; ++b) {
          const auto out = run("tree.join", {span, a, span, b, blocks});
          const auto left = tree.at(span, std::min(a, b));
          const auto right = tree.at(span, std::max(a, b));
          const bool siblings = left && right && a != b && std::min(a, b) % 2 == 0 && std::abs(a - b) == 1;
          ASSERT_EQ(out.has_value(), siblings) << span << " " << a << " " << b << " of " << blocks;
          if (!out) continue;
          ++joins;
          EXPECT_EQ(tree.at((*out)[0], (*out)[1]), "(" + *left + "+" + *right + ")");
        }
        EXPECT_FALSE(run("tree.join", {span, a, span * 2, a + 1, blocks}).has_value());
        const auto up = run("tree.pass_up", {span, a, blocks});
        const auto node = tree.at(span, a);
        const bool passes_up = node && span < blocks && a % 2 == 0 && !tree.at(span, a + 1);
        ASSERT_EQ(up.has_value(), passes_up) << span << " " << a << " of " << blocks;
        if (up) {
          ++passes;
          EXPECT_EQ(tree.at((*up)[0], (*up)[1]), node);
        }
        const bool root = node && *node == tree.levels.back().front();
        if (run("tree.root", {span, a, blocks})) {
          EXPECT_TRUE(root);
        } else {
          EXPECT_FALSE(root) << span << " " << a << " of " << blocks;
        }
      }
    }
  }
  EXPECT_GT(joins, 500);
  EXPECT_GT(passes, 50);
}

// The way a verifier uses them: shards of `width` blocks each, normalised, joined pairwise until nothing more joins.
TEST(TreeRules, aligned_shards_reach_the_root_at_one_partial_each) {
  for (std::int64_t blocks = 1; blocks <= 40; ++blocks) {
    for (std::int64_t width = 1; width <= 16; width *= 2) {
      std::map<std::pair<std::int64_t, std::int64_t>, int> held;  // (span, position)
      const auto normal = [&](Ints node) {
        while (const auto up = run("tree.pass_up", {node[0], node[1], blocks})) node = *up;
        return std::pair(node[0], node[1]);
      };
      for (std::int64_t first = 0; first < blocks; first += width) {
        const auto node = run("tree.block", {first, std::min(first + width, blocks), blocks, 1, width});
        ASSERT_TRUE(node.has_value());
        ++held[normal(*node)];
      }
      for (bool joined = true; joined;) {
        joined = false;
        for (const auto& [node, count] : held) {
          const auto sibling = std::pair(node.first, node.second + 1);
          if (!held.contains(sibling)) continue;
          const auto parent =
              run("tree.join", {sibling.first, sibling.second, node.first, node.second, blocks});
          if (!parent) continue;
          const auto key = node;
          held.erase(sibling);
          held.erase(key);
          ++held[normal(*parent)];
          joined = true;
          break;
        }
      }
      ASSERT_EQ(held.size(), 1u) << blocks << " by " << width;
      EXPECT_TRUE(
          run("tree.root", {held.begin()->first.first, held.begin()->first.second, blocks}).has_value());
    }
  }
}

}  // namespace
}  // namespace cep
