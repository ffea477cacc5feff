// Broadcasting: what operators over several tensors, element by element, say about shapes in the same words.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

// Extent of axis d of the result (counted over `rank` axes) as this operand has it: 1 where it has no such axis.
std::int64_t extent_at(const Dims& dims, std::size_t rank, std::size_t d) {
  const std::size_t missing = rank - dims.size();
  return d < missing ? 1 : dims[d - missing];
}

}  // namespace

std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Dims dims;
  dims.reserve(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t from_a = extent_at(a, rank, d);
    const std::int64_t from_b = extent_at(b, rank, d);
    if (from_a != from_b && from_a != 1 && from_b != 1) return std::nullopt;
    dims.push_back(from_a == 1 ? from_b : from_a);
  }
  return dims;
}

RegionBuilder::Id read_broadcast(RegionBuilder& builder, RegionBuilder::Id operand, const Dims& dims) {
  const std::vector<RegionBuilder::Id> point = builder.iters();
  ACP_ASSERT(dims.size() <= point.size());
  const std::size_t missing = point.size() - dims.size();
  std::vector<RegionBuilder::Id> coord;
  coord.reserve(dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    coord.push_back(dims[d] == 1 ? builder.ix_const(0) : point[missing + d]);
  }
  return builder.arg(builder.read(operand, coord));
}

}  // namespace cep
