// Logical plans as they lie on disk: bytes (CEP 11.1), or distgraph-jsonl, as text or compressed.
//
// A form is known by its first bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "acp/result.h"
#include "cep/logical.h"

namespace tools {

enum class LogicalForm : std::uint8_t { kNone, kBytes, kText, kCompressed };
[[nodiscard]] LogicalForm logical_form(std::span<const std::byte> bytes);

// What a file holds, in words, as far as its beginning says: "a workload"; empty: nobody can tell. For whoever was given another.
[[nodiscard]] std::string kind_in(std::span<const std::byte> bytes);

// The error of a reader that wants another kind: it says what it was given instead.
[[nodiscard]] acp::Error of_another_kind(acp::Error error, std::span<const std::byte> bytes,
                                         const std::string& wanted);

// What bytes of any form say, not checked.
//
// Errors   CEP-WIRE-n, CEP-DIST-n.
// Spec     CEP 11.1, CEP 11.4.
[[nodiscard]] acp::Result<cep::logical::Document> parse_logical(std::span<const std::byte> bytes);

}  // namespace tools
