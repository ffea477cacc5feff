// The commands of `cep`, one file each. Each adds its options to the command line and returns what runs it.
#pragma once

#include "tools/cli/cli.h"

namespace tools {

[[nodiscard]] std::function<Exit()> add_import_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_import_plan_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_generate_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_context_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_bind_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_plan_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_show_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_prove_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_verify_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_run_command(CLI::App& command);
[[nodiscard]] std::function<Exit()> add_diff_command(CLI::App& command);

}  // namespace tools
