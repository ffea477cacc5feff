// From a region to phases. Works on structure only: which expressions are affine, which values depend on k.
#include <algorithm>

#include "kit/region_check.h"
#include "program.h"

namespace acp_cpu {
namespace {

using U64 = std::uint64_t;
std::int64_t wrap_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<U64>(a) + static_cast<U64>(b));
}
std::int64_t wrap_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<U64>(a) * static_cast<U64>(b));
}

void add_scaled(Row& to, const Row& from, std::int64_t factor) {
  to.base = wrap_add(to.base, wrap_mul(from.base, factor));
  for (std::size_t t = 0; t < to.iter.size(); ++t)
    to.iter[t] = wrap_add(to.iter[t], wrap_mul(from.iter[t], factor));
  for (std::size_t l = 0; l < to.loop.size(); ++l)
    to.loop[l] = wrap_add(to.loop[l], wrap_mul(from.loop[l], factor));
}

bool is_unary_index(std::uint8_t op) { return op >= ACP_IX_SCALE && op <= ACP_IX_WRAP; }

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

// An iterator of the region in terms of the nest's: outer * factor + inner, or (factor 0) inner alone.
struct Source {
  std::uint32_t inner = 0;
  std::uint32_t outer = 0;
  std::int64_t factor = 0;
};
using Sources = std::vector<Source>;

// Lowers one phase of one nest.
class PhaseBuilder {
 public:
  PhaseBuilder(const acp_region& region, const KernelTable& kernels, Nest& nest, const Sources& sources,
               std::uint32_t depth, Phase& phase)
      : region_(region),
        kernels_(kernels),
        nest_(nest),
        sources_(sources),
        depth_(depth),
        phase_(phase),
        scalars_(region.scalar_count),
        need_scalar_(region.scalar_count),
        need_index_(region.index_count),
        in_slot_(region.index_count),
        affine_(region.index_count),
        rows_(region.index_count),
        index_values_(region.index_count),
        read_done_(region.read_count),
        read_values_(region.read_count) {}

  void need_scalar(std::uint32_t scalar) { need_scalar_[scalar] = true; }
  void need_index(std::uint32_t index) { need_index_[index] = true; }

  void build() {
    spread_needs();
    follow_affine();
    choose_slots();
    for (std::uint32_t i = 0; i < region_.index_count; ++i) {
      if (in_slot_[i]) emit_index(i);
    }
    for (std::uint32_t i = 0; i < region_.scalar_count; ++i) {
      if (need_scalar_[i]) scalars_[i] = emit_scalar(i);
    }
  }

  [[nodiscard]] Value value(std::uint32_t scalar) const { return scalars_[scalar]; }

  // The offset row of an element at affine coordinates.
  std::uint32_t offset_row(const acp_operand& operand, const std::uint32_t* coord) {
    Row row = zero_row();
    for (std::uint32_t d = 0; d < operand.rank; ++d) {
      if (!affine_[coord[d]]) continue;
      add_scaled(row, rows_[coord[d]], operand.stride[d]);
      row.base = wrap_add(row.base, wrap_mul(-operand.origin[d], operand.stride[d]));
    }
    return add_row(std::move(row));
  }

 private:
  [[nodiscard]] Row zero_row() const {
    Row row;
    row.iter.assign(nest_.iters.size(), 0);
    row.loop.assign(depth_, 0);
    return row;
  }
  std::uint32_t add_row(Row row) {
    phase_.rows.push_back(std::move(row));
    return static_cast<std::uint32_t>(phase_.rows.size() - 1);
  }
  std::uint32_t new_slot() { return nest_.slot_count++; }

  [[nodiscard]] bool row_varies(const Row& row) const {
    for (std::size_t t = nest_.parallel; t < nest_.iters.size(); ++t) {
      if (row.iter[t] != 0) return true;
    }
    return false;
  }
  [[nodiscard]] bool row_is_one(const Row& row) const {
    return nest_.strip_axis == nest_.parallel || row.iter[nest_.strip_axis] == 0;
  }

