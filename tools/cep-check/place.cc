#include "place.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <vector>

#include "cep/rule.h"

namespace cep_check {

namespace {

// Two hostile patterns of single bytes must not make the checker enumerate without end.
constexpr std::int64_t kMaxPieces = std::int64_t{1} << 20;

// The axes that matter for which bytes are touched: more than one element, a step that moves, steps made positive.
struct Axis {
  std::int64_t step;
  std::int64_t count;
};
// Touching or overlapping pieces are one. Nothing: too many.
std::optional<std::vector<ByteRange>> pieces_of(const Place& place) {
  std::int64_t at = place.at, length = place.element;
  std::vector<Axis> axes;  // largest step first
  for (std::size_t d = 0; d < place.dims.size(); ++d) {
    if (place.dims[d] <= 1 || place.step[d] == 0) continue;
    if (place.step[d] < 0) at += place.step[d] * (place.dims[d] - 1);
    axes.push_back({std::abs(place.step[d]), place.dims[d]});
  }
  std::ranges::sort(axes, std::greater(), &Axis::step);
  for (; !axes.empty() && axes.back().step <= length; axes.pop_back())
    length += axes.back().step * (axes.back().count - 1);
  std::int64_t count = 1;
  for (const Axis& axis : axes) {
    if (axis.count > kMaxPieces / count) return std::nullopt;
    count *= axis.count;
  }
  std::vector<ByteRange> pieces{{at, at + length}};
  for (const Axis& axis : axes) {
    std::vector<ByteRange> next;
    next.reserve(pieces.size() * static_cast<std::size_t>(axis.count));
    for (const ByteRange& piece : pieces) {
      for (std::int64_t i = 0; i < axis.count; ++i)
        next.push_back({piece.lo + i * axis.step, piece.hi + i * axis.step});
    }
    pieces = std::move(next);
  }
  std::ranges::sort(pieces, {}, &ByteRange::lo);
  return pieces;
}

}  // namespace

bool Place::empty() const {
  return std::any_of(dims.begin(), dims.end(), [](std::int64_t n) { return n <= 0; });
}

Place place_of(const cep::Plan& plan, const cep::View& view) {
  const cep::Buffer& buffer = plan.buffers[view.buffer];
  Place place{buffer.arena,
              buffer.offset_bytes + view.offset_bytes,
              cep::size_bytes(buffer.type.dtype),
              view.dims,
              {}};
  for (const std::int64_t stride : view.strides) place.step.push_back(stride * place.element);
  return place;
}

Place part_of(const Place& place, const cep::Box& box, const cep::Box& part) {
  Place out = place;
  out.dims = part.dims();
  if (out.empty()) return out;
  for (std::size_t d = 0; d < part.rank(); ++d) out.at += (part.lo[d] - box.lo[d]) * place.step[d];
  return out;
}

ByteRange hull_of(const Place& place) {
  if (place.empty()) return {place.at, place.at};
  ByteRange range{place.at, place.at + place.element};
  for (std::size_t d = 0; d < place.dims.size(); ++d) {
    const std::int64_t span = place.step[d] * (place.dims[d] - 1);
    (span < 0 ? range.lo : range.hi) += span;
  }
  return range;
}

bool injective(const Place& place) {
  if (place.empty()) return true;
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < place.dims.size(); ++d) {
    if (place.dims[d] > 1) axes.push_back({std::abs(place.step[d]), place.dims[d]});
  }
  std::ranges::sort(axes, {}, &Axis::step);
  std::int64_t span = place.element;  // bytes covered by the axes so far
  for (const Axis& axis : axes) {
    if (axis.step < span) return false;
    span += axis.step * (axis.count - 1);
  }
  return true;
}

bool overlap(const Place& a, const Place& b) {
  if (a.arena != b.arena || a.empty() || b.empty()) return false;
  const ByteRange ha = hull_of(a), hb = hull_of(b);
  if (ha.hi <= hb.lo || hb.hi <= ha.lo) return false;
  const auto pa = pieces_of(a), pb = pieces_of(b);
  if (!pa || !pb) return true;
  std::size_t j = 0;
  std::int64_t reach = 0;  // where the pieces of b before j end at the latest
  for (const ByteRange& piece : *pa) {
    for (; j < pb->size() && (*pb)[j].lo < piece.hi; ++j) reach = std::max(reach, (*pb)[j].hi);
    if (j > 0 && reach > piece.lo) return true;
  }
  return false;
}

bool same_elements(const Place& a, const Place& b) {
  if (a.empty() && b.empty()) return true;
  if (a.arena != b.arena || a.element != b.element || a.dims != b.dims || a.at != b.at) return false;
  static const cep::Rule* rule = cep::find_rule("view.axis");
  for (std::size_t d = 0; d < a.dims.size(); ++d) {
    const std::array<std::int64_t, 4> in{a.at, b.at, a.step[d], b.step[d]};
    if (a.dims[d] > 1 && !cep::fire(*rule, in, {})) return false;
  }
  return true;
}

std::optional<Place> came_from(const Place& target, const Place& to, const Place& from) {
  Place out{from.arena, from.at, from.element, target.dims, cep::Dims(target.dims.size(), 0)};
  if (target.empty()) return out;
  if (target.arena != to.arena || target.element != to.element || to.empty()) return std::nullopt;
  std::vector<std::size_t> axes(to.dims.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  std::sort(axes.begin(), axes.end(), [&](std::size_t a, std::size_t b) { return to.step[a] > to.step[b]; });
  // The first element's index in `to`, and the furthest index the other elements reach along each axis. That the two add up to
  // addresses inside `to` is checked at the end, however they were found; `to` is injective, so there is no second answer.
  cep::Dims first(to.dims.size(), 0), last = first;
  std::int64_t rest = target.at - to.at;
  for (const std::size_t e : axes) {
    if (to.step[e] > 0 && to.dims[e] > 1)
      first[e] = std::clamp<std::int64_t>(rest / to.step[e], 0, to.dims[e] - 1);
    rest -= first[e] * to.step[e];
    last[e] = first[e];
    out.at += first[e] * from.step[e];
  }
  if (rest != 0) return std::nullopt;
  for (std::size_t d = 0; d < target.dims.size(); ++d) {
    if (target.dims[d] == 1) continue;
    const auto along = std::find_if(axes.begin(), axes.end(), [&](std::size_t e) {
      return to.step[e] > 0 && to.dims[e] > 1 && target.step[d] > 0 && target.step[d] % to.step[e] == 0 &&
             last[e] + target.step[d] / to.step[e] * (target.dims[d] - 1) < to.dims[e];
    });
    if (along == axes.end()) return std::nullopt;
    const std::int64_t jump = target.step[d] / to.step[*along];
    last[*along] += jump * (target.dims[d] - 1);
    out.step[d] = jump * from.step[*along];
  }
  return out;
}

}  // namespace cep_check
