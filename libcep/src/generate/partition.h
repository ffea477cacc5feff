// Which shapes and partitions can be, and what follows from them.
#pragma once

#include "cep/generate.h"

namespace cep::logical {

inline constexpr std::int64_t kMaxLines = std::int64_t{1} << 24;

// Errors   CEP-GEN-2 to CEP-GEN-14.
// Spec     CEP 12.1 to 12.3.
[[nodiscard]] acp::Status check_partition(const LlamaShape& shape, const Partition& partition);

// The pieces that the layers are cut into, pipeline stages times what each has of them.
[[nodiscard]] inline std::int64_t chunks(const Partition& partition) {
  return partition.pp * partition.interleave;
}
// The first layer of a chunk, and of the one behind the last the number of layers.
[[nodiscard]] std::int64_t first_layer(const LlamaShape& shape, const Partition& partition,
                                       std::int64_t chunk);

}  // namespace cep::logical
