// .npy files: tensors as NumPy writes them, versions 1.0 to 3.0, little-endian, row-major.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "acp/result.h"
#include "cep/interp.h"

namespace tools {

// Errors   CEP-NPY-1 not a .npy file; CEP-NPY-2 a header that cannot be read; CEP-NPY-3 an element type or layout not offered here
//          (unsupported); CEP-NPY-4 not as many bytes as the shape says.
// Spec     CEP 8.3, CEP-NPY-1 to CEP-NPY-4.
[[nodiscard]] acp::Result<cep::TensorBytes> parse_npy(std::span<const std::byte> bytes);
[[nodiscard]] std::vector<std::byte> to_npy(const cep::TensorBytes& tensor);

}  // namespace tools
