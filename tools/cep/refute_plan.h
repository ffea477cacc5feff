// A plan for devices run on numbers, when it is undecided.
#pragma once

#include <cstdint>
#include <string>

#include "cep/verify.h"
#include "tools/cli/cli.h"

namespace tools {

struct UndecidedPlan {
  const cep::Workload& workload;
  const cep::Plan& plan;
  const cep::Context& context;
};

// Adds what the replay found to an answer that says "undecided". A difference that is certain makes it "refuted", and the exit code kNo.
[[nodiscard]] Exit refute(const UndecidedPlan& undecided, std::uint64_t seed, Json& json, std::string& text);

}  // namespace tools
