#include "host/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "host/values.h"

namespace acp::rpc {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Error failed(const char* what) { return environment(what, std::strerror(errno)); }

std::string find_program() {
  if (const char* named = std::getenv("ACP_SHIM_HOST"); named != nullptr) return named;
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "";
  const auto folder = executable.parent_path();
  for (const auto& place : {folder, folder.parent_path() / "bin", folder.parent_path() / "libexec"}) {
    if (::access((place / "acp-shim-host").c_str(), X_OK) == 0) return place / "acp-shim-host";
  }
  return "";
}

// Above every number that the child gives a meaning, so that putting one in place never covers the other.
File lifted(int file) { return File(::fcntl(file, F_DUPFD_CLOEXEC, 64)); }

}  // namespace

File& File::operator=(File&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}
File::~File() {
  if (number_ >= 0) ::close(number_);
}
int File::release() { return std::exchange(number_, -1); }

Result<Window> Window::create() {
  File file(::memfd_create("acp-window", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.number() < 0) return failed("memfd_create");
  if (::ftruncate(file.number(), kWindowBytes) != 0) return failed("ftruncate");
  // Sealed: the other end could otherwise cut it short, and touching what is missing ends a process.
  if (::fcntl(file.number(), F_ADD_SEALS, kSeals) != 0) return failed("F_ADD_SEALS");
  return map(std::move(file));
}

Result<Window> Window::map(File file) {
  if ((::fcntl(file.number(), F_GET_SEALS) & F_SEAL_SHRINK) == 0 ||
      ::lseek(file.number(), 0, SEEK_END) != static_cast<off_t>(kWindowBytes)) {
    return environment("window", "not a sealed memory of the size agreed");
  }
  void* data = ::mmap(nullptr, kWindowBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
  if (data == MAP_FAILED) return failed("mmap");
  return Window(std::move(file), static_cast<std::byte*>(data));
}

Window::Window(Window&& other) noexcept
    : file_(std::move(other.file_)), data_(std::exchange(other.data_, nullptr)) {}

Window::~Window() {
  if (data_ != nullptr) ::munmap(data_, kWindowBytes);
}

Child::~Child() { end_within(std::chrono::milliseconds(0)); }

void Child::kill() {
  const std::lock_guard lock(mutex_);
  if (!ended_) ::kill(process_, SIGKILL);
}

std::optional<std::string> Child::end_within(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  for (bool killed = false;;) {
    const std::unique_lock lock(mutex_);
    if (ended_) return std::nullopt;
    const pid_t found = ::waitpid(process_, &status, killed ? 0 : WNOHANG);
    if (found == process_ || (found < 0 && errno != EINTR)) {
      ended_ = true;
      if (found < 0) return "ended, nobody knows how";
      if (WIFSIGNALED(status)) return std::string("ended by signal: ") + ::strsignal(WTERMSIG(status));
      if (WEXITSTATUS(status) == 0) return std::nullopt;
      return "ended with status " + std::to_string(WEXITSTATUS(status));
    }
    if (killed) continue;
    if (std::chrono::steady_clock::now() >= deadline) {
      killed = true;
      ::kill(process_, SIGKILL);
      continue;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Result<std::unique_ptr<Child>> start_host(const std::string& library, const Window& window) {
  const std::string program = find_program();
  const auto missing = [&](const char* why) {
    Error error = environment(program.empty() ? "acp-shim-host" : program, why);
    error.requirement = "ACP-PROC-6";
    return error;
  };
  if (program.empty()) return missing("neither in $ACP_SHIM_HOST nor beside this program nor in ../bin");
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return failed("socketpair");
  File ours(ends[0]);
  const File theirs(ends[1]);
  const File socket = lifted(theirs.number()), memory = lifted(window.file());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, socket.number(), kSocketFile);
  ::posix_spawn_file_actions_adddup2(&actions, memory.number(), kWindowFile);
  // Nothing else of this process belongs to a vendor's code.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kWindowFile + 1);
  // The signals of this thread stay this thread's.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string first = program, second = library;
  char* arguments[] = {first.data(), second.data(), nullptr};
  pid_t process = 0;
  const int error = ::posix_spawn(&process, program.c_str(), &actions, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return missing(std::strerror(error));
  return std::make_unique<Child>(process, std::move(ours));
}

}  // namespace acp::rpc
