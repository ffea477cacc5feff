#include "generate/schedule.h"

#include <algorithm>

namespace cep::logical {

namespace {

enum class Direction : std::uint8_t { kForward, kBackward };

// A stage's tasks in one direction: as many turns as there are stages with its first chunk, the same ones with its next, and so on; backward
// with its last chunk first. With one chunk that is turn after turn.
std::vector<Task> one_direction(const Partition& partition, std::int64_t turns, std::int64_t stage,
                                Direction direction) {
  const std::int64_t stages = partition.pp, chunks = partition.interleave;
  const bool backward = direction == Direction::kBackward;
  std::vector<Task> tasks;
  tasks.reserve(static_cast<std::size_t>(turns * chunks));
  for (std::int64_t first = 0; first < turns; first += stages)
    for (std::int64_t c = 0; c < chunks; ++c)
      for (std::int64_t turn = first; turn < std::min(first + stages, turns); ++turn)
        tasks.push_back({(backward ? chunks - 1 - c : c) * stages + stage, turn, backward});
  return tasks;
}

// How many forwards a stage does before its first backward.
std::int64_t forwards_ahead(const Partition& partition, std::int64_t stage) {
  const std::int64_t behind = partition.pp - 1 - stage, chunks = partition.interleave;
  return chunks == 1 ? behind + 1 : 2 * behind + (chunks - 1) * partition.pp + 1;
}

// What one stage does, in its order.
std::vector<Task> stage_order(const Partition& partition, std::int64_t turns, std::int64_t stage) {
  std::vector<Task> tasks = one_direction(partition, turns, stage, Direction::kForward);
  if (partition.step != Step::kTraining) return tasks;
  const std::vector<Task> forwards = tasks,
                          backwards = one_direction(partition, turns, stage, Direction::kBackward);
  const auto all = static_cast<std::ptrdiff_t>(forwards.size());
  auto next = forwards.begin() + (partition.schedule == Schedule::kOneForwardOneBackward
                                      ? std::min<std::ptrdiff_t>(forwards_ahead(partition, stage), all)
                                      : all);
  tasks.assign(forwards.begin(), next);
  tasks.reserve(2 * forwards.size());
  for (const Task& backward : backwards) {
    tasks.push_back(backward);
    if (next != forwards.end()) tasks.push_back(*next++);
  }
  return tasks;
}

}  // namespace

std::int64_t turns(const LlamaShape& shape, const Partition& partition) {
  return partition.micro_batches * (partition.step == Step::kDecoding ? shape.decoding.steps : 1);
}

std::vector<Task> pipeline_order(const Partition& partition, std::int64_t turns) {
  std::vector<std::vector<Task>> queues;
  queues.reserve(static_cast<std::size_t>(partition.pp));
  for (std::int64_t s = 0; s < partition.pp; ++s) queues.push_back(stage_order(partition, turns, s));
  struct Progress {
    std::int64_t forward = 0, backward = 0;  // turns done
  };
  std::vector<Progress> done(static_cast<std::size_t>(partition.pp * partition.interleave));
  std::vector<std::size_t> next(queues.size(), 0);
  std::vector<Task> order;
  for (bool moved = true; moved;) {
    moved = false;
    const std::vector<Progress> before = done;  // a tick: what is ready at its beginning
    for (std::size_t s = 0; s < queues.size(); ++s) {
      if (next[s] == queues[s].size()) continue;
      const Task& task = queues[s][next[s]];
      const auto chunk = static_cast<std::size_t>(task.chunk);
      const bool last = chunk + 1 == done.size();
      const bool ready = !task.backward ? chunk == 0 || before[chunk - 1].forward > task.turn
                         : last         ? before[chunk].forward > task.turn
                                        : before[chunk + 1].backward > task.turn;
      if (!ready) continue;
      order.push_back(task);
      ++next[s];
      ++(task.backward ? done[chunk].backward : done[chunk].forward);
      moved = true;
    }
  }
  return order;
}

}  // namespace cep::logical
