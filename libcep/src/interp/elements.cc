// Bytes to elements and back: little-endian, row-major, dense.
#include <cstddef>

#include "acp/result.h"
#include "interp/scalar.h"

namespace cep {

Value interp::element_from_bits(Dtype dtype, std::uint64_t bits) {
  if (dtype == Dtype::kF32) return {bits, Value::kConcrete};
  return integer(static_cast<std::uint8_t>(dtype), dtype == Dtype::kBool && bits != 0 ? 1 : bits);
}

Elements elements_from_bytes(const TensorBytes& tensor) {
  const auto width = static_cast<std::size_t>(size_bytes(tensor.type.dtype));
  ACP_ASSERT(width > 0);
  ACP_ASSERT(tensor.bytes.size() == static_cast<std::size_t>(volume(tensor.type.dims)) * width);
  Elements elements;
  elements.reserve(tensor.bytes.size() / width);
  for (std::size_t at = 0; at < tensor.bytes.size(); at += width) {
    std::uint64_t bits = 0;
    for (std::size_t i = width; i-- > 0;)
      bits = (bits << 8) | std::to_integer<std::uint64_t>(tensor.bytes[at + i]);
    elements.push_back(interp::element_from_bits(tensor.type.dtype, bits));
  }
  return elements;
}

TensorBytes bytes_from_elements(const TensorType& type, const Elements& elements) {
  const auto width = static_cast<std::size_t>(size_bytes(type.dtype));
  TensorBytes tensor{type, {}};
  tensor.bytes.reserve(elements.size() * width);
  for (const Value value : elements) {
    ACP_ASSERT(interp::is_concrete(value));
    for (std::size_t i = 0; i < width; ++i)
      tensor.bytes.push_back(static_cast<std::byte>((value.lo >> (8 * i)) & 0xff));
  }
  return tensor;
}

}  // namespace cep
