#include "verify/fact_store.h"

#include <algorithm>

#include "cep/rule.h"
#include "verify/parts.h"

namespace cep {

std::int64_t FactStore::address(const View& view) const {
  return plan_.buffers[view.buffer].offset_bytes + view.offset_bytes;
}

std::vector<FactId> FactStore::touching(const Footprint& bytes) const {
  std::vector<FactId> out;
  if (bytes.empty()) return out;
  const Live& live = live_[bytes.arena];
  for (auto it = live.by_begin.lower_bound(bytes.begin() - live.longest);
       it != live.by_begin.end() && it->first < bytes.end(); ++it) {
    if (overlap(bytes_[it->second], bytes)) out.push_back(it->second);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void FactStore::kill(const Footprint& written) {
  for (const FactId id : touching(written)) {
    auto& by_begin = live_[written.arena].by_begin;
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
    Live& live = live_[bytes.arena];
    live.by_begin.emplace(bytes.begin(), id);
    live.longest = std::max(live.longest, bytes.end() - bytes.begin());
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

// Where `inner`'s first element stands among `outer`'s elements, when their strides agree; absent when it is none of them.
std::optional<Dims> place(const View& outer, const View& inner, std::int64_t delta_elements) {
  if (outer.dims.size() != inner.dims.size() || delta_elements < 0) return std::nullopt;
  std::vector<std::size_t> axes(outer.dims.size());
  for (std::size_t d = 0; d < axes.size(); ++d) {
    axes[d] = d;
    const bool stepped = outer.dims[d] > 1 && inner.dims[d] > 1;
    if (stepped && outer.strides[d] != inner.strides[d]) return std::nullopt;
  }
  std::stable_sort(axes.begin(), axes.end(),
                   [&](std::size_t a, std::size_t b) { return outer.strides[a] > outer.strides[b]; });
  Dims at(axes.size(), 0);
  for (const std::size_t d : axes) {
    if (outer.dims[d] <= 1 || outer.strides[d] == 0) continue;
    at[d] = std::min(delta_elements / outer.strides[d], outer.dims[d] - 1);
    delta_elements -= at[d] * outer.strides[d];
  }
  if (delta_elements != 0) return std::nullopt;
  return at;
}

Box shifted(const Dims& lo, const Dims& dims) {
  Box box{lo, lo};
  for (std::size_t d = 0; d < dims.size(); ++d) box.hi[d] += dims[d];
  return box;
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
    const std::int64_t elements = delta / size_bytes(dtype);
    // The fact's corner lies in the view, or the view's corner in the fact. Other overlaps are not followed.
    Sighting seen{id, {}, {}};
    if (const auto at = place(view, slice.view, elements)) {
      seen.at = intersect(all, shifted(*at, slice.view.dims));
      seen.box = seen.at;
      for (std::size_t d = 0; d < at->size(); ++d) {
        seen.box.lo[d] += slice.box.lo[d] - (*at)[d];
        seen.box.hi[d] += slice.box.lo[d] - (*at)[d];
      }
    } else if (const auto in_fact = place(slice.view, view, -elements)) {
      const Box covered = intersect(shifted(*in_fact, view.dims), Box::whole(slice.view.dims));
      seen.at = covered;
      seen.box = covered;
      for (std::size_t d = 0; d < in_fact->size(); ++d) {
        seen.at.lo[d] -= (*in_fact)[d];
        seen.at.hi[d] -= (*in_fact)[d];
        seen.box.lo[d] += slice.box.lo[d];
        seen.box.hi[d] += slice.box.lo[d];
      }
    } else {
      continue;
    }
    if (!seen.at.empty()) out.push_back(std::move(seen));
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
