// ResNet-50 at its own size on two devices: the model with drawn weights, plans of it with certificates, an image.
#pragma once

#include <cmath>
#include <set>

#include "cep/onnx.h"
#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"

namespace cep::support {

class ResNet50Rig {
 public:
  // The first device is called cpu, the second one gpu, whatever their shims.
  explicit ResNet50Rig(const std::vector<std::string>& shims) {
    OnnxImport import = import_onnx(generate_onnx("resnet50", {.seed = 11}).value()).value();
    workload = std::move(import.workload);
    weights = std::move(import.weights);
    for (const std::string& name : shims) {
      shims_.push_back(acp::Shim::load(name).value());
      devices_.push_back(shims_.back().device(0).value());
      acp::Class document = devices_.back().class_document().value();
      const char* called = targets.empty() ? "cpu" : "gpu";
      targets.push_back({{called, called, acp::sha256(acp::encode(document).value())}, std::move(document)});
    }
    for (const Tensor& tensor : workload.tensors) {
      if (tensor.kind == TensorKind::kInput) inputs.push_back(image(tensor.type));
    }
  }

  struct Certified {
    Plan plan;
    Certificate certificate;
    std::vector<acp::Device*> devices;
    [[nodiscard]] Attempt attempt() const { return {&plan, &certificate, devices}; }
  };
  [[nodiscard]] Certified certified(const Placement& placement) {
    Certified out;
    out.plan = planned(workload, targets, placement);
    Context context;
    for (const Device& device : out.plan.devices) {
      const std::size_t at = device.name == "cpu" ? 0 : 1;
      context.digests.push_back(targets[at].device.document);
      context.documents.push_back(targets[at].document);
      out.devices.push_back(&devices_[at]);
    }
    Verdict verdict = verify(workload, out.plan, context);
    EXPECT_TRUE(proved(verdict)) << describe(verdict);
    if (!proved(verdict)) return out;
    EXPECT_EQ(std::get<Proved>(verdict).guarantee, Grade::kBitwise);
    out.certificate = certify(workload, out.plan, context, std::get<Proved>(std::move(verdict)));
    return out;
  }

  // With fallbacks: further plans.
  [[nodiscard]] acp::Result<RunResult> run(const std::vector<Attempt>& attempts) {
    ACP_TRY(Session session, Session::open(workload, attempts, weights));
    return session.run(inputs, {.step_timeout_ns = 120'000'000'000});
  }

  // Another device in the first's or second's place; its document must be the same.
  void replace(std::size_t place, acp::Shim shim) {
    shims_[place] = std::move(shim);
    devices_[place] = shims_[place].device(0).value();
  }

  Workload workload;
  std::vector<TensorBytes> weights;
  std::vector<TensorBytes> inputs;
  std::vector<PlanTarget> targets;

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
};

// Equal outputs prove little when they are all one value or not numbers.
inline void expect_lively(const std::vector<TensorBytes>& outputs) {
  ASSERT_EQ(outputs.size(), 1u);
  std::set<std::uint64_t> distinct;
  const Elements elements = elements_from_bytes(outputs.front());
  for (const Value& value : elements) {
    ASSERT_TRUE(std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(value.lo))));
    distinct.insert(value.lo);
  }
  EXPECT_GT(distinct.size(), elements.size() / 2);
}

}  // namespace cep::support
