#include "conformance/testee/testee.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>

namespace conformance {
namespace {

using Clock = std::chrono::steady_clock;
using Question = std::function<std::string(const acp::Result<acp::Shim>&)>;

constexpr char kAnswer = 'A';
constexpr char kBroken = 'B';
constexpr char kLost = 'L';  // the shim's process has ended
// A shim that floods its error output must not fill the memory of the runner.
constexpr std::size_t kMaxDiagnostics = 2000;
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

void write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    done += static_cast<std::size_t>(count);
  }
}

// The answer is written when the shim is closed again: a crash or a hang on closing is one too.
[[noreturn]] void answer(const Testee& testee, const Question& question, int out, int diagnostics) {
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(diagnostics, STDERR_FILENO);
  ::dup2(diagnostics, STDOUT_FILENO);
  std::string text;
  try {
    {
      const acp::Result<acp::Shim> shim = testee.open();
      text = kAnswer + question(shim);
    }
    if (const std::string how = testee.ending->words(); !how.empty()) text = kLost + how;
  } catch (const std::exception& fault) {
    text = kBroken + std::string(fault.what());
  }
  write_all(out, text);
  ::_exit(0);
}

// Everything until the other end closes, or nothing when the time is over first.
std::optional<std::string> read_until(int file, Clock::time_point deadline) {
  std::string text;
  std::array<char, 65536> piece{};
  while (text.size() < kMaxAnswer) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd waited = {file, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string tail_of(int file) {
  const off_t size = ::lseek(file, 0, SEEK_END);
  if (size <= 0) return {};
  std::string text(std::min(kMaxDiagnostics, static_cast<std::size_t>(size)), '\0');
  const ssize_t count = ::pread(file, text.data(), text.size(), size - static_cast<off_t>(text.size()));
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("ended by signal ") + ::strsignal(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status)) + " before it answered";
}

Reply reply_of(const std::optional<std::string>& text, int status, std::chrono::milliseconds limit,
               int diagnostics) {
  if (!text) return {End::kHung, "no answer within " + std::to_string(limit.count()) + " ms"};
  if (text->empty() || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const std::string said = tail_of(diagnostics);
    return {End::kCrashed, how_it_ended(status) + (said.empty() ? "" : "; it said: " + said)};
  }
  if (text->front() == kLost) {
    const std::string said = tail_of(diagnostics);
    return {End::kCrashed, text->substr(1) + (said.empty() ? "" : "; it said: " + said)};
  }
  return {text->front() == kAnswer ? End::kAnswered : End::kBroken, text->substr(1)};
}

}  // namespace

void Ending::note(std::string_view how) {
  const std::lock_guard lock(mutex_);
  if (how_.empty()) how_ = how;
}
std::string Ending::words() const {
  const std::lock_guard lock(mutex_);
  return how_;
}

Testee testee_of(const std::string& name_or_path) {
  Testee testee{name_or_path, {}};
  testee.open = [name_or_path, ending = testee.ending] {
    acp::LoadOptions options;
    options.isolation = acp::Isolation::kProcess;
    // The limit of a case is what ends a hang.
    options.patience = std::chrono::hours(24);
    options.on_end = [ending](std::string_view how) { ending->note(how); };
    return acp::Shim::load(name_or_path, options);
  };
  return testee;
}

Reply ask(const Testee& testee, std::chrono::milliseconds limit, const Question& question) {
  std::array<int, 2> pipe{};
  const int diagnostics = ::memfd_create("diagnostics", MFD_CLOEXEC);
  if (diagnostics < 0) return {End::kBroken, std::strerror(errno)};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    ::close(diagnostics);
    return {End::kBroken, std::strerror(errno)};
  }
  const auto deadline = Clock::now() + limit;
  const pid_t child = ::fork();
  if (child == 0) answer(testee, question, pipe[1], diagnostics);
  ::close(pipe[1]);
  Reply reply{End::kBroken, "no process could be made"};
  if (child > 0) {
    const auto text = read_until(pipe[0], deadline);
    if (!text) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    reply = reply_of(text, status, limit, diagnostics);
  }
  ::close(pipe[0]);
  ::close(diagnostics);
  return reply;
}

}  // namespace conformance
