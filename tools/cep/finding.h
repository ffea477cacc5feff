// A finding about a logical plan, as every answer prints it.
#pragma once

#include "cep/logical.h"
#include "tools/cli/cli.h"

namespace tools {

[[nodiscard]] Json finding_of(const cep::logical::Finding& finding);

}  // namespace tools
