// Restriction of a region to boxes of its outputs, walking the stages backwards: what is needed of an operand decides which
// points of a nest run, and those decide what is needed of the operands it reads.
#include <algorithm>
#include <optional>

#include "cep/region.h"

namespace cep {

namespace {

// iter + offset, or a constant (iter absent). The only forms a write coordinate may take outside loops.
struct WriteCoord {
  std::optional<std::uint32_t> iter;
  std::int64_t offset = 0;
};

// Of every index node that has such a form. A forward pass, not a walk: sums of a node with itself have exponentially many paths.
std::vector<std::optional<WriteCoord>> write_coords(const Region& region) {
  std::vector<std::optional<WriteCoord>> coords;
  for (const acp_index_node& node : region.indices) {
    std::optional<WriteCoord> coord;
    if (node.op == ACP_IX_CONST) coord = WriteCoord{std::nullopt, node.value};
    if (node.op == ACP_IX_ITER) coord = WriteCoord{node.a, 0};
    if (node.op == ACP_IX_ADD && coords[node.a] && coords[node.b]) {
      const WriteCoord &a = *coords[node.a], &b = *coords[node.b];
      std::int64_t offset = 0;
      const bool fits = !__builtin_add_overflow(a.offset, b.offset, &offset);
      if (fits && !(a.iter && b.iter)) coord = WriteCoord{a.iter ? a.iter : b.iter, offset};
    }
    coords.push_back(coord);
  }
  return coords;
}

class Restriction {
 public:
  Restriction(const Region& region, const std::vector<Box>& outputs)
      : out_(region), coords_(write_coords(region)), need_(region.operands.size()) {
    for (std::size_t i = 0; i < region.operands.size(); ++i) {
      const acp_operand& operand = region.operands[i];
      if (operand.role == ACP_ROLE_OUTPUT) need_[i] = outputs[operand.slot];
    }
    source_stages_ = std::move(out_.stages);
    source_nests_ = out_.nests;
    out_.stages.clear();
    out_.nests.clear();
  }

  Region run() && {
    std::vector<acp_stage> reversed;
    int depth = 0;
    for (std::size_t i = source_stages_.size(); i-- > 0;) {
      const acp_stage& stage = source_stages_[i];
      if (stage.kind == ACP_STAGE_LOOP_END && depth++ == 0) need_whole_loop(i);
      if (stage.kind == ACP_STAGE_LOOP_BEGIN) --depth;
      if (stage.kind != ACP_STAGE_NEST) {
        reversed.push_back(stage);
      } else if (depth > 0) {
        out_.nests.push_back(source_nests_[stage.index]);
        reversed.push_back({ACP_STAGE_NEST, static_cast<std::uint32_t>(out_.nests.size() - 1)});
      } else {
        restrict_nest(source_nests_[stage.index], reversed);
      }
    }
    out_.stages.assign(reversed.rbegin(), reversed.rend());
    set_windows();
    return std::move(out_);
  }

 private:
  // A nest outside loops becomes one nest per write that is needed, each over its own points.
  void restrict_nest(const acp_nest& nest, std::vector<acp_stage>& reversed) {
    for (std::uint32_t w = nest.write_count; w-- > 0;) {
      acp_nest part = nest;
      part.write_first = nest.write_first + w;
      part.write_count = 1;
      if (!cut_iterators(part)) continue;
      out_.nests.push_back(part);
      const auto id = static_cast<std::uint32_t>(out_.nests.size() - 1);
      reversed.push_back({ACP_STAGE_NEST, id});
      for (const ReadHull& hull : read_hulls(out_, id)) add_need(out_.reads[hull.read].operand, hull.box);
    }
  }

