// Sums along axes: what such operators share.
//
// Spec     CEP 4.7.
#pragma once

#include "cep/op.h"

namespace cep::reduction {

using Id = RegionBuilder::Id;

// Which axes of input 0 are reduced, and whether they stay with extent 1.
struct Axes {
  std::vector<bool> reduced;
  bool keep = true;
};
// Reads the list of axes (attribute, or input 1), keepdims and noop_with_empty_axes.
// Errors   those of axes_of and mark_axes.
// Spec     CEP 4.7.
[[nodiscard]] acp::Result<Axes> reduced_axes(const OpContext& context);

// The shape of the result.
[[nodiscard]] Dims result_shape(const Dims& dims, const Axes& axes);
[[nodiscard]] std::int64_t count(const Dims& dims, const Axes& axes);  // elements of one reduction

// One nest: the elements summed along the axes in the node's order, finish(sum, number of elements) written.
using Finish = Id (*)(RegionBuilder& builder, Id sum, std::int64_t count);
[[nodiscard]] Region sum(const OpContext& context, const Axes& axes, Finish finish);

}  // namespace cep::reduction
