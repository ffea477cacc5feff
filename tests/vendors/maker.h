// Writes region programs by hand, one array entry a call: what a test says is what the shim gets. No check of any kind, so that
// invalid programs can be written too.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "acp/region.h"

namespace vendors_test {

using Ids = std::vector<std::uint32_t>;
using Dims = std::vector<std::int64_t>;

struct Write {
  std::uint32_t operand;
  std::uint32_t value;
  Ids coord;
};

struct Nest {
  Dims parallel;
  Dims reduce = {};
  std::uint8_t combiner = ACP_COMBINE_NONE;
  std::uint8_t order = ACP_ORDER_NONE;
  std::uint32_t block = 0;
  std::uint32_t init = ACP_NONE;
  std::uint32_t body_a = ACP_NONE;
  std::uint32_t body_b = ACP_NONE;
  std::vector<Write> writes;
  std::int64_t k_begin = 0;
  std::int64_t k_end = -1;  // -1: the whole domain
};

class Maker {
 public:
  std::vector<acp_operand> operands;
  std::vector<acp_index_node> indices;
  std::vector<acp_guard> guards;
  std::vector<acp_read> reads;
  std::vector<acp_scalar_node> scalars;
  std::vector<acp_iter> iters;
  std::vector<acp_write> writes;
  std::vector<acp_nest> nests;
  std::vector<acp_loop> loops;
  std::vector<acp_stage> stages;

  std::uint32_t operand(std::uint8_t role, std::uint8_t dtype, const Dims& dims) {
    acp_operand made = {};
    made.role = role;
    made.dtype = dtype;
    made.rank = static_cast<std::uint8_t>(dims.size());
    made.slot = role == ACP_ROLE_TEMP ? ACP_NONE : slots_[role]++;
    std::int64_t stride = 1;
    for (std::size_t d = dims.size(); d-- > 0;) {
      made.extent[d] = made.held[d] = dims[d];
      made.stride[d] = stride;
      stride *= dims[d];
    }
    return add(operands, made);
  }
  std::uint32_t input(std::uint8_t dtype, const Dims& dims) { return operand(ACP_ROLE_INPUT, dtype, dims); }
  std::uint32_t output(std::uint8_t dtype, const Dims& dims) { return operand(ACP_ROLE_OUTPUT, dtype, dims); }
  std::uint32_t temp(std::uint8_t dtype, const Dims& dims) { return operand(ACP_ROLE_TEMP, dtype, dims); }

  std::uint32_t index(std::uint8_t op, std::uint32_t a, std::uint32_t b, std::int64_t value) {
    return add(indices, acp_index_node{op, {}, a, b, 0, value});
  }
  std::uint32_t constant(std::int64_t value) { return index(ACP_IX_CONST, 0, 0, value); }
  std::uint32_t iter(std::uint32_t number) { return index(ACP_IX_ITER, number, 0, 0); }
  std::uint32_t loop_trip(std::uint32_t depth) { return index(ACP_IX_LOOP, depth, 0, 0); }
  std::uint32_t plus(std::uint32_t a, std::uint32_t b) { return index(ACP_IX_ADD, a, b, 0); }
  std::uint32_t plus_constant(std::uint32_t a, std::int64_t value) { return plus(a, constant(value)); }

  std::uint32_t read(std::uint32_t operand, const Ids& coord, const std::vector<acp_guard>& read_guards = {},
                     std::uint64_t otherwise = 0) {
    acp_read made = {};
    made.operand = operand;
    made.guard_first = static_cast<std::uint32_t>(guards.size());
    made.guard_count = static_cast<std::uint32_t>(read_guards.size());
    guards.insert(guards.end(), read_guards.begin(), read_guards.end());
    for (std::size_t d = 0; d < coord.size(); ++d) made.coord[d] = coord[d];
    made.otherwise = otherwise;
    return add(reads, made);
  }

