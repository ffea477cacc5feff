// The only file that knows cvc5: a program of its own, one process a question, bounded in time and memory.
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <thread>

#include "cep/solver.h"

namespace cep {

namespace {

// In memory; closed with its owner, and by exec.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : number_(::memfd_create(name, MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool fill(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(number_, text.data(), text.size());
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::lseek(number_, 0, SEEK_SET) == 0;
  }
  // The beginning: an answer is one word.
  [[nodiscard]] std::string content() const {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::pread(number_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  int number_;
};

// Bounds what it becomes, 4 GiB. Not by fork(): that runs a handler of Z3's, which takes the timers away from its other threads.
constexpr const char* kBounded = R"(ulimit -v 4194304 && ulimit -c 0 && exec "$0" --lang=smt2)";

std::optional<pid_t> start(const std::string& program, int in, int out) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_adddup2(&actions, out, 2);
  std::string shell = "sh", option = "-c", bounded = kBounded, path = program;
  const std::array<char*, 5> arguments{shell.data(), option.data(), bounded.data(), path.data(), nullptr};
  pid_t process = 0;
  const int error = ::posix_spawn(&process, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? std::optional(process) : std::nullopt;
}

// How the process ended; nothing when it had to be killed.
std::optional<int> end_of(pid_t process, std::uint32_t timeout_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (bool killed = false;;) {
    int status = 0;
    const pid_t found = ::waitpid(process, &status, killed ? 0 : WNOHANG);
    if (found < 0 && errno != EINTR) return std::nullopt;
    if (found == process) return killed ? std::nullopt : std::optional(status);
    if (killed) continue;
    killed = std::chrono::steady_clock::now() >= deadline && ::kill(process, SIGKILL) == 0;
    if (!killed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// One word, and a good end. It breaks off where its answer is not the one that stands in the question: that is an answer too.
Answer answer_of(int status, const std::string& said) {
  const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const auto is = [&](const std::string& word, const std::string& other) {
    if (well) return said == word + "\n";
    return said.ends_with("Expected result " + other + " but got " + word + "\n");
  };
  if (is("unsat", "sat")) return Answer::kUnsat;
  return is("sat", "unsat") ? Answer::kSat : Answer::kUnknown;
}

}  // namespace

std::string find_cvc5() {
  if (const char* named = std::getenv("CEP_CVC5"); named != nullptr) return named;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string program = folder + "/cvc5";
    if (!folder.empty() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

Answer ask_cvc5(const std::string& program, const std::string& text, std::uint32_t timeout_ms) {
  const MemoryFile in("question"), out("answer");
  if (in.number() < 0 || out.number() < 0 || !in.fill(text)) return Answer::kUnknown;
  const std::optional<pid_t> process = start(program, in.number(), out.number());
  if (!process) return Answer::kUnknown;
  const std::optional<int> status = end_of(*process, timeout_ms);
  return status ? answer_of(*status, out.content()) : Answer::kUnknown;
}

}  // namespace cep
