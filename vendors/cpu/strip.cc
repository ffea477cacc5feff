#include "reduce.h"

#include <algorithm>
#include <cstring>

namespace acp_cpu {
namespace {

std::int64_t wrap_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrap_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }
std::int64_t saturating_sub(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return a < b ? INT64_MIN : INT64_MAX;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

bool inside(const Coordinate& c, std::int64_t x) { return x >= c.lo && x < c.hi; }

template <typename Element>
void fill(unsigned char* out, std::int64_t first, std::int64_t last, std::uint64_t bits) {
  const auto element = static_cast<Element>(bits);
  for (std::int64_t j = first; j < last; ++j)
    std::memcpy(out + j * std::int64_t{sizeof(Element)}, &element, sizeof element);
}
void fill(unsigned char* out, std::uint32_t element_bytes, std::int64_t first, std::int64_t last,
          std::uint64_t bits) {
  switch (element_bytes) {
    case 1: return fill<std::uint8_t>(out, first, last, bits);
    case 4: return fill<std::uint32_t>(out, first, last, bits);
    default: return fill<std::uint64_t>(out, first, last, bits);
  }
}

template <typename Element>
void copy(unsigned char* out, std::int64_t out_step, const unsigned char* in, std::int64_t in_step,
          std::int64_t count) {
  constexpr std::int64_t kSize = sizeof(Element);
  if (out_step == 1 && in_step == 1) {
    if (count > 0) std::memcpy(out, in, static_cast<std::size_t>(count * kSize));
    return;
  }
  for (std::int64_t j = 0; j < count; ++j)
    std::memcpy(out + j * out_step * kSize, in + j * in_step * kSize, kSize);
}
// Steps in elements.
void copy(std::uint32_t element_bytes, unsigned char* out, std::int64_t out_step, const unsigned char* in,
          std::int64_t in_step, std::int64_t count) {
  switch (element_bytes) {
    case 1: return copy<std::uint8_t>(out, out_step, in, in_step, count);
    case 4: return copy<std::uint32_t>(out, out_step, in, in_step, count);
    default: return copy<std::uint64_t>(out, out_step, in, in_step, count);
  }
}

std::int64_t index_result(const Instruction& instruction, std::int64_t a, std::int64_t b) {
  switch (instruction.op) {
    case ACP_IX_ADD: return wrap_add(a, b);
    case ACP_IX_SCALE: return wrap_mul(a, instruction.value);
    case ACP_IX_FLOORDIV: return floor_div(a, instruction.value);
    case ACP_IX_MOD: {
      const std::int64_t rest = a % instruction.value;
      return rest < 0 ? rest + instruction.value : rest;
    }
    default: return a < 0 ? a + instruction.value : a;  // WRAP
  }
}

}  // namespace

std::int64_t value_of(const Row& row, const std::vector<std::int64_t>& iters,
                      const std::vector<std::int64_t>& trips) {
  std::int64_t value = row.base;
  for (std::size_t l = 0; l < row.loop.size(); ++l) value = wrap_add(value, wrap_mul(row.loop[l], trips[l]));
  for (std::size_t t = 0; t < row.iter.size(); ++t) value = wrap_add(value, wrap_mul(row.iter[t], iters[t]));
  return value;
}

void narrow(std::int64_t start, std::int64_t move, std::int64_t lo, std::int64_t hi, std::int64_t& first,
            std::int64_t& last) {
  // The same as to_lo <= move * j < to_hi; one below the smallest number, so that it can be negated.
  const std::int64_t to_lo = std::max(saturating_sub(lo, start), -INT64_MAX);
  const std::int64_t to_hi = std::max(saturating_sub(hi, start), -INT64_MAX);
  if (move == 0) {
    if (to_lo > 0 || to_hi <= 0) last = first;
  } else if (move > 0) {
    first = std::max(first, ceil_div(to_lo, move));
    last = std::min(last, ceil_div(to_hi, move));
  } else {
    first = std::max(first, floor_div(-to_hi, -move) + 1);
    last = std::min(last, floor_div(-to_lo, -move) + 1);
  }
  // Nothing left: an empty range inside the strip.
  if (first >= last) first = last = 0;
}

Strip::Strip(const Program& program, std::vector<unsigned char*> operands)
    : program_(program), operands_(std::move(operands)) {
  std::size_t slots = 0, rows = 0, iters = 0;
  const auto measure = [&](const Nest& nest) {
    slots = std::max<std::size_t>(slots, nest.slot_count);
    rows = std::max({rows, nest.init_phase.rows.size(), nest.body.rows.size(), nest.writes.rows.size()});
    iters = std::max(iters, nest.iters.size());
  };
  for (const Nest& nest : program.nests) measure(nest);
  for (const Loop& loop : program.loops) measure(loop.trips.nest), measure(loop.condition.nest);
  storage_.resize(slots * kSlotBytes / 8);
  slots_.resize(slots);
  body_rows_.resize(rows);
  rows_.resize(rows);
  k_iters_.resize(iters);
  trips_.reserve(8);
  partials_.resize(kPartials * kSlotBytes / 8);
}

void Strip::enter(const Nest& nest, const std::vector<std::int64_t>& trips) {
  nest_ = &nest;
  trips_ = trips;
  auto* storage = reinterpret_cast<unsigned char*>(storage_.data());
  for (std::uint32_t s = 0; s < nest.slot_count; ++s) slots_[s] = storage + s * kSlotBytes;
  for (const Constant& constant : nest.constants)
    std::memcpy(slots_[constant.slot], &constant.bits, sizeof constant.bits);
}

void Strip::place(const Phase& phase, std::vector<std::int64_t>& rows,
                  const std::vector<std::int64_t>& iters) const {
  for (std::size_t r = 0; r < phase.rows.size(); ++r) {
    const Row& row = phase.rows[r];
    std::int64_t value = row.base;
    for (std::size_t l = 0; l < row.loop.size(); ++l)
      value = wrap_add(value, wrap_mul(row.loop[l], trips_[l]));
    for (std::size_t t = 0; t < row.iter.size(); ++t) {
      value = wrap_add(value, wrap_mul(row.iter[t], t < nest_->parallel ? iters[t] : k_iters_[t]));
    }
    rows[r] = value;
  }
}

void Strip::ramp(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows) {
  auto* out = reinterpret_cast<std::int64_t*>(slots_[instruction.out]);
  const std::int64_t move = along(phase.rows[instruction.a]);
  const std::int64_t count = instruction.one ? 1 : count_;
  for (std::int64_t j = 0; j < count; ++j) out[j] = wrap_add(rows[instruction.a], wrap_mul(move, j));
}

void Strip::index(const Instruction& instruction) {
  auto* out = reinterpret_cast<std::int64_t*>(slots_[instruction.out]);
  const auto* a = reinterpret_cast<const std::int64_t*>(slots_[instruction.a]);
  const auto* b = reinterpret_cast<const std::int64_t*>(slots_[instruction.b]);
  const std::int64_t count = instruction.one ? 1 : count_;
  for (std::int64_t j = 0; j < count; ++j) {
    out[j] = index_result(instruction, a[instruction.one_a ? 0 : j], b[instruction.one_b ? 0 : j]);
  }
}

void Strip::widen(const Instruction& instruction) {
  const std::int64_t count = instruction.one ? 1 : count_;
  const Map kernel = program_.kernels->cast[instruction.dtype][ACP_I64];
  kernel(slots_[instruction.out], slots_[instruction.a], nullptr, nullptr, count);
}

std::int64_t Strip::value_at(const Coordinate& c, const Phase& phase, const std::vector<std::int64_t>& rows,
                             std::int64_t j) const {
  if (c.affine) return wrap_add(rows[c.row], wrap_mul(along(phase.rows[c.row]), j));
  return reinterpret_cast<const std::int64_t*>(slots_[c.slot])[c.one ? 0 : j];
}

// Point by point: something about the read depends on data, or is not affine.
bool Strip::gather(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows,
                   std::int64_t first, std::int64_t last) {
  const Access& access = phase.accesses[instruction.a];
  const std::int64_t size = access.element_bytes;
  Slot out = slots_[instruction.out];
  for (std::int64_t j = first; j < last; ++j) {
    bool open = true;
    for (const Coordinate& guard : access.guards)
      open &= guard.affine || inside(guard, value_at(guard, phase, rows, j));
    if (!open) {
      std::memcpy(out + j * size, &access.otherwise, access.element_bytes);
      continue;
    }
    for (const Coordinate& c : access.checks) {
      if (!inside(c, value_at(c, phase, rows, j))) return false;
    }
    std::int64_t at = wrap_add(rows[access.offset_row], wrap_mul(along(phase.rows[access.offset_row]), j));
    for (const Coordinate& c : access.loaded) {
      const std::int64_t x = value_at(c, phase, rows, j);
      if (!inside(c, x)) return false;
      at += (x - c.lo) * c.stride;
    }
    std::memcpy(out + j * size, operands_[access.operand] + at * size, access.element_bytes);
  }
  return true;
}

bool Strip::read(const Instruction& instruction, const Phase& phase, const std::vector<std::int64_t>& rows,
                 bool lend) {
  const Access& access = phase.accesses[instruction.a];
  const std::int64_t count = instruction.one ? 1 : count_;
  std::int64_t first = 0, last = count;
  bool point_by_point = !access.loaded.empty();
  for (const Coordinate& guard : access.guards) {
    if (guard.affine) narrow(rows[guard.row], along(phase.rows[guard.row]), guard.lo, guard.hi, first, last);
    point_by_point |= !guard.affine;
  }
  const std::int64_t offset = rows[access.offset_row];
  const std::int64_t step = along(phase.rows[access.offset_row]);
  const std::int64_t size = access.element_bytes;
  unsigned char* const storage =
      reinterpret_cast<unsigned char*>(storage_.data()) + instruction.out * kSlotBytes;
  slots_[instruction.out] = storage;
  if (point_by_point) {
    if (!gather(instruction, phase, rows, first, last)) return fail(access);
  } else if (first < last) {
    for (const Coordinate& c : access.checks) {
      if (!inside(c, value_at(c, phase, rows, first)) || !inside(c, value_at(c, phase, rows, last - 1)))
        return fail(access);
    }
    unsigned char* const from = operands_[access.operand] + wrap_add(offset, wrap_mul(step, first)) * size;
    if (lend && last - first == count && (step == 1 || count == 1) && access.dtype != ACP_BOOL) {
      slots_[instruction.out] = from;
      return true;
    }
    copy(access.element_bytes, storage + first * size, 1, from, step, last - first);
  }
  fill(storage, access.element_bytes, 0, first, access.otherwise);
  fill(storage, access.element_bytes, last, count, access.otherwise);
  if (access.dtype == ACP_BOOL) {
    for (std::int64_t j = 0; j < count; ++j) storage[j] = storage[j] != 0;
  }
  return true;
}

bool Strip::fail(const Access& access) {
  fault_ = access.read;
  return false;
}

// lend: values of plain contiguous reads stay where they are (no write comes before their last use).
bool Strip::execute(const Phase& phase, const std::vector<Instruction>& list,
                    const std::vector<std::int64_t>& rows, bool lend) {
  for (const Instruction& i : list) {
    switch (i.what) {
      case Do::kRead:
        if (!read(i, phase, rows, lend)) return false;
        break;
      case Do::kMap: i.map(slots_[i.out], slots_[i.a], slots_[i.b], slots_[i.c], i.one ? 1 : count_); break;
      case Do::kRamp: ramp(i, phase, rows); break;
      case Do::kIndex: index(i); break;
      case Do::kWiden: widen(i); break;
    }
  }
  return true;
}

void Strip::store(const Store& store) const {
  const std::int64_t step = along(nest_->writes.rows[store.offset_row]);
  unsigned char* const to =
      operands_[store.operand] + rows_[store.offset_row] * std::int64_t{store.element_bytes};
  copy(store.element_bytes, to, step, slots_[store.value.slot], store.value.one ? 0 : 1, count_);
}

bool Strip::seed(const std::vector<std::int64_t>& iters, std::int64_t count, void* acc) {
  count_ = count;
  place(nest_->init_phase, rows_, iters);
  if (!execute(nest_->init_phase, nest_->init_phase.once, rows_, false)) return false;
  Reducer(*this).take(static_cast<Slot>(acc), nest_->init);
  return true;
}

bool Strip::finish(const std::vector<std::int64_t>& iters, std::int64_t count, void* acc) {
  count_ = count;
  if (nest_->acc_slot != kNoSlot) slots_[nest_->acc_slot] = static_cast<Slot>(acc);
  return write(iters);
}

bool Strip::run(const std::vector<std::int64_t>& iters, std::int64_t count) {
  count_ = count;
  if (nest_->combiner != ACP_COMBINE_NONE && !Reducer(*this).run(iters)) return false;
  return write(iters);
}

bool Strip::write(const std::vector<std::int64_t>& iters) {
  place(nest_->writes, rows_, iters);
  if (!execute(nest_->writes, nest_->writes.once, rows_, false)) return false;
  for (const Store& each : nest_->stores) store(each);
  return true;
}

bool Strip::evaluate(const LoopScalar& scalar, const std::vector<std::int64_t>& trips, std::int64_t* result) {
  enter(scalar.nest, trips);
  count_ = 1;
  place(scalar.nest.writes, rows_, {});
  if (!execute(scalar.nest.writes, scalar.nest.writes.once, rows_, false)) return false;
  const Slot slot = slots_[scalar.value.slot];
  *result = scalar.value.dtype == ACP_BOOL ? *slot : *reinterpret_cast<const std::int64_t*>(slot);
  return true;
}

}  // namespace acp_cpu
