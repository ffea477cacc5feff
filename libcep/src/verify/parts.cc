#include "verify/parts.h"

#include <algorithm>
#include <array>

#include "cep/rule.h"

namespace cep {

namespace {

template <std::size_t N, std::size_t M>
bool fires(std::string_view id, const std::array<std::int64_t, N>& inputs, std::array<std::int64_t, M>& out) {
  const Rule* rule = find_rule(id);
  ACP_ASSERT(rule != nullptr && rule->inputs.size() == N && rule->outputs.size() == M);
  return fire(*rule, inputs, out);
}
template <std::size_t N>
bool fires(std::string_view id, const std::array<std::int64_t, N>& inputs) {
  std::array<std::int64_t, 0> none{};
  return fires(id, inputs, none);
}

constexpr std::size_t kMaxRanges = 1024;

std::string range_text(const KRange& k) { return std::to_string(k.begin) + ":" + std::to_string(k.end); }

}  // namespace

Reduction::Reduction(const SplitReduction& split) : split_(split) {}

bool Reduction::is_extremum() const {
  return split_.combiner == ACP_COMBINE_MAX || split_.combiner == ACP_COMBINE_MIN;
}

bool Reduction::joins_with(CombineOp op) const {
  switch (op) {
    case CombineOp::kAdd: return !is_extremum();
    case CombineOp::kMax: return split_.combiner == ACP_COMBINE_MAX;
    case CombineOp::kMin: return split_.combiner == ACP_COMBINE_MIN;
  }
  return false;
}

std::int64_t Reduction::blocks() const {
  std::array<std::int64_t, 1> out{};
  return fires("tree.blocks", std::array<std::int64_t, 2>{split_.length, split_.order.block}, out) ? out[0]
                                                                                                   : 0;
}

Part Reduction::start(KRange k) const {
  Part part;
  part.kind = Part::Kind::kSum;
  const bool empty = k.begin >= k.end;
  part.has_init = k.begin == 0;
  if (!empty) part.ranges = {k};
  // A reduction that takes its first element and has taken none holds a +0 that is no state of the fold.
  if (!empty || split_.has_init) set_state(part, k);
  return part;
}

// The bits of a range run by itself: a prefix of the fold, one node of the tree, or nothing known.
void Reduction::set_state(Part& part, KRange k) const {
  std::array<std::int64_t, 1> to{};
  const bool first = fires("fold.start", std::array<std::int64_t, 1>{k.begin});
  const std::int64_t block = split_.order.block;
  switch (split_.order.kind) {
    case OrderKind::kChain:
      if (first && fires("fold.append", std::array<std::int64_t, 4>{0, k.begin, k.end, split_.length}, to)) {
        part.state = Part::State::kPrefix;
        part.position = to[0];
      }
      return;
    case OrderKind::kBlockedIndex:
    case OrderKind::kBlockedTree: {
      // A prefix of whole blocks, in index order, is a state of the fold over blocks.
      const bool whole_blocks = k.end % block == 0 || k.end == split_.length;
      const std::int64_t done = k.end == split_.length ? blocks() : k.end / block;
      if (split_.order.kind == OrderKind::kBlockedIndex && first && whole_blocks && done > 0 &&
          fires("fold.append", std::array<std::int64_t, 4>{0, 0, done, blocks()}, to)) {
        part.state = Part::State::kPrefix;
        part.position = to[0];
        return;
      }
      // One block alone, or, in tree order, any node.
      const std::int64_t max_span =
          split_.order.kind == OrderKind::kBlockedIndex ? 1 : std::max<std::int64_t>(1, 2 * blocks());
      std::array<std::int64_t, 2> node{};
      for (std::int64_t span = 1; span <= max_span; span *= 2) {
        if (!fires("tree.block", std::array<std::int64_t, 5>{k.begin, k.end, split_.length, block, span},
                   node))
          continue;
        part.state = Part::State::kTreeNode;
        part.span = node[0];
        part.position = node[1];
        if (split_.order.kind == OrderKind::kBlockedTree) pass_up(part);
        return;
      }
      return;
    }
    default: return;
  }
}

void Reduction::pass_up(Part& part) const {
  std::array<std::int64_t, 2> node{};
  while (fires("tree.pass_up", std::array<std::int64_t, 3>{part.span, part.position, blocks()}, node)) {
    part.span = node[0];
    part.position = node[1];
  }
}

Part Reduction::from_constant(std::uint64_t bits) const {
  Part part;
  part.kind = Part::Kind::kSum;
  constexpr std::uint64_t kMinusZero = 0x80000000u;
  const bool zero = bits == 0 || (split_.dtype == Dtype::kF32 && bits == kMinusZero);
  // Over the reals a zero is the empty sum; to the bit it is the init only when that is the same zero.
  if (zero && !is_extremum()) {
    part.has_init = split_.zero_bits && *split_.zero_bits == bits;
    if (part.has_init && split_.order.kind == OrderKind::kChain) part.state = Part::State::kPrefix;
    return part;
  }
  part.kind = Part::Kind::kConstant;
  part.bits = bits;
  return part;
}

Refusal Reduction::merge(const std::vector<KRange>& a, const std::vector<KRange>& b,
                         std::vector<KRange>& out) const {
  std::vector<KRange> all = a;
  for (const KRange& range : b) {
    for (const KRange& other : a) {
      if (is_extremum() || fires("sum.disjoint", std::array<std::int64_t, 4>{other.begin, other.end,
                                                                             range.begin, range.end})) {
        continue;
      }
      return "k " + range_text({std::max(range.begin, other.begin), std::min(range.end, other.end)}) +
             " counted twice";
    }
    all.push_back(range);
  }
  // A hostile plan must not make every join walk ever longer lists.
  if (all.size() > kMaxRanges) return "more than " + std::to_string(kMaxRanges) + " separate ranges of k";
  std::sort(all.begin(), all.end());
  out.clear();
  for (const KRange& range : all) {
    std::array<std::int64_t, 2> joined{};
    if (!out.empty() &&
        fires("semilattice.union",
              std::array<std::int64_t, 4>{out.back().begin, out.back().end, range.begin, range.end},
              joined)) {
      out.back() = {joined[0], joined[1]};
    } else {
      out.push_back(range);
    }
  }
  return std::nullopt;
}

Refusal Reduction::append(const Part& seed, KRange k, Part& out) const {
  out = Part{};
  out.kind = Part::Kind::kSum;
  out.has_init = seed.has_init;
  std::vector<KRange> added;
  if (k.begin < k.end) added.push_back(k);
  if (Refusal refusal = merge(seed.ranges, added, out.ranges)) return refusal;
  std::array<std::int64_t, 1> to{};
  if (split_.order.kind == OrderKind::kChain && seed.state == Part::State::kPrefix && seed.has_init &&
      fires("fold.append", std::array<std::int64_t, 4>{seed.position, k.begin, k.end, split_.length}, to)) {
    out.state = Part::State::kPrefix;
    out.position = to[0];
  }
  return std::nullopt;
}

Refusal Reduction::join(const Part& a, const Part& b, Part& out) const {
  out = Part{};
  out.kind = Part::Kind::kSum;
  if (a.has_init && b.has_init && !split_.starts_from_zero && !is_extremum())
    return "the reduction's start counted twice";
  out.has_init = a.has_init || b.has_init;
  if (Refusal refusal = merge(a.ranges, b.ranges, out.ranges)) return refusal;
  set_joined_state(a, b, out);
  return std::nullopt;
}

void Reduction::set_joined_state(const Part& a, const Part& b, Part& out) const {
  if (split_.order.kind == OrderKind::kBlockedTree && a.state == Part::State::kTreeNode &&
      b.state == Part::State::kTreeNode) {
    std::array<std::int64_t, 2> node{};
    if (!fires("tree.join", std::array<std::int64_t, 5>{a.span, a.position, b.span, b.position, blocks()},
               node))
      return;
    out.state = Part::State::kTreeNode;
    out.span = node[0];
    out.position = node[1];
    pass_up(out);
    return;
  }
  if (split_.order.kind != OrderKind::kBlockedIndex) return;
  // Addition commutes, so either side may be the prefix.
  const Part& prefix = a.state == Part::State::kPrefix ? a : b;
  const Part& block = a.state == Part::State::kPrefix ? b : a;
  std::array<std::int64_t, 1> done{};
  if (prefix.state == Part::State::kPrefix && block.state == Part::State::kTreeNode && block.span == 1 &&
      fires("index_order.append", std::array<std::int64_t, 3>{prefix.position, block.position, blocks()},
            done)) {
    out.state = Part::State::kPrefix;
    out.position = done[0];
  }
}

bool Reduction::is_whole(const Part& part) const {
  if (part.kind != Part::Kind::kSum) return false;
  if (!part.has_init && split_.has_init && !split_.starts_from_zero) return false;
  if (split_.length == 0) return part.ranges.empty();
  return part.ranges.size() == 1 &&
         fires("sum.whole",
               std::array<std::int64_t, 3>{part.ranges[0].begin, part.ranges[0].end, split_.length});
}

bool Reduction::is_canonical(const Part& part) const {
  if (!is_whole(part)) return false;
  // Maximum and minimum have the same bits in every order, but one element alone is taken as it is, NaN and all, and not compared.
  if (is_extremum())
    return split_.length + (split_.has_init ? 1 : 0) > 1 && (part.has_init || !split_.has_init);
  if (!part.has_init) return false;
  switch (part.state) {
    case Part::State::kPrefix:
      return part.position == (split_.order.kind == OrderKind::kBlockedIndex ? blocks() : split_.length);
    case Part::State::kTreeNode:
      return (split_.order.kind == OrderKind::kBlockedTree || blocks() == 1) &&
             fires("tree.root", std::array<std::int64_t, 3>{part.span, part.position, blocks()});
    case Part::State::kUnordered: return false;
  }
  return false;
}

std::string to_string(const Part& part) {
  if (part.kind == Part::Kind::kWhole) return "whole";
  if (part.kind == Part::Kind::kConstant) return "constant";
  std::string text = "sum over k";
  for (const KRange& range : part.ranges) text += " " + range_text(range);
  if (part.ranges.empty()) text += " none";
  if (part.state == Part::State::kPrefix) text += ", state after " + std::to_string(part.position);
  if (part.state == Part::State::kTreeNode) {
    text += ", tree node " + std::to_string(part.position) + " of span " + std::to_string(part.span);
  }
  return text;
}

}  // namespace cep
