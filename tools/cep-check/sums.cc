#include "sums.h"

#include <algorithm>
#include <array>

#include "acp/result.h"
#include "cep/rule.h"

namespace cep_check {

namespace {

using cep::Grade;
using cep::KRange;
using cep::OrderKind;
using cep::Part;

// Runs a rule by name; its outputs, or nothing when it does not fire.
template <std::size_t N>
std::optional<std::array<std::int64_t, N>> by_rule(std::string_view id,
                                                   std::initializer_list<std::int64_t> in) {
  const cep::Rule* rule = cep::find_rule(id);
  ACP_ASSERT(rule != nullptr);
  std::array<std::int64_t, N> out{};
  if (!cep::fire(*rule, std::vector<std::int64_t>(in), out)) return std::nullopt;
  return out;
}

Part sum_of(std::vector<KRange> ranges, bool has_init) {
  Part part;
  part.kind = Part::Kind::kSum;
  part.ranges = std::move(ranges);
  part.has_init = has_init;
  return part;
}

Part with_prefix(Part part, std::int64_t position) {
  part.state = Part::State::kPrefix;
  part.span = 0;
  part.position = position;
  return part;
}

std::int64_t blocks_of(const Reduction& r) {
  const auto blocks = by_rule<1>("tree.blocks", {r.split.length, r.split.order.block});
  return blocks ? (*blocks)[0] : 0;
}

// The highest node below the root that has this node's value.
Part with_node(const Reduction& r, Part part, std::int64_t span, std::int64_t position) {
  part.state = Part::State::kTreeNode;
  part.span = span;
  part.position = position;
  if (r.split.order.kind != OrderKind::kBlockedTree) return part;
  while (const auto up = by_rule<2>("tree.pass_up", {part.span, part.position, blocks_of(r)})) {
    part.span = (*up)[0];
    part.position = (*up)[1];
  }
  return part;
}

void tree_nodes(const Reduction& r, KRange k, const Part& sum, std::int64_t max_span, Parts& out) {
  const std::int64_t block = r.split.order.block;
  for (std::int64_t span = 1; span <= max_span; span *= 2) {
    const auto node = by_rule<2>("tree.block", {k.begin, k.end, r.split.length, block, span});
    if (node) return out.push_back(with_node(r, sum, (*node)[0], (*node)[1]));
  }
}

// The blocks [0, k.end) in index order, when k.end is the end of one.
void index_prefix(const Reduction& r, KRange k, const Part& sum, Parts& out) {
  const std::int64_t block = r.split.order.block;
  const bool whole_blocks = k.end == r.split.length || (k.end > 0 && k.end % block == 0);
  if (k.begin != 0 || !whole_blocks) return;
  if (const auto blocks = by_rule<1>("tree.blocks", {k.end, block}))
    out.push_back(with_prefix(sum, (*blocks)[0]));
}

std::vector<KRange> merged(std::vector<KRange> ranges) {
  std::erase_if(ranges, [](const KRange& k) { return k.begin >= k.end; });
  std::sort(ranges.begin(), ranges.end());
  std::vector<KRange> out;
  for (const KRange& k : ranges) {
    if (out.empty() || out.back().end < k.begin) {
      out.push_back(k);
    } else {
      out.back().end = std::max(out.back().end, k.end);
    }
  }
  return out;
}

// Every k of both, counted as often as the combiner allows; nothing when one would count twice.
std::optional<std::vector<KRange>> together(const Reduction& r, const std::vector<KRange>& a,
                                            const std::vector<KRange>& b) {
  for (const KRange& x : a) {
    for (const KRange& y : b) {
      const bool fine =
          r.sums() ? by_rule<0>("sum.disjoint", {x.begin, x.end, y.begin, y.end}).has_value()
                   : x.end < y.begin || y.end < x.begin ||
                         by_rule<2>("semilattice.union", {x.begin, x.end, y.begin, y.end}).has_value();
      if (!fine) return std::nullopt;
    }
  }
  std::vector<KRange> ranges = a;
  ranges.insert(ranges.end(), b.begin(), b.end());
  return merged(std::move(ranges));
}

// With fewer than two values the reference does no arithmetic at all and keeps every bit, NaN payloads too; a join would not.
bool extremum_of_one(const Reduction& r) {
  return !r.sums() && r.split.length + (r.split.has_init ? 1 : 0) < 2;
}

std::optional<Part> join_index(const Reduction& r, const Part& prefix, const Part& node, const Part& sum) {
  if (prefix.state != Part::State::kPrefix || node.state != Part::State::kTreeNode || node.span != 1)
    return std::nullopt;
  const auto done = by_rule<1>("index_order.append", {prefix.position, node.position, blocks_of(r)});
  return done ? std::optional(with_prefix(sum, (*done)[0])) : std::nullopt;
}

void join_pair(const Reduction& r, const Part& a, const Part& b, Parts& out) {
  if (a.kind != Part::Kind::kSum || b.kind != Part::Kind::kSum) return;
  // A start of zero, counted twice, does no harm over the reals; the orders below never fire for it.
  if (r.sums() && a.has_init && b.has_init && !r.split.starts_from_zero) return;
  const auto ranges = together(r, a.ranges, b.ranges);
  if (!ranges) return;
  const Part sum = sum_of(*ranges, a.has_init || b.has_init);
  out.push_back(sum);
  if (!r.sums()) return;
  if (r.split.order.kind == OrderKind::kBlockedTree && a.state == Part::State::kTreeNode &&
      b.state == Part::State::kTreeNode) {
    const auto node = by_rule<2>("tree.join", {a.span, a.position, b.span, b.position, blocks_of(r)});
    if (node) out.push_back(with_node(r, sum, (*node)[0], (*node)[1]));
  }
  if (r.split.order.kind == OrderKind::kBlockedIndex) {
    for (const auto& joined : {join_index(r, a, b, sum), join_index(r, b, a, sum)}) {
      if (joined) out.push_back(*joined);
    }
  }
}

// The bits are those of the reference.
bool exact(const Reduction& r, const Part& part) {
  switch (r.split.order.kind) {
    case OrderKind::kAny: return true;
    case OrderKind::kChain: return part.state == Part::State::kPrefix && part.position == r.split.length;
    case OrderKind::kBlockedIndex: return part.state == Part::State::kPrefix && part.position == blocks_of(r);
    case OrderKind::kBlockedTree:
      return part.state == Part::State::kTreeNode &&
             by_rule<0>("tree.root", {part.span, part.position, blocks_of(r)}).has_value();
    default: return !r.sums();
  }
}

std::optional<Grade> whole_from(const Reduction& r, const Part& part) {
  if (part.kind == Part::Kind::kWhole) return Grade::kBitwise;
  if (part.ranges.size() > 1) return std::nullopt;
  const KRange k = part.ranges.empty() ? KRange{0, 0} : part.ranges.front();
  if (!by_rule<0>("sum.whole", {k.begin, k.end, r.split.length})) return std::nullopt;
  // has_init: the sum begins as the node's own does, with its init or, where it has none, with its first element.
  const bool init = part.has_init || (!r.split.has_init && !r.sums());
  if (!init && r.split.has_init && !(r.sums() && r.split.starts_from_zero)) return std::nullopt;
  return init && exact(r, part) ? Grade::kBitwise : Grade::kReal;
}

std::optional<Grade> follows_from(const Reduction& r, const Part& part, const Part& claimed) {
  if (claimed.kind == Part::Kind::kWhole) return whole_from(r, part);
  if (claimed.kind != Part::Kind::kSum || part.kind != Part::Kind::kSum || part.ranges != claimed.ranges)
    return std::nullopt;
  if (part.has_init != claimed.has_init) return std::nullopt;
  if (claimed.state == Part::State::kUnordered) return Grade::kBitwise;  // says nothing about bits
  const bool same =
      part.state == claimed.state && part.position == claimed.position && part.span == claimed.span;
  return same ? std::optional(Grade::kBitwise) : std::nullopt;
}

}  // namespace

Parts run_alone(const Reduction& r, KRange k) {
  const bool first = by_rule<0>("fold.start", {k.begin}).has_value();
  const Part sum = sum_of(merged({k}), first);
  Parts out{sum};
  if (first && k.end == r.split.length)
    out.push_back({});  // the node's own program: whole, whatever its order
  // Without an init there is no state before the first element.
  const bool begun = r.split.has_init || k.begin < k.end;
  if (!begun) return out;
  const OrderKind order = r.split.order.kind;
  if (order == OrderKind::kChain && first) {
    if (const auto to = by_rule<1>("fold.append", {0, k.begin, k.end, r.split.length}))
      out.push_back(with_prefix(sum, (*to)[0]));
  }
  if (order == OrderKind::kBlockedTree) tree_nodes(r, k, sum, std::int64_t{1} << 61, out);
  if (order == OrderKind::kBlockedIndex) {
    tree_nodes(r, k, sum, 1, out);
    index_prefix(r, k, sum, out);
  }
  return out;
}

Parts run_from(const Reduction& r, const Part& seed, KRange k) {
  if (seed.kind != Part::Kind::kSum || extremum_of_one(r)) return {};
  const auto ranges = together(r, seed.ranges, merged({k}));
  if (!ranges) return {};
  const Part sum = sum_of(*ranges, seed.has_init);
  Parts out{sum};
  if (r.split.order.kind == OrderKind::kChain && seed.state == Part::State::kPrefix && seed.has_init) {
    const auto to = by_rule<1>("fold.append", {seed.position, k.begin, k.end, r.split.length});
    if (to) out.push_back(with_prefix(sum, (*to)[0]));
  }
  return out;
}

std::optional<Part> constant_start(const Reduction& r, std::uint64_t bits, cep::Dtype dtype) {
  if (cep::size_bytes(dtype) < 8) bits &= (std::uint64_t{1} << (8 * cep::size_bytes(dtype))) - 1;
  const bool zero = bits == 0 || (dtype == cep::Dtype::kF32 && bits == 0x80000000u);
  if (!r.sums() || !zero) return std::nullopt;
  const Part none = sum_of({}, r.init_constant && r.init_bits == bits);
  return none.has_init && r.split.order.kind == OrderKind::kChain ? with_prefix(none, 0) : none;
}

Parts join(const Reduction& r, const Parts& a, const Parts& b) {
  Parts out;
  if (extremum_of_one(r)) return out;
  for (const Part& x : a) {
    for (const Part& y : b) join_pair(r, x, y, out);
  }
  for (auto part = out.begin(); part != out.end();)
    part = std::find(out.begin(), part, *part) == part ? std::next(part) : out.erase(part);
  return out;
}

Parts readings(const Reduction& r, const Part& part) {
  Parts out{part};
  // The first block of an index order is also the state after one block.
  const bool first_block = part.state == Part::State::kTreeNode && part.span == 1 && part.position == 0;
  if (r.split.order.kind == OrderKind::kBlockedIndex && first_block) out.push_back(with_prefix(part, 1));
  return out;
}

std::optional<Grade> follows(const Reduction& r, const Parts& parts, const Part& claimed) {
  std::optional<Grade> best;
  for (const Part& part : parts)
    best = std::max(best, follows_from(r, part, claimed));  // nothing is less than any
  return best;
}

}  // namespace cep_check
