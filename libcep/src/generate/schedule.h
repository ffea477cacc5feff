// The order of a pipeline: which stage does what of which micro-batch.
#pragma once

#include <vector>

#include "cep/generate.h"

namespace cep::logical {

struct Task {
  std::int64_t stage = 0;
  std::int64_t micro_batch = 0;
  bool backward = false;
};

// One order of all tasks, in which every stage keeps its own. A task comes after the one whose result it gets: forward from the stage
// before, backward from the stage behind. Since it is one order, with a send next to its receive, no schedule can deadlock.
[[nodiscard]] std::vector<Task> pipeline_order(const Partition& partition);

}  // namespace cep::logical
