// Logical plans as text for people: one line a tensor of the outside, a node, a bind or a yield.
//
//   param w:f32[6,8]
//   y:f32[4,6] = linear x w
//   output y
//   plan columns ranks 2
//   @0 w0:f32[3,8] = bind w [0:3,0:8]
//   @0 mb0 y0:f32[4,3] = linear x0 w0                 rank 0, micro-batch 0
//   @0 y2:f32[4,6] = all_gather{dim=1} y0 over 0,1 msg 0
//   @0 yield y2 as y [0:4,0:6]
//
// Spec     CEP 11.1.
#pragma once

#include <string>

#include "cep/logical.h"

namespace cep::logical {

// The document must be one that check_logical accepts. Tensors of the reference have their names where those differ and are plain words, or else r and a
// number; those of the plan p and a number: the one their file knows them by, where all differ.
[[nodiscard]] std::string to_text(const Document& document);

}  // namespace cep::logical
