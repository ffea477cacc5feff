#include "cep/box.h"

#include <algorithm>

#include "acp/result.h"

namespace cep {

Dims Box::dims() const {
  Dims out(lo.size());
  for (std::size_t d = 0; d < lo.size(); ++d) out[d] = std::max<std::int64_t>(0, hi[d] - lo[d]);
  return out;
}

bool Box::empty() const {
  for (std::size_t d = 0; d < lo.size(); ++d) {
    if (lo[d] >= hi[d]) return true;
  }
  return false;
}

std::int64_t Box::volume() const { return cep::volume(dims()); }

bool Box::contains(const Box& inner) const {
  ACP_ASSERT(rank() == inner.rank());
  if (inner.empty()) return true;
  for (std::size_t d = 0; d < lo.size(); ++d) {
    if (inner.lo[d] < lo[d] || inner.hi[d] > hi[d]) return false;
  }
  return true;
}

Box intersect(const Box& a, const Box& b) {
  ACP_ASSERT(a.rank() == b.rank());
  Box out = a;
  for (std::size_t d = 0; d < a.rank(); ++d) {
    out.lo[d] = std::max(a.lo[d], b.lo[d]);
    out.hi[d] = std::min(a.hi[d], b.hi[d]);
  }
  return out;
}

std::vector<Box> subtract(const Box& from, const Box& cut) {
  if (from.empty()) return {};
  const Box middle = intersect(from, cut);
  if (middle.empty()) return {from};
  std::vector<Box> parts;
  Box rest = from;
  for (std::size_t d = 0; d < from.rank(); ++d) {
    if (rest.lo[d] < middle.lo[d]) {
      Box below = rest;
      below.hi[d] = middle.lo[d];
      parts.push_back(std::move(below));
    }
    if (middle.hi[d] < rest.hi[d]) {
      Box above = rest;
      above.lo[d] = middle.hi[d];
      parts.push_back(std::move(above));
    }
    rest.lo[d] = middle.lo[d];
    rest.hi[d] = middle.hi[d];
  }
  return parts;
}

std::string to_string(const Box& box) {
  std::string text = "[";
  for (std::size_t d = 0; d < box.rank(); ++d) {
    if (d > 0) text += ",";
    text += std::to_string(box.lo[d]) + ":" + std::to_string(box.hi[d]);
  }
  return text + "]";
}

Dims row_major_strides(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 1;)
    strides[d - 1] = strides[d] * std::max<std::int64_t>(1, dims[d]);
  return strides;
}

std::int64_t volume(const Dims& dims) {
  std::int64_t product = 1;
  for (const std::int64_t extent : dims) product *= extent;
  return product;
}

}  // namespace cep
