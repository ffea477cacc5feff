// A run's report as text.
#pragma once

#include <string>

#include "conformance/runner/run.h"

namespace tools {

// Counts per verdict, and every case that is not conformant with what reproduces it.
[[nodiscard]] std::string text_of(const conformance::Report& report);
// The lines about one case; `again` is the command line that runs it alone, up to the query.
[[nodiscard]] std::string text_of(const conformance::Entry& entry, const std::string& again);

}  // namespace tools
