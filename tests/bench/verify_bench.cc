// How verification grows with the plan, and what it costs beside reading the plan's text.
#include <benchmark/benchmark.h>

#include "cep/verify.h"

namespace {

using namespace cep;

Workload product(std::int64_t rows) {
  WorkloadBuilder w("bench");
  const TensorId a = w.input("A", {Dtype::kF32, {rows, 64}});
  const TensorId b = w.input("B", {Dtype::kF32, {64, 16}});
  w.output(
      w.node("MatMul", {a, b}, {.name = "mm", .outputs = {"Y"}, .attributes = {}, .order = {}, .body = {}})
          .value()
          .front());
  return std::move(w).finish();
}

// One row of Y per tile, each a chain carried over four ranges of k: rows * 4 compute steps on two queues.
Plan tiles(const Workload& w, std::int64_t rows) {
  Plan plan;
  plan.name = "bench";
  plan.devices = {{"d0", "cpu", {}}};
  plan.arenas = {{"m0", 0, (rows * (64 + 16 * 5) + 64 * 16) * 4}};
  plan.queues = {{"q0", 0}, {"q1", 0}};
  plan.buffers = {{"a", 0, 0, w.tensors[0].type},
                  {"b", 0, rows * 64 * 4, w.tensors[1].type},
                  {"y", 0, (rows + 16) * 64 * 4, w.tensors[2].type}};
  const auto slice = [&](TensorId tensor, const Box& box) {
    return Slice{tensor, box, box_view(tensor, plan.buffers[tensor], box)};
  };
  plan.inputs = {slice(0, Box::whole(w.tensors[0].type.dims)), slice(1, Box::whole(w.tensors[1].type.dims))};
  plan.outputs = {slice(2, Box::whole(w.tensors[2].type.dims))};
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t k = 0; k < 4; ++k) {
      Compute c;
      c.inputs = {slice(0, {{row, 16 * k}, {row + 1, 16 * k + 16}}),
                  slice(1, {{16 * k, 0}, {16 * k + 16, 16}})};
      c.outputs = {slice(2, {{row, 0}, {row + 1, 16}})};
      c.k = KRange{16 * k, 16 * k + 16};
      if (k > 0) c.seed = c.outputs[0].view;
      plan.steps.push_back(
          {"s" + std::to_string(row) + "_" + std::to_string(k), static_cast<QueueId>(row % 2), c});
    }
  }
  return plan;
}

Context context_of() {
  acp::Class document;
  document.memories = {{"main", std::uint64_t{1} << 40, 64}};
  document.contracts = {{"exact",
                         acp::Rounding::kNearestEven,
                         acp::Subnormals::kKept,
                         acp::Nan::kCanonical,
                         acp::Contraction::kFma,
                         {"chain"}}};
  document.ops = {{std::string(acp::kRegionOp), 1, {"f32"}, "exact", {}}};
  return {{document}, {acp::Digest{}}};
}

void BM_verify(benchmark::State& state) {
  const Workload w = product(state.range(0));
  const Plan plan = tiles(w, state.range(0));
  const Context context = context_of();
  for (auto _ : state) {
    const Verdict verdict = verify(w, plan, context);
    if (!std::holds_alternative<Proved>(verdict)) state.SkipWithError("not proved");
  }
  state.counters["steps"] = static_cast<double>(plan.steps.size());
  state.counters["per_step"] =
      benchmark::Counter(static_cast<double>(plan.steps.size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_verify)->RangeMultiplier(4)->Range(16, 4096)->Unit(benchmark::kMillisecond);

// The peer in the same run: reading the same plan from its text.
void BM_parse_plan(benchmark::State& state) {
  const Workload w = product(state.range(0));
  const std::string text = to_text(tiles(w, state.range(0)), w);
  for (auto _ : state) {
    if (!parse_plan(text, w)) state.SkipWithError("not read");
  }
}
BENCHMARK(BM_parse_plan)->RangeMultiplier(4)->Range(16, 4096)->Unit(benchmark::kMillisecond);

}  // namespace
