// Signals and waits: no more than the dependencies need.
#include <algorithm>

#include "planners/draft.h"

namespace cep::planners {

Synchronisation synchronise(const Draft& draft, std::size_t targets) {
  const std::size_t count = draft.tasks.size();
  Synchronisation out{std::vector<std::vector<TaskId>>(count), std::vector<bool>(count, false)};
  // known[q][p]: the last task of queue p that is over before whatever queue q does next. One queue per target.
  std::vector<std::vector<TaskId>> known(targets, std::vector<TaskId>(targets, 0));
  std::vector<std::vector<TaskId>> at_end(
      count);  // the same, of a signalled task's queue, when the task is over
  for (TaskId task = 1; task <= count; ++task) {
    const DeviceId queue = draft.tasks[task - 1].target;
    std::vector<TaskId> after = draft.tasks[task - 1].after;
    // Latest first: what it implies needs no wait of its own.
    std::sort(after.begin(), after.end(), std::greater<>());
    for (const TaskId before : after) {
      const DeviceId other = draft.tasks[before - 1].target;
      if (other == queue || known[queue][other] >= before) continue;
      out.waits[task - 1].push_back(before);
      out.signalled[before - 1] = true;
      for (std::size_t q = 0; q < targets; ++q)
        known[queue][q] = std::max(known[queue][q], at_end[before - 1][q]);
    }
    known[queue][queue] = task;
    at_end[task - 1] = known[queue];
  }
  return out;
}

}  // namespace cep::planners
