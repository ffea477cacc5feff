#include "reduce.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace acp_cpu {
namespace {

constexpr std::int64_t kLanes = 32;
constexpr std::int64_t kPiece = 4096;
// Numbers of the partial results: the lanes, a level of the tree for every bit of a count, the accumulator, one block.
constexpr std::int64_t kFirstLevel = kLanes;
constexpr std::int64_t kAccumulator = kFirstLevel + 64;
constexpr std::int64_t kBlock = kAccumulator + 1;
static_assert(kBlock < kPartials);

}  // namespace

Reducer::Slot Reducer::partial(std::int64_t number) const {
  return reinterpret_cast<Slot>(strip_.partials_.data()) + number * kSlotBytes;
}

void Reducer::copy(Slot to, Slot from) const {
  std::memcpy(to, from, static_cast<std::size_t>(strip_.count_) * element_bytes());
}

void Reducer::take(Slot acc, const Value& value) const {
  const Slot from = strip_.slots_[value.slot];
  if (!value.one) return copy(acc, from);
  strip_.program_.kernels->splat[nest_.dtype](acc, from, nullptr, nullptr, strip_.count_);
}

void Reducer::join(Slot acc, Slot part) const {
  const std::uint8_t combiner = adds() ? std::uint8_t{ACP_COMBINE_ADD} : nest_.combiner;
  strip_.program_.kernels->step[combiner][0][0][nest_.dtype](acc, part, nullptr, strip_.count_);
}

// What a reduction over nothing yields.
void Reducer::neutral(Slot acc) const {
  const bool max = nest_.combiner == ACP_COMBINE_MAX;
  std::uint64_t bits = 0;
  if (!adds()) {
    switch (nest_.dtype) {
      case ACP_F32: bits = max ? 0xff800000u : 0x7f800000u; break;
      case ACP_I32: bits = max ? 0x80000000u : 0x7fffffffu; break;
      default: bits = max ? std::uint64_t{1} << 63 : ~(std::uint64_t{1} << 63);
    }
  }
  strip_.program_.kernels->splat[nest_.dtype](acc, &bits, nullptr, nullptr, strip_.count_);
}

void Reducer::move_rows(std::size_t iter, std::int64_t times) {
  const std::vector<Row>& rows = nest_.body.rows;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::uint64_t way =
        static_cast<std::uint64_t>(rows[r].iter[iter]) * static_cast<std::uint64_t>(times);
    strip_.body_rows_[r] = static_cast<std::int64_t>(static_cast<std::uint64_t>(strip_.body_rows_[r]) + way);
  }
}

// k + 1: the last digit grows, full digits go back to 0.
void Reducer::advance() {
  for (std::size_t t = nest_.iters.size(); t-- > nest_.parallel;) {
    const std::int64_t extent = nest_.iters[t].end;
    if (++strip_.k_iters_[t] < extent) return move_rows(t, 1);
    strip_.k_iters_[t] = 0;
    move_rows(t, 1 - extent);
  }
}

// Both factors are plain reads: whole runs of the innermost digit in one kernel call.
void Reducer::fma_run(Slot acc, std::int64_t steps) {
  const Phase& body = nest_.body;
  const std::size_t last = nest_.iters.size() - 1;
  const bool a_first = body.each[0].out == nest_.body_a.slot;
  const Access& a = body.accesses[body.each[a_first ? 0 : 1].a];
  const Access& b = body.accesses[body.each[a_first ? 1 : 0].a];
  const auto address = [&](const Access& access) {
    return reinterpret_cast<const float*>(strip_.operands_[access.operand]) +
           strip_.body_rows_[access.offset_row];
  };
  while (steps > 0) {
    const std::int64_t length = std::min(steps, nest_.iters[last].end - strip_.k_iters_[last]);
    strip_.program_.kernels->fma_run_one_a(reinterpret_cast<float*>(acc), address(a),
                                           body.rows[a.offset_row].iter[last], address(b),
                                           body.rows[b.offset_row].iter[last], length, strip_.count_);
    move_rows(last, length - 1);
    strip_.k_iters_[last] += length - 1;
    advance();
    steps -= length;
  }
}

