// RegionBuilder: appends nodes; equal nodes are shared, so that regions stay small without anyone taking care.
#include <algorithm>
#include <bit>
#include <cstring>

#include "cep/region.h"

namespace cep {

using Id = RegionBuilder::Id;

namespace {
template <typename T>
Id shared_node(std::vector<T>& nodes, const T& node) {
  // Only the last nodes are searched: sharing is a convenience, and a graph of a million constants must not cost their square.
  constexpr std::size_t kSearched = 128;
  for (std::size_t i = nodes.size() > kSearched ? nodes.size() - kSearched : 0; i < nodes.size(); ++i) {
    if (std::memcmp(&nodes[i], &node, sizeof node) == 0) return static_cast<Id>(i);
  }
  nodes.push_back(node);
  return static_cast<Id>(nodes.size() - 1);
}
}  // namespace

Id RegionBuilder::operand(std::uint8_t role, const TensorType& type) {
  const std::uint32_t slot = role == ACP_ROLE_TEMP ? ACP_NONE : region_.count(role);
  region_.operands.push_back(dense_operand(role, slot, type));
  return static_cast<Id>(region_.operands.size() - 1);
}

Id RegionBuilder::input(const TensorType& type) { return operand(ACP_ROLE_INPUT, type); }
Id RegionBuilder::output(const TensorType& type) { return operand(ACP_ROLE_OUTPUT, type); }
Id RegionBuilder::temp(const TensorType& type) { return operand(ACP_ROLE_TEMP, type); }

Id RegionBuilder::index(std::uint8_t op, Id a, Id b, std::int64_t value) {
  acp_index_node node{};
  node.op = op;
  node.a = a;
  node.b = b;
  node.value = value;
  return shared_node(region_.indices, node);
}

Id RegionBuilder::ix_const(std::int64_t value) { return index(ACP_IX_CONST, 0, 0, value); }
Id RegionBuilder::iter(std::uint32_t i) {
  ACP_ASSERT(open_ && i < nest_.iter_count);
  return index(ACP_IX_ITER, i, 0, 0);
}
std::vector<Id> RegionBuilder::iters() {
  std::vector<Id> out;
  for (std::uint32_t i = 0; i < nest_.iter_count - nest_.reduce_count; ++i) out.push_back(iter(i));
  return out;
}
Id RegionBuilder::loop_trip(std::uint32_t depth) { return index(ACP_IX_LOOP, depth, 0, 0); }
Id RegionBuilder::ix_add(Id a, Id b) { return index(ACP_IX_ADD, a, b, 0); }
Id RegionBuilder::ix_add(Id a, std::int64_t value) { return value == 0 ? a : ix_add(a, ix_const(value)); }
Id RegionBuilder::ix_scale(Id a, std::int64_t value) {
  return value == 1 ? a : index(ACP_IX_SCALE, a, 0, value);
}
Id RegionBuilder::ix_floordiv(Id a, std::int64_t value) {
  ACP_ASSERT(value > 0);
  return value == 1 ? a : index(ACP_IX_FLOORDIV, a, 0, value);
}
Id RegionBuilder::ix_mod(Id a, std::int64_t value) {
  ACP_ASSERT(value > 0);
  return index(ACP_IX_MOD, a, 0, value);
}
Id RegionBuilder::ix_wrap(Id a, std::int64_t value) { return index(ACP_IX_WRAP, a, 0, value); }
Id RegionBuilder::ix_load(Id read) { return index(ACP_IX_LOAD, read, 0, 0); }

Id RegionBuilder::linearise(const std::vector<Id>& coord, const Dims& dims) {
  ACP_ASSERT(coord.size() == dims.size());
  const Dims strides = row_major_strides(dims);
  if (coord.empty()) return ix_const(0);
  Id sum = ix_scale(coord[0], strides[0]);
  for (std::size_t d = 1; d < coord.size(); ++d) sum = ix_add(sum, ix_scale(coord[d], strides[d]));
  return sum;
}

std::vector<Id> RegionBuilder::delinearise(Id linear, const Dims& dims) {
  const Dims strides = row_major_strides(dims);
  std::vector<Id> coord;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] <= 1) {
      coord.push_back(ix_const(0));
      continue;
    }
    const Id digit = ix_floordiv(linear, strides[d]);
    coord.push_back(d == 0 ? digit : ix_mod(digit, dims[d]));  // the outermost digit is in range already
  }
  return coord;
}

