// The messages of ONNX, as its library has them compiled.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>
#include <span>
#include <string>

#include "acp/result.h"
#include "cep/interp.h"

namespace cep::onnx_room {

// Counts what a message would become in memory before protobuf builds it: two bytes of a file can make an object of a hundred.
//
// Errors   CEP-ONNX-1 not protobuf's encoding; CEP-ONNX-2 over a limit.
// Spec     CEP 10.1, CEP-ONNX-2.
enum class Root { kModel, kTensor };
[[nodiscard]] acp::Status check_wire(std::span<const std::byte> bytes, Root root);

// Errors   CEP-ONNX-1, CEP-ONNX-2.
// Spec     CEP 10.1.
[[nodiscard]] acp::Result<onnx::ModelProto> parse_model(std::span<const std::byte> bytes);

// kUnknown for an element type that is not offered.
[[nodiscard]] Dtype dtype_of(std::int32_t onnx_type);
[[nodiscard]] std::int32_t onnx_type_of(Dtype dtype);

// Extents that come from a file: nothing after this overflows when it multiplies them.
//
// Errors   CEP-ONNX-2 rank above 8, or more than 2^40 elements. Negative ones are the caller's to refuse first.
// Spec     CEP 10.1.
[[nodiscard]] acp::Status check_extents(const Dims& dims, const std::string& path);

// The type and the bytes of a tensor.
//
// Errors   CEP-ONNX-2, CEP-ONNX-6, CEP-ONNX-7.
// Spec     CEP 10.1.
[[nodiscard]] acp::Result<TensorType> tensor_type(const onnx::TensorProto& tensor);
[[nodiscard]] acp::Result<TensorBytes> read_tensor(const onnx::TensorProto& tensor);
void write_tensor(const TensorBytes& tensor, const std::string& name, onnx::TensorProto& out);

}  // namespace cep::onnx_room
