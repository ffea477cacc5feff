// Sums along axes: what such operators share.
//
// Spec     CEP 4.7.
#pragma once

#include "cep/op.h"

namespace cep::reduction {

using Id = RegionBuilder::Id;

inline constexpr AttrRow kAttributes[] = {
    {.name = "axes", .kind = AttrKind::kInts, .required = false, .requirement = "CEP-AXES-4"},
    {.name = "keepdims", .kind = AttrKind::kInt, .required = false, .requirement = ""},
    {.name = "noop_with_empty_axes", .kind = AttrKind::kInt, .required = false, .requirement = ""},
};

// Which axes of input 0 are reduced, and whether they stay with extent 1.
struct Axes {
  std::vector<bool> reduced;
  bool keep = true;
};
// Reads the list of axes (attribute, or input 1), keepdims and noop_with_empty_axes.
// Errors   those of axes_of and mark_axes.
// Spec     CEP 4.7.
[[nodiscard]] acp::Result<Axes> reduced_axes(const OpContext& context);

// The type of the result of an input that must be f32.
// Errors   `requirement`, unsupported: it is not; and those of reduced_axes.
// Spec     CEP 4.7.
[[nodiscard]] acp::Result<std::vector<TensorType>> types_of(const OpContext& context,
                                                            const char* requirement);

// One nest: the elements summed along the axes in the node's order, finish(sum, number of elements) written.
using Finish = Id (*)(RegionBuilder& builder, Id sum, std::int64_t count);
[[nodiscard]] Region sum(const OpContext& context, const Axes& axes, Finish finish);

}  // namespace cep::reduction
