#include "planners/reduction.h"

#include <algorithm>
#include <bit>

namespace cep::planners {

namespace {

// Blocks [position * span, (position + 1) * span), as far as there are any; span is a power of two.
struct TreeNode {
  std::int64_t span = 1;
  std::int64_t position = 0;
  std::uint32_t value = 0;
  [[nodiscard]] std::int64_t begin() const { return position * span; }
  [[nodiscard]] std::int64_t end() const { return begin() + span; }
};

// A node of one child is that child, passed up.
void pass_down(TreeNode& node, std::int64_t blocks) {
  while (node.span > 1 && node.begin() + node.span / 2 >= blocks) {
    node.span /= 2;
    node.position *= 2;
  }
}

std::vector<TreeNode> shared_out(std::int64_t blocks, std::size_t count) {
  const auto size = [&](const TreeNode& node) { return std::min(blocks, node.end()) - node.begin(); };
  std::vector<TreeNode> nodes;
  nodes.reserve(count);
  nodes.push_back({static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(blocks))), 0, 0});
  while (nodes.size() < count) {
    const auto largest = std::max_element(
        nodes.begin(), nodes.end(), [&](const TreeNode& a, const TreeNode& b) { return size(a) < size(b); });
    TreeNode left{largest->span / 2, largest->position * 2, 0};
    TreeNode right{left.span, left.position + 1, 0};
    pass_down(right, blocks);
    *largest = left;
    nodes.insert(largest + 1, right);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].value = static_cast<std::uint32_t>(i);
  return nodes;
}

// Joins the children of the level of this span; what has no sibling passes up.
std::vector<TreeNode> level_up(const std::vector<TreeNode>& nodes, std::int64_t span, ReductionCut& cut) {
  std::vector<TreeNode> next;
  next.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    TreeNode node = nodes[i];
    if (node.span == span) {
      // The last node alone can lack a sibling: whatever lies to its right is of this span or above.
      if (i + 1 < nodes.size() && node.position % 2 == 0) {
        cut.joins.push_back({node.value, nodes[++i].value});
        node.value = static_cast<std::uint32_t>(cut.parts.size() + cut.joins.size() - 1);
      }
      node = {2 * node.span, node.position / 2, node.value};
    }
    next.push_back(node);
  }
  return next;
}

}  // namespace

std::int64_t blocks_of(std::int64_t length, std::int64_t block) { return (length + block - 1) / block; }

ReductionCut cut_reduction(std::int64_t length, std::int64_t block, std::size_t count) {
  constexpr std::size_t kMaxViews = 1024;  // of one step (CEP 5.5)
  std::vector<TreeNode> nodes = shared_out(blocks_of(length, block), count);
  ReductionCut cut;
  cut.parts.reserve(nodes.size());
  for (const TreeNode& node : nodes)
    cut.parts.push_back({node.begin() * block, std::min(length, node.end() * block)});
  while (nodes.size() > 1) {
    std::int64_t span = nodes.front().span;
    for (const TreeNode& node : nodes) span = std::min(span, node.span);
    const bool level =
        std::all_of(nodes.begin(), nodes.end(), [&](const TreeNode& node) { return node.span == span; });
    if (!level || nodes.size() > kMaxViews) {
      nodes = level_up(nodes, span, cut);
      continue;
    }
    std::vector<std::uint32_t> values;
    values.reserve(nodes.size());
    for (const TreeNode& node : nodes) values.push_back(node.value);
    cut.joins.push_back(std::move(values));
    break;
  }
  return cut;
}

}  // namespace cep::planners
