#include "conformance/mutants/rewrites.h"

#include <algorithm>
#include <bit>

namespace conformance {
namespace {

using Nodes = std::vector<acp_scalar_node>;

std::uint32_t add(Nodes& nodes, acp_scalar_node node) {
  nodes.push_back(node);
  return static_cast<std::uint32_t>(nodes.size() - 1);
}
std::uint32_t add(Nodes& nodes, std::uint8_t op, std::uint8_t dtype, std::uint32_t a, std::uint32_t b = 0,
                  std::uint32_t c = 0) {
  return add(nodes, acp_scalar_node{op, dtype, {}, a, b, c, 0});
}
std::uint32_t add_f32(Nodes& nodes, float value) {
  return add(nodes, acp_scalar_node{ACP_SC_CONST, ACP_F32, {}, 0, 0, 0, std::bit_cast<std::uint32_t>(value)});
}

int arity(std::uint8_t op) {
  switch (op) {
    case ACP_SC_ARG:
    case ACP_SC_CONST:
    case ACP_SC_ACC:
    case ACP_SC_INDEX: return 0;
    case ACP_SC_FMA:
    case ACP_SC_SELECT: return 3;
    case ACP_SC_NEG:
    case ACP_SC_ABS:
    case ACP_SC_SQRT:
    case ACP_SC_RINT:
    case ACP_SC_CAST:
    case ACP_SC_BITCAST: return 1;
    default: return 2;
  }
}

// Copies the scalar nodes in order; `emit` appends a node, whatever else it needs, and returns what stands for the old one.
template <typename Emit>
void rewrite_scalars(cep::Region& region, Emit emit) {
  Nodes nodes;
  std::vector<std::uint32_t> now;
  for (acp_scalar_node node : region.scalars) {
    const int count = arity(node.op);
    if (count > 0) node.a = now[node.a];
    if (count > 1) node.b = now[node.b];
    if (count > 2) node.c = now[node.c];
    now.push_back(emit(nodes, node));
  }
  const auto move = [&](std::uint32_t& id) {
    if (id != ACP_NONE) id = now[id];
  };
  for (acp_nest& nest : region.nests) move(nest.init), move(nest.body_a), move(nest.body_b);
  for (acp_write& write : region.writes) move(write.value);
  for (acp_loop& loop : region.loops) move(loop.trips), move(loop.condition);
  region.scalars = std::move(nodes);
}

void replace_order(cep::Region& region, std::uint8_t from, std::uint8_t to, std::uint32_t block) {
  for (acp_nest& nest : region.nests) {
    if (nest.order != from) continue;
    nest.order = to;
    nest.block = block == ACP_NONE ? nest.block : block;
  }
}

bool is_f32(const acp_scalar_node& node, std::uint8_t op) { return node.op == op && node.dtype == ACP_F32; }

// Every value that is written as it was read passes through x + value.
void copy_through(cep::Region& region, float value) {
  for (acp_write& write : region.writes) {
    if (!is_f32(region.scalars[write.value], ACP_SC_ARG)) continue;
    const std::uint32_t zero = add_f32(region.scalars, value);
    write.value = add(region.scalars, ACP_SC_ADD, ACP_F32, write.value, zero);
  }
}

std::uint32_t add_index(cep::Region& region, std::uint8_t op, std::uint32_t a, std::uint32_t b,
                        std::int64_t value) {
  region.indices.push_back({op, {}, a, b, 0, value});
  return static_cast<std::uint32_t>(region.indices.size() - 1);
}

}  // namespace

cep::Region copy_of(const acp_region& from) {
  cep::Region region;
  region.operands.assign(from.operands, from.operands + from.operand_count);
  region.indices.assign(from.indices, from.indices + from.index_count);
  region.guards.assign(from.guards, from.guards + from.guard_count);
  region.reads.assign(from.reads, from.reads + from.read_count);
  region.scalars.assign(from.scalars, from.scalars + from.scalar_count);
  region.iters.assign(from.iters, from.iters + from.iter_count);
  region.writes.assign(from.writes, from.writes + from.write_count);
  region.nests.assign(from.nests, from.nests + from.nest_count);
  region.loops.assign(from.loops, from.loops + from.loop_count);
  region.stages.assign(from.stages, from.stages + from.stage_count);
  return region;
}

void chain_to_tree(cep::Region& region) {
  replace_order(region, ACP_ORDER_CHAIN, ACP_ORDER_BLOCKED_TREE, 64);
}
void tree_for_batches(cep::Region& region) {
  if (!region.operands.empty() && region.operands[0].rank > 0 && region.operands[0].extent[0] >= 8)
    chain_to_tree(region);
}
void tree_to_chain(cep::Region& region) { replace_order(region, ACP_ORDER_BLOCKED_TREE, ACP_ORDER_CHAIN, 0); }
void index_to_tree(cep::Region& region) {
  replace_order(region, ACP_ORDER_BLOCKED_INDEX, ACP_ORDER_BLOCKED_TREE, ACP_NONE);
}
void lanes_to_chain(cep::Region& region) { replace_order(region, ACP_ORDER_LANES32, ACP_ORDER_CHAIN, 0); }

void split_fma(cep::Region& region) {
  for (acp_nest& nest : region.nests) {
    if (nest.combiner != ACP_COMBINE_FMA || region.scalars[nest.body_a].dtype != ACP_F32) continue;
    nest.body_a = add(region.scalars, ACP_SC_MUL, ACP_F32, nest.body_a, nest.body_b);
    nest.body_b = ACP_NONE;
    nest.combiner = ACP_COMBINE_ADD;
  }
}

void fuse_mul_add(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    if (!is_f32(node, ACP_SC_ADD) || nodes[node.a].op != ACP_SC_MUL) return add(nodes, node);
    return add(nodes, ACP_SC_FMA, ACP_F32, nodes[node.a].a, nodes[node.a].b, node.b);
  });
}

