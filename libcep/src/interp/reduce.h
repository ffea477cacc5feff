// The canonical orders of reductions, over any domain: the part of Machine that accumulates.
//
// Spec     numerics, "Reductions: three canonical orders".
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "interp/machine.h"

namespace cep::interp {

inline constexpr std::int64_t kLanes = 32;
inline constexpr std::int64_t kLanesChunk = 4096;

[[nodiscard]] inline std::uint8_t joining_operator(const acp_nest& nest) {
  switch (nest.combiner) {
    case ACP_COMBINE_MAX: return ACP_SC_MAX;
    case ACP_COMBINE_MIN: return ACP_SC_MIN;
    default: return ACP_SC_ADD;
  }
}

// Bits of the identity of max (the lowest value) or min.
[[nodiscard]] inline std::uint64_t extreme_bits(std::uint8_t dtype, bool lowest) {
  switch (dtype) {
    case ACP_F32: return lowest ? 0xff800000U : 0x7f800000U;
    case ACP_I32: return lowest ? 0x80000000U : 0x7fffffffU;
    case ACP_I64: return lowest ? std::uint64_t{1} << 63 : ~std::uint64_t{0} >> 1;
    default: return lowest ? 0 : 1;
  }
}

template <typename D>
Value Machine<D>::neutral(const acp_nest& nest) {
  const std::uint8_t dtype = region_.scalars[nest.body_a].dtype;
  switch (nest.combiner) {
    case ACP_COMBINE_MAX: return domain_.constant(dtype, extreme_bits(dtype, true));
    case ACP_COMBINE_MIN: return domain_.constant(dtype, extreme_bits(dtype, false));
    default: return domain_.constant(dtype, 0);
  }
}

template <typename D>
Value Machine<D>::joined(const acp_nest& nest, Value left, Value right) {
  const std::uint8_t dtype = region_.scalars[nest.body_a].dtype;
  return domain_.apply({joining_operator(nest), dtype, dtype}, left, right, {});
}

template <typename D>
Value Machine<D>::joined_by_levels(const acp_nest& nest, std::vector<Value> parts) {
  while (parts.size() > 1) {
    std::vector<Value> next;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
      next.push_back(joined(nest, parts[i], parts[i + 1]));
    if (parts.size() % 2 == 1) next.push_back(parts.back());
    parts = std::move(next);
  }
  return parts.front();
}

template <typename D>
Value Machine<D>::step(const acp_nest& nest, const Program& body, std::optional<Value> acc, std::int64_t k) {
  for (std::uint32_t i = nest.iter_count; i-- > reduce_first_;) {
    const std::int64_t extent = region_.iters[nest.iter_first + i].end;
    iters_[i] = k % extent;
    k /= extent;
  }
  evaluate(body);
  const Value a = scalars_[nest.body_a];
  if (nest.combiner == ACP_COMBINE_FMA) {
    const std::uint8_t dtype = region_.scalars[nest.body_a].dtype;
    return domain_.apply({ACP_SC_FMA, dtype, dtype}, a, scalars_[nest.body_b], acc.value_or(neutral(nest)));
  }
  return acc ? joined(nest, *acc, a) : a;
}

template <typename D>
Value Machine<D>::chain(const acp_nest& nest, const Program& body, std::optional<Value> acc,
                        std::int64_t begin, std::int64_t end) {
  for (std::int64_t k = begin; k < end && !fault_; ++k) acc = step(nest, body, acc, k);
  return acc ? *acc : neutral(nest);
}

// One chunk: begin < end.
template <typename D>
Value Machine<D>::lanes(const acp_nest& nest, const Program& body, std::int64_t begin, std::int64_t end) {
  std::array<std::optional<Value>, kLanes> lane;
  for (std::int64_t k = begin; k < end && !fault_; ++k) {
    std::optional<Value>& mine = lane[static_cast<std::size_t>((k - begin) % kLanes)];
    mine = step(nest, body, mine, k);
  }
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t j = 0; j < width; ++j) {
      const std::optional<Value>& other = lane[j + width];
      if (lane[j] && other)
        lane[j] = joined(nest, *lane[j], *other);
      else if (other)
        lane[j] = other;
    }
  }
  return lane[0].value_or(Value{});
}

template <typename D>
Value Machine<D>::reduced(const acp_nest& nest, const NestPrograms& programs) {
  std::optional<Value> init;
  if (nest.init != ACP_NONE) init = evaluate(programs.init, nest.init);
  const std::int64_t begin = nest.k_begin;
  const std::int64_t end = nest.k_end;
  if (begin >= end) return init ? *init : neutral(nest);
  const bool sums = nest.combiner == ACP_COMBINE_FMA || nest.combiner == ACP_COMBINE_ADD;
  std::vector<Value> parts;
  switch (nest.order) {
    case ACP_ORDER_LANES32: {
      for (std::int64_t k = begin; k < end; k += kLanesChunk) {
        parts.push_back(lanes(nest, programs.body, k, std::min(end, k + kLanesChunk)));
      }
      const Value result = joined_by_levels(nest, std::move(parts));
      return init ? joined(nest, *init, result) : result;
    }
    case ACP_ORDER_BLOCKED_TREE:
    case ACP_ORDER_BLOCKED_INDEX: {
      ACP_ASSERT(nest.block > 0);
      for (std::int64_t k = begin; k < end; k += nest.block) {
        const std::optional<Value> zero = sums ? std::optional<Value>(neutral(nest)) : std::nullopt;
        parts.push_back(chain(nest, programs.body, k == begin ? init : zero, k,
                              std::min<std::int64_t>(end, k + nest.block)));
      }
      if (nest.order == ACP_ORDER_BLOCKED_TREE) return joined_by_levels(nest, std::move(parts));
      Value result = parts.front();
      for (std::size_t i = 1; i < parts.size(); ++i) result = joined(nest, result, parts[i]);
      return result;
    }
    default: return chain(nest, programs.body, init, begin, end);
  }
}

}  // namespace cep::interp
