#include "tools/cli/cli.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>

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

namespace {

// Whether write_file() sent a result to stdout: then nothing else goes there.
bool result_on_stdout = false;

// The bytes of the character that begins a text, and its code; no bytes where none begins there.
struct Character {
  std::size_t bytes = 0;
  char32_t code = 0;
};
Character character_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  char32_t code = first & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[bytes] || surrogate || code > 0x10ffff ? Character{} : Character{bytes, code};
}

// Control characters, and those that turn the direction of what is shown, or break a line.
bool acts(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character next = character_of(text);
    const std::size_t bytes = std::max<std::size_t>(next.bytes, 1);
    const bool as_it_is = next.bytes > 0 && (!acts(next.code) || (keep_lines && next.code == U'\n'));
    for (const char c : text.substr(0, bytes)) {
      if (as_it_is) {
        out += c;
      } else {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    }
    text.remove_prefix(bytes);
  }
  return out;
}

void put(std::FILE* where, const std::string& text) {
  // What cannot be written shows when the program ends.
  (void)std::fwrite(text.data(), 1, text.size(), where);
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, false); }

void print(Format format, const std::string& text, const Json& value) {
  put(result_on_stdout ? stderr : stdout,
      format == Format::kText ? escaped(text, true)
                              : value.dump(2, ' ', true, Json::error_handler_t::replace) + "\n");
}

Exit fail(Format format, const acp::Error& error) {
  if (format == Format::kJson) print(format, "", {{"error", json_of(error)}});
  put(stderr, printable(acp::to_string(error)) + "\n");
  return exit_of(error);
}

namespace {
std::string unread(int error) { return std::string("cannot be read: ") + std::strerror(error); }
}  // namespace

File::~File() {
  if (handle_ >= 0) close(handle_);
}

acp::Result<File> File::open(const std::string& path, Pipes pipes) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.handle_ < 0) return acp::environment(path, unread(errno));
  struct stat what = {};
  if (fstat(file.handle_, &what) != 0) return acp::environment(path, unread(errno));
  if (S_ISDIR(what.st_mode)) return acp::environment(path, unread(EISDIR));
  if (S_ISFIFO(what.st_mode) && pipes == Pipes::kYes) return file;
  // A device may never end.
  if (!S_ISREG(what.st_mode)) return acp::environment(path, "cannot be read: not a regular file");
  file.size_ = static_cast<std::size_t>(what.st_size);
  return file;
}

acp::Result<std::vector<std::byte>> read_file(const std::string& path) {
  const acp::Error too_large = acp::environment(path, "cannot be read: larger than 4 GiB");
  ACP_TRY(const File file, File::open(path, Pipes::kYes));
  const std::size_t size = file.size().value_or(0);
  if (size > kMaxFileBytes) return too_large;
  std::vector<std::byte> bytes(size);
  std::size_t end = 0;
  while (true) {
    // A pipe has no size, and a file may grow.
    if (end == bytes.size() && end > 0 && size == 0) bytes.resize(2 * end);
    if (end == bytes.size()) bytes.resize(end + 4096);
    const ssize_t count = read(file.handle(), bytes.data() + end, bytes.size() - end);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return acp::environment(path, unread(errno));
    if (count == 0) break;
    end += static_cast<std::size_t>(count);
    if (end > kMaxFileBytes) return too_large;
  }
  bytes.resize(end);
  return bytes;
}

namespace {

acp::Error unwritten(const std::string& path, int error) {
  return acp::environment(path, std::string("cannot be written: ") + std::strerror(error));
}

// An error number, or 0.
int write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

// Half a result must not pass for one, nor take the place of what was there: it comes to its name when it is whole. Where no such file can
// be made beside it, and for what is no regular file, nothing: it is written where it stands.
struct Beside {
  int handle = -1;
  std::string path, target;
};
Beside open_beside(const std::string& path) {
  Beside beside;
  struct stat what = {};
  const bool there = stat(path.c_str(), &what) == 0;
  struct stat link = {};
  if (!there && lstat(path.c_str(), &link) == 0) return beside;  // a link to what is not there yet
  if (there && (!S_ISREG(what.st_mode) || what.st_nlink > 1 || access(path.c_str(), W_OK) != 0))
    return beside;
  std::error_code failed;
  beside.target = there ? std::filesystem::canonical(path, failed).string() : path;
  if (failed) return beside;
  beside.path = beside.target + "." + std::to_string(getpid()) + ".part";
  const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
  beside.handle = open(beside.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, mode);
  if (beside.handle >= 0 && there) (void)fchmod(beside.handle, what.st_mode & 0777);
  return beside;
}

}  // namespace

