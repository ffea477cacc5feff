// The order of a pipeline with several chunks a stage.
#include "generate/schedule.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace cep::logical {
namespace {

// Every chunk does every turn once each way, whatever the sizes: the stages' orders fit together.
TEST(Schedule, InterleavedSchedulesComeToTheirEnd) {
  for (const Schedule schedule : {Schedule::kOneForwardOneBackward, Schedule::kAllForwardFirst})
    for (std::int64_t pp = 1; pp <= 5; ++pp)
      for (std::int64_t chunks = 1; chunks <= 4; ++chunks)
        for (std::int64_t groups = 1; groups <= 4; ++groups) {
          const Partition partition{
              .pp = pp, .interleave = chunks, .micro_batches = pp * groups, .schedule = schedule};
          std::set<std::array<std::int64_t, 3>> tasks;
          for (const Task& task : pipeline_order(partition, pp * groups))
            tasks.insert({task.chunk, task.turn, task.backward ? 1 : 0});
          EXPECT_EQ(tasks.size(), static_cast<std::size_t>(2 * pp * chunks * pp * groups)) << pp << chunks;
        }
}

// Two stages with two chunks each, four micro-batches: the order of Megatron-LM's interleaved schedule, worked out by hand. The first stage
// does 2 (2 - 1) + 2 = 4 forwards before it does a forward and a backward in turn, the second 2.
TEST(Schedule, InterleavedScheduleByHand) {
  const Partition partition{.pp = 2, .interleave = 2, .micro_batches = 4};
  std::string orders[2];
  for (const Task& task : pipeline_order(partition, 4))
    orders[task.chunk % 2] +=
        (task.backward ? " b" : " f") + std::to_string(task.chunk) + std::to_string(task.turn);
  EXPECT_EQ(orders[0], " f00 f01 f20 f21 f02 b20 f03 b21 f22 b00 f23 b01 b22 b23 b02 b03");
  EXPECT_EQ(orders[1], " f10 f11 f30 b30 f31 b31 f12 b10 f13 b11 f32 b32 f33 b33 b12 b13");
}

}  // namespace
}  // namespace cep::logical
