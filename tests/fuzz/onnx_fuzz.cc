// ONNX bytes: refused or imported, never more; what is imported is a workload that can be written.
#include <cstdint>

#include "acp/result.h"
#include "cep/certificate.h"
#include "cep/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  // A drawn weight takes time; a megabyte of them is as good as a gigabyte.
  cep::OnnxOptions options{.dims = {{"N", 2}, {"batch", 2}}, .max_weight_bytes = 1u << 20};
  const auto import = cep::import_onnx(bytes, options);
  if (import) {
    const auto again = cep::decode_workload(cep::encode(import->workload));
    ACP_ASSERT(again.has_value() && *again == import->workload);
  }
  options.random_weights = 1;
  ACP_ASSERT(cep::import_onnx(bytes, options).has_value() || !import);
  const auto tensor = cep::parse_onnx_tensor(bytes);
  ACP_ASSERT(!tensor || cep::parse_onnx_tensor(cep::to_onnx_tensor(*tensor, "t")).has_value());
  return 0;
}