  std::uint32_t scalar(std::uint8_t op, std::uint8_t dtype, std::uint32_t a = 0, std::uint32_t b = 0,
                       std::uint32_t c = 0, std::uint64_t bits = 0) {
    return add(scalars, acp_scalar_node{op, dtype, {}, a, b, c, bits});
  }
  std::uint32_t arg(std::uint32_t read_number) {
    return scalar(ACP_SC_ARG, operands[reads[read_number].operand].dtype, read_number);
  }
  std::uint32_t arg(std::uint32_t operand, const Ids& coord) { return arg(read(operand, coord)); }
  std::uint32_t bits(std::uint8_t dtype, std::uint64_t value) {
    return scalar(ACP_SC_CONST, dtype, 0, 0, 0, value);
  }
  std::uint32_t f32(float value) { return bits(ACP_F32, std::bit_cast<std::uint32_t>(value)); }
  std::uint32_t acc(std::uint8_t dtype) { return scalar(ACP_SC_ACC, dtype); }

  void nest(const Nest& n) {
    acp_nest made = {};
    made.iter_first = static_cast<std::uint32_t>(iters.size());
    made.iter_count = static_cast<std::uint32_t>(n.parallel.size() + n.reduce.size());
    made.reduce_count = static_cast<std::uint32_t>(n.reduce.size());
    made.combiner = n.combiner;
    made.order = n.order;
    made.block = n.block;
    made.init = n.init;
    made.body_a = n.body_a;
    made.body_b = n.body_b;
    for (const std::int64_t extent : n.parallel) iters.push_back({0, extent});
    std::int64_t domain = 1;
    for (const std::int64_t extent : n.reduce) {
      iters.push_back({0, extent});
      domain *= extent;
    }
    made.k_begin = n.k_begin;
    made.k_end = n.combiner == ACP_COMBINE_NONE ? 0 : n.k_end < 0 ? domain : n.k_end;
    made.write_first = static_cast<std::uint32_t>(writes.size());
    made.write_count = static_cast<std::uint32_t>(n.writes.size());
    for (const Write& write : n.writes) {
      acp_write out = {write.operand, write.value, {}};
      for (std::size_t d = 0; d < write.coord.size(); ++d) out.coord[d] = write.coord[d];
      writes.push_back(out);
    }
    stages.push_back({ACP_STAGE_NEST, add(nests, made)});
  }
  void begin_loop(std::uint32_t trips, std::uint32_t condition, std::int64_t max_trips) {
    open_.push_back(add(loops, acp_loop{trips, condition, max_trips}));
    stages.push_back({ACP_STAGE_LOOP_BEGIN, open_.back()});
  }
  void end_loop() {
    stages.push_back({ACP_STAGE_LOOP_END, open_.back()});
    open_.pop_back();
  }

  [[nodiscard]] acp_region view() const {
    acp_region region = {};
    region.size = sizeof(acp_region);
    region.version = ACP_REGION_VERSION;
    region.operands = operands.data();
    region.indices = indices.data();
    region.guards = guards.data();
    region.reads = reads.data();
    region.scalars = scalars.data();
    region.iters = iters.data();
    region.writes = writes.data();
    region.nests = nests.data();
    region.loops = loops.data();
    region.stages = stages.data();
    region.operand_count = count(operands);
    region.index_count = count(indices);
    region.guard_count = count(guards);
    region.read_count = count(reads);
    region.scalar_count = count(scalars);
    region.iter_count = count(iters);
    region.write_count = count(writes);
    region.nest_count = count(nests);
    region.loop_count = count(loops);
    region.stage_count = count(stages);
    return region;
  }

 private:
  template <typename Entry>
  static std::uint32_t count(const std::vector<Entry>& entries) {
    return static_cast<std::uint32_t>(entries.size());
  }
  template <typename Entry>
  static std::uint32_t add(std::vector<Entry>& entries, const Entry& entry) {
    entries.push_back(entry);
    return count(entries) - 1;
  }
  std::uint32_t slots_[4] = {};
  Ids open_;
};

}  // namespace vendors_test
