#include "generate/schedule.h"

#include <algorithm>

namespace cep::logical {

namespace {

// What one stage does, in its order.
std::vector<Task> stage_order(const Partition& partition, std::int64_t stage) {
  const std::int64_t batches = partition.micro_batches;
  const bool training = partition.step == Step::kTraining;
  const std::int64_t ahead = training && partition.schedule == Schedule::kOneForwardOneBackward
                                 ? std::min(partition.pp - stage, batches)
                                 : batches;
  std::vector<Task> tasks;
  tasks.reserve(static_cast<std::size_t>(2 * batches));
  for (std::int64_t m = 0; m < ahead; ++m) tasks.push_back({stage, m, false});
  for (std::int64_t m = 0; training && m < batches; ++m) {
    tasks.push_back({stage, m, true});
    if (ahead + m < batches) tasks.push_back({stage, ahead + m, false});
  }
  return tasks;
}

}  // namespace

std::vector<Task> pipeline_order(const Partition& partition) {
  std::vector<std::vector<Task>> queues;
  queues.reserve(static_cast<std::size_t>(partition.pp));
  for (std::int64_t s = 0; s < partition.pp; ++s) queues.push_back(stage_order(partition, s));
  struct Progress {
    std::size_t next = 0;
    std::int64_t forward = 0, backward = 0;  // micro-batches done
  };
  std::vector<Progress> done(queues.size());
  std::vector<Task> order;
  for (bool moved = true; moved;) {
    moved = false;
    const std::vector<Progress> before = done;  // a tick: what is ready at its beginning
    for (std::size_t s = 0; s < queues.size(); ++s) {
      if (before[s].next == queues[s].size()) continue;
      const Task& task = queues[s][before[s].next];
      const bool ready = task.backward ? s + 1 == queues.size() || before[s + 1].backward > task.micro_batch
                                       : s == 0 || before[s - 1].forward > task.micro_batch;
      if (!ready) continue;
      order.push_back(task);
      ++done[s].next;
      ++(task.backward ? done[s].backward : done[s].forward);
      moved = true;
    }
  }
  return order;
}

}  // namespace cep::logical
