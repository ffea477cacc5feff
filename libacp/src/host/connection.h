// Connection: the caller's end. One thread runs the event loop; any other thread makes a call and waits for its end.
//
// Life     open() starts the thread; close() ends connection, thread and process. A connection that is lost stays lost.
// Errors   a call gives false when the connection is lost: before, by it, or while it waits. No call outlasts its patience by
//          more than it takes to kill a process.
// Threads  call() from any.
// Spec     ACP 6.6, ACP-PROC-3.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "acp/host.h"
#include "host/child.h"
#include "host/mailbox.h"
#include "shim.capnp.h"

namespace acp::rpc {

class Connection {
 public:
  // Called on the loop's thread. Whatever it refers to outlives the call.
  using Start = std::function<kj::Promise<void>(schema::Shim::Client& shim)>;

  // The child may be null: then nobody is killed, and only the socket is closed.
  Connection(int socket, std::unique_ptr<Child> child, const LoadOptions& options);
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool call(const Start& start) { return call(start, patience_); }
  [[nodiscard]] bool call(const Start& start, std::chrono::milliseconds patience);
  // A call that nobody waits for.
  void tell(Start start);
  // Waits for the process to end, and ends it otherwise. Safe to call twice.
  void close();

  // Why it is lost.
  [[nodiscard]] Error error();
  [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }
  [[nodiscard]] pid_t process() const { return child_ ? child_->process() : 0; }

 private:
  struct Call {
    std::condition_variable changed;
    bool ended = false;
    bool answered = false;
  };

  void run(int socket);
  void serve(int socket);
  void begin(Call* call, const Start& start);
  void end(Call* call, bool answered);
  // `mutex_` must be held.
  void lose(const std::string& how, const char* requirement = "ACP-PROC-3");
  void end_of_process();
  // Ends the process, and tells every call.
  void give_up();

  const std::chrono::milliseconds patience_;
  const std::function<void(std::string_view)> on_end_;
  const std::unique_ptr<Child> child_;
  Mailbox mailbox_;

  std::mutex mutex_;
  bool lost_ = false;
  bool closing_ = false;
  bool over_ = false;  // the process has ended, and `how_` says how
  std::condition_variable over_changed_;
  std::string how_;
  std::string requirement_ = "ACP-PROC-3";
  std::set<Call*> calls_;

  // Only on the loop's thread, and only while it runs.
  struct Loop;
  Loop* loop_ = nullptr;
  std::thread thread_;
};

}  // namespace acp::rpc