Id RegionBuilder::read(Id operand_id, const std::vector<Id>& coord) { return read(operand_id, coord, {}, 0); }

Id RegionBuilder::read(Id operand_id, const std::vector<Id>& coord, const std::vector<Guard>& guards,
                       std::uint64_t otherwise) {
  ACP_ASSERT(operand_id < region_.operands.size() && coord.size() == region_.operands[operand_id].rank);
  acp_read read{};
  read.operand = operand_id;
  read.guard_first = static_cast<std::uint32_t>(region_.guards.size());
  read.guard_count = static_cast<std::uint32_t>(guards.size());
  for (const Guard& guard : guards) region_.guards.push_back({guard.index, 0, guard.lo, guard.hi});
  std::copy(coord.begin(), coord.end(), read.coord);
  read.otherwise = otherwise;
  region_.reads.push_back(read);
  return static_cast<Id>(region_.reads.size() - 1);
}

Id RegionBuilder::scalar(std::uint8_t op, Dtype dtype, Id a, Id b, Id c, std::uint64_t bits) {
  acp_scalar_node node{};
  node.op = op;
  node.dtype = static_cast<std::uint8_t>(dtype);
  node.a = a;
  node.b = b;
  node.c = c;
  node.bits = bits;
  return shared_node(region_.scalars, node);
}

Dtype RegionBuilder::dtype_of(Id id) const {
  ACP_ASSERT(id < region_.scalars.size());
  return static_cast<Dtype>(region_.scalars[id].dtype);
}

Id RegionBuilder::arg(Id read_id) {
  ACP_ASSERT(read_id < region_.reads.size());
  const acp_operand& from = region_.operands[region_.reads[read_id].operand];
  return scalar(ACP_SC_ARG, static_cast<Dtype>(from.dtype), read_id, 0, 0, 0);
}
Id RegionBuilder::f32(float value) { return f32_bits(std::bit_cast<std::uint32_t>(value)); }
Id RegionBuilder::f32_bits(std::uint32_t bits) { return scalar(ACP_SC_CONST, Dtype::kF32, 0, 0, 0, bits); }
Id RegionBuilder::i32(std::int32_t value) {
  return scalar(ACP_SC_CONST, Dtype::kI32, 0, 0, 0, static_cast<std::uint32_t>(value));
}
Id RegionBuilder::i64(std::int64_t value) {
  return scalar(ACP_SC_CONST, Dtype::kI64, 0, 0, 0, static_cast<std::uint64_t>(value));
}
Id RegionBuilder::boolean(bool value) { return scalar(ACP_SC_CONST, Dtype::kBool, 0, 0, 0, value ? 1 : 0); }
Id RegionBuilder::acc(Dtype dtype) { return scalar(ACP_SC_ACC, dtype, 0, 0, 0, 0); }
Id RegionBuilder::index_value(Id index_id) { return scalar(ACP_SC_INDEX, Dtype::kI64, index_id, 0, 0, 0); }
Id RegionBuilder::unary(std::uint8_t op, Id a) { return scalar(op, dtype_of(a), a, 0, 0, 0); }
Id RegionBuilder::binary(std::uint8_t op, Id a, Id b) {
  ACP_ASSERT(dtype_of(a) == dtype_of(b));
  const bool compares = op == ACP_SC_LT || op == ACP_SC_LE || op == ACP_SC_EQ;
  return scalar(op, compares ? Dtype::kBool : dtype_of(a), a, b, 0, 0);
}
Id RegionBuilder::fma(Id a, Id b, Id c) { return scalar(ACP_SC_FMA, dtype_of(a), a, b, c, 0); }
Id RegionBuilder::select(Id condition, Id a, Id b) {
  ACP_ASSERT(dtype_of(condition) == Dtype::kBool && dtype_of(a) == dtype_of(b));
  return scalar(ACP_SC_SELECT, dtype_of(a), condition, a, b, 0);
}
Id RegionBuilder::cast(Id a, Dtype to) { return dtype_of(a) == to ? a : scalar(ACP_SC_CAST, to, a, 0, 0, 0); }
Id RegionBuilder::bitcast(Id a, Dtype to) {
  return dtype_of(a) == to ? a : scalar(ACP_SC_BITCAST, to, a, 0, 0, 0);
}

