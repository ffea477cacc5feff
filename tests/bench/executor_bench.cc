// What the executor adds to a step: chains of tiny nodes on one device, and to and fro between two. The peer in the same run is the
// shim itself, driven without an executor. And what planning and verifying a network of ResNet-50's structure cost.
#include <benchmark/benchmark.h>

#include "acp/wire.h"
#include "beside.h"
#include "cep/exec.h"
#include "cep/planner.h"
#include "support/residual_network.h"
#include "tools/cep-check/check.h"

namespace {

using namespace cep;

struct OnDevices {
  std::vector<acp::Device> devices;
  std::vector<PlanTarget> targets;
  Context context;

  explicit OnDevices(const std::vector<std::string>& shims) {
    devices.reserve(shims.size());
    for (const std::string& shim : shims) {
      devices.push_back(acp::Shim::load(shim).value().device(0).value());
      PlanTarget target;
      target.document = devices.back().class_document().value();
      target.device = {"d" + std::to_string(targets.size()), shim,
                       acp::sha256(acp::encode(target.document).value())};
      context.documents.push_back(target.document);
      context.digests.push_back(target.device.document);
      targets.push_back(std::move(target));
    }
  }
  std::vector<acp::Device*> handles() {
    std::vector<acp::Device*> out;
    for (acp::Device& device : devices) out.push_back(&device);
    return out;
  }
};

TensorBytes zeros(const TensorType& type) {
  return {type, std::vector<std::byte>(static_cast<std::size_t>(volume(type.dims) * size_bytes(type.dtype)))};
}

Workload chain(int nodes) {
  support::Network net("chain");
  TensorId x = net.input({1, 1, 4, 4});
  for (int i = 0; i < nodes; ++i) x = net.relu(x);
  net.output(x);
  return std::move(net).finish();
}

void run_chain(benchmark::State& state, const std::vector<std::string>& shims) {
  const Workload w = chain(256);
  OnDevices on(shims);
  Placement placement;
  for (std::uint32_t node = 0; node < w.nodes.size(); ++node)
    placement.push_back({{node % static_cast<std::uint32_t>(shims.size())}, 0});
  const Plan plan = plan_workload(w, on.targets, placement).value();
  const Certificate certificate = certify(w, plan, on.context, std::get<Proved>(verify(w, plan, on.context)));
  Session session = Session::open(w, plan, certificate, on.handles(), {}).value();
  const std::vector<TensorBytes> inputs = {zeros(w.tensors[w.inputs[0]].type)};
  for (auto _ : state) {
    if (!session.run(inputs)) state.SkipWithError("failed");
  }
  state.counters["steps"] = static_cast<double>(plan.steps.size());
  state.counters["per_step"] =
      benchmark::Counter(static_cast<double>(plan.steps.size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
void BM_steps_on_one_device(benchmark::State& state) { run_chain(state, {"cpu"}); }
void BM_steps_to_and_fro(benchmark::State& state) { run_chain(state, {"cpu", "cpu"}); }

// The same launches, each waited for, without an executor.
void BM_launches_alone(benchmark::State& state) {
  const Workload w = chain(1);
  OnDevices on({"cpu"});
  const acp::Device& device = on.devices[0];
  const acp::Memory memory = device.allocate(1024, 64).value();
  const acp::Executable executable = device.compile(node_region(w, 0).value().view()).value();
  const acp::Queue queue = device.create_queue().value();
  const acp::Timeline timeline = device.create_timeline().value();
  acp::Submission submission;
  submission.launches = {{&executable, {{&memory, 0}, {&memory, 512}}}};
  submission.signals = {{&timeline, 0}};
  for (auto _ : state) {
    for (int i = 0; i < 256; ++i) {
      const std::uint64_t value = ++submission.signals.front().value;
      if (!queue.submit(submission) || !timeline.wait(value, UINT64_MAX)) state.SkipWithError("failed");
    }
  }
  state.counters["per_step"] =
      benchmark::Counter(256, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

const Workload& network() {
  static const Workload w = support::resnet50_structure();
  return w;
}
Placement alternating(const Workload& w) {
  Placement placement;
  for (std::uint32_t node = 0; node < w.nodes.size(); ++node) placement.push_back({{node / 8 % 2}, 0});
  return placement;
}

void BM_plan_network(benchmark::State& state) {
  OnDevices on({"cpu", "template"});
  for (auto _ : state) {
    if (!plan_workload(network(), on.targets, alternating(network()))) state.SkipWithError("refused");
  }
}
void BM_verify_network(benchmark::State& state) {
  OnDevices on({"cpu", "template"});
  const Plan plan = plan_workload(network(), on.targets, alternating(network())).value();
  for (auto _ : state) {
    if (!std::holds_alternative<Proved>(verify(network(), plan, on.context)))
      state.SkipWithError("not proved");
  }
  state.counters["steps"] = static_cast<double>(plan.steps.size());
}
// The checker beside the verifier that writes the certificate: both hash workload, plan and rules.
void BM_check_network(benchmark::State& state) {
  OnDevices on({"cpu", "template"});
  const Plan plan = plan_workload(network(), on.targets, alternating(network())).value();
  const Certificate certificate =
      certify(network(), plan, on.context, std::get<Proved>(verify(network(), plan, on.context)));
  beside(
      state,
      [&] {
        Verdict verdict = verify(network(), plan, on.context);
        auto* proof = std::get_if<Proved>(&verdict);
        if (proof != nullptr)
          benchmark::DoNotOptimize(certify(network(), plan, on.context, std::move(*proof)));
        return proof != nullptr;
      },
      [&] { return cep_check::check(network(), plan, certificate, on.context).has_value(); });
  state.counters["steps"] = static_cast<double>(plan.steps.size());
}

// One run of it on the cpu shim, weights in place. Zeros cost what other numbers cost.
void BM_run_network(benchmark::State& state) {
  const Workload& w = network();
  OnDevices on({"cpu"});
  const Plan plan = plan_workload(w, on.targets, Placement(w.nodes.size(), {{0}, 0})).value();
  const Certificate certificate = certify(w, plan, on.context, std::get<Proved>(verify(w, plan, on.context)));
  std::vector<TensorBytes> weights;
  for (const Tensor& tensor : w.tensors) {
    if (tensor.kind == TensorKind::kWeight) weights.push_back(zeros(tensor.type));
  }
  Session session = Session::open(w, plan, certificate, on.handles(), weights).value();
  weights = {};
  const std::vector<TensorBytes> inputs = {zeros(w.tensors[w.inputs[0]].type)};
  for (auto _ : state) {
    if (!session.run(inputs)) state.SkipWithError("failed");
  }
  state.counters["arena_bytes"] = static_cast<double>(plan.arenas[0].size_bytes);
}

// The time of all threads together: on a shared machine the only one that means something.
BENCHMARK(BM_launches_alone)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(BM_steps_on_one_device)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(BM_steps_to_and_fro)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(BM_run_network)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(BM_plan_network)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_verify_network)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_check_network)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
