#include "host/connection.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "host/guarded_stream.h"

namespace acp::rpc {
namespace {

// Between the end of a connection and the end of the process behind it, when nobody asked for either.
constexpr std::chrono::milliseconds kLastMoments{500};
// For a host process to free what its shim made.
constexpr std::chrono::milliseconds kClosing{10'000};

// Cap'n Proto sets the process to ignore SIGPIPE. A library must not: its own thread blocks the signal instead.
kj::AsyncIoContext quiet_io() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  struct sigaction before = {};
  ::sigaction(SIGPIPE, nullptr, &before);
  auto io = kj::setupAsyncIo();
  ::sigaction(SIGPIPE, &before, nullptr);
  return io;
}

}  // namespace

struct Connection::Loop final : kj::TaskSet::ErrorHandler {
  Loop() : over(kj::newPromiseAndFulfiller<void>()), tasks(*this) {}
  void taskFailed(kj::Exception&&) override { over.fulfiller->fulfill(); }

  kj::PromiseFulfillerPair<void> over;
  kj::Maybe<schema::Shim::Client> shim;
  kj::TaskSet tasks;
};

Connection::Connection(int socket, std::unique_ptr<Child> child, const LoadOptions& options)
    : patience_(options.patience), on_end_(options.on_end), child_(std::move(child)) {
  try {
    thread_ = std::thread([this, socket] { run(socket); });
  } catch (const std::system_error& fault) {
    ::close(socket);
    {
      const std::lock_guard lock(mutex_);
      lose(std::string("no thread for the shim's connection: ") + fault.what());
    }
    give_up();
  }
}

void Connection::run(int socket) {
  if (mailbox_.usable()) {
    try {
      serve(socket);
    } catch (const kj::Exception& fault) {
      const std::lock_guard lock(mutex_);
      lose(fault.getDescription().cStr());
    }
  }
  loop_ = nullptr;
  give_up();
}

void Connection::give_up() {
  end_of_process();
  const std::lock_guard lock(mutex_);
  lost_ = true;
  over_ = true;
  over_changed_.notify_all();
  for (Call* call : calls_) {
    call->ended = true;
    call->changed.notify_all();
  }
  calls_.clear();
}

void Connection::serve(int socket) {
  auto io = quiet_io();
  auto stream = io.lowLevelProvider->wrapSocketFd(
      socket, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  GuardedStream guarded(*stream);
  capnp::TwoPartyVatNetwork network(guarded, capnp::rpc::twoparty::Side::CLIENT);
  auto rpc = capnp::makeRpcClient(network);
  capnp::MallocMessageBuilder message;
  auto vat = message.initRoot<capnp::rpc::twoparty::VatId>();
  vat.setSide(capnp::rpc::twoparty::Side::SERVER);
  Loop loop;
  loop.shim = rpc.bootstrap(vat).castAs<schema::Shim>();
  loop_ = &loop;
  loop.tasks.add(mailbox_.listen(*io.lowLevelProvider));
  loop.tasks.add(network.onDisconnect().then([&loop] { loop.over.fulfiller->fulfill(); }));
  loop.over.promise.wait(io.waitScope);
  if (!guarded.broken()) return;
  const std::lock_guard lock(mutex_);
  lose("the shim's process sent a message of too many segments or bytes", "ACP-PROC-4");
}

// Says why, once nothing more can come; the calls that wait are told after that.
void Connection::end_of_process() {
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    closing = closing_;
    lost_ = true;
  }
  if (!child_) return;
  const auto ended = child_->end_within(closing ? kClosing : kLastMoments);
  std::string how;
  {
    const std::lock_guard lock(mutex_);
    if (how_.empty() && (ended || !closing))
      how_ = "the shim's process " + ended.value_or("closed its connection");
    how = how_;
  }
  if (!how.empty() && on_end_) on_end_(how);
}

void Connection::lose(const std::string& how, const char* requirement) {
  if (how_.empty() && !closing_) {
    how_ = how;
    requirement_ = requirement;
  }
  lost_ = true;
}

bool Connection::call(const Start& start, std::chrono::milliseconds patience) {
  Call call;
  std::unique_lock lock(mutex_);
  if (lost_ || closing_) {
    // Until it is known why.
    over_changed_.wait(lock, [&] { return over_; });
    return false;
  }
  calls_.insert(&call);
  mailbox_.put([this, &call, &start] { begin(&call, start); });
  if (!call.changed.wait_for(lock, patience, [&] { return call.ended; })) {
    lose("the shim's process gave no answer for " + std::to_string(patience.count()) + " ms");
    if (child_) child_->kill();
    mailbox_.put([this] {
      if (loop_ != nullptr) loop_->over.fulfiller->fulfill();
    });
    call.changed.wait(lock, [&] { return call.ended; });
  }
  return call.answered;
}

void Connection::begin(Call* call, const Start& start) {
  KJ_IF_MAYBE (shim, loop_->shim) {
    loop_->tasks.add(start(*shim).then([this, call] { end(call, true); },
                                       [this](kj::Exception&& fault) {
                                         if (fault.getType() != kj::Exception::Type::DISCONNECTED) {
                                           const std::lock_guard lock(mutex_);
                                           lose(fault.getDescription().cStr());
                                         }
                                         loop_->over.fulfiller->fulfill();
                                       }));
  }
}

void Connection::end(Call* call, bool answered) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
  call->answered = answered;
  call->ended = true;
  call->changed.notify_all();
}

void Connection::tell(Start start) {
  const std::lock_guard lock(mutex_);
  if (lost_ || closing_) return;
  mailbox_.put([this, start = std::move(start)] {
    KJ_IF_MAYBE (shim, loop_->shim) {
      loop_->tasks.add(
          start(*shim).then([] {}, [this](kj::Exception&&) { loop_->over.fulfiller->fulfill(); }));
    }
  });
}

void Connection::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    mailbox_.put([this] {
      if (loop_ != nullptr) loop_->over.fulfiller->fulfill();
    });
  }
  if (thread_.joinable()) thread_.join();
}

Error Connection::error() {
  const std::lock_guard lock(mutex_);
  return {Family::kEnvironment, requirement_, "shim", how_.empty() ? "the shim's process is closed" : how_};
}

}  // namespace acp::rpc
