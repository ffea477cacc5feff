// TensorProto: the contents of initialisers, attributes and tensor files.
#include <algorithm>
#include <bit>
#include <cstring>

#include "cep/onnx.h"
#include "proto.h"

namespace cep {
namespace onnx_room {
namespace {

constexpr struct {
  std::int32_t onnx;
  Dtype dtype;
} kTypes[] = {{onnx::TensorProto::FLOAT, Dtype::kF32},
              {onnx::TensorProto::INT32, Dtype::kI32},
              {onnx::TensorProto::INT64, Dtype::kI64},
              {onnx::TensorProto::BOOL, Dtype::kBool}};

static_assert(std::endian::native == std::endian::little, "raw_data is copied as it lies");

acp::Error wrong_size(const onnx::TensorProto& tensor, std::uint64_t wanted) {
  return acp::malformed("CEP-ONNX-7", tensor.name(), "does not hold " + std::to_string(wanted) + " elements");
}

// Appends each number of a repeated field as T.
template <typename T, typename List>
void append_all(const List& list, std::vector<std::byte>& out) {
  out.reserve(static_cast<std::size_t>(list.size()) * sizeof(T));
  for (const auto number : list) {
    const T value = static_cast<T>(number);
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof(T));
  }
}

}  // namespace

Dtype dtype_of(std::int32_t onnx_type) {
  for (const auto& row : kTypes) {
    if (row.onnx == onnx_type) return row.dtype;
  }
  return Dtype::kUnknown;
}

std::int32_t onnx_type_of(Dtype dtype) {
  for (const auto& row : kTypes) {
    if (row.dtype == dtype) return row.onnx;
  }
  return onnx::TensorProto::UNDEFINED;
}

acp::Status check_extents(const Dims& dims, const std::string& path) {
  constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;
  if (dims.size() > ACP_MAX_RANK) return acp::over_limit("CEP-ONNX-2", path, "rank above 8");
  std::int64_t count = 1;
  for (const std::int64_t extent : dims) {
    const std::int64_t counted = std::max<std::int64_t>(extent, 1);
    if (counted > kMaxElements / count) return acp::over_limit("CEP-ONNX-2", path, "more than 2^40 elements");
    count *= counted;
  }
  return acp::ok();
}

acp::Result<TensorType> tensor_type(const onnx::TensorProto& tensor) {
  TensorType type{dtype_of(tensor.data_type()), {}};
  if (type.dtype == Dtype::kUnknown) {
    return acp::unsupported("CEP-ONNX-6", tensor.name(),
                            "element type " + std::to_string(tensor.data_type()) + " of ONNX");
  }
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    return acp::unsupported("CEP-ONNX-6", tensor.name(), "its contents lie in another file");
  if (tensor.has_segment()) return acp::unsupported("CEP-ONNX-6", tensor.name(), "it comes in segments");
  type.dims.assign(tensor.dims().begin(), tensor.dims().end());
  for (const std::int64_t extent : type.dims) {
    if (extent < 0) return acp::malformed("CEP-ONNX-7", tensor.name(), "a negative extent");
  }
  ACP_CHECK(check_extents(type.dims, tensor.name()));
  return type;
}

acp::Result<TensorBytes> read_tensor(const onnx::TensorProto& tensor) {
  TensorBytes out;
  ACP_TRY(out.type, tensor_type(tensor));
  // What the file holds is counted first: dims alone must not make room.
  const auto count = static_cast<std::uint64_t>(volume(out.type.dims));
  const std::uint64_t width = static_cast<std::uint64_t>(size_bytes(out.type.dtype));
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    if (raw.size() % width != 0 || raw.size() / width != count) return wrong_size(tensor, count);
    const auto bytes = std::as_bytes(std::span(raw));
    out.bytes.assign(bytes.begin(), bytes.end());
  } else if (out.type.dtype == Dtype::kF32) {
    append_all<float>(tensor.float_data(), out.bytes);
  } else if (out.type.dtype == Dtype::kI64) {
    append_all<std::int64_t>(tensor.int64_data(), out.bytes);
  } else if (out.type.dtype == Dtype::kI32) {
    append_all<std::int32_t>(tensor.int32_data(), out.bytes);
  } else {
    append_all<std::uint8_t>(tensor.int32_data(), out.bytes);
  }
  if (out.bytes.size() / width != count) return wrong_size(tensor, count);
  if (out.type.dtype == Dtype::kBool) {
    for (std::byte& b : out.bytes) b = std::byte{b != std::byte{0}};
  }
  return out;
}

void write_tensor(const TensorBytes& tensor, const std::string& name, onnx::TensorProto& out) {
  out.set_name(name);
  out.set_data_type(onnx_type_of(tensor.type.dtype));
  for (const std::int64_t extent : tensor.type.dims) out.add_dims(extent);
  out.set_raw_data(tensor.bytes.data(), tensor.bytes.size());
}

}  // namespace onnx_room

acp::Result<TensorBytes> parse_onnx_tensor(std::span<const std::byte> bytes) {
  ACP_CHECK(onnx_room::check_wire(bytes, onnx_room::Root::kTensor));
  onnx::TensorProto tensor;
  if (!tensor.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !tensor.has_data_type())
    return acp::malformed("CEP-ONNX-1", "", "not an ONNX tensor");
  return onnx_room::read_tensor(tensor);
}

std::vector<std::byte> to_onnx_tensor(const TensorBytes& tensor, const std::string& name) {
  onnx::TensorProto proto;
  onnx_room::write_tensor(tensor, name, proto);
  const std::string text = proto.SerializeAsString();
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace cep
