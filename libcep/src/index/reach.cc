#include "index/reach.h"

#include "index/node_shape.h"

namespace cep {

namespace {

// Marks nodes backwards: references only point to earlier nodes, and a read marks its coordinates' nodes, whose LOADs mark
// further reads; repeated until nothing changes.
class Marks {
 public:
  explicit Marks(const Region& region)
      : region_(region),
        scalars_(region.scalars.size()),
        indices_(region.indices.size()),
        reads_(region.reads.size()) {}

  void mark_scalar(std::uint32_t id) {
    if (id == ACP_NONE) return;
    std::vector<std::uint32_t> todo{id};
    while (!todo.empty()) {
      const std::uint32_t at = todo.back();
      todo.pop_back();
      if (scalars_[at]) continue;
      scalars_[at] = true;
      const acp_scalar_node& node = region_.scalars[at];
      if (node.op == ACP_SC_ARG) mark_read(node.a);
      if (node.op == ACP_SC_INDEX) mark_index(node.a);
      const int uses = scalar_operands(node.op);
      if (uses > 0) todo.push_back(node.a);
      if (uses > 1) todo.push_back(node.b);
      if (uses > 2) todo.push_back(node.c);
    }
  }

  void mark_index(std::uint32_t id) {
    std::vector<std::uint32_t> todo{id};
    while (!todo.empty()) {
      const std::uint32_t at = todo.back();
      todo.pop_back();
      if (indices_[at]) continue;
      indices_[at] = true;
      const acp_index_node& node = region_.indices[at];
      if (node.op == ACP_IX_LOAD) mark_read(node.a);
      const int uses = index_operands(node.op);
      if (uses > 0) todo.push_back(node.a);
      if (uses > 1) todo.push_back(node.b);
    }
  }

  void mark_read(std::uint32_t id) {
    if (reads_[id]) return;
    reads_[id] = true;
    pending_.push_back(id);
  }

  Reached finish() {
    while (!pending_.empty()) {
      const acp_read& read = region_.reads[pending_.back()];
      pending_.pop_back();
      for (std::uint8_t d = 0; d < region_.operands[read.operand].rank; ++d) mark_index(read.coord[d]);
      for (std::uint32_t g = 0; g < read.guard_count; ++g)
        mark_index(region_.guards[read.guard_first + g].index);
    }
    return {std::move(scalars_), std::move(indices_), std::move(reads_)};
  }

 private:
  const Region& region_;
  std::vector<bool> scalars_, indices_, reads_;
  std::vector<std::uint32_t> pending_;
};

std::vector<std::uint32_t> numbers_of(const std::vector<bool>& marks) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < marks.size(); ++i) {
    if (marks[i]) out.push_back(i);
  }
  return out;
}

}  // namespace

Reached reach(const Region& region, const std::vector<std::uint32_t>& scalar_roots,
              const std::vector<std::uint32_t>& index_roots) {
  Marks marks(region);
  for (const std::uint32_t root : scalar_roots) marks.mark_scalar(root);
  for (const std::uint32_t root : index_roots) marks.mark_index(root);
  return marks.finish();
}

std::vector<std::uint32_t> reads_from(const Region& region, const std::vector<std::uint32_t>& roots) {
  return numbers_of(reach(region, roots, {}).reads);
}

std::vector<std::uint32_t> loop_reads(const Region& region, const acp_loop& loop) {
  return reads_from(region, {loop.trips, loop.condition});
}

Reached reach_of(const Region& region, std::uint32_t nest_id) {
  const acp_nest& nest = region.nests[nest_id];
  std::vector<std::uint32_t> scalars = {nest.init}, indices;
  if (nest.k_begin < nest.k_end) scalars.insert(scalars.end(), {nest.body_a, nest.body_b});
  for (std::uint32_t w = 0; w < nest.write_count; ++w) {
    const acp_write& write = region.writes[nest.write_first + w];
    scalars.push_back(write.value);
    indices.insert(indices.end(), write.coord, write.coord + region.operands[write.operand].rank);
  }
  return reach(region, scalars, indices);
}

std::vector<std::uint32_t> reads_of(const Region& region, std::uint32_t nest_id) {
  return numbers_of(reach_of(region, nest_id).reads);
}

}  // namespace cep
