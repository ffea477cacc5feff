// What every command line of the project has in common: exit codes, error output, files.
//
// Exit codes are those of spec/conventions.md. A result goes to stdout, as text or (--json) as one JSON value; everything else goes to
// stderr. A result that could not be written to stdout ends 4, whatever it was.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

// One line for a terminal: of what may come from a file that nobody trusts. Control characters, line breaks, characters that turn the
// direction of text, and what is not UTF-8 stand as \xHH.
[[nodiscard]] std::string printable(std::string_view text);

// Prints text, or the value when the format is JSON; to stdout, unless a file that was asked for went there. Of text, everything but its
// line breaks is made printable().
void print(Format format, const std::string& text, const Json& value);

// Prints the error where the format wants it ({"error": ...} on stdout for JSON; always a line on stderr); its exit code.
[[nodiscard]] Exit fail(Format format, const acp::Error& error);

enum class Pipes : std::uint8_t { kNo, kYes };

// A file open to be read. Every file that a command reads is opened here: a directory or a device is refused.
//
// Life     closed with the object.
class File {
 public:
  // Errors   environment: no such file, or it cannot be read; it is no regular file, and no pipe where one will do.
  // Spec     none: tools.
  [[nodiscard]] static acp::Result<File> open(const std::string& path, Pipes pipes = Pipes::kNo);
  File(File&& other) noexcept : handle_(std::exchange(other.handle_, -1)), size_(other.size_) {}
  File& operator=(File&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(size_, other.size_);
    return *this;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();
  [[nodiscard]] int handle() const { return handle_; }
  [[nodiscard]] std::optional<std::size_t> size() const { return size_; }  // nothing: a pipe

 private:
  explicit File(int handle) : handle_(handle) {}
  int handle_;
  std::optional<std::size_t> size_;
};

// 4 GiB: a pipe that does not end must not take all memory. The longest text of a logical plan is as long (CEP 11).
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 32;

// Errors   environment: no such file, it cannot be read, it is neither a regular file nor a pipe, or it is over kMaxFileBytes.
// Spec     none: tools.
[[nodiscard]] acp::Result<std::vector<std::byte>> read_file(const std::string& path);

enum class Access : std::uint8_t { kEveryone, kOwnerOnly };
// "-" is stdout. kOwnerOnly: nobody else can ever read it, and an existing file is not overwritten. What cannot be written whole leaves what
// was there as it was.
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

// Of an option whose value has no sign: the parser wraps -1 to the largest number there is.
[[nodiscard]] CLI::Validator without_sign();

// Of an option whose value is a number of seconds.
[[nodiscard]] CLI::Validator seconds_within(double least, double most);

// Parses the arguments, runs the body, returns its exit code. An empty argument is a fault of usage, whatever it is for.
[[nodiscard]] int run_app(CLI::App& app, int argc, char** argv, const std::function<Exit()>& body);

// The same for a program of several commands: runs the one that the arguments name.
[[nodiscard]] int run_commands(int argc, char** argv, const std::string& program,
                               const std::vector<Command>& commands);

}  // namespace tools