acp::Status write_file(const std::string& path, std::span<const std::byte> bytes, Access access) {
  if (path == "-") {
    result_on_stdout = true;
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
    return written ? acp::ok() : acp::environment("stdout", "cannot be written");
  }
  const bool owner_only = access == Access::kOwnerOnly;
  const Beside beside = owner_only ? Beside{} : open_beside(path);
  const int file = beside.handle >= 0
                       ? beside.handle
                       : open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (owner_only ? O_EXCL : O_TRUNC),
                              owner_only ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  if (file < 0) return unwritten(path, errno);
  const std::string& made = beside.handle >= 0 ? beside.path : path;
  struct stat what = {};
  const bool regular = fstat(file, &what) == 0 && S_ISREG(what.st_mode);
  int fault = write_all(file, bytes);
  if (close(file) != 0 && fault == 0) fault = errno;
  if (fault == 0 && beside.handle >= 0 && rename(beside.path.c_str(), beside.target.c_str()) != 0)
    fault = errno;
  if (fault == 0) return acp::ok();
  if (regular) unlink(made.c_str());
  return unwritten(path, fault);
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

CLI::Validator without_sign() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.find('-') == std::string::npos ? std::string() : text + ": not 0, 1, 2, ... 2^64 - 1";
      },
      "");
}

CLI::Validator seconds_within(double least, double most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        double value = 0;
        // Not a number lies within no bounds.
        const bool within = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
        return within ? std::string() : fmt::format("{}: not {} to {} seconds", text, least, most);
      },
      fmt::format("SECONDS in [{} - {}]", least, most));
}

namespace {

// No option, file or name of ours can be empty.
const CLI::Option* empty_option(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& text : option->results()) {
      if (text.empty()) return option;
    }
  }
  for (const CLI::App* subcommand : app.get_subcommands()) {
    if (const CLI::Option* found = empty_option(*subcommand)) return found;
  }
  return nullptr;
}

// A file opened later must not become what this program's output goes to: what was closed becomes what cannot be written.
void fill_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) (void)open("/dev/null", O_RDONLY);
  }
}

Exit parse_and_run(CLI::App& app, int argc, char** argv, const std::function<Exit()>& body) {
  try {
    app.parse(argc, argv);
    if (const CLI::Option* empty = empty_option(app)) {
      put(stderr, fmt::format("{}: is empty\nRun with --help for more information.\n", empty->get_name()));
      return Exit::kMalformed;
    }
    return body();
  } catch (const CLI::ParseError& error) {
    // Help ends 0; the parser's own numbers for everything else are not ours.
    return app.exit(error) == 0 ? Exit::kYes : Exit::kMalformed;
  } catch (const std::bad_alloc&) {
    put(stderr, "not enough memory\n");
  } catch (const std::system_error& error) {
    put(stderr, printable(error.what()) + "\n");
  }
  return Exit::kEnvironment;
}

}  // namespace

int run_app(CLI::App& app, int argc, char** argv, const std::function<Exit()>& body) {
  fill_closed_streams();
  const Exit exit = parse_and_run(app, argc, argv, body);
  // An answer that nobody got is none.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(exit);
  put(stderr, "stdout: cannot be written\n");
  return static_cast<int>(Exit::kEnvironment);
}

int run_commands(int argc, char** argv, const std::string& program, const std::vector<Command>& commands) {
  CLI::App app(program);
  app.require_subcommand(1);
  std::function<Exit()> chosen;
  for (const Command& command : commands) {
    CLI::App* subcommand = app.add_subcommand(command.name, command.what);
    subcommand->callback([&chosen, run = command.add(*subcommand)] { chosen = run; });
  }
  return run_app(app, argc, argv, [&] { return chosen(); });
}

}  // namespace tools
