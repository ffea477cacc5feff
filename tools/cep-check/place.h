// Place: the bytes a view touches, as one address and a step per axis; and the few questions the checks ask about them.
#pragma once

#include <cstdint>
#include <optional>

#include "cep/plan.h"

namespace cep_check {

// Element (i0, i1, ...) occupies [at + sum(i[d] * step[d]), ... + element) of the arena.
struct Place {
  cep::ArenaId arena = 0;
  std::int64_t at = 0;  // bytes from the arena's start
  std::int64_t element = 0;
  cep::Dims dims;
  cep::Dims step;  // in bytes
  [[nodiscard]] bool empty() const;
};

// Of a view whose ids resolve.
[[nodiscard]] Place place_of(const cep::Plan& plan, const cep::View& view);
// The part of a place that holds `box` that holds `part` of it.
[[nodiscard]] Place part_of(const Place& place, const cep::Box& box, const cep::Box& part);
// First byte, and one past the last; equal when empty.
struct ByteRange {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
[[nodiscard]] ByteRange hull_of(const Place& place);

// Every element has its own bytes.
[[nodiscard]] bool injective(const Place& place);
// Some byte belongs to both. May say yes without need when a place is a pattern of more than 2^20 pieces, never no.
[[nodiscard]] bool overlap(const Place& a, const Place& b);
// Every element of one has the same address in the other (rule view.axis). Same dims are required, unless empty.
[[nodiscard]] bool same_elements(const Place& a, const Place& b);
// A copy moves element i of `from` to element i of `to` (same dims, `to` injective). Where the elements of `target`, a place inside
// `to`, came from; nothing when some of them are not elements of `to`.
[[nodiscard]] std::optional<Place> came_from(const Place& target, const Place& to, const Place& from);

}  // namespace cep_check
