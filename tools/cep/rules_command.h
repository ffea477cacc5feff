// cep rules prove|list|export
#pragma once

#include "tools/cli/cli.h"

namespace tools {

// Adds the three commands below `command`; returns what runs the one that was named. Exit: yes when every question was answered as it
// must be; no when one was answered otherwise; undecided when a solver gave up on some, and only that went wrong. An
// error when one solver says that there is a model and the other that there is none.
[[nodiscard]] std::function<Exit()> add_rules_command(CLI::App& command);

}  // namespace tools
