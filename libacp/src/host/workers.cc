#include "host/workers.h"

namespace acp::rpc {

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

kj::Promise<void> Workers::run(std::function<void()> work) {
  // Shared, though only the loop's thread touches it: a std::function must be copyable.
  auto done = std::make_shared<kj::PromiseFulfillerPair<void>>(kj::newPromiseAndFulfiller<void>());
  auto promise = kj::mv(done->promise);
  const std::lock_guard lock(mutex_);
  waiting_.push_back([this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    mailbox_.put([done = std::move(done)] { done->fulfiller->fulfill(); });
  });
  if (idle_ < waiting_.size()) threads_.emplace_back([this] { serve(); });
  changed_.notify_one();
  return promise;
}

void Workers::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace acp::rpc
