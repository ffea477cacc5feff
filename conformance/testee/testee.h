// Testee: how a shim is reached. Every question is asked in a process of its own, so that whatever the shim does to it costs
// one answer and nothing else.
//
// Life     ask() forks, the child opens the shim, answers, closes it and ends; nothing of the shim is ever loaded here.
// Spec     ACP 7.3, ACP-CONF-13.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "acp/host.h"

namespace conformance {

struct Testee {
  std::string name;  // for people: a short name, a path, a mutant of either
  // Called in the child only.
  std::function<acp::Result<acp::Shim>()> open;
};

// The shim that `name_or_path` names (acp::Shim::load).
[[nodiscard]] Testee testee_of(const std::string& name_or_path);

enum class End : std::uint8_t {
  kAnswered,  // text is the answer
  kCrashed,   // the process ended before it answered: text says how
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
