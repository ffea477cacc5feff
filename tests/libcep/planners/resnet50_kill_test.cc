// ResNet-50 over both devices in turn, while the gpu's process is killed: the cpu's plan gives the same bits, and nothing hangs.
#include "libcep/exec/doomed.h"
#include "libcep/planners/resnet50.h"

namespace cep {
namespace {

using namespace support;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kGpu = 1;
constexpr int kNever = -1, kKills = 20;

void doom_gpu(ResNet50Rig& rig, int submissions) {
  rig.replace(kGpu, doomed_shim(acp::Shim::load("gpu@process").value(), submissions));
  if (submissions == 0) kill_doomed();
}

TEST(ResNet50, AGpuKilledAfterAnyOfTwentySubmissionsCostsNoBit) {
  ResNet50Rig rig({"cpu", "gpu@process"});
  const auto placement =
      parse_placement("cep-placement 1\nalternate cpu,gpu every 4 nodes\n", rig.workload, rig.targets);
  ASSERT_TRUE(placement.has_value()) << acp::to_string(placement.error());
  const auto both = rig.certified(*placement);
  const auto alone = rig.certified(all_on(rig.workload, 0));
  ASSERT_EQ(both.devices.size(), 2u);
  const auto expected = rig.run({alone.attempt()});
  ASSERT_TRUE(expected.has_value()) << acp::to_string(expected.error());
  expect_lively(expected->outputs);

  doom_gpu(rig, kNever);
  const auto undisturbed = rig.run({both.attempt(), alone.attempt()});
  ASSERT_TRUE(undisturbed.has_value()) << acp::to_string(undisturbed.error());
  EXPECT_EQ(undisturbed->outputs, expected->outputs);
  EXPECT_TRUE(undisturbed->lost.empty());
  const int submissions = doomed.count;
  ASSERT_GT(submissions, kKills);
  RecordProperty("gpu_submissions", submissions);

  for (int kill = 0; kill < kKills; ++kill) {
    const int n = kill * submissions / kKills;
    SCOPED_TRACE(std::to_string(n) + " of " + std::to_string(submissions));
    doom_gpu(rig, n);
    const auto begin = Clock::now();
    const auto result = rig.run({both.attempt(), alone.attempt()});
    EXPECT_LT(Clock::now() - begin, 240s);
    ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, expected->outputs);
    ASSERT_EQ(result->lost.size(), 1u);
    EXPECT_EQ(result->lost[0].family, acp::Family::kEnvironment) << acp::to_string(result->lost[0]);
    if (n % 2 == 0) continue;
    const auto without = rig.run({both.attempt()});
    ASSERT_FALSE(without.has_value());
    EXPECT_EQ(without.error().family, acp::Family::kEnvironment) << acp::to_string(without.error());
  }
}

}  // namespace
}  // namespace cep
