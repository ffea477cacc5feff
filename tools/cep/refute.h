// A logical plan run on numbers: what is not proved, and what is claimed to the bit.
#pragma once

#include <cstdint>
#include <string>

#include "cep/logical.h"
#include "tools/cli/cli.h"

namespace tools {

// Adds what the replay found to an answer that says "not proved". A difference that is certain makes it "refuted", and the exit code kNo.
[[nodiscard]] Exit refute(const cep::logical::Document& document, std::uint64_t seed, Json& json,
                          std::string& text);

// Adds what an execution under tree order found to an answer to the question whether bits are the reference's. Other bits make it "refuted", and the
// exit code kNo; else it stays `answer`.
[[nodiscard]] Exit execute(const cep::logical::Document& document, std::uint64_t seed, Exit answer,
                           Json& json, std::string& text);

}  // namespace tools
