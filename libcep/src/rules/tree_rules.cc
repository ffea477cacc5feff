// The tree of blocked(tree): nodes by span and position.
//
// `blocks` blocks of `block` consecutive k lie at span 1. Span 2s has a node t for every pair (2t, 2t + 1) of span s, and for an
// odd last one, which passes up unchanged. So node (span, position) covers the blocks [position * span, min((position + 1) *
// span, blocks)); spans are powers of two. A tail that passes up is a node at several spans, with one value. The one to keep is the
// highest below the root ("normal"): fire tree.pass_up until it refuses. Then two nodes that can be joined always have the
// same span, and the whole reduction is position 0 at the first span >= blocks. The level of a node is log2(span).
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule tree_blocks() {
  RuleBuilder r(
      "tree.blocks",
      "A reduction of `length` elements has ceil(length / block) blocks, and one when it is empty.");
  auto [length, block] = r.inputs<2>({"length", "block"});
  r.guard("block_positive", 0 < block);
  auto blocks = r.output("blocks", max_of(ceil_div(length, block), r.constant(1)));
  r.conclusion("some", 0 < blocks);
  r.conclusion("enough", length <= blocks * block);
  r.conclusion("none_empty", any_of({blocks == 1, (blocks - 1) * block < length}));
  return std::move(r).finish();
}

Rule tree_block() {
  RuleBuilder r("tree.block",
                "The k range [from, to) that is exactly the blocks of node (span, position), reduced by "
                "itself, gives that node.",
                Schema::kTreeLevel);
  auto [from, to, length, block, span] = r.inputs<5>({"from", "to", "length", "block", "span"});
  auto whole = block * span;
  auto position = floor_div(from, whole);
  r.guard("block_positive", 0 < block);
  r.guard("span_power_of_two", is_power_of_two(span));
  r.guard("length_nonnegative", 0 <= length);
  r.guard("nonnegative", 0 <= from);
  r.guard("starts_at_node", from == position * whole);
  r.guard("present", from < max_of(length, r.constant(1)));
  r.guard("ends_at_node", to == min_of((position + 1) * whole, length));
  auto span_out = r.output("span", span);
  auto position_out = r.output("position", position);
  r.argument("from", from);
  r.argument("to", to);
  r.argument("length", length);
  r.argument("block", block);
  r.argument("span", span_out);
  r.argument("position", position_out);
  return std::move(r).finish();
}

Rule tree_join() {
  RuleBuilder r(
      "tree.join",
      "Two siblings of one span, added in either operand order (addition commutes), give their parent.",
      Schema::kTreeLevel);
  auto [a_span, a_position, b_span, b_position, blocks] =
      r.inputs<5>({"a_span", "a_position", "b_span", "b_position", "blocks"});
  auto parent = floor_div(a_position, 2);
  r.guard("span_positive", 0 < a_span);
  r.guard("same_span", a_span == b_span);
  r.guard("nonnegative", 0 <= a_position);
  r.guard("siblings", floor_div(b_position, 2) == parent);
  r.guard("two", negated(a_position == b_position));
  r.guard("present", max_of(a_position, b_position) * a_span < blocks);
  auto span = r.output("span", a_span * 2);
  auto position = r.output("position", parent);
  r.argument("left_span", a_span);
  r.argument("left_position", a_position);
  r.argument("right_span", b_span);
  r.argument("right_position", b_position);
  r.argument("blocks", blocks);
  r.argument("span", span);
  r.argument("position", position);
  return std::move(r).finish();
}

Rule tree_pass_up() {
  RuleBuilder r("tree.pass_up", "An odd last node below the root is also a node of twice its span.",
                Schema::kTreeLevel);
  auto [child_span, child_position, blocks] = r.inputs<3>({"span", "position", "blocks"});
  auto parent = floor_div(child_position, 2);
  r.guard("even", child_position == parent * 2);
  r.guard("present", child_position * child_span < blocks);  // with "last": the span is positive
  r.guard("last", blocks <= (child_position + 1) * child_span);
  r.guard("below_root", child_span < blocks);
  auto span = r.output("span", child_span * 2);
  auto position = r.output("position", parent);
  r.argument("child_span", child_span);
  r.argument("child_position", child_position);
  r.argument("blocks", blocks);
  r.argument("span", span);
  r.argument("position", position);
  // Passing up ends: it never leaves the first span that covers everything.
  r.conclusion("not_above_root", span < blocks * 2);
  return std::move(r).finish();
}

Rule tree_root() {
  RuleBuilder r("tree.root", "Node 0 of a span that covers all blocks is the whole reduction.",
                Schema::kTreeLevel);
  auto [span, position, blocks] = r.inputs<3>({"span", "position", "blocks"});
  r.guard("some", 0 < blocks);
  r.guard("first", position == 0);
  r.guard("covers", blocks <= span);
  r.argument("blocks", blocks);
  r.argument("span", span);
  r.argument("position", position);
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> tree_rules() {
  return {tree_blocks(), tree_block(), tree_join(), tree_pass_up(), tree_root()};
}

}  // namespace cep
