// Any bytes into the reader of certificates: nothing crashes, and what is read encodes to the bytes it came from.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cep/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto certificate = cep::decode_certificate(bytes)) {
    const auto again = encode(*certificate);
    ACP_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  return 0;
}
