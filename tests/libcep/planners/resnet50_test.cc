// At the size of ResNet-50: every single layer moved to the other device leaves the output's bits unchanged.
#include <cmath>

#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"
#include "support/residual_network.h"

namespace cep {
namespace {

using namespace support;

// Weights of a variance that keeps activations in range through all layers, small biases, an input in [-1, 1).
std::vector<TensorBytes> tame_inputs(const Workload& workload) {
  std::vector<TensorBytes> out;
  std::uint64_t state = 1;
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.kind != TensorKind::kInput && tensor.kind != TensorKind::kWeight) continue;
    const Dims& dims = tensor.type.dims;
    const auto fan_in = static_cast<double>(volume(dims) / std::max<std::int64_t>(1, dims.front()));
    double scale = tensor.kind == TensorKind::kInput ? 1.0 : std::sqrt(6.0 / fan_in);
    if (dims.size() == 1) scale = 0.01;
    if (dims.size() == 2) scale = std::sqrt(3.0 / static_cast<double>(dims.front()));
    Elements elements;
    elements.reserve(static_cast<std::size_t>(volume(dims)));
    for (std::int64_t i = 0; i < volume(dims); ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const double unit = static_cast<double>(static_cast<std::int64_t>(state) >> 11) * 0x1p-52;
      elements.push_back({std::bit_cast<std::uint32_t>(static_cast<float>(unit * scale)), Value::kConcrete});
    }
    out.push_back(bytes_from_elements(tensor.type, elements));
  }
  return out;
}

// Proves little if it is all one value or not a number.
void expect_lively(const TensorBytes& output) {
  const Elements elements = elements_from_bytes(output);
  std::size_t distinct = 0;
  for (const Value& value : elements) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(value.lo));
    ASSERT_TRUE(std::isfinite(x));
    distinct += value.lo != elements.front().lo;
  }
  EXPECT_GT(distinct, elements.size() / 2);
}

TEST(ResNet50, MovingAnySingleLayerLeavesTheBitsUnchanged) {
  const Workload workload = resnet50_structure();
  std::vector<PlanTarget> targets(2);
  const std::vector<std::string> shims = {"cpu", "template"};
  for (std::size_t i = 0; i < 2; ++i) {
    targets[i].device = {"d" + std::to_string(i), shims[i], acp::Digest{}};
    targets[i].document = acp::Shim::load(shims[i]).value().device(0).value().class_document().value();
  }
  const auto inputs = tame_inputs(workload);
  const auto expected = run_reference(workload, inputs).value();
  expect_lively(expected.front());
  for (NodeId moved = 0; moved <= workload.nodes.size(); ++moved) {
    Placement placement = all_on(workload, 0);
    if (moved < workload.nodes.size()) placement[moved] = {{1}, 0};
    const Plan plan = planned(workload, targets, placement);
    OnShims on(workload, plan, moved < workload.nodes.size() ? shims : std::vector<std::string>{"cpu"});
    const auto result = on.run(inputs, {.step_timeout_ns = 300'000'000'000});
    ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, expected)
        << (moved < workload.nodes.size() ? workload.nodes[moved].name : "none moved");
  }
}

}  // namespace
}  // namespace cep
