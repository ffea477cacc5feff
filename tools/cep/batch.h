// A logical plan that is proved, at other batches.
#pragma once

#include <string>
#include <vector>

#include "cep/logical.h"
#include "tools/cli/cli.h"

namespace tools {

// What --batch takes, as its help says it.
inline constexpr const char* kBatchHelp =
    "also prove it at every multiple of its batch: TENSOR:DIM is the dimension of a reference tensor in "
    "which samples "
    "stand, TENSOR:DIM:RUN if each is RUN elements long; a TENSOR is its name, its number, or * for whatever "
    "is given at "
    "every step";

// Adds to an answer that says "proved" whether the proof holds at every batch. `to_the_bit`: what is proved are bits.
// Errors   CEP-INPUT-1 an axis that is not written so, or of a tensor that is not there.
[[nodiscard]] acp::Result<Exit> answer_batch(const cep::logical::Document& document,
                                             const std::vector<std::string>& axes, bool to_the_bit,
                                             Json& json, std::string& text);

}  // namespace tools
