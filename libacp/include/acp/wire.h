// The wire form of ACP documents: FlatBuffers, schema schemas/acp.fbs, one byte string per content.
//
// Spec     ACP 2, ACP-WIRE-1 to ACP-WIRE-7.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "acp/document.h"

namespace acp {

// A hostile document must not make a reader hold or walk more than this.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{1} << 20;

// The canonical bytes of a document.
//
// Errors   ACP-DOC-n the document breaks a rule of its own; ACP-WIRE-1 its bytes would exceed kMaxDocumentBytes.
// Spec     ACP 2.2.
[[nodiscard]] Result<std::vector<std::byte>> encode(const Document& document);

// Reads a document, trusting nothing; whatever it returns has passed check() and encodes to the same bytes.
//
// Errors   ACP-WIRE-1 over kMaxDocumentBytes; ACP-WIRE-2 not an ACP document; ACP-WIRE-3 broken structure;
//          ACP-WIRE-4 content reached twice; ACP-WIRE-5 unknown enum number; ACP-WIRE-6 newer schema version;
//          ACP-WIRE-7 not canonical; ACP-DOC-n.
// Cost     linear in the size of the bytes, whatever they hold.
// Why      strict where FlatBuffers is lax: several encodings of one object verify there, as do trailing and
//          shared bytes.
// Spec     ACP 2.3.
[[nodiscard]] Result<Document> decode(std::span<const std::byte> bytes);

// The same, for a reader that wants one kind only.
//
// Errors   as decode; ACP-WIRE-2 another kind.
// Spec     ACP 2.3.
[[nodiscard]] Result<Class> decode_class(std::span<const std::byte> bytes);
[[nodiscard]] Result<Instance> decode_instance(std::span<const std::byte> bytes);

}  // namespace acp
