// The host process of a shim, from the side of the one who starts it.
//
// Life     start() makes socket, window and process; end_within() or the destructor ends it, and no process is left behind.
// Threads  kill() from any; the rest from one thread at a time.
// Spec     ACP 6.6.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "acp/result.h"

namespace acp::rpc {

// A file descriptor.
class File {
 public:
  explicit File(int number = -1) : number_(number) {}
  File(File&& other) noexcept : number_(other.release()) {}
  File& operator=(File&& other) noexcept;
  ~File();
  [[nodiscard]] int number() const { return number_; }
  int release();

 private:
  int number_;
};

// Memory that two processes see.
class Window {
 public:
  // Errors   environment.
  // Spec     ACP 6.6.
  [[nodiscard]] static Result<Window> create();
  [[nodiscard]] static Result<Window> map(File file);
  Window(Window&& other) noexcept;
  Window& operator=(Window&&) = delete;
  ~Window();
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] int file() const { return file_.number(); }

 private:
  Window(File file, std::byte* data) : file_(std::move(file)), data_(data) {}
  File file_;
  std::byte* data_;
};

class Child {
 public:
  Child(pid_t process, File socket) : process_(process), socket_(std::move(socket)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t process() const { return process_; }
  [[nodiscard]] int socket() const { return socket_.number(); }
  // The caller's own copy of the socket, from then on.
  [[nodiscard]] int take_socket() { return socket_.release(); }

  void kill();
  // Waits that long for the process to end by itself, then kills it. How it ended, unless it was by exit status 0.
  std::optional<std::string> end_within(std::chrono::milliseconds patience);

 private:
  const pid_t process_;
  File socket_;
  std::mutex mutex_;
  bool ended_ = false;  // its number may belong to somebody else now
};

// Starts acp-shim-host for a library: $ACP_SHIM_HOST, or beside this executable, or in ../bin or ../libexec beside it.
//
// Errors   ACP-PROC-6 the program is not there or does not start (environment).
// Spec     ACP 6.6, ACP-PROC-6.
[[nodiscard]] Result<std::unique_ptr<Child>> start_host(const std::string& library, const Window& window);

}  // namespace acp::rpc
