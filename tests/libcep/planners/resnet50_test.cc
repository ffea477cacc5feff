// ResNet-50 at its own size: every single layer moved to the other device leaves the output's bits unchanged.
#include "libcep/planners/resnet50.h"

namespace cep {
namespace {

using namespace support;

// The output with every node on home but one; with all on home when there is no such node.
std::vector<TensorBytes> run(ResNet50Rig& rig, DeviceId home, NodeId moved) {
  Placement placement = all_on(rig.workload, home);
  const bool moves = moved < rig.workload.nodes.size();
  if (moves) placement[moved] = {{1 - home}, 0};
  const ResNet50Rig::Certified certified = rig.certified(placement);
  EXPECT_EQ(certified.devices.size(), moves ? 2u : 1u);
  auto result = rig.run({certified.attempt()});
  EXPECT_TRUE(result.has_value()) << (result ? "" : acp::to_string(result.error()));
  return result ? std::move(result->outputs) : std::vector<TensorBytes>{};
}

void expect_same_bits(ResNet50Rig& rig, DeviceId home, NodeId first, NodeId step) {
  const auto expected = run(rig, home, kNoId);
  expect_lively(expected);
  for (NodeId moved = first; moved < rig.workload.nodes.size(); moved += step)
    EXPECT_EQ(run(rig, home, moved), expected) << rig.workload.nodes[moved].name;
}

constexpr DeviceId kCpu = 0, kGpu = 1;

TEST(ResNet50, BothDevicesAlone) {
  ResNet50Rig rig({"cpu", "gpu"});
  const auto expected = run(rig, kCpu, kNoId);
  expect_lively(expected);
  EXPECT_EQ(run(rig, kGpu, kNoId), expected);
}

// Prime to the period of blocks, so that every kind of layer has its turn.
TEST(ResNet50, MovingSomeLayersLeavesTheBitsUnchanged) {
  ResNet50Rig rig({"cpu", "gpu"});
  ASSERT_EQ(rig.workload.nodes.size(), 175u);
  expect_same_bits(rig, kCpu, 0, 17);
}

TEST(ResNet50, MovingAnySingleLayerToTheGpuLeavesTheBitsUnchanged) {
  ResNet50Rig rig({"cpu", "gpu"});
  expect_same_bits(rig, kCpu, 0, 1);
}

TEST(ResNet50, MovingAnySingleLayerToTheCpuLeavesTheBitsUnchanged) {
  ResNet50Rig rig({"cpu", "gpu"});
  expect_same_bits(rig, kGpu, 0, 1);
}

}  // namespace
}  // namespace cep
