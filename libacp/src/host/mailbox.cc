#include "host/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace acp::rpc {

Mailbox::Mailbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Mailbox::~Mailbox() {
  if (event_ >= 0) ::close(event_);
}

void Mailbox::put(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(work));
  if (waiting_.size() > 1) return;  // the loop is awake already, or about to be
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof one);
}

kj::Promise<void> Mailbox::listen(kj::LowLevelAsyncIoProvider& io) {
  auto input = io.wrapInputFd(
      event_, kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  input_ = input.get();
  // The stream belongs to the loop, and ends with it.
  return next().attach(kj::mv(input));
}

kj::Promise<void> Mailbox::next() {
  return input_->read(&count_, sizeof count_).then([this]() {
    std::deque<std::function<void()>> taken;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(waiting_);
    }
    for (const auto& work : taken) work();
    return next();
  });
}

}  // namespace acp::rpc