  // Gives the part its own iterators, cut to what is needed of the operand it writes. False: nothing is.
  bool cut_iterators(acp_nest& part) {
    const acp_write& write = out_.writes[part.write_first];
    const std::optional<Box> needed = need_[write.operand];
    if (!needed || needed->empty()) return false;
    std::vector<acp_iter> iters(out_.iters.begin() + part.iter_first,
                                out_.iters.begin() + part.iter_first + part.iter_count);
    for (std::size_t d = 0; d < needed->rank(); ++d) {
      const std::optional<WriteCoord>& coord = coords_[write.coord[d]];
      ACP_ASSERT(coord.has_value());
      if (!coord->iter) {
        if (coord->offset < needed->lo[d] || coord->offset >= needed->hi[d]) return false;
        continue;
      }
      acp_iter& iter = iters[*coord->iter];
      iter.begin = std::max(iter.begin, needed->lo[d] - coord->offset);
      iter.end = std::min(iter.end, needed->hi[d] - coord->offset);
      if (iter.begin >= iter.end) return false;
    }
    part.iter_first = static_cast<std::uint32_t>(out_.iters.size());
    out_.iters.insert(out_.iters.end(), iters.begin(), iters.end());
    return true;
  }

  // Inside a loop nothing is cut: every operand its nests, trip count and condition touch is needed whole.
  void need_whole_loop(std::size_t end) {
    const auto whole = [&](std::uint32_t operand) {
      add_need(operand, Box::whole(type_of(out_.operands[operand]).dims));
    };
    int depth = 0;
    for (std::size_t i = end + 1; i-- > 0;) {
      const acp_stage& stage = source_stages_[i];
      if (stage.kind == ACP_STAGE_NEST) {
        const acp_nest& nest = source_nests_[stage.index];
        for (std::uint32_t w = 0; w < nest.write_count; ++w) whole(out_.writes[nest.write_first + w].operand);
        for (const std::uint32_t read : nest_reads(nest)) whole(out_.reads[read].operand);
      } else {
        const acp_loop& loop = out_.loops[stage.index];
        for (const std::uint32_t read : loop_reads(out_, loop)) whole(out_.reads[read].operand);
        depth += stage.kind == ACP_STAGE_LOOP_END ? 1 : -1;
        if (depth == 0) return;
      }
    }
  }

  std::vector<std::uint32_t> nest_reads(const acp_nest& nest) {
    out_.nests.push_back(nest);
    std::vector<std::uint32_t> reads = reads_of(out_, static_cast<std::uint32_t>(out_.nests.size() - 1));
    out_.nests.pop_back();
    return reads;
  }

  void add_need(std::uint32_t operand, const Box& hull) {
    if (out_.operands[operand].role != ACP_ROLE_TEMP) return;
    // A hull may reach past the tensor where a guard on another expression keeps the read inside.
    const Box box = intersect(hull, Box::whole(type_of(out_.operands[operand]).dims));
    if (box.empty()) return;
    std::optional<Box>& need = need_[operand];
    if (!need || need->empty()) {
      need = box;
      return;
    }
    for (std::size_t d = 0; d < box.rank(); ++d) {
      need->lo[d] = std::min(need->lo[d], box.lo[d]);
      need->hi[d] = std::max(need->hi[d], box.hi[d]);
    }
  }

  void set_windows() {
    for (std::size_t i = 0; i < out_.operands.size(); ++i) {
      acp_operand& operand = out_.operands[i];
      if (operand.role == ACP_ROLE_INPUT) continue;
      const Box none{Dims(operand.rank, 0), Dims(operand.rank, 0)};
      const Box window = need_[i].value_or(none);
      const Dims dims = window.dims();
      const Dims strides = row_major_strides(dims);
      for (std::size_t d = 0; d < operand.rank; ++d) {
        operand.origin[d] = window.lo[d];
        operand.held[d] = dims[d];
        operand.stride[d] = strides[d];
      }
    }
  }

  Region out_;
  std::vector<std::optional<WriteCoord>> coords_;
  std::vector<std::optional<Box>> need_;
  std::vector<acp_stage> source_stages_;
  std::vector<acp_nest> source_nests_;
};

}  // namespace

Region restrict_outputs(const Region& region, const std::vector<Box>& outputs) {
  ACP_ASSERT(outputs.size() == region.count(ACP_ROLE_OUTPUT));
  return Restriction(region, outputs).run();
}

}  // namespace cep
