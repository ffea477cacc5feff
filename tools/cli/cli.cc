#include "tools/cli/cli.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

namespace tools {

Exit exit_of(const acp::Error& error) {
  switch (error.family) {
    case acp::Family::kMalformed: return Exit::kMalformed;
    case acp::Family::kInvalid: return Exit::kNo;
    case acp::Family::kUnsupported:
    case acp::Family::kLimit: return Exit::kUndecided;
    case acp::Family::kEnvironment: return Exit::kEnvironment;
  }
  return Exit::kEnvironment;
}

Json json_of(const acp::Error& error) {
  return {{"family", acp::family_name(error.family)},
          {"requirement", error.requirement},
          {"path", error.path},
          {"message", error.message}};
}

void print(Format format, const std::string& text, const Json& value) {
  if (format == Format::kText) {
    fmt::print("{}", text);
  } else {
    fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
  }
}

Exit fail(Format format, const acp::Error& error) {
  if (format == Format::kJson) print(format, "", {{"error", json_of(error)}});
  fmt::print(stderr, "{}\n", acp::to_string(error));
  return exit_of(error);
}

namespace {
std::string unread(int error) { return std::string("cannot be read: ") + std::strerror(error); }
}  // namespace

acp::Result<std::vector<std::byte>> read_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return acp::environment(path, unread(errno));
  struct stat what = {};
  const bool sized = fstat(file, &what) == 0 && what.st_size > 0;
  std::vector<std::byte> bytes(sized ? static_cast<std::size_t>(what.st_size) : 0);
  std::size_t end = 0;
  while (true) {
    // A pipe has no size, and a file may grow.
    if (end == bytes.size() && end > 0 && !sized) bytes.resize(2 * end);
    if (end == bytes.size()) bytes.resize(end + 4096);
    const ssize_t count = read(file, bytes.data() + end, bytes.size() - end);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      close(file);
      return acp::environment(path, unread(error));
    }
    if (count == 0) break;
    end += static_cast<std::size_t>(count);
  }
  close(file);
  bytes.resize(end);
  return bytes;
}

acp::Status write_file(const std::string& path, std::span<const std::byte> bytes, Access access) {
  if (path == "-") {
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return written ? acp::ok() : acp::environment(path, "cannot be written");
  }
  const bool owner_only = access == Access::kOwnerOnly;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (owner_only ? O_EXCL : O_TRUNC),
                        owner_only ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  if (file < 0) return acp::environment(path, std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (close(file) != 0 || !bytes.empty()) return acp::environment(path, "cannot be written");
  return acp::ok();
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::function<Format()> add_format(CLI::App& command) {
  const auto json = std::make_shared<bool>(false);
  command.add_flag("--json", *json, "machine-readable output on stdout");
  return [json] { return *json ? Format::kJson : Format::kText; };
}

int run_commands(int argc, char** argv, const std::string& program, const std::vector<Command>& commands) {
  CLI::App app(program);
  app.require_subcommand(1);
  Exit exit = Exit::kMalformed;
  for (const Command& command : commands) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.what);
    subcommand->callback([&exit, run = command.add(*subcommand)] { exit = run(); });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help ends 0; the parser's own numbers for everything else are not ours.
    return static_cast<int>(app.exit(error) == 0 ? Exit::kYes : Exit::kMalformed);
  }
  return static_cast<int>(exit);
}

}  // namespace tools
