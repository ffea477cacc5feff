// Folds in a fixed order: the chain over k, and blocked(index) over whole blocks.
//
// C(n) is the state of the fold after its first n elements, C(0) its init. Arguments of the schema: the state given is
// C(seed); the step runs the elements [begin, end) of a fold of `length` elements; the result claims to be C(result).
#include "rules/builder.h"
#include "rules/table.h"

namespace cep {

namespace {

Rule fold_append() {
  RuleBuilder r("fold.append",
                "A fold that continues from the state after `from` elements over [from, to) ends in the "
                "state after `to`.",
                Schema::kFoldAppend);
  auto [state_to, from, to, length] = r.inputs<4>({"state_to", "from", "to", "length"});
  r.guard("nonnegative", 0 <= from);
  r.guard("continues", state_to == from);
  r.guard("ascending", from <= to);
  r.guard("inside", to <= length);
  auto after = r.output("to", to);
  r.argument("seed", state_to);
  r.argument("begin", from);
  r.argument("end", to);
  r.argument("length", length);
  r.argument("result", after);
  return std::move(r).finish();
}

Rule fold_start() {
  RuleBuilder r("fold.start", "The init is the state of the fold before k = 0, and of no other k.",
                Schema::kFoldAppend);
  auto [from] = r.inputs<1>({"from"});
  r.guard("first", from == 0);
  r.argument("begin", from);
  return std::move(r).finish();
}

Rule index_order_append() {
  RuleBuilder r("index_order.append",
                "blocked(index): the state after n blocks, joined with block n, is the state after n + 1.",
                Schema::kFoldAppend);
  auto [blocks_done, block_position, blocks] = r.inputs<3>({"blocks_done", "block_position", "blocks"});
  r.guard("nonnegative", 0 <= blocks_done);
  r.guard("next", block_position == blocks_done);
  r.guard("inside", block_position < blocks);
  auto done = r.output("blocks_done", block_position + 1);
  r.argument("seed", blocks_done);
  r.argument("begin", block_position);
  r.argument("end", block_position + 1);
  r.argument("length", blocks);
  r.argument("result", done);
  return std::move(r).finish();
}

}  // namespace

std::vector<Rule> fold_rules() { return {fold_append(), fold_start(), index_order_append()}; }

}  // namespace cep
