#include "verify/fact_store.h"

#include <algorithm>
#include <bit>
#include <span>

#include "cep/rule.h"
#include "verify/parts.h"

namespace cep {

std::int64_t FactStore::address(const View& view) const {
  return plan_.buffers[view.buffer].offset_bytes + view.offset_bytes;
}

namespace {
int length_class(const Footprint& bytes) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(bytes.end() - bytes.begin())));
}
}  // namespace

std::vector<FactId> FactStore::touching(const Footprint& bytes) const {
  std::vector<FactId> out;
  if (bytes.empty()) return out;
  for (const auto& [length_class, by_begin] : live_[bytes.arena]) {
    const std::int64_t longest = std::int64_t{1} << length_class;
    for (auto it = by_begin.lower_bound(bytes.begin() - longest);
         it != by_begin.end() && it->first < bytes.end(); ++it) {
      if (overlap(bytes_[it->second], bytes)) out.push_back(it->second);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

void FactStore::kill(const Footprint& written) {
  for (const FactId id : touching(written)) {
    auto& by_begin = live_[written.arena][length_class(bytes_[id])];
    const auto [first, last] = by_begin.equal_range(bytes_[id].begin());
    for (auto it = first; it != last; ++it) {
      if (it->second == id) {
        by_begin.erase(it);
        break;
      }
    }
  }
}

FactId FactStore::add(Fact fact) {
  const auto id = static_cast<FactId>(facts_.size());
  bytes_.push_back(footprint(plan_, fact.slice.view));
  facts_.push_back(std::move(fact));
  const Footprint& bytes = bytes_.back();
  if (!bytes.empty()) {
    live_[bytes.arena][length_class(bytes)].emplace(bytes.begin(), id);
  }
  return id;
}

// Whether an element of the common box has the same address through the fact's view and through this one, for every element.
bool FactStore::same_addresses(const Slice& fact, const Box& box, const View& view) const {
  static const Rule& rule = *find_rule("view.axis");
  const Box common = intersect(fact.box, box);
  if (common.empty() || plan_.buffers[fact.view.buffer].type.dtype != plan_.buffers[view.buffer].type.dtype)
    return false;
  const std::int64_t element = size_bytes(plan_.buffers[view.buffer].type.dtype);
  std::int64_t corner_f = address(fact.view);
  std::int64_t corner_v = address(view);
  for (std::size_t d = 0; d < common.rank(); ++d) {
    corner_f += (common.lo[d] - fact.box.lo[d]) * fact.view.strides[d] * element;
    corner_v += (common.lo[d] - box.lo[d]) * view.strides[d] * element;
  }
  if (common.rank() == 0) return corner_f == corner_v;
  for (std::size_t d = 0; d < common.rank(); ++d) {
    // An axis of one element has no step to agree on.
    const bool single = common.hi[d] - common.lo[d] == 1;
    const std::int64_t inputs[] = {corner_f, corner_v, single ? 0 : fact.view.strides[d],
                                   single ? 0 : view.strides[d]};
    if (!fire(rule, inputs, {})) return false;
  }
  return true;
}

namespace {

// One axis of two views: a shift of the fact's index that gives the view's.
struct Axis {
  std::size_t d = 0;
  std::int64_t stride = 0;
  std::int64_t least = 0;
  std::int64_t most = 0;
};

// Shifts whose distances sum to `rest`, by descending strides. What is left for the smaller strides of a dense layout is less than one
// step of this one, to either side: two candidates an axis.
bool find_shift(std::span<const Axis> axes, std::int64_t rest, Dims& shift) {
  if (axes.empty()) return rest == 0;
  const Axis& axis = axes.front();
  std::int64_t below = axis.stride == 0 ? 0 : rest / axis.stride;
  if (axis.stride != 0 && rest % axis.stride < 0) --below;
  for (const std::int64_t candidate : {below, below + 1}) {
    if (candidate < axis.least || candidate > axis.most) continue;
    shift[axis.d] = candidate;
    if (find_shift(axes.subspan(1), rest - candidate * axis.stride, shift)) return true;
  }
  return false;
}

// How far, axis by axis, the fact's elements stand from those of the same address in the view, when their strides agree. A
// fact `delta` elements behind the view's first may reach before it, beyond it, or both.
std::optional<Dims> shift_between(const View& view, const View& fact, std::int64_t delta) {
  if (view.dims.size() != fact.dims.size()) return std::nullopt;
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    const bool stepped = view.dims[d] > 1 && fact.dims[d] > 1;
    if (stepped && view.strides[d] != fact.strides[d]) return std::nullopt;
    const std::int64_t stride = view.dims[d] > 1 ? view.strides[d] : fact.dims[d] > 1 ? fact.strides[d] : 0;
    axes.push_back({d, stride, 1 - fact.dims[d], view.dims[d] - 1});
  }
  std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.stride > b.stride; });
  Dims shift(view.dims.size(), 0);
  if (!find_shift(axes, delta, shift)) return std::nullopt;
  return shift;
}

}  // namespace

std::vector<Sighting> FactStore::sightings(const View& view) const {
  std::vector<Sighting> out;
  const Dtype dtype = plan_.buffers[view.buffer].type.dtype;
  const Box all = Box::whole(view.dims);
  for (const FactId id : touching(footprint(plan_, view))) {
    const Slice& slice = facts_[id].slice;
    if (plan_.buffers[slice.view.buffer].type.dtype != dtype) continue;
    const std::int64_t delta = address(slice.view) - address(view);
    if (delta % size_bytes(dtype) != 0) continue;
    const std::optional<Dims> shift = shift_between(view, slice.view, delta / size_bytes(dtype));
    if (!shift) continue;
    Sighting seen{id, {}, {}};
    Box fact_in_view = Box::whole(slice.view.dims);
    Box view_in_tensor = all;
    for (std::size_t d = 0; d < shift->size(); ++d) {
      fact_in_view.lo[d] += (*shift)[d];
      fact_in_view.hi[d] += (*shift)[d];
      view_in_tensor.lo[d] += slice.box.lo[d] - (*shift)[d];
      view_in_tensor.hi[d] += slice.box.lo[d] - (*shift)[d];
    }
    seen.at = intersect(all, fact_in_view);
    seen.box = intersect(view_in_tensor, slice.box);
    // The search only proposes; the rule decides.
    if (!seen.at.empty() && same_addresses(slice, view_in_tensor, view)) out.push_back(std::move(seen));
  }
  return out;
}

std::string FactStore::describe(const Workload& workload, const View& view) const {
  std::string text;
  for (const FactId id : touching(footprint(plan_, view))) {
    const Fact& fact = facts_[id];
    if (!text.empty()) text += "; ";
    text += fact.slice.tensor == kNoId
                ? ""
                : workload.tensors[fact.slice.tensor].name + to_string(fact.slice.box) + " ";
    text += "(" + to_string(fact.part) + ")";
    if (text.size() > 200) return text + "; ...";
  }
  return text.empty() ? "nothing known" : text;
}

}  // namespace cep
