// What proving a logical plan costs: by lines, by ranks, by layers; as lines and as patterns. And what checking the proof costs beside it.
#include <benchmark/benchmark.h>

#include "beside.h"
#include "cep/equivalence.h"
#include "cep/fold.h"
#include "cep/generate.h"
#include "cep/logical_certificate.h"
#include "tools/cep-check/logical/check.h"

namespace {

using namespace cep::logical;

// Two layers of a small Llama: every rank count divides its sizes.
LlamaShape small() {
  return {.name = "small",
          .layers = 2,
          .hidden = 512,
          .heads = 16,
          .kv_heads = 16,
          .intermediate = 1024,
          .vocabulary = 2048,
          .sequence = 128,
          .batch = 1024,
          .element = Element::kF32,
          .experts = {}};
}

Document made(const LlamaShape& shape, const Partition& partition) {
  auto document = generate_llama(shape, partition);
  if (!document) throw std::runtime_error(acp::to_string(document.error()));
  return std::move(*document);
}

void prove_it(benchmark::State& state, const Document& document) {
  for (auto _ : state) {
    auto verdict = prove(document);
    if (std::holds_alternative<NotProved>(verdict))
      state.SkipWithError(to_string(std::get<NotProved>(verdict).finding).c_str());
    benchmark::DoNotOptimize(verdict);
  }
  const auto lines = static_cast<double>(document.plan.program.nodes.size());
  state.counters["lines"] = lines;
  state.counters["ranks"] = static_cast<double>(document.plan.ranks);
  state.counters["per_line"] =
      benchmark::Counter(lines, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// Written out: dp, tp.
void BM_prove_expanded(benchmark::State& state) {
  const Partition partition{.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4};
  prove_it(state, made(small(), partition));
}
BENCHMARK(BM_prove_expanded)->ArgsProduct({{1, 4, 16}, {1, 4, 16}})->Unit(benchmark::kMillisecond);

// As a pattern: the same lines whatever dp and tp.
void BM_prove_pattern(benchmark::State& state) {
  Partition partition{.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4};
  partition.form = Form::kPattern;
  prove_it(state, made(small(), partition));
}
BENCHMARK(BM_prove_pattern)->ArgsProduct({{2, 16, 128}, {2, 16}})->Unit(benchmark::kMillisecond);

void BM_fold(benchmark::State& state) {
  const Document document =
      made(small(), {.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4});
  for (auto _ : state) benchmark::DoNotOptimize(fold(document));
  state.counters["lines"] = static_cast<double>(document.plan.program.nodes.size());
}
BENCHMARK(BM_fold)->Args({4, 4})->Args({16, 4})->Unit(benchmark::kMillisecond);

void BM_certify(benchmark::State& state) {
  const Document document =
      made(small(), {.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4});
  for (auto _ : state) benchmark::DoNotOptimize(certify(document, {}));
  state.counters["lines"] = static_cast<double>(document.plan.program.nodes.size());
}
BENCHMARK(BM_certify)->Args({4, 4})->Args({16, 4})->Unit(benchmark::kMillisecond);

// The checker beside the prover, on the same plan: dp, tp.
void check_it(benchmark::State& state, const Document& document) {
  const auto certified = certify(document, {});
  const auto* made = std::get_if<Certified>(&certified);
  if (made == nullptr) return state.SkipWithError("not proved");
  cep::beside(
      state, [&] { return std::holds_alternative<Proved>(prove(document)); },
      [&] { return cep_check::logical::check(document, made->certificate, {}).has_value(); });
  state.counters["lines"] = static_cast<double>(document.plan.program.nodes.size());
}
void BM_check_expanded(benchmark::State& state) {
  check_it(state, made(small(), {.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4}));
}
BENCHMARK(BM_check_expanded)
    ->Args({1, 1})
    ->Args({4, 4})
    ->Args({16, 4})
    ->Args({16, 16})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
void BM_check_pattern(benchmark::State& state) {
  Partition partition{.dp = state.range(0), .tp = state.range(1), .pp = 2, .micro_batches = 4};
  partition.form = Form::kPattern;
  check_it(state, made(small(), partition));
}
BENCHMARK(BM_check_pattern)->Args({16, 16})->UseManualTime()->Unit(benchmark::kMillisecond);

// Llama 3, real sizes, one pattern: dp, tp, pp, micro-batches.
void BM_prove_llama(benchmark::State& state, const char* model) {
  LlamaShape shape = *llama_shape(model);
  Partition partition{
      .dp = state.range(0), .tp = state.range(1), .pp = state.range(2), .micro_batches = state.range(3)};
  partition.form = Form::kPattern;
  shape.batch = partition.dp * partition.micro_batches;
  prove_it(state, made(shape, partition));
}
void BM_check_llama(benchmark::State& state, const char* model) {
  LlamaShape shape = *llama_shape(model);
  Partition partition{.dp = 16, .tp = 8, .pp = 4, .micro_batches = 8};
  partition.form = Form::kPattern;
  shape.batch = partition.dp * partition.micro_batches;
  check_it(state, made(shape, partition));
}
BENCHMARK_CAPTURE(BM_check_llama, llama3_70b, "llama3-70b")->UseManualTime()->Unit(benchmark::kMillisecond);

BENCHMARK_CAPTURE(BM_prove_llama, llama3_8b, "llama3-8b")->Args({8, 8, 1, 4})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_prove_llama, llama3_70b, "llama3-70b")
    ->Args({16, 8, 4, 8})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_prove_llama, llama3_405b, "llama3-405b")
    ->Args({16, 8, 16, 16})
    ->Args({64, 8, 16, 16})
    ->Args({256, 8, 16, 16})
    ->Args({64, 4, 16, 16})
    ->Args({64, 2, 16, 16})
    ->Args({64, 8, 16, 64})
    ->Unit(benchmark::kMillisecond);

}  // namespace
