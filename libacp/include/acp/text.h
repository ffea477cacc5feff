// The text form of ACP documents: JSON that a person can write and that loses nothing (64-bit integers are
// exact).
//
// Spec     ACP 1.2, ACP-TEXT-1 to ACP-TEXT-6.
#pragma once

#include <string>
#include <string_view>

#include "acp/document.h"

namespace acp {

// Reads a document; whatever it returns has passed check().
//
// Errors   ACP-TEXT-1 not JSON, or a key given twice; ACP-TEXT-2 over 4 MiB; ACP-TEXT-3 unknown key;
// ACP-TEXT-4 wrong type or a
//          number out of range; ACP-TEXT-5 unknown word; ACP-TEXT-6 "acp" or "kind" missing or not known
//          here; ACP-DOC-n.
// Spec     ACP 1.2.
[[nodiscard]] Result<Document> parse_json(std::string_view text);

// The same, for a reader that wants one kind only.
//
// Errors   as parse_json; ACP-TEXT-6 another kind.
// Spec     ACP 1.2, ACP-TEXT-6.
[[nodiscard]] Result<Class> parse_class_json(std::string_view text);
[[nodiscard]] Result<Instance> parse_instance_json(std::string_view text);

// The text of a document, keys in schema order, unknown and empty fields left out; parse_json gives the same
// value back.
[[nodiscard]] std::string to_json(const Document& document);

}  // namespace acp
