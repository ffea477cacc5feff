// Weights files: what is opened is the one file of its contents.
#include <cstdint>

#include "cep/weights.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto file = cep::WeightsFile::open(bytes);
  if (!file) return 0;
  ACP_ASSERT(size >= 64 * (1 + file->count()));
  const auto found = file->find(acp::Digest{});
  ACP_ASSERT(!found || found->size() <= size);
  return 0;
}
