// A document for a person to read.
#pragma once

#include <string>

#include "acp/document.h"

namespace tools {

[[nodiscard]] std::string show(const acp::Document& document);

}  // namespace tools
