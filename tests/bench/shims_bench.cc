// One matrix product and one convolution on each shim, beside the reference interpreter in the same run: what following the canonical orders costs where.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>

#include "acp/host.h"
#include "cep/interp.h"
#include "cep/op.h"

namespace {

using namespace cep;

Region product(std::int64_t n, Order order) {
  const TensorType square{Dtype::kF32, {n, n}};
  OpContext context;
  context.inputs = {square, square};
  context.order = order;
  return build_region(*find_op("ai.onnx", "MatMul"), context).value();
}

// A 3x3 layer of ResNet-50: c channels in and out, side x side, padding 1.
Region convolution(std::int64_t channels, std::int64_t side) {
  OpContext context;
  const TensorType x{Dtype::kF32, {1, channels, side, side}}, w{Dtype::kF32, {channels, channels, 3, 3}};
  context.inputs = {x, w};
  const Attribute pads[] = {{"pads", Dims{1, 1, 1, 1}}};
  context.attributes = pads;
  context.order = {OrderKind::kChain, 0};
  return build_region(*find_op("ai.onnx", "Conv"), context).value();
}

Order order_of(std::int64_t kind) {
  const bool blocked = kind == ACP_ORDER_BLOCKED_TREE || kind == ACP_ORDER_BLOCKED_INDEX;
  return {static_cast<OrderKind>(kind), blocked ? 256u : 0u};
}

void report(benchmark::State& state, std::int64_t macs) {
  state.counters["MAC/s"] =
      benchmark::Counter(static_cast<double>(macs), benchmark::Counter::kIsIterationInvariantRate);
}

void BM_interpreter(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const Region region = product(n, order_of(state.range(1)));
  Elements a(static_cast<std::size_t>(n * n), Value{0x3f800000u, Value::kConcrete}), b = a, y = a;
  for (auto _ : state) {
    if (!interpret(region, Domain::kBits, {&a, &b, &y})) state.SkipWithError("refused");
  }
  report(state, n * n * n);
}

// Operands of `floats` elements at most.
void on_shim(benchmark::State& state, const char* name, const Region& region, std::int64_t floats,
             std::int64_t macs) {
  const auto bytes = static_cast<std::uint64_t>(floats * 4);
  const acp::Device device = acp::Shim::load(name).value().device(0).value();
  const acp::Memory memory = device.allocate(3 * bytes, 64).value();
  const std::vector<float> ones(static_cast<std::size_t>(floats), 1.0f);
  for (std::uint64_t i = 0; i < 3; ++i) (void)memory.write(i * bytes, std::as_bytes(std::span(ones)));
  const acp::Executable executable = device.compile(region.view()).value();
  const acp::Queue queue = device.create_queue().value();
  const acp::Timeline timeline = device.create_timeline().value();
  std::uint64_t done = 0;
  const auto launch = [&] {
    acp::Submission submission;
    submission.launches = {{&executable, {{&memory, 0}, {&memory, bytes}, {&memory, 2 * bytes}}}};
    submission.signals = {{&timeline, ++done}};
    if (!queue.submit(submission) || !timeline.wait(done, UINT64_MAX)) state.SkipWithError("failed");
  };
  launch();  // an OpenCL platform may finish compiling at the first launch
  for (auto _ : state) launch();
  report(state, macs);
}
void product_on(benchmark::State& state, const char* name) {
  const std::int64_t n = state.range(0);
  on_shim(state, name, product(n, order_of(state.range(1))), n * n, n * n * n);
}
void convolution_on(benchmark::State& state, const char* name) {
  const std::int64_t channels = state.range(0), side = state.range(1);
  const std::int64_t weights = channels * channels * 9;
  on_shim(state, name, convolution(channels, side), std::max(weights, channels * side * side),
          weights * side * side);
}
void BM_template(benchmark::State& state) { product_on(state, "template"); }
void BM_cpu(benchmark::State& state) { product_on(state, "cpu"); }
void BM_gpu(benchmark::State& state) { product_on(state, "gpu"); }
void BM_cpu_conv(benchmark::State& state) { convolution_on(state, "cpu"); }
void BM_gpu_conv(benchmark::State& state) { convolution_on(state, "gpu"); }

// What a step costs that computes almost nothing: submit, wait, status; the shim in this process or in one of its own.
void step_on(benchmark::State& state, const char* name) {
  const Region region = product(1, order_of(ACP_ORDER_CHAIN));
  const acp::Device device = acp::Shim::load(name).value().device(0).value();
  const acp::Memory memory = device.allocate(192, 64).value();
  const acp::Executable executable = device.compile(region.view()).value();
  const acp::Queue queue = device.create_queue().value();
  const acp::Timeline timeline = device.create_timeline().value();
  std::uint64_t done = 0;
  for (auto _ : state) {
    acp::Submission submission;
    submission.launches = {{&executable, {{&memory, 0}, {&memory, 64}, {&memory, 128}}}};
    submission.signals = {{&timeline, ++done}};
    if (!queue.submit(submission) || !timeline.wait(done, UINT64_MAX) || !queue.status())
      state.SkipWithError("failed");
  }
}
// One of the three calls alone.
void status_on(benchmark::State& state, const char* name) {
  const acp::Device device = acp::Shim::load(name).value().device(0).value();
  const acp::Queue queue = device.create_queue().value();
  for (auto _ : state) {
    if (!queue.status()) state.SkipWithError("failed");
  }
}
void write_on(benchmark::State& state, const char* name) {
  const auto bytes = static_cast<std::uint64_t>(state.range(0));
  const acp::Device device = acp::Shim::load(name).value().device(0).value();
  const acp::Memory memory = device.allocate(bytes, 64).value();
  const std::vector<std::byte> data(bytes);
  for (auto _ : state) {
    if (!memory.write(0, data)) state.SkipWithError("failed");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK_CAPTURE(step_on, cpu, "cpu")->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(step_on, cpu_apart, "cpu@process")->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(status_on, cpu, "cpu")->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(status_on, cpu_apart, "cpu@process")->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK_CAPTURE(write_on, cpu, "cpu")->Arg(4096)->Arg(64 << 20)->UseRealTime();
BENCHMARK_CAPTURE(write_on, cpu_apart, "cpu@process")->Arg(4096)->Arg(64 << 20)->UseRealTime();

#define ORDERS(n) Args({n, ACP_ORDER_CHAIN})->Args({n, ACP_ORDER_BLOCKED_TREE})
BENCHMARK(BM_interpreter)->ORDERS(64)->ORDERS(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_template)->ORDERS(64)->ORDERS(128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_cpu)->ORDERS(64)->ORDERS(128)->ORDERS(512)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_gpu)->ORDERS(64)->ORDERS(128)->ORDERS(512)->Unit(benchmark::kMillisecond)->UseRealTime();
#define LAYERS Args({64, 56})->Args({128, 28})->Args({256, 14})->Args({512, 7})
BENCHMARK(BM_cpu_conv)->LAYERS->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_gpu_conv)->LAYERS->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
