// Hulls: interval bounds of index expressions, by the rules index.* of the rule table.
#include <algorithm>
#include <array>
#include <optional>

#include "cep/rule.h"
#include "index/node_shape.h"
#include "index/reach.h"

namespace cep {

namespace {

// Inclusive bounds; absent when the value depends on data.
struct Range {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
using Bound = std::optional<Range>;

template <std::size_t N>
Bound by_rule(std::string_view id, const std::array<std::int64_t, N>& inputs) {
  const Rule* rule = find_rule(id);
  ACP_ASSERT(rule != nullptr);
  std::array<std::int64_t, 2> out{};
  if (!fire(*rule, inputs, out)) return std::nullopt;
  return Range{out[0], out[1]};
}

// Ranges of the reduce iterators while their row-major number runs over [begin, end): exact for the leading ones.
std::vector<acp_iter> reduce_ranges(const Region& region, const acp_nest& nest) {
  const std::uint32_t first = nest.iter_first + nest.iter_count - nest.reduce_count;
  std::vector<acp_iter> ranges(region.iters.begin() + first,
                               region.iters.begin() + first + nest.reduce_count);
  std::int64_t begin = nest.k_begin;
  std::int64_t last = nest.k_end - 1;
  std::int64_t inner = 1;
  for (const acp_iter& iter : ranges) inner *= iter.end;
  for (acp_iter& iter : ranges) {
    if (iter.end == 0 || begin > last) return ranges;
    inner /= iter.end;
    iter = {begin / inner, last / inner + 1};
    if (iter.end - iter.begin != 1) return ranges;  // further in, every value can occur
    begin %= inner;
    last %= inner;
  }
  return ranges;
}

class NestBounds {
 public:
  NestBounds(const Region& region, std::uint32_t nest_id)
      : region_(region), nest_(region.nests[nest_id]), trips_(trips_around(region, nest_id)) {
    iters_.assign(region.iters.begin() + nest_.iter_first,
                  region.iters.begin() + nest_.iter_first + nest_.iter_count - nest_.reduce_count);
    for (const acp_iter& iter : iters_) runs_ = runs_ && iter.begin < iter.end;
    for (const std::int64_t trips : trips_) runs_ = runs_ && trips > 0;
    const std::vector<acp_iter> reduce = reduce_ranges(region, nest_);
    iters_.insert(iters_.end(), reduce.begin(), reduce.end());
    bounds_.reserve(region.indices.size());
    const Reached reached = reach_of(region, nest_id);
    for (std::size_t i = 0; i < region.indices.size(); ++i) {
      bounds_.push_back(reached.indices[i] ? bound(region.indices[i]) : std::nullopt);
    }
  }

  [[nodiscard]] bool runs() const { return runs_; }
  [[nodiscard]] bool bounded(std::uint32_t index) const { return bounds_[index].has_value(); }

  // What coord[] can reach in an operand, before guards; data-dependent axes are whole.
  [[nodiscard]] Box reach(const std::uint32_t* coord, const acp_operand& operand) const {
    Box box{Dims(operand.rank), Dims(operand.rank)};
    for (std::size_t d = 0; d < operand.rank; ++d) {
      const Bound& b = bounds_[coord[d]];
      box.lo[d] = b ? b->lo : 0;
      box.hi[d] = b ? b->hi + 1 : operand.extent[d];
    }
    return box;
  }

  [[nodiscard]] Box reach(const acp_read& read) const {
    Box box = reach(read.coord, region_.operands[read.operand]);
    for (std::uint32_t g = 0; g < read.guard_count; ++g) {
      const acp_guard& guard = region_.guards[read.guard_first + g];
      const Bound& b = bounds_[guard.index];
      if (!b) continue;
      const Bound cut = by_rule("index.guard", std::array{b->lo, b->hi, guard.lo, guard.hi});
      if (!cut) continue;  // a rule that does not fire cuts nothing
      const bool never = cut->lo > cut->hi;
      for (std::size_t d = 0; d < box.rank(); ++d) {
        if (never) {
          box.hi[d] = box.lo[d];
        } else if (read.coord[d] == guard.index) {
          box.lo[d] = std::max(box.lo[d], cut->lo);
          box.hi[d] = std::min(box.hi[d], cut->hi + 1);
        }
      }
    }
    return box;
  }

