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

// For readers of other JSON texts: whether it is one JSON value, no object of which has a key twice, lists and objects nested at most
// `max_depth` deep. A parser keeps the last of two equal keys, and whoever walks what it made may recurse.
//
// Errors   ACP-TEXT-1; the path is the key that came twice.
// Cost     near linear in the text, and nothing is made of it.
// Why      apart from the parser: its own callbacks search a list anew after each of its objects.
// Spec     ACP 1.2, ACP-TEXT-1.
[[nodiscard]] Status check_json(std::string_view text, std::size_t max_depth);

// The text of a document, keys in schema order, unknown and empty fields left out; parse_json gives the same
// value back.
[[nodiscard]] std::string to_json(const Document& document);

}  // namespace acp
