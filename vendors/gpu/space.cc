#include "space.h"

#include <algorithm>

#include "kit/region_check.h"

namespace acp_gpu {
namespace {

// Far enough from the edge that sums of two such numbers stay inside 32 bits.
constexpr std::int64_t kNarrow = std::int64_t{1} << 30;

bool is_unary_index(std::uint8_t op) { return op >= ACP_IX_SCALE && op <= ACP_IX_WRAP; }

Interval sum(const Interval& a, const Interval& b) {
  Interval made;
  made.known = a.known && b.known && !__builtin_add_overflow(a.lo, b.lo, &made.lo) &&
               !__builtin_add_overflow(a.hi, b.hi, &made.hi);
  return made;
}

Interval multiple(const Interval& a, std::int64_t factor) {
  Interval made;
  made.known = a.known && !__builtin_mul_overflow(factor < 0 ? a.hi : a.lo, factor, &made.lo) &&
               !__builtin_mul_overflow(factor < 0 ? a.lo : a.hi, factor, &made.hi);
  return made;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Interval wrapped(const Interval& a, std::int64_t value) {
  if (!a.known || a.lo >= 0) return a;
  const Interval moved = sum({a.lo, std::min<std::int64_t>(a.hi, -1), true}, {value, value, true});
  if (!moved.known || a.hi < 0) return moved;
  return {std::min<std::int64_t>(moved.lo, 0), std::max(moved.hi, a.hi), true};
}

bool is_narrow(std::int64_t x) { return x >= -kNarrow && x <= kNarrow; }

}  // namespace

Needs::Needs(const acp_region& region)
    : scalars(region.scalar_count), reads(region.read_count), indices(region.index_count) {}

void Needs::close(const acp_region& region) {
  const auto need_read = [&](std::uint32_t number) {
    const acp_read& read = region.reads[number];
    reads[number] = true;
    for (std::uint32_t d = 0; d < region.operands[read.operand].rank; ++d) indices[read.coord[d]] = true;
    for (std::uint32_t g = 0; g < read.guard_count; ++g)
      indices[region.guards[read.guard_first + g].index] = true;
  };
  for (std::uint32_t i = region.scalar_count; i-- > 0;) {
    if (!scalars[i]) continue;
    const acp_scalar_node& node = region.scalars[i];
    const std::uint32_t operands[] = {node.a, node.b, node.c};
    for (std::uint32_t o = 0; o < kit_scalar_arity(node.op); ++o) scalars[operands[o]] = true;
    if (node.op == ACP_SC_ARG) need_read(node.a);
    if (node.op == ACP_SC_INDEX) indices[node.a] = true;
  }
  for (std::uint32_t i = region.index_count; i-- > 0;) {
    if (!indices[i]) continue;
    const acp_index_node& node = region.indices[i];
    if (is_unary_index(node.op) || node.op == ACP_IX_ADD) indices[node.a] = true;
    if (node.op == ACP_IX_ADD) indices[node.b] = true;
    if (node.op == ACP_IX_LOAD) need_read(node.a);
  }
}

// The digits that the numbers k_begin .. k_end-1 reach: all of them where a carry happens in between.
void Space::cut_digits(const acp_nest& nest, std::vector<Interval>& digits) const {
  std::int64_t begin = nest.k_begin, last = nest.k_end - 1;
  if (last < begin) return;
  for (std::size_t t = iters.size(); t-- > parallel;) {
    const std::int64_t extent = iters[t].end;
    const bool carries = begin / extent != last / extent;
    digits[t] = {carries ? 0 : begin % extent, carries ? extent - 1 : last % extent, true};
    begin /= extent;
    last /= extent;
  }
}

Space::Space(const acp_region& region, const acp_nest* nest, const std::vector<std::int64_t>& max_trips)
    : loops(static_cast<std::uint32_t>(max_trips.size())), bounds_(region.index_count) {
  if (nest != nullptr) {
    parallel = nest->iter_count - nest->reduce_count;
    iters.assign(region.iters + nest->iter_first, region.iters + nest->iter_first + nest->iter_count);
  }
  std::vector<Interval> digits;
  digits.reserve(iters.size());
  for (std::uint32_t t = 0; t < iters.size(); ++t) {
    digits.push_back({iters[t].begin, iters[t].end - 1, true});
    if (t < parallel) points *= iters[t].end - iters[t].begin;
  }
  for (const std::int64_t trips : max_trips) {
    if (trips <= 0) points = 0;
  }
  if (points == 0) return;
  if (nest != nullptr) cut_digits(*nest, digits);
  for (std::uint32_t i = 0; i < region.index_count; ++i) {
    const acp_index_node& node = region.indices[i];
    Interval& made = bounds_[i];
    switch (node.op) {
      case ACP_IX_CONST: made = {node.value, node.value, true}; break;
      case ACP_IX_ITER:
        if (node.a < digits.size()) made = digits[node.a];
        break;
      case ACP_IX_LOOP:
        if (node.a < max_trips.size()) made = {0, max_trips[node.a] - 1, true};
        break;
      case ACP_IX_ADD: made = sum(bounds_[node.a], bounds_[node.b]); break;
      case ACP_IX_SCALE: made = multiple(bounds_[node.a], node.value); break;
      case ACP_IX_FLOORDIV: {
        const Interval& a = bounds_[node.a];
        if (a.known) made = {floor_div(a.lo, node.value), floor_div(a.hi, node.value), true};
        break;
      }
      case ACP_IX_MOD: {
        const Interval& a = bounds_[node.a];
        if (a.known) made = {0, node.value - 1, true};
        if (a.known && a.lo >= 0 && a.hi < node.value) made = a;
        break;
      }
      case ACP_IX_WRAP: made = wrapped(bounds_[node.a], node.value); break;
      default: break;  // LOAD
    }
  }
}

bool Space::narrow(const acp_region& region, const Needs& needs) const {
  for (std::uint32_t i = 0; i < region.index_count; ++i) {
    if (!needs.indices[i]) continue;
    const Interval& b = bounds_[i];
    if (!b.known || !is_narrow(b.lo) || !is_narrow(b.hi) || !is_narrow(region.indices[i].value)) return false;
  }
  for (std::uint32_t r = 0; r < region.read_count; ++r) {
    if (!needs.reads[r]) continue;
    const acp_operand& operand = region.operands[region.reads[r].operand];
    std::int64_t reach = 0;
    for (std::uint32_t d = 0; d < operand.rank; ++d) {
      std::int64_t axis = 0;
      if (!is_narrow(operand.origin[d]) || !is_narrow(operand.held[d]) || !is_narrow(operand.stride[d]) ||
          __builtin_mul_overflow(operand.held[d], operand.stride[d], &axis)) {
        return false;
      }
      reach += axis < 0 ? -axis : axis;
    }
    if (!is_narrow(reach)) return false;
  }
  return true;
}

}  // namespace acp_gpu