void RegionBuilder::begin_nest(const Dims& parallel, const Dims& reduce_dims) {
  ACP_ASSERT(!open_);
  open_ = true;
  nest_ = acp_nest{};
  nest_.iter_first = static_cast<std::uint32_t>(region_.iters.size());
  nest_.iter_count = static_cast<std::uint32_t>(parallel.size() + reduce_dims.size());
  nest_.reduce_count = static_cast<std::uint32_t>(reduce_dims.size());
  nest_.init = nest_.body_a = nest_.body_b = ACP_NONE;
  nest_.write_first = static_cast<std::uint32_t>(region_.writes.size());
  for (const std::int64_t extent : parallel) region_.iters.push_back({0, extent});
  for (const std::int64_t extent : reduce_dims) region_.iters.push_back({0, extent});
  nest_.k_end = reduce_dims.empty() ? 0 : volume(reduce_dims);
}

void RegionBuilder::reduce(std::uint8_t combiner, Order order, Id init, Id body_a, Id body_b) {
  ACP_ASSERT(open_ && nest_.reduce_count > 0 && (combiner == ACP_COMBINE_FMA) == (body_b != ACP_NONE));
  nest_.combiner = combiner;
  nest_.order = static_cast<std::uint8_t>(order.kind);
  nest_.block = order.block;
  nest_.init = init;
  nest_.body_a = body_a;
  nest_.body_b = body_b;
}

void RegionBuilder::write(Id operand_id, const std::vector<Id>& coord, Id value) {
  ACP_ASSERT(open_ && coord.size() == region_.operands[operand_id].rank);
  acp_write write{};
  write.operand = operand_id;
  write.value = value;
  std::copy(coord.begin(), coord.end(), write.coord);
  region_.writes.push_back(write);
}

void RegionBuilder::end_nest() {
  ACP_ASSERT(open_);
  open_ = false;
  nest_.write_count = static_cast<std::uint32_t>(region_.writes.size()) - nest_.write_first;
  region_.nests.push_back(nest_);
  region_.stages.push_back({ACP_STAGE_NEST, static_cast<std::uint32_t>(region_.nests.size() - 1)});
}

void RegionBuilder::begin_loop(Id trips, Id condition, std::int64_t max_trips) {
  ACP_ASSERT(!open_);
  region_.loops.push_back({trips, condition, max_trips});
  const auto loop = static_cast<std::uint32_t>(region_.loops.size() - 1);
  open_loops_.push_back(loop);
  region_.stages.push_back({ACP_STAGE_LOOP_BEGIN, loop});
}

void RegionBuilder::end_loop() {
  ACP_ASSERT(!open_ && !open_loops_.empty());
  region_.stages.push_back({ACP_STAGE_LOOP_END, open_loops_.back()});
  open_loops_.pop_back();
}

Region RegionBuilder::finish() && {
  ACP_ASSERT(!open_ && open_loops_.empty());
  return std::move(region_);
}

void RegionBuilder::inline_region(const Region& other, const std::vector<Id>& inputs,
                                  const std::vector<Id>& outputs) {
  ACP_ASSERT(!open_);
  ACP_ASSERT(inputs.size() == other.count(ACP_ROLE_INPUT) && outputs.size() == other.count(ACP_ROLE_OUTPUT));
  std::vector<Id> operands;
  for (const acp_operand& operand : other.operands) {
    Id id = 0;
    switch (operand.role) {
      case ACP_ROLE_INPUT: id = inputs[operand.slot]; break;
      case ACP_ROLE_OUTPUT: id = outputs[operand.slot]; break;
      default: id = temp(type_of(operand)); break;
    }
    ACP_ASSERT(type_of(region_.operands[id]) == type_of(operand));
    operands.push_back(id);
  }
  append_arrays(region_, other, operands, static_cast<std::uint32_t>(open_loops_.size()));
}

}  // namespace cep
