#include "plan/limits.h"

#include <algorithm>

namespace cep::limits {
namespace {

// The widest element: view_ok must not depend on the buffer's dtype, which a reader may not know yet.
constexpr std::int64_t kWidestBytes = 8;

// a * b and a + b for values within 2^48, saturating just above it.
std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return kMaxMagnitude + 1;
  return std::min(product, kMaxMagnitude + 1);
}

bool dims_ok(const Dims& dims) {
  return dims.size() <= kMaxRank &&
         std::all_of(dims.begin(), dims.end(), [](std::int64_t d) { return d >= 0 && d <= kMaxMagnitude; });
}

}  // namespace

bool box_ok(const Box& box) {
  if (box.lo.size() != box.hi.size() || !dims_ok(box.lo) || !dims_ok(box.hi)) return false;
  for (std::size_t d = 0; d < box.rank(); ++d) {
    if (box.lo[d] > box.hi[d]) return false;
  }
  return true;
}

bool type_ok(const TensorType& type) {
  if (!dims_ok(type.dims)) return false;
  // Empty axes count as one: strides are products of the others.
  std::int64_t bytes = kWidestBytes;
  for (const std::int64_t d : type.dims) bytes = times(bytes, std::max<std::int64_t>(d, 1));
  return bytes <= kMaxMagnitude;
}

bool view_ok(const View& view) {
  if (view.dims.size() != view.strides.size() || !magnitude_ok(view.offset_bytes)) return false;
  if (!type_ok({Dtype::kUnknown, view.dims})) return false;
  std::int64_t reach = view.offset_bytes < 0 ? -view.offset_bytes : view.offset_bytes;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    if (!magnitude_ok(view.strides[d])) return false;
    const std::int64_t stride = view.strides[d] < 0 ? -view.strides[d] : view.strides[d];
    const std::int64_t steps = std::max<std::int64_t>(view.dims[d], 1);
    reach += times(times(stride, steps), kWidestBytes);
  }
  return reach <= kMaxMagnitude;
}

}  // namespace cep::limits
