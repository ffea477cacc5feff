// Copies one region's arrays behind another's, shifting every reference.
#include "cep/region.h"
#include "index/node_shape.h"

namespace cep {

namespace {
template <typename T>
std::uint32_t count(const std::vector<T>& v) {
  return static_cast<std::uint32_t>(v.size());
}

std::uint32_t moved(std::uint32_t id, std::uint32_t base) { return id == ACP_NONE ? id : id + base; }

struct Bases {
  explicit Bases(const Region& r)
      : index(count(r.indices)),
        guard(count(r.guards)),
        read(count(r.reads)),
        scalar(count(r.scalars)),
        iter(count(r.iters)),
        write(count(r.writes)),
        nest(count(r.nests)),
        loop(count(r.loops)) {}
  std::uint32_t index, guard, read, scalar, iter, write, nest, loop;
};

void append_expressions(Region& into, const Region& from, const std::vector<std::uint32_t>& operands,
                        const Bases& base, std::uint32_t loop_depth) {
  for (acp_index_node node : from.indices) {
    if (node.op == ACP_IX_LOOP) node.a += loop_depth;
    if (node.op == ACP_IX_LOAD) node.a += base.read;
    const int uses = index_operands(node.op);
    if (uses > 0) node.a += base.index;
    if (uses > 1) node.b += base.index;
    into.indices.push_back(node);
  }
  for (acp_guard guard : from.guards) {
    guard.index += base.index;
    into.guards.push_back(guard);
  }
  for (acp_read read : from.reads) {
    for (std::uint8_t d = 0; d < from.operands[read.operand].rank; ++d) read.coord[d] += base.index;
    read.operand = operands[read.operand];
    read.guard_first += base.guard;
    into.reads.push_back(read);
  }
  for (acp_scalar_node node : from.scalars) {
    if (node.op == ACP_SC_ARG) node.a += base.read;
    if (node.op == ACP_SC_INDEX) node.a += base.index;
    const int uses = scalar_operands(node.op);
    if (uses > 0) node.a += base.scalar;
    if (uses > 1) node.b += base.scalar;
    if (uses > 2) node.c += base.scalar;
    into.scalars.push_back(node);
  }
}

void append_stages(Region& into, const Region& from, const std::vector<std::uint32_t>& operands,
                   const Bases& base) {
  into.iters.insert(into.iters.end(), from.iters.begin(), from.iters.end());
  for (acp_write write : from.writes) {
    for (std::uint8_t d = 0; d < from.operands[write.operand].rank; ++d) write.coord[d] += base.index;
    write.operand = operands[write.operand];
    write.value += base.scalar;
    into.writes.push_back(write);
  }
  for (acp_nest nest : from.nests) {
    nest.iter_first += base.iter;
    nest.write_first += base.write;
    nest.init = moved(nest.init, base.scalar);
    nest.body_a = moved(nest.body_a, base.scalar);
    nest.body_b = moved(nest.body_b, base.scalar);
    into.nests.push_back(nest);
  }
  for (acp_loop loop : from.loops) {
    loop.trips = moved(loop.trips, base.scalar);
    loop.condition = moved(loop.condition, base.scalar);
    into.loops.push_back(loop);
  }
  for (acp_stage stage : from.stages) {
    stage.index += stage.kind == ACP_STAGE_NEST ? base.nest : base.loop;
    into.stages.push_back(stage);
  }
}
}  // namespace

void append_arrays(Region& into, const Region& from, const std::vector<std::uint32_t>& operands,
                   std::uint32_t loop_depth) {
  const Bases base(into);
  append_expressions(into, from, operands, base, loop_depth);
  append_stages(into, from, operands, base);
}

}  // namespace cep