  void need_read(std::uint32_t number) {
    const acp_read& read = region_.reads[number];
    for (std::uint32_t d = 0; d < region_.operands[read.operand].rank; ++d) need_index_[read.coord[d]] = true;
    for (std::uint32_t g = 0; g < read.guard_count; ++g)
      need_index_[region_.guards[read.guard_first + g].index] = true;
  }

  void spread_needs() {
    for (std::uint32_t i = region_.scalar_count; i-- > 0;) {
      if (!need_scalar_[i]) continue;
      const acp_scalar_node& node = region_.scalars[i];
      const std::uint32_t operands[] = {node.a, node.b, node.c};
      for (std::uint32_t o = 0; o < kit_scalar_arity(node.op); ++o) need_scalar_[operands[o]] = true;
      if (node.op == ACP_SC_ARG) need_read(node.a);
      if (node.op == ACP_SC_INDEX) need_index_[node.a] = true;
    }
    for (std::uint32_t i = region_.index_count; i-- > 0;) {
      if (!need_index_[i]) continue;
      const acp_index_node& node = region_.indices[i];
      if (is_unary_index(node.op) || node.op == ACP_IX_ADD) need_index_[node.a] = true;
      if (node.op == ACP_IX_ADD) need_index_[node.b] = true;
      if (node.op == ACP_IX_LOAD) need_read(node.a);
    }
  }

  struct Bounds {
    bool known = false;  // trip numbers are not bounded here
    std::int64_t least = 0;
    std::int64_t most = 0;
    [[nodiscard]] bool within(std::int64_t lo, std::int64_t hi) const {
      return known && least >= lo && most < hi;
    }
  };
  // Where the row stays over the whole box of the nest.
  [[nodiscard]] Bounds bounds_of(const Row& row) const {
    std::int64_t least = row.base, most = row.base;
    for (const std::int64_t factor : row.loop) {
      if (factor != 0) return {};
    }
    for (std::size_t t = 0; t < nest_.iters.size(); ++t) {
      if (row.iter[t] == 0) continue;
      std::int64_t x = 0, y = 0;
      if (__builtin_mul_overflow(row.iter[t], nest_.box[t].begin, &x) ||
          __builtin_mul_overflow(row.iter[t], nest_.box[t].end - 1, &y) ||
          __builtin_add_overflow(least, std::min(x, y), &least) ||
          __builtin_add_overflow(most, std::max(x, y), &most)) {
        return {};
      }
    }
    return {true, least, most};
  }

  // A quotient or remainder is affine where what does not divide evenly stays in [0, divisor).
  bool divide(const acp_index_node& node, const Row& from, Row& result) const {
    Row rest = from, quotient = zero_row();
    const auto take = [&](std::int64_t& part, std::int64_t& whole) {
      if (part % node.value == 0) whole = part / node.value, part = 0;
    };
    for (std::size_t t = 0; t < rest.iter.size(); ++t) take(rest.iter[t], quotient.iter[t]);
    for (std::size_t l = 0; l < rest.loop.size(); ++l) take(rest.loop[l], quotient.loop[l]);
    quotient.base = floor_div(from.base, node.value);
    rest.base = from.base - quotient.base * node.value;
    if (!bounds_of(rest).within(0, node.value)) return false;
    result = node.op == ACP_IX_MOD ? rest : quotient;
    return true;
  }
  bool wrap(const acp_index_node& node, const Row& from, Row& result) const {
    const Bounds bounds = bounds_of(from);
    if (!bounds.known || (bounds.least < 0 && bounds.most >= 0)) return false;
    result = from;
    if (bounds.most < 0) result.base = wrap_add(result.base, node.value);
    return true;
  }