void start_from_negative_zero(cep::Region& region) {
  for (acp_nest& nest : region.nests) {
    if (nest.init == ACP_NONE || !is_f32(region.scalars[nest.init], ACP_SC_CONST)) continue;
    if (region.scalars[nest.init].bits == 0) nest.init = add_f32(region.scalars, -0.0f);
  }
}

void drop_last_k(cep::Region& region) {
  for (acp_nest& nest : region.nests) {
    if (nest.k_end > nest.k_begin) --nest.k_end;
  }
}

void read_one_off(cep::Region& region) {
  std::vector<bool> is_loaded(region.reads.size());
  for (const acp_index_node& node : region.indices) {
    if (node.op == ACP_IX_LOAD) is_loaded[node.a] = true;
  }
  for (std::size_t i = 0; i < region.reads.size(); ++i) {
    acp_read& read = region.reads[i];
    const acp_operand& operand = region.operands[read.operand];
    if (is_loaded[i] || read.guard_count != 0 || operand.rank == 0) continue;
    const int last = operand.rank - 1;
    const std::uint32_t one = add_index(region, ACP_IX_CONST, 0, 0, 1);
    const std::uint32_t next = add_index(region, ACP_IX_ADD, read.coord[last], one, 0);
    if (operand.held[last] == operand.extent[last] && operand.extent[last] > 0)
      read.coord[last] = add_index(region, ACP_IX_MOD, next, 0, operand.extent[last]);
  }
}

void keep_nan_payload(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    const std::uint32_t made = add(nodes, node);
    const bool arithmetic = (node.op >= ACP_SC_SQRT && node.op <= ACP_SC_FMA) && node.dtype == ACP_F32;
    if (!arithmetic) return made;
    const std::uint32_t number = add(nodes, ACP_SC_EQ, ACP_BOOL, node.a, node.a);
    return add(nodes, ACP_SC_SELECT, ACP_F32, number, made, node.a);
  });
}

