// The arithmetic of nodes against trees that are written out.
#include "order/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace cep::logical::order {
namespace {

using Span = std::pair<std::int64_t, std::int64_t>;  // begin, length

// The nodes `depth` levels below a span, by halving it as long as its length is even.
std::vector<Span> below(Span span, int depth) {
  if (depth == 0) return {span};
  if (span.second % 2 != 0) return {};
  const std::int64_t half = span.second / 2;
  std::vector<Span> left = below({span.first, half}, depth - 1);
  const std::vector<Span> right = below({span.first + half, half}, depth - 1);
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::vector<Span> all_nodes(std::int64_t terms) {
  std::vector<Span> nodes;
  for (int depth = 0;; ++depth) {
    const std::vector<Span> level = below({0, terms}, depth);
    if (level.empty()) return nodes;
    nodes.insert(nodes.end(), level.begin(), level.end());
  }
}

TEST(Tree, rows_make_a_node_exactly_when_the_written_tree_has_one) {
  for (std::int64_t terms = 1; terms <= 24; ++terms) {
    const std::vector<Span> nodes = all_nodes(terms);
    for (std::int64_t length = 1; length <= terms; ++length) {
      for (std::int64_t count = 1; count * length <= terms; ++count) {
        for (std::int64_t begin = 0; begin + count * length <= terms; ++begin) {
          std::vector<Row> rows;
          std::vector<Span> spans;
          for (std::int64_t i = 0; i < count; ++i) {
            rows.push_back(
                {.terms = terms, .length = length, .begin = begin + i * length, .by_variable = {}});
            spans.emplace_back(begin + i * length, length);
          }
          bool expected = false;
          for (int depth = 0; (std::int64_t{1} << depth) <= count; ++depth) {
            const Span whole{begin, count * length};
            expected =
                expected || (std::ranges::find(nodes, whole) != nodes.end() && below(whole, depth) == spans);
          }
          EXPECT_EQ(make_node(rows), expected)
              << terms << " terms, " << count << " of " << length << " from " << begin;
          EXPECT_EQ(starts_node(rows[0], count), expected);
        }
      }
    }
  }
}

TEST(Tree, rows_out_of_order_or_with_gaps_make_none) {
  const auto row = [](std::int64_t begin, std::int64_t length) {
    return Row{.terms = 8, .length = length, .begin = begin, .by_variable = {}};
  };
  EXPECT_TRUE(make_node(std::vector{row(4, 2), row(6, 2)}));
  EXPECT_FALSE(make_node(std::vector{row(6, 2), row(4, 2)}));
  EXPECT_FALSE(make_node(std::vector{row(0, 2), row(4, 2)}));
  EXPECT_FALSE(make_node(std::vector{row(0, 2), row(0, 2)}));
  EXPECT_FALSE(make_node(std::vector{row(2, 2), row(4, 2)}));
  EXPECT_FALSE(make_node(std::vector{row(0, 4), row(4, 2)}));
  EXPECT_FALSE(make_node(std::vector<Row>{}));
}

// Over a variable: what holds at the points of all others has to hold at each.
TEST(Tree, over_a_variable_as_at_its_points) {
  for (std::int64_t by_other = 0; by_other <= 8; ++by_other) {
    for (std::int64_t by = 0; by <= 4; ++by) {
      for (const std::int64_t length : {1, 2, 4}) {
        const Row row{.terms = 16, .length = length, .begin = 0, .by_variable = {by_other, by}};
        bool expected = true;
        for (std::int64_t other = 0; other < 2; ++other) {
          std::vector<Row> rows;
          for (std::int64_t point = 0; point < 2; ++point) {
            rows.push_back(
                {.terms = 16, .length = length, .begin = by_other * other + by * point, .by_variable = {}});
          }
          expected = expected && make_node(rows);
        }
        EXPECT_EQ(make_node_over(row, 1, 2), expected) << by_other << " " << by << " " << length;
      }
    }
  }
}

}  // namespace
}  // namespace cep::logical::order