  void follow_affine() {
    for (std::uint32_t i = 0; i < region_.index_count; ++i) {
      if (!need_index_[i]) continue;
      const acp_index_node& node = region_.indices[i];
      Row row = zero_row();
      bool affine = true;
      switch (node.op) {
        case ACP_IX_CONST: row.base = node.value; break;
        case ACP_IX_ITER:
          row.iter[sources_[node.a].inner] = 1;
          if (sources_[node.a].factor != 0) row.iter[sources_[node.a].outer] = sources_[node.a].factor;
          break;
        case ACP_IX_LOOP: row.loop[node.a] = 1; break;
        case ACP_IX_ADD:
          affine = affine_[node.a] && affine_[node.b];
          if (affine) add_scaled(row, rows_[node.a], 1), add_scaled(row, rows_[node.b], 1);
          break;
        case ACP_IX_SCALE:
          affine = affine_[node.a];
          if (affine) add_scaled(row, rows_[node.a], node.value);
          break;
        case ACP_IX_FLOORDIV:
        case ACP_IX_MOD: affine = affine_[node.a] && divide(node, rows_[node.a], row); break;
        case ACP_IX_WRAP: affine = affine_[node.a] && wrap(node, rows_[node.a], row); break;
        default: affine = false;
      }
      affine_[i] = affine ? 1 : 0;
      if (affine) rows_[i] = std::move(row);
    }
  }

  void need_slots_of_read(std::uint32_t number) {
    const acp_read& read = region_.reads[number];
    for (std::uint32_t d = 0; d < region_.operands[read.operand].rank; ++d) {
      if (!affine_[read.coord[d]]) in_slot_[read.coord[d]] = true;
    }
    for (std::uint32_t g = 0; g < read.guard_count; ++g) {
      const std::uint32_t index = region_.guards[read.guard_first + g].index;
      if (!affine_[index]) in_slot_[index] = true;
    }
  }

  // Index nodes that must be evaluated point by point.
  void choose_slots() {
    for (std::uint32_t i = 0; i < region_.scalar_count; ++i) {
      if (!need_scalar_[i]) continue;
      if (region_.scalars[i].op == ACP_SC_ARG) need_slots_of_read(region_.scalars[i].a);
      if (region_.scalars[i].op == ACP_SC_INDEX) in_slot_[region_.scalars[i].a] = true;
    }
    for (std::uint32_t i = region_.index_count; i-- > 0;) {
      // A LOAD that only a dropped coordinate needs still reads: it may fault.
      const acp_index_node& node = region_.indices[i];
      if (need_index_[i] && node.op == ACP_IX_LOAD) in_slot_[i] = true;
      if (!in_slot_[i] || affine_[i]) continue;
      if (node.op == ACP_IX_LOAD) {
        need_slots_of_read(node.a);
        continue;
      }
      in_slot_[node.a] = true;
      if (node.op == ACP_IX_ADD) in_slot_[node.b] = true;
    }
  }

  void emit(const Instruction& instruction, bool varies) {
    (varies ? phase_.each : phase_.once).push_back(instruction);
  }

  void emit_index(std::uint32_t i) {
    const acp_index_node& node = region_.indices[i];
    Value& value = index_values_[i];
    value = {new_slot(), ACP_I64, false, false};
    Instruction made;
    made.out = value.slot;
    if (affine_[i]) {
      value.one = row_is_one(rows_[i]);
      value.varies = row_varies(rows_[i]);
      made.what = Do::kRamp;
      made.a = add_row(rows_[i]);
    } else if (node.op == ACP_IX_LOAD) {
      const Value read = emit_read(node.a);
      value.one = read.one;
      value.varies = read.varies;
      made.what = Do::kWiden;
      made.a = read.slot;
      made.dtype = read.dtype;
    } else {
      const Value& a = index_values_[node.a];
      const Value& b = node.op == ACP_IX_ADD ? index_values_[node.b] : a;
      value.one = a.one && b.one;
      value.varies = a.varies || b.varies;
      made.what = Do::kIndex;
      made.op = node.op;
      made.a = a.slot;
      made.b = b.slot;
      made.one_a = a.one;
      made.one_b = b.one;
      made.value = node.value;
    }
    made.one = value.one;
    emit(made, value.varies);
  }