 private:
  Bound bound(const acp_index_node& node) const {
    switch (node.op) {
      case ACP_IX_CONST: return by_rule("index.const", std::array{node.value});
      case ACP_IX_ITER:
        // Ids of another nest's iterators can exceed this nest's; nothing here refers to such nodes.
        if (node.a >= iters_.size()) return std::nullopt;
        return by_rule("index.range", std::array{iters_[node.a].begin, iters_[node.a].end});
      case ACP_IX_LOOP:
        if (node.a >= trips_.size()) return std::nullopt;
        return by_rule("index.range", std::array{std::int64_t{0}, trips_[node.a]});
      case ACP_IX_LOAD: return std::nullopt;
      default: break;
    }
    const Bound& a = bounds_[node.a];
    if (!a) {
      const bool bounded = node.op == ACP_IX_MOD;  // whatever the data, the remainder is in [0, value)
      return bounded ? Bound(Range{0, node.value - 1}) : std::nullopt;
    }
    switch (node.op) {
      case ACP_IX_ADD: {
        const Bound& b = bounds_[node.b];
        if (!b) return std::nullopt;
        return by_rule("index.add", std::array{a->lo, a->hi, b->lo, b->hi});
      }
      case ACP_IX_SCALE: return by_rule("index.scale", std::array{a->lo, a->hi, node.value});
      case ACP_IX_FLOORDIV: return by_rule("index.floordiv", std::array{a->lo, a->hi, node.value});
      case ACP_IX_MOD: return by_rule("index.mod", std::array{a->lo, a->hi, node.value});
      case ACP_IX_WRAP: return by_rule("index.wrap", std::array{a->lo, a->hi, node.value});
      default: return std::nullopt;
    }
  }

  const Region& region_;
  const acp_nest& nest_;
  std::vector<std::int64_t> trips_;
  std::vector<acp_iter> iters_;
  std::vector<Bound> bounds_;
  bool runs_ = true;
};

Box empty_box(std::size_t rank) { return {Dims(rank, 0), Dims(rank, 0)}; }

}  // namespace

std::vector<std::int64_t> trips_around(const Region& region, std::uint32_t nest) {
  std::vector<std::int64_t> trips;
  for (const acp_stage& stage : region.stages) {
    if (stage.kind == ACP_STAGE_LOOP_BEGIN) trips.push_back(region.loops[stage.index].max_trips);
    if (stage.kind == ACP_STAGE_LOOP_END) trips.pop_back();
    if (stage.kind == ACP_STAGE_NEST && stage.index == nest) break;
  }
  return trips;
}

std::optional<std::uint32_t> overflowing_index(const Region& region, std::uint32_t nest) {
  const NestBounds bounds(region, nest);
  if (!bounds.runs()) return std::nullopt;
  const Reached reached = reach_of(region, nest);
  std::vector<bool> from_data(region.indices.size());
  for (std::uint32_t i = 0; i < region.indices.size(); ++i) {
    const acp_index_node& node = region.indices[i];
    const int uses = index_operands(node.op);
    from_data[i] =
        node.op == ACP_IX_LOAD || (uses > 0 && from_data[node.a]) || (uses > 1 && from_data[node.b]);
    if (reached.indices[i] && !from_data[i] && !bounds.bounded(i)) return i;
  }
  return std::nullopt;
}

std::vector<ReadHull> read_hulls(const Region& region, std::uint32_t nest) {
  const NestBounds bounds(region, nest);
  std::vector<ReadHull> hulls;
  for (const std::uint32_t id : reads_of(region, nest)) {
    const acp_read& read = region.reads[id];
    hulls.push_back({id, bounds.runs() ? bounds.reach(read) : empty_box(region.operands[read.operand].rank)});
  }
  return hulls;
}

Box write_hull(const Region& region, std::uint32_t nest, std::uint32_t write) {
  const NestBounds bounds(region, nest);
  const acp_operand& operand = region.operands[region.writes[write].operand];
  return bounds.runs() ? bounds.reach(region.writes[write].coord, operand) : empty_box(operand.rank);
}

}  // namespace cep
