// The half of decode_workload that knows the wire but not the operators.
//
// Spec     CEP 9.2.
#pragma once

#include <cstddef>
#include <span>

#include "acp/result.h"
#include "cep/graph.h"

namespace cep::wire {

// Errors   CEP-WIRE-1 to CEP-WIRE-5.
// Spec     CEP 9.2.
[[nodiscard]] acp::Result<Workload> decode_unchecked_workload(std::span<const std::byte> bytes);

}  // namespace cep::wire
