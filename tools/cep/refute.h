// A logical plan that is not proved, run on numbers.
#pragma once

#include <cstdint>
#include <string>

#include "cep/logical.h"
#include "tools/cli/cli.h"

namespace tools {

// Adds what the replay found to an answer that says "not proved". A difference that is certain makes it "refuted", and the exit code kNo.
[[nodiscard]] Exit refute(const cep::logical::Document& document, std::uint64_t seed, Json& json,
                          std::string& text);

}  // namespace tools
