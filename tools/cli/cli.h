// What every command line of the project has in common: exit codes, error output, files.
//
// Exit codes are those of spec/conventions.md. A result goes to stdout, as text or (--json) as one JSON value; everything else goes to
// stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"

namespace tools {

enum class Exit : int {
  kYes = 0,          // yes, proved, conformant
  kNo = 1,           // no, refuted, nonconformant
  kMalformed = 2,    // usage, or input that cannot be read
  kUndecided = 3,    // undecided, unsupported, over a limit
  kEnvironment = 4,  // device lost, no driver, no such file
};
[[nodiscard]] Exit exit_of(const acp::Error& error);

enum class Format : std::uint8_t { kText, kJson };

using Json = nlohmann::ordered_json;

// {"family": ..., "requirement": ..., "path": ..., "message": ...}
[[nodiscard]] Json json_of(const acp::Error& error);

// Prints text, or the value when the format is JSON.
void print(Format format, const std::string& text, const Json& value);

// Prints the error where the format wants it ({"error": ...} on stdout for JSON; always a line on stderr); its exit code.
[[nodiscard]] Exit fail(Format format, const acp::Error& error);

// Errors   environment: no such file, or it cannot be read.
// Spec     none: tools.
[[nodiscard]] acp::Result<std::vector<std::byte>> read_file(const std::string& path);

enum class Access : std::uint8_t { kEveryone, kOwnerOnly };
// "-" is stdout. kOwnerOnly: nobody else can ever read it, and an existing file is not overwritten.
//
// Errors   environment: it cannot be written.
// Spec     none: tools.
[[nodiscard]] acp::Status write_file(const std::string& path, std::span<const std::byte> bytes,
                                     Access access = Access::kEveryone);

[[nodiscard]] std::string text_of(std::span<const std::byte> bytes);
[[nodiscard]] std::span<const std::byte> bytes_of(std::string_view text);

// One command of a program: its options live in the callable that `add` returns.
struct Command {
  std::string name;
  std::string what;
  // Adds options and returns what runs them.
  std::function<std::function<Exit()>(CLI::App&)> add;
};

// Adds --json to a command, and reads it.
[[nodiscard]] std::function<Format()> add_format(CLI::App& command);

// Parses the arguments, runs the one command they name, returns its exit code.
[[nodiscard]] int run_commands(int argc, char** argv, const std::string& program,
                               const std::vector<Command>& commands);

}  // namespace tools
