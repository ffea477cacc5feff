// Work for the thread of an event loop, put there by other threads.
//
// Life     made before the loop; listen() is called on the loop's thread. What was not run when the mailbox dies is dropped.
// Threads  put() from any thread.
#pragma once

#include <kj/async-io.h>

#include <deque>
#include <functional>
#include <mutex>

namespace acp::rpc {

class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // False when the system gave no event file.
  [[nodiscard]] bool usable() const { return event_ >= 0; }
  void put(std::function<void()> work);
  // Runs what is put, as long as the promise lives.
  [[nodiscard]] kj::Promise<void> listen(kj::LowLevelAsyncIoProvider& io);

 private:
  [[nodiscard]] kj::Promise<void> next();

  int event_;
  std::mutex mutex_;
  std::deque<std::function<void()>> waiting_;
  kj::AsyncInputStream* input_ = nullptr;
  std::uint64_t count_ = 0;
};

}  // namespace acp::rpc