  // The affine or slotted form of an index node, and whether it differs along the strip or with k.
  Coordinate coordinate(std::uint32_t index, Value& properties) {
    Coordinate made;
    made.affine = affine_[index];
    if (made.affine) {
      properties.one &= row_is_one(rows_[index]);
      properties.varies |= row_varies(rows_[index]);
      return made;
    }
    made.slot = index_values_[index].slot;
    made.one = index_values_[index].one;
    properties.one &= made.one;
    properties.varies |= index_values_[index].varies;
    return made;
  }

  void add_window(Access& access, const acp_read& read, const acp_operand& operand, Value& properties) {
    for (std::uint32_t d = 0; d < operand.rank; ++d) {
      Coordinate c = coordinate(read.coord[d], properties);
      c.lo = operand.origin[d];
      c.hi = operand.origin[d] + operand.held[d];
      c.stride = operand.stride[d];
      if (!c.affine) {
        access.loaded.push_back(c);
        continue;
      }
      Bounds bounds = bounds_of(rows_[read.coord[d]]);
      bool inside = false;
      for (std::uint32_t g = 0; g < read.guard_count; ++g) {
        const acp_guard& guard = region_.guards[read.guard_first + g];
        if (guard.index != read.coord[d]) continue;
        inside |= guard.lo >= c.lo && guard.hi <= c.hi;
        bounds.least = std::max(bounds.least, guard.lo);
        bounds.most = std::min(bounds.most, guard.hi - 1);
      }
      if (inside || bounds.within(c.lo, c.hi)) continue;
      c.row = add_row(rows_[read.coord[d]]);
      access.checks.push_back(c);
    }
  }

  Value emit_read(std::uint32_t number) {
    if (read_done_[number]) return read_values_[number];
    const acp_read& read = region_.reads[number];
    const acp_operand& operand = region_.operands[read.operand];
    Access access;
    access.read = number;
    access.operand = read.operand;
    access.dtype = operand.dtype;
    access.element_bytes = kit_dtype_bytes(operand.dtype);
    access.otherwise = read.otherwise;
    access.offset_row = offset_row(operand, read.coord);
    Value value{new_slot(), operand.dtype, true, false};
    add_window(access, read, operand, value);
    for (std::uint32_t g = 0; g < read.guard_count; ++g) {
      const acp_guard& guard = region_.guards[read.guard_first + g];
      if (affine_[guard.index] && bounds_of(rows_[guard.index]).within(guard.lo, guard.hi)) continue;
      Coordinate c = coordinate(guard.index, value);
      c.lo = guard.lo;
      c.hi = guard.hi;
      if (c.affine) c.row = add_row(rows_[guard.index]);
      access.guards.push_back(c);
    }
    access.plain = access.guards.empty() && access.checks.empty() && access.loaded.empty();
    Instruction made;
    made.what = Do::kRead;
    made.out = value.slot;
    made.one = value.one;
    made.a = static_cast<std::uint32_t>(phase_.accesses.size());
    phase_.accesses.push_back(std::move(access));
    emit(made, value.varies);
    read_done_[number] = true;
    read_values_[number] = value;
    return value;
  }

  std::uint32_t widened_slot(const Value& value) {
    if (!value.one) return value.slot;
    Instruction made;
    made.what = Do::kMap;
    made.map = kernels_.splat[value.dtype];
    made.out = new_slot();
    made.a = made.b = made.c = value.slot;
    emit(made, value.varies);
    return made.out;
  }

