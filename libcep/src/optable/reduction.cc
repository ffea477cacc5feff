#include "cep/reduction.h"

namespace cep::reduction {

acp::Result<Axes> reduced_axes(const OpContext& context) {
  const std::size_t rank = context.input(0).dims.size();
  ACP_TRY(const std::optional<Dims> listed, axes_of(context, 1));
  Axes axes;
  axes.keep = context.int_attr("keepdims", 1) != 0;
  if (listed && !listed->empty()) {
    ACP_TRY(axes.reduced, mark_axes(*listed, rank));
  } else {
    axes.reduced.assign(rank, context.int_attr("noop_with_empty_axes", 0) == 0);
  }
  return axes;
}

namespace {

Dims result_shape(const Dims& dims, const Axes& axes) {
  Dims result;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (!axes.reduced[d]) result.push_back(dims[d]);
    if (axes.reduced[d] && axes.keep) result.push_back(1);
  }
  return result;
}

// Elements of one reduction.
std::int64_t count(const Dims& dims, const Axes& axes) {
  std::int64_t product = 1;
  for (std::size_t d = 0; d < dims.size(); ++d) product *= axes.reduced[d] ? dims[d] : 1;
  return product;
}

}  // namespace

acp::Result<std::vector<TensorType>> types_of(const OpContext& context, const char* requirement) {
  const TensorType& x = context.input(0);
  if (x.dtype != Dtype::kF32) return acp::unsupported(requirement, "inputs[0]", "element type is not f32");
  ACP_TRY(const Axes axes, reduced_axes(context));
  return std::vector<TensorType>{{x.dtype, result_shape(x.dims, axes)}};
}

// The reduced axes are linearised row-major, in ascending order.
Region sum(const OpContext& context, const Axes& axes, Finish finish) {
  const TensorType& type = context.input(0);
  Dims rows, row;
  for (std::size_t d = 0; d < type.dims.size(); ++d) (axes.reduced[d] ? row : rows).push_back(type.dims[d]);
  const std::size_t kept = rows.size();
  if (row.empty()) row.push_back(1);
  RegionBuilder r;
  const Id x = r.input(type);
  if (context.has_input(1)) (void)r.input(context.input(1));
  const Id y = r.output({type.dtype, result_shape(type.dims, axes)});
  r.begin_nest(rows, row);
  std::vector<Id> from, to;
  for (std::uint32_t d = 0, parallel = 0, reduce = 0; d < type.dims.size(); ++d) {
    if (axes.reduced[d]) {
      from.push_back(r.iter(static_cast<std::uint32_t>(kept) + reduce++));
      if (axes.keep) to.push_back(r.ix_const(0));
    } else {
      from.push_back(r.iter(parallel++));
      to.push_back(from.back());
    }
  }
  r.reduce(ACP_COMBINE_ADD, context.order, RegionBuilder::kTakeFirst, r.arg(r.read(x, from)));
  r.write(y, to, finish(r, r.acc(type.dtype), count(type.dims, axes)));
  r.end_nest();
  return std::move(r).finish();
}

}  // namespace cep::reduction
