// ResNet-50 at its own size: every single layer moved to the other device leaves the output's bits unchanged.
#include <cmath>
#include <set>

#include "cep/onnx.h"
#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"

namespace cep {
namespace {

using namespace support;

// The model with drawn weights, an input, and both devices.
class Rig {
 public:
  Rig() {
    OnnxImport import = import_onnx(generate_onnx("resnet50", {.seed = 11}).value()).value();
    workload = std::move(import.workload);
    weights = std::move(import.weights);
    for (const char* name : {"cpu", "gpu"}) {
      shims_.push_back(acp::Shim::load(name).value());
      devices_.push_back(shims_.back().device(0).value());
      acp::Class document = devices_.back().class_document().value();
      targets_.push_back({{name, name, acp::sha256(acp::encode(document).value())}, std::move(document)});
    }
    for (const Tensor& tensor : workload.tensors) {
      if (tensor.kind == TensorKind::kInput) inputs_.push_back(image(tensor.type));
    }
  }

  // The output with every node on home but one; with all on home when there is no such node.
  std::vector<TensorBytes> run(DeviceId home, NodeId moved) {
    Placement placement = all_on(workload, home);
    if (moved < workload.nodes.size()) placement[moved] = {{1 - home}, 0};
    const Plan plan = planned(workload, targets_, placement);
    Context context;
    std::vector<acp::Device*> devices;
    for (const Device& device : plan.devices) {
      const std::size_t at = device.name == "cpu" ? 0 : 1;
      context.digests.push_back(targets_[at].device.document);
      context.documents.push_back(targets_[at].document);
      devices.push_back(&devices_[at]);
    }
    Verdict verdict = verify(workload, plan, context);
    EXPECT_TRUE(proved(verdict)) << describe(verdict);
    if (!proved(verdict)) return {};
    EXPECT_EQ(std::get<Proved>(verdict).guarantee, Grade::kBitwise);
    EXPECT_EQ(devices.size(), moved < workload.nodes.size() ? 2u : 1u);
    const Certificate certificate = certify(workload, plan, context, std::get<Proved>(std::move(verdict)));
    auto session = Session::open(workload, plan, certificate, devices, weights);
    EXPECT_TRUE(session.has_value()) << (session ? "" : acp::to_string(session.error()));
    if (!session) return {};
    auto result = session->run(inputs_, {.step_timeout_ns = 120'000'000'000});
    EXPECT_TRUE(result.has_value()) << (result ? "" : acp::to_string(result.error()));
    return result ? std::move(result->outputs) : std::vector<TensorBytes>{};
  }

  Workload workload;
  std::vector<TensorBytes> weights;

 private:
  static TensorBytes image(const TensorType& type) {
    Elements elements;
    elements.reserve(static_cast<std::size_t>(volume(type.dims)));
    std::uint64_t state = 1;
    for (std::int64_t i = 0; i < volume(type.dims); ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const float unit = static_cast<float>(static_cast<std::int32_t>(state >> 32) >> 8) * 0x1p-23f;
      elements.push_back({std::bit_cast<std::uint32_t>(unit), Value::kConcrete});
    }
    return bytes_from_elements(type, elements);
  }

  std::deque<acp::Shim> shims_;
  std::deque<acp::Device> devices_;
  std::vector<PlanTarget> targets_;
  std::vector<TensorBytes> inputs_;
};

// Equal outputs prove little when they are all one value or not numbers.
void expect_lively(const std::vector<TensorBytes>& outputs) {
  ASSERT_EQ(outputs.size(), 1u);
  std::set<std::uint64_t> distinct;
  const Elements elements = elements_from_bytes(outputs.front());
  for (const Value& value : elements) {
    ASSERT_TRUE(std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(value.lo))));
    distinct.insert(value.lo);
  }
  EXPECT_GT(distinct.size(), elements.size() / 2);
}

void expect_same_bits(Rig& rig, DeviceId home, NodeId first, NodeId step) {
  const auto expected = rig.run(home, kNoId);
  expect_lively(expected);
  for (NodeId moved = first; moved < rig.workload.nodes.size(); moved += step)
    EXPECT_EQ(rig.run(home, moved), expected) << rig.workload.nodes[moved].name;
}

constexpr DeviceId kCpu = 0, kGpu = 1;

TEST(ResNet50, BothDevicesAlone) {
  Rig rig;
  const auto expected = rig.run(kCpu, kNoId);
  expect_lively(expected);
  EXPECT_EQ(rig.run(kGpu, kNoId), expected);
}

// Prime to the period of blocks, so that every kind of layer has its turn.
TEST(ResNet50, MovingSomeLayersLeavesTheBitsUnchanged) {
  Rig rig;
  ASSERT_EQ(rig.workload.nodes.size(), 175u);
  expect_same_bits(rig, kCpu, 0, 17);
}

TEST(ResNet50, MovingAnySingleLayerToTheGpuLeavesTheBitsUnchanged) {
  Rig rig;
  expect_same_bits(rig, kCpu, 0, 1);
}

TEST(ResNet50, MovingAnySingleLayerToTheCpuLeavesTheBitsUnchanged) {
  Rig rig;
  expect_same_bits(rig, kGpu, 0, 1);
}

}  // namespace
}  // namespace cep