  Value emit_scalar(std::uint32_t i) {
    const acp_scalar_node& node = region_.scalars[i];
    switch (node.op) {
      case ACP_SC_ARG: return emit_read(node.a);
      case ACP_SC_INDEX: return index_values_[node.a];
      case ACP_SC_CONST: {
        const Value value{new_slot(), node.dtype, true, false};
        nest_.constants.push_back({value.slot, node.bits});
        return value;
      }
      case ACP_SC_ACC:
        if (nest_.acc_slot == kNoSlot) nest_.acc_slot = new_slot();
        return {nest_.acc_slot, node.dtype, false, false};
      default: return emit_map(node);
    }
  }

  Value emit_map(const acp_scalar_node& node) {
    const std::uint32_t numbers[] = {node.a, node.b, node.c};
    const std::uint32_t count = kit_scalar_arity(node.op);
    Value value{0, node.dtype, true, false};
    for (std::uint32_t o = 0; o < count; ++o) {
      value.one &= scalars_[numbers[o]].one;
      value.varies |= scalars_[numbers[o]].varies;
    }
    std::uint32_t slots[3] = {};
    for (std::uint32_t o = 0; o < 3; ++o) {
      const Value& operand = scalars_[numbers[o < count ? o : 0]];
      slots[o] = o >= count ? slots[0] : value.one ? operand.slot : widened_slot(operand);
    }
    const std::uint8_t from = scalars_[node.a].dtype;
    const bool compares = node.op >= ACP_SC_LT && node.op <= ACP_SC_EQ;
    Instruction made;
    made.what = Do::kMap;
    made.map = node.op == ACP_SC_CAST ? kernels_.cast[from][node.dtype]
                                      : kernels_.map[node.op][compares ? from : node.dtype];
    made.one = value.one;
    made.out = value.slot = new_slot();
    made.a = slots[0];
    made.b = slots[1];
    made.c = slots[2];
    emit(made, value.varies);
    return value;
  }

  const acp_region& region_;
  const KernelTable& kernels_;
  Nest& nest_;
  const Sources& sources_;
  std::uint32_t depth_;
  Phase& phase_;
  std::vector<Value> scalars_;
  std::vector<char> need_scalar_, need_index_, in_slot_, affine_;
  std::vector<Row> rows_;
  std::vector<Value> index_values_;
  std::vector<char> read_done_;
  std::vector<Value> read_values_;
};

// The last parallel iterator that fills a good part of a strip, else the longest.
std::uint32_t choose_strip_axis(const Nest& nest) {
  std::uint32_t longest = nest.parallel;
  for (std::uint32_t t = nest.parallel; t-- > 0;) {
    const std::int64_t extent = nest.iters[t].end - nest.iters[t].begin;
    if (extent >= kStrip / 4) return t;
    if (longest == nest.parallel || extent > nest.iters[longest].end - nest.iters[longest].begin) longest = t;
  }
  return longest;
}

// The iterators' ranges, those of the reduce iterators as far as k_begin <= k < k_end reaches: below the first digit in which
// the ends differ, every digit occurs.
std::vector<acp_iter> box_of(const Nest& nest) {
  std::vector<acp_iter> box = nest.iters;
  if (nest.k_begin >= nest.k_end) return box;
  std::int64_t first = nest.k_begin, last = nest.k_end - 1;
  for (std::size_t t = nest.iters.size(); t-- > nest.parallel;) {
    const std::int64_t extent = nest.iters[t].end;
    if (first / extent == last / extent) box[t] = {first % extent, last % extent + 1};
    first /= extent;
    last /= extent;
  }
  return box;
}

