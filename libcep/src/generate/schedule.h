// The order of a pipeline: which chunk of layers is done of which micro-batch, and when.
#pragma once

#include <vector>

#include "cep/generate.h"

namespace cep::logical {

struct Task {
  std::int64_t chunk = 0;  // stage chunk % pp does it
  std::int64_t turn = 0;   // the micro-batch; in a decode loop all of a step, then all of the next
  bool backward = false;
};

// How many turns every chunk takes.
[[nodiscard]] std::int64_t turns(const LlamaShape& shape, const Partition& partition);

// One order of all tasks, in which every stage keeps its own. A task comes after the one whose result it gets: forward from the chunk
// before, backward from the chunk behind. Since it is one order, with a send next to its receive, no schedule can deadlock.
[[nodiscard]] std::vector<Task> pipeline_order(const Partition& partition, std::int64_t turns);

}  // namespace cep::logical
