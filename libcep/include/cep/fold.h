// Finds the pattern in an expanded logical plan: ranks that do the same but for an index become the points of two variables.
//
// Nothing is believed: every line of every rank is compared with the line of the pattern it is said to be, and what is folded is exactly
// what expand() would give back, but for ids.
//
// Spec     CEP 12.5.
#pragma once

#include <optional>

#include "cep/logical.h"

namespace cep::logical {

// rank = outer * (ranks / points of outer) + stage * (points of inner) + inner, with as many points as can be; nothing, when no two ranks are
// alike in that way. The document must be expanded, and one that check_logical accepts.
// Cost     linear in lines for every way to cut the number of ranks that the ranks' outlines allow; usually one.
// Spec     CEP 12.5.
[[nodiscard]] std::optional<Document> fold(const Document& document);

}  // namespace cep::logical