// Two plain reads, a the same along the strip, b contiguous in it: a contraction that fma_run_one_a can run.
bool is_fma_run(const Nest& nest) {
  const Phase& body = nest.body;
  if (nest.combiner != ACP_COMBINE_FMA || nest.dtype != ACP_F32 || nest.strip_axis == nest.parallel)
    return false;
  if (!nest.body_a.one || nest.body_b.one || body.each.size() != 2 || !body.once.empty()) return false;
  for (const Instruction& instruction : body.each) {
    if (instruction.what != Do::kRead || !body.accesses[instruction.a].plain) return false;
  }
  const Instruction& b = body.each[body.each[0].out == nest.body_b.slot ? 0 : 1];
  return body.rows[body.accesses[b.a].offset_row].iter[nest.strip_axis] == 1;
}

// What the iterator is divided by, if it covers whole quotients and more than one: it is then lowered as two. Nodes of other nests may
// ask for it too; collapse joins what was split in vain.
std::int64_t divisor_of(const acp_region& region, std::uint32_t iter, const acp_iter& range) {
  for (std::uint32_t i = 0; i < region.index_count; ++i) {
    const acp_index_node& node = region.indices[i];
    if (node.op != ACP_IX_FLOORDIV && node.op != ACP_IX_MOD) continue;
    const acp_index_node& of = region.indices[node.a];
    if (of.op != ACP_IX_ITER || of.a != iter || node.value < 2) continue;
    if (range.begin % node.value == 0 && range.end % node.value == 0 && range.end - range.begin > node.value)
      return node.value;
  }
  return 0;
}

void lower_iterators(const acp_region& region, const acp_nest& from, Nest& nest, Sources& sources) {
  for (std::uint32_t t = 0; t < from.iter_count; ++t) {
    const acp_iter& range = region.iters[from.iter_first + t];
    const bool parallel = t < from.iter_count - from.reduce_count;
    const std::int64_t divisor = parallel ? divisor_of(region, t, range) : 0;
    const auto next = static_cast<std::uint32_t>(nest.iters.size());
    if (divisor == 0) {
      nest.iters.push_back(range);
      sources.push_back({next, 0, 0});
    } else {
      nest.iters.push_back({range.begin / divisor, range.end / divisor});
      nest.iters.push_back({0, divisor});
      sources.push_back({next + 1, next, divisor});
    }
    if (parallel) nest.parallel = static_cast<std::uint32_t>(nest.iters.size());
  }
}

constexpr std::uint32_t kAnyAxis = 0xffffffffu;

Nest lower_along(const acp_region& region, const KernelTable& kernels, const acp_nest& from,
                 std::uint32_t depth, std::uint32_t strip_axis) {
  Nest nest;
  Sources sources;
  lower_iterators(region, from, nest, sources);
  nest.strip_axis = strip_axis == kAnyAxis ? choose_strip_axis(nest) : strip_axis;
  nest.k_begin = from.k_begin;
  nest.k_end = from.k_end;
  nest.combiner = from.combiner;
  nest.order = from.order;
  nest.box = box_of(nest);
  nest.block = from.block;
  if (from.combiner != ACP_COMBINE_NONE) {
    nest.dtype = region.scalars[from.body_a].dtype;
    nest.has_init = from.init != ACP_NONE;
    PhaseBuilder init(region, kernels, nest, sources, depth, nest.init_phase);
    if (nest.has_init) init.need_scalar(from.init);
    init.build();
    if (nest.has_init) nest.init = init.value(from.init);
    PhaseBuilder body(region, kernels, nest, sources, depth, nest.body);
    body.need_scalar(from.body_a);
    if (from.body_b != ACP_NONE) body.need_scalar(from.body_b);
    body.build();
    nest.body_a = body.value(from.body_a);
    if (from.body_b != ACP_NONE) nest.body_b = body.value(from.body_b);
  }
  PhaseBuilder writes(region, kernels, nest, sources, depth, nest.writes);
  for (std::uint32_t w = from.write_first; w < from.write_first + from.write_count; ++w) {
    const acp_write& write = region.writes[w];
    writes.need_scalar(write.value);
    for (std::uint32_t d = 0; d < region.operands[write.operand].rank; ++d) writes.need_index(write.coord[d]);
  }
  writes.build();
  for (std::uint32_t w = from.write_first; w < from.write_first + from.write_count; ++w) {
    const acp_write& write = region.writes[w];
    const acp_operand& operand = region.operands[write.operand];
    nest.stores.push_back({write.operand, kit_dtype_bytes(operand.dtype),
                           writes.offset_row(operand, write.coord), writes.value(write.value)});
  }
  return nest;
}