bool Reducer::chain(Slot acc, bool begun, std::int64_t steps) {
  if (steps == 0) return true;
  const bool fma = nest_.combiner == ACP_COMBINE_FMA;
  if (fma && !begun) {
    std::memset(acc, 0, kSlotBytes);
    begun = true;
  }
  if (nest_.fma_run) {
    fma_run(acc, steps);
    return true;
  }
  const Step step =
      strip_.program_.kernels->step[nest_.combiner][nest_.body_a.one][fma && nest_.body_b.one][nest_.dtype];
  for (std::int64_t s = 0; s < steps; ++s) {
    if (!strip_.execute(nest_.body, nest_.body.each, strip_.body_rows_, true)) return false;
    if (begun) {
      step(acc, strip_.slots_[nest_.body_a.slot], fma ? strip_.slots_[nest_.body_b.slot] : nullptr,
           strip_.count_);
    } else {
      take(acc, nest_.body_a);
      begun = true;
    }
    advance();
  }
  return true;
}

// Part `number` enters the tree: every pair that is complete now is joined. As many levels are occupied as `number` has ones.
void Reducer::push(Slot part, std::int64_t number) {
  std::int64_t top = kFirstLevel + std::popcount(static_cast<std::uint64_t>(number));
  copy(partial(top), part);
  for (std::int64_t joined = number + 1; joined % 2 == 0; joined /= 2, --top)
    join(partial(top - 1), partial(top));
}

// Odd last ones pass up until they meet what stands before them.
void Reducer::collapse(std::int64_t pieces, Slot acc) {
  std::int64_t top = kFirstLevel + std::popcount(static_cast<std::uint64_t>(pieces)) - 1;
  for (; top > kFirstLevel; --top) join(partial(top - 1), partial(top));
  copy(acc, partial(kFirstLevel));
}

bool Reducer::blocked(Slot acc) {
  const Slot block = partial(kBlock);
  std::int64_t left = nest_.k_end - nest_.k_begin;
  std::int64_t number = 0;
  for (; left > 0; ++number) {
    const std::int64_t length = std::min(left, nest_.block);
    bool begun = adds();
    if (number == 0) {
      copy(block, acc);
      begun = nest_.has_init;
    } else if (begun) {
      std::memset(block, 0, kSlotBytes);
    }
    if (!chain(block, begun, length)) return false;
    if (nest_.order == ACP_ORDER_BLOCKED_TREE) {
      push(block, number);
    } else if (number == 0) {
      copy(acc, block);
    } else {
      join(acc, block);
    }
    left -= length;
  }
  if (nest_.order == ACP_ORDER_BLOCKED_TREE) collapse(number, acc);
  return true;
}

// Leaves the piece in lane 0.
bool Reducer::piece(std::int64_t steps) {
  for (std::int64_t i = 0; i < steps; ++i) {
    if (!chain(partial(i % kLanes), i >= kLanes, 1)) return false;
  }
  const std::int64_t filled = std::min(steps, kLanes);
  for (std::int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::int64_t lane = 0; lane < width && lane + width < filled; ++lane)
      join(partial(lane), partial(lane + width));
  }
  return true;
}

bool Reducer::lanes32(Slot acc) {
  std::int64_t left = nest_.k_end - nest_.k_begin;
  std::int64_t number = 0;
  for (; left > 0; left -= kPiece, ++number) {
    if (!piece(std::min(left, kPiece))) return false;
    push(partial(0), number);
  }
  const Slot sum = partial(kBlock);
  collapse(number, nest_.has_init ? sum : acc);
  if (nest_.has_init) join(acc, sum);
  return true;
}

// The init, or what an empty reduction yields; then what the body needs before the first k.
bool Reducer::begin(const std::vector<std::int64_t>& iters, Slot acc) {
  if (nest_.has_init) {
    if (!strip_.seed(iters, strip_.count_, acc)) return false;
  } else {
    neutral(acc);
  }
  if (nest_.k_begin == nest_.k_end) return true;
  std::int64_t k = nest_.k_begin;
  for (std::size_t t = nest_.iters.size(); t-- > nest_.parallel;) {
    strip_.k_iters_[t] = k % nest_.iters[t].end;
    k /= nest_.iters[t].end;
  }
  strip_.place(nest_.body, strip_.body_rows_, iters);
  return strip_.execute(nest_.body, nest_.body.once, strip_.body_rows_, true);
}

bool Reducer::run(const std::vector<std::int64_t>& iters) {
  const Slot acc = partial(kAccumulator);
  if (nest_.acc_slot != kNoSlot) strip_.slots_[nest_.acc_slot] = acc;
  if (!begin(iters, acc)) return false;
  if (nest_.k_begin == nest_.k_end) return true;
  switch (nest_.order) {
    case ACP_ORDER_BLOCKED_TREE:
    case ACP_ORDER_BLOCKED_INDEX: return blocked(acc);
    case ACP_ORDER_LANES32: return lanes32(acc);
    default: return chain(acc, nest_.has_init, nest_.k_end - nest_.k_begin);
  }
}

}  // namespace acp_cpu