void flush_subnormal_inputs(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    const std::uint32_t made = add(nodes, node);
    if (!is_f32(node, ACP_SC_ARG)) return made;
    const std::uint32_t size = add(nodes, ACP_SC_ABS, ACP_F32, made);
    const std::uint32_t least = add_f32(nodes, 0x1p-126f), zero = add_f32(nodes, 0.0f);
    const std::uint32_t small = add(nodes, ACP_SC_LT, ACP_BOOL, size, least);
    return add(nodes, ACP_SC_SELECT, ACP_F32, small, zero, made);
  });
}

void compare_instead_of_max(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    if (!is_f32(node, ACP_SC_MAX)) return add(nodes, node);
    const std::uint32_t less = add(nodes, ACP_SC_LT, ACP_BOOL, node.a, node.b);
    return add(nodes, ACP_SC_SELECT, ACP_F32, less, node.b, node.a);
  });
}

void multiply_by_reciprocal(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    if (!is_f32(node, ACP_SC_DIV)) return add(nodes, node);
    const std::uint32_t one = add_f32(nodes, 1.0f);
    const std::uint32_t reciprocal = add(nodes, ACP_SC_DIV, ACP_F32, one, node.b);
    return add(nodes, ACP_SC_MUL, ACP_F32, node.a, reciprocal);
  });
}

void approximate_sqrt(cep::Region& region) {
  rewrite_scalars(region, [](Nodes& nodes, const acp_scalar_node& node) {
    const std::uint32_t root = add(nodes, node);
    if (!is_f32(node, ACP_SC_SQRT)) return root;
    const std::uint32_t one = add_f32(nodes, 1.0f);
    const std::uint32_t reciprocal = add(nodes, ACP_SC_DIV, ACP_F32, one, root);
    return add(nodes, ACP_SC_MUL, ACP_F32, node.a, reciprocal);
  });
}

void copy_through_adder(cep::Region& region) { copy_through(region, -0.0f); }
void copy_through_plus_zero(cep::Region& region) { copy_through(region, 0.0f); }

void wrap_loaded_coordinates(cep::Region& region) {
  for (acp_read& read : region.reads) {
    const acp_operand& operand = region.operands[read.operand];
    for (int d = 0; d < operand.rank; ++d) {
      if (region.indices[read.coord[d]].op == ACP_IX_LOAD && operand.extent[d] > 0)
        read.coord[d] = add_index(region, ACP_IX_MOD, read.coord[d], 0, operand.extent[d]);
    }
  }
}

void cut_trips(cep::Region& region) {
  for (acp_loop& loop : region.loops) {
    const auto most = static_cast<std::uint64_t>(loop.max_trips);
    const std::uint32_t limit =
        add(region.scalars, acp_scalar_node{ACP_SC_CONST, ACP_I64, {}, 0, 0, 0, most});
    loop.trips = add(region.scalars, ACP_SC_MIN, ACP_I64, loop.trips, limit);
  }
}

void clear_outputs_first(cep::Region& region) {
  if (region.nests.size() != 1 || region.stages.size() != 1) return;
  acp_nest clear{};
  const acp_nest nest = region.nests[0];
  clear.init = clear.body_a = clear.body_b = ACP_NONE;
  clear.iter_first = static_cast<std::uint32_t>(region.iters.size());
  clear.iter_count = nest.iter_count - nest.reduce_count;
  for (std::uint32_t i = 0; i < clear.iter_count; ++i)
    region.iters.push_back(acp_iter(region.iters[nest.iter_first + i]));
  clear.write_first = static_cast<std::uint32_t>(region.writes.size());
  clear.write_count = nest.write_count;
  for (std::uint32_t i = 0; i < nest.write_count; ++i) {
    acp_write write = region.writes[nest.write_first + i];
    const std::uint8_t dtype = region.operands[write.operand].dtype;
    write.value = add(region.scalars, acp_scalar_node{ACP_SC_CONST, dtype, {}, 0, 0, 0, 0});
    region.writes.push_back(write);
  }
  region.nests.push_back(clear);
  region.stages.insert(region.stages.begin(), {ACP_STAGE_NEST, 1});
}

}  // namespace conformance
