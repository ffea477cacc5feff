// Plans on the bundled shims: devices, their documents, a certificate, inputs with every kind of number in them.
#pragma once

#include <bit>
#include <deque>

#include "acp/wire.h"
#include "cep/exec.h"
#include "support/verify_text.h"

namespace cep::support {

class OnShims {
 public:
  OnShims(Workload workload_in, Plan plan_in, const std::vector<std::string>& names)
      : workload(std::move(workload_in)), plan(std::move(plan_in)) {
    for (const std::string& name : names) {
      auto shim = acp::Shim::load(name);
      EXPECT_TRUE(shim.has_value()) << (shim ? "" : acp::to_string(shim.error()));
      add(std::move(shim).value());
    }
    certify_plan();
  }

  // Another shim's device in this place, for instance one with slots replaced.
  void replace(std::size_t place, const acp::Shim& shim) { owned_[place] = shim.device(0).value(); }

  [[nodiscard]] acp::Result<RunResult> run(const std::vector<TensorBytes>& inputs,
                                           const RunOptions& options = {}) {
    return run_plan(workload, plan, certificate, devices(), inputs, options);
  }
  [[nodiscard]] std::vector<acp::Device*> devices() {
    std::vector<acp::Device*> devices;
    for (acp::Device& device : owned_) devices.push_back(&device);
    return devices;
  }
  // This plan, as one of several.
  [[nodiscard]] Attempt attempt() { return {&plan, &certificate, devices()}; }

  Workload workload;
  Plan plan;
  Certificate certificate;
  Context context;  // of its devices
  std::vector<acp::Shim> shims;

 private:
  void add(acp::Shim shim) {
    owned_.push_back(shim.device(0).value());
    shims.push_back(std::move(shim));
  }

  void certify_plan() {
    for (std::size_t i = 0; i < owned_.size(); ++i) {
      acp::Class document = owned_[i].class_document().value();
      context.digests.push_back(acp::sha256(acp::encode(document).value()));
      context.documents.push_back(std::move(document));
      plan.devices[i].document = context.digests[i];
    }
    plan.workload = digest_of(workload);
    Verdict verdict = verify(workload, plan, context);
    EXPECT_TRUE(proved(verdict)) << describe(verdict);
    if (proved(verdict)) certificate = certify(workload, plan, context, std::get<Proved>(std::move(verdict)));
  }

  std::deque<acp::Device> owned_;
};

// Small numbers, both zeros, subnormals, infinities and NaN now and then; integers stay small.
inline std::vector<TensorBytes> some_inputs(const Workload& workload, std::uint32_t seed) {
  constexpr std::uint32_t kSpecial[] = {0x80000000u, 0x00000001u, 0x7f800000u,
                                        0x7fc00000u, 0x3f800000u, 0x4b800000u};
  std::vector<TensorBytes> inputs;
  std::uint32_t state = seed * 2654435761u + 1;
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.kind != TensorKind::kInput && tensor.kind != TensorKind::kWeight) continue;
    Elements elements;
    for (std::int64_t i = 0; i < volume(tensor.type.dims); ++i) {
      state = state * 1664525u + 1013904223u;
      const auto small = static_cast<float>(static_cast<std::int32_t>(state) >> 8) * 0x1p-20f;
      std::uint64_t bits = std::bit_cast<std::uint32_t>(small);
      if (state % 97 == 0) bits = kSpecial[(state >> 8) % std::size(kSpecial)];
      if (tensor.type.dtype != Dtype::kF32) bits = (state >> 16) % 2;
      elements.push_back({bits, Value::kConcrete});
    }
    inputs.push_back(bytes_from_elements(tensor.type, elements));
  }
  return inputs;
}

}  // namespace cep::support
