// Looks for small lengths that a large plan can be run at.
#pragma once

#include <optional>

#include "replay/scale_down.h"

namespace cep::logical::oracle {

struct Shrunk {
  Document document;
  Lengths lengths;  // of the large one, and what became of them
};
// Of an expanded plan: each length in turn, the smallest first, becomes the smallest one with which every division in the plan is exact.
// Nothing where no length can become smaller.
// Cost     some ten runs over the plan's lines for each distinct length.
[[nodiscard]] std::optional<Shrunk> shrink(const Document& document);

}  // namespace cep::logical::oracle
