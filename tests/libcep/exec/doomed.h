// A shim in a process of its own, which is killed after a number of submissions.
#pragma once

#include <sys/types.h>

#include <csignal>

#include "acp/host.h"

namespace cep::support {

// One at a time: a shim's slots are plain functions.
struct Doomed {
  decltype(acp_shim::queue_submit) submit = nullptr;
  pid_t process = 0;
  int left = 0;   // submissions until its end
  int count = 0;  // submissions so far
};
inline Doomed doomed;

inline void kill_doomed() { ::kill(doomed.process, SIGKILL); }

// The shim, whose process ends right after that many submissions; 0: that is left to kill_doomed().
inline acp::Shim doomed_shim(const acp::Shim& shim, int submissions) {
  acp_shim slots = shim.slots();
  doomed = {slots.queue_submit, static_cast<pid_t>(shim.process_id()), submissions, 0};
  slots.queue_submit = [](void* self, acp_queue* queue, const acp_submission* submission,
                          acp_status* status) -> std::uint16_t {
    const std::uint16_t family = doomed.submit(self, queue, submission, status);
    ++doomed.count;
    if (--doomed.left == 0) kill_doomed();
    return family;
  };
  return shim.with_slots(slots);
}

}  // namespace cep::support
