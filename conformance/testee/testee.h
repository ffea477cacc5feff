// Testee: how a shim is reached. Every question is asked in a process of its own, so that whatever the shim does to it costs
// one answer and nothing else.
//
// Life     ask() forks, the child opens the shim in another process of its own (acp-shim-host), answers, closes it and ends; nothing
//          of the shim is ever loaded here, and the case runs where the shim can't touch it.
// Spec     ACP 7.3, ACP-CONF-13.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "acp/host.h"

namespace conformance {

// How a shim's process ended, when nobody asked it to.
class Ending {
 public:
  void note(std::string_view how);
  [[nodiscard]] std::string words() const;

 private:
  mutable std::mutex mutex_;
  std::string how_;
};

struct Testee {
  std::string name;  // for people: a short name, a path, a mutant of either
  // Called in the child only.
  std::function<acp::Result<acp::Shim>()> open;
  std::shared_ptr<Ending> ending = std::make_shared<Ending>();
};

// The shim that `name_or_path` names (acp::Shim::load), in a process of its own.
[[nodiscard]] Testee testee_of(const std::string& name_or_path);

enum class End : std::uint8_t {
  kAnswered,  // text is the answer
  kCrashed,   // the shim's process, or the one that asks it, ended before the answer: text says how
  kHung,      // it was ended when its time was over
  kBroken,    // no process could be made, or the question itself threw
};
struct Reply {
  End end = End::kBroken;
  std::string text;
};

// Asks a question of a freshly opened shim. The error, when it can't be opened, reaches the question too.
//
// Threads  one at a time; the calling process should have no other threads.
// Why      a fork, not a thread: a crash, a hang or a damaged heap must not reach the next case.
[[nodiscard]] Reply ask(const Testee& testee, std::chrono::milliseconds limit,
                        const std::function<std::string(const acp::Result<acp::Shim>&)>& question);

}  // namespace conformance