// What the best strip axis is shows only when iterators are joined, so a nest may be lowered twice.
Nest lower_nest(const acp_region& region, const KernelTable& kernels, const acp_nest& from,
                std::uint32_t depth) {
  Nest nest = lower_along(region, kernels, from, depth, kAnyAxis);
  const std::vector<std::uint32_t> origin = collapse(nest);
  nest.contraction = match_contraction(nest);
  std::uint32_t wanted = choose_strip_axis(nest);
  if (nest.contraction && !nest.contraction->columns.empty()) wanted = nest.contraction->columns.back();
  if (wanted != nest.strip_axis) {
    nest = lower_along(region, kernels, from, depth, origin[wanted]);
    collapse(nest);
    nest.contraction = match_contraction(nest);
  }
  nest.fma_run = is_fma_run(nest);
  return nest;
}

LoopScalar lower_loop_scalar(const acp_region& region, const KernelTable& kernels, std::uint32_t scalar,
                             std::uint32_t depth) {
  LoopScalar made;
  const Sources no_iterators;
  PhaseBuilder builder(region, kernels, made.nest, no_iterators, depth, made.nest.writes);
  builder.need_scalar(scalar);
  builder.build();
  made.value = builder.value(scalar);
  return made;
}

Operand lower_operand(const acp_operand& from) {
  Operand made{from.role, from.slot, 0, 0};
  const std::int64_t element_bytes = kit_dtype_bytes(from.dtype);
  std::int64_t before = 0, after = 1;
  for (std::uint32_t d = 0; d < from.rank; ++d) {
    if (from.held[d] == 0) return made;
    const std::int64_t reach = (from.held[d] - 1) * from.stride[d];
    before += std::max<std::int64_t>(-reach, 0);
    after += std::max<std::int64_t>(reach, 0);
  }
  made.before_bytes = before * element_bytes;
  made.after_bytes = after * element_bytes;
  return made;
}

}  // namespace

std::unique_ptr<Program> lower(const acp_region& region, const KernelTable& kernels) {
  auto program = std::make_unique<Program>();
  program->kernels = &kernels;
  program->loops.resize(region.loop_count);
  for (std::uint32_t i = 0; i < region.operand_count; ++i) {
    program->operands.push_back(lower_operand(region.operands[i]));
    if (region.operands[i].role == ACP_ROLE_INPUT) {
      program->input_count = std::max(program->input_count, region.operands[i].slot + 1);
    }
  }
  std::uint32_t depth = 0;
  for (std::uint32_t i = 0; i < region.stage_count; ++i) {
    acp_stage stage = region.stages[i];
    if (stage.kind == ACP_STAGE_NEST) {
      program->nests.push_back(lower_nest(region, kernels, region.nests[stage.index], depth));
      stage.index = static_cast<std::uint32_t>(program->nests.size() - 1);
    } else if (stage.kind == ACP_STAGE_LOOP_BEGIN) {
      const acp_loop& loop = region.loops[stage.index];
      Loop& made = program->loops[stage.index];
      made.trips = lower_loop_scalar(region, kernels, loop.trips, depth);
      ++depth;
      made.has_condition = loop.condition != ACP_NONE;
      if (made.has_condition) made.condition = lower_loop_scalar(region, kernels, loop.condition, depth);
      made.max_trips = loop.max_trips;
    } else {
      program->loops[stage.index].end_stage = i;
      --depth;
    }
    program->stages.push_back(stage);
  }
  return program;
}

}  // namespace acp_cpu
