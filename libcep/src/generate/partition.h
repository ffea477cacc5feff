// Which shapes and partitions can be, and what follows from them.
#pragma once

#include "cep/generate.h"

namespace cep::logical {

inline constexpr std::int64_t kMaxLines = std::int64_t{1} << 24;

// Errors   CEP-GEN-2 to CEP-GEN-11.
// Spec     CEP 12.1 to 12.3.
[[nodiscard]] acp::Status check_partition(const LlamaShape& shape, const Partition& partition);

// The first layer of a stage, and with stage = pp the number of layers.
[[nodiscard]] std::int64_t first_layer(const LlamaShape& shape, const Partition& partition,
                                       std::int64_t stage);

}  // namespace cep::logical
