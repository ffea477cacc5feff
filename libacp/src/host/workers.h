// Threads for calls that may block, so that the event loop never does. As many as are blocked at once; idle ones are used again.
//
// Life     the destructor waits for every piece of work that has begun.
// Threads  run() on the loop's thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

#include "host/mailbox.h"

namespace acp::rpc {

class Workers {
 public:
  explicit Workers(Mailbox& mailbox) : mailbox_(mailbox) {}
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Fulfilled on the loop's thread when the work is done.
  [[nodiscard]] kj::Promise<void> run(std::function<void()> work);

 private:
  void serve();

  Mailbox& mailbox_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace acp::rpc
