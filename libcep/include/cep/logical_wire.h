// Logical plans as bytes: canonical Cap'n Proto behind a frame (kind "cep-lgc1"), so that a document has one encoding and one digest.
//
// Spec     CEP 9, CEP 11.1.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// The ids of nodes' operands must be in range (CEP-LOGICAL-1). Where operands stand in Program::operands is not kept: they follow their nodes.
[[nodiscard]] std::vector<std::byte> encode(const Document& document);

// Every field is read, and within its limits; what it gives is not checked further: call check_logical.
//
// Errors   CEP-WIRE-1 frame; CEP-WIRE-2 not a readable message; CEP-WIRE-3 not canonical; CEP-WIRE-4 value out of range; CEP-WIRE-5 over a
//          limit.
// Cost     linear; reads, writes again and compares.
// Spec     CEP 9.2, CEP-WIRE-1 to CEP-WIRE-5.
[[nodiscard]] acp::Result<Document> decode_logical(std::span<const std::byte> bytes);

// Whether bytes begin as those of a logical plan do.
[[nodiscard]] bool is_logical(std::span<const std::byte> bytes);

}  // namespace cep::logical
