#include "cep/region.h"

#include <algorithm>

namespace cep {

std::int64_t size_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF32:
    case Dtype::kI32: return 4;
    case Dtype::kI64: return 8;
    case Dtype::kBool: return 1;
    case Dtype::kUnknown: break;
  }
  return 0;
}

namespace {
struct DtypeName {
  Dtype dtype;
  std::string_view name;
};
constexpr DtypeName kDtypeNames[] = {
    {Dtype::kF32, "f32"}, {Dtype::kI32, "i32"}, {Dtype::kI64, "i64"}, {Dtype::kBool, "bool"}};

template <typename T>
const T* data_or_null(const std::vector<T>& v) {
  return v.empty() ? nullptr : v.data();
}
template <typename T>
std::uint32_t count_of(const std::vector<T>& v) {
  return static_cast<std::uint32_t>(v.size());
}
}  // namespace

std::string_view dtype_name(Dtype dtype) {
  for (const DtypeName& row : kDtypeNames) {
    if (row.dtype == dtype) return row.name;
  }
  return "unknown";
}

Dtype dtype_named(std::string_view name) {
  for (const DtypeName& row : kDtypeNames) {
    if (row.name == name) return row.dtype;
  }
  return Dtype::kUnknown;
}

acp_region Region::view() const {
  acp_region v{};
  v.size = sizeof(acp_region);
  v.version = ACP_REGION_VERSION;
  v.operands = data_or_null(operands);
  v.operand_count = count_of(operands);
  v.indices = data_or_null(indices);
  v.index_count = count_of(indices);
  v.guards = data_or_null(guards);
  v.guard_count = count_of(guards);
  v.reads = data_or_null(reads);
  v.read_count = count_of(reads);
  v.scalars = data_or_null(scalars);
  v.scalar_count = count_of(scalars);
  v.iters = data_or_null(iters);
  v.iter_count = count_of(iters);
  v.writes = data_or_null(writes);
  v.write_count = count_of(writes);
  v.nests = data_or_null(nests);
  v.nest_count = count_of(nests);
  v.loops = data_or_null(loops);
  v.loop_count = count_of(loops);
  v.stages = data_or_null(stages);
  v.stage_count = count_of(stages);
  return v;
}

std::uint32_t Region::operand_at(std::uint8_t role, std::uint32_t slot) const {
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].role == role && operands[i].slot == slot) return static_cast<std::uint32_t>(i);
  }
  return ACP_NONE;
}

std::uint32_t Region::count(std::uint8_t role) const {
  return static_cast<std::uint32_t>(
      std::count_if(operands.begin(), operands.end(), [&](const acp_operand& o) { return o.role == role; }));
}

acp_operand dense_operand(std::uint8_t role, std::uint32_t slot, const TensorType& type) {
  ACP_ASSERT(type.dims.size() <= ACP_MAX_RANK);
  acp_operand operand{};
  operand.role = role;
  operand.dtype = static_cast<std::uint8_t>(type.dtype);
  operand.rank = static_cast<std::uint8_t>(type.dims.size());
  operand.slot = slot;
  const Dims strides = row_major_strides(type.dims);
  for (std::size_t d = 0; d < type.dims.size(); ++d) {
    operand.extent[d] = type.dims[d];
    operand.held[d] = type.dims[d];
    operand.stride[d] = strides[d];
  }
  return operand;
}

TensorType type_of(const acp_operand& operand) {
  return {static_cast<Dtype>(operand.dtype), Dims(operand.extent, operand.extent + operand.rank)};
}

Box window_of(const acp_operand& operand) {
  Box box{Dims(operand.origin, operand.origin + operand.rank), Dims(operand.rank)};
  for (std::size_t d = 0; d < operand.rank; ++d) box.hi[d] = operand.origin[d] + operand.held[d];
  return box;
}

}  // namespace cep
