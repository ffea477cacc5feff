// Stability: the bits of a result depend on its inputs alone, not on how often the program ran, on the rows beside it, or on what
// else the device does.
#include <random>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kRuns = "num.same.runs", kBatch = "num.same.batch",
                           kConcurrent = "num.same.concurrent";
constexpr std::string_view kRequirement = "ACP-CONF-21";
constexpr std::int64_t kDepth = 70, kColumns = 9;  // of the product; more than two lanes or blocks deep

using Id = cep::RegionBuilder::Id;

// y[i,j] = the sum over k of x[i,k] * w[k,j], in a chain.
cep::Region product(std::int64_t rows) {
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {rows, kDepth}});
  const Id w = r.input({cep::Dtype::kF32, {kDepth, kColumns}});
  const Id y = r.output({cep::Dtype::kF32, {rows, kColumns}});
  r.begin_nest({rows, kColumns}, {kDepth});
  const Id a = r.arg(r.read(x, {r.iter(0), r.iter(2)})), b = r.arg(r.read(w, {r.iter(2), r.iter(1)}));
  r.reduce(ACP_COMBINE_FMA, {cep::OrderKind::kChain, 0}, r.f32(0.0f), a, b);
  r.write(y, {r.iter(0), r.iter(1)}, r.acc(cep::Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

// Numbers of mixed size: another order of summing gives other bits.
std::vector<std::uint32_t> numbers(std::int64_t count, std::mt19937_64& random) {
  std::vector<std::uint32_t> bits;
  bits.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t r = random();
    bits.push_back(static_cast<std::uint32_t>((r >> 32 & 0x807fffff) | (118 + r % 20) << 23));
  }
  return bits;
}

cep::TensorBytes rows_of(const std::vector<std::uint32_t>& bits, std::int64_t first, std::int64_t count) {
  const auto begin = bits.begin() + first * kDepth;
  return f32_tensor({count, kDepth}, {begin, begin + count * kDepth});
}

// What differs between a result and the same computation under other circumstances.
Outcome same(const Tensors& expected, const Tensors& got, const std::string& words) {
  const auto difference = first_difference(expected, got);
  if (!difference) return pass();
  return fail(std::string(kRequirement), words + ": element " + std::to_string(difference->element),
              difference->expected, difference->got);
}

// A program with its memories, so that it can be launched more than once.
class Bound {
 public:
  static acp::Result<Bound> make(const acp::Device& device, std::int64_t rows, const Tensors& inputs) {
    ACP_TRY(acp::Executable executable, device.compile(product(rows).view()));
    Bound bound(std::move(executable), rows);
    for (const cep::TensorBytes& input : inputs) {
      ACP_TRY(acp::Memory memory, device.allocate(input.bytes.size(), 64));
      ACP_CHECK(memory.write(0, input.bytes));
      bound.memories_.push_back(std::move(memory));
    }
    ACP_TRY(acp::Memory out, device.allocate(bound.output_bytes(), 64));
    bound.memories_.push_back(std::move(out));
    return bound;
  }

  [[nodiscard]] acp::Launch launch() const {
    acp::Launch made{&executable_, {}};
    made.bindings.reserve(memories_.size());
    for (const acp::Memory& memory : memories_) made.bindings.push_back({&memory, 0});
    return made;
  }
  // Overwrites the result, so that a launch that does nothing shows.
  [[nodiscard]] acp::Status spoil() const {
    return memories_.back().write(0, std::vector<std::byte>(output_bytes(), std::byte{1}));
  }
  [[nodiscard]] acp::Result<Tensors> result() const {
    cep::TensorBytes tensor{{cep::Dtype::kF32, {rows_, kColumns}}, std::vector<std::byte>(output_bytes())};
    ACP_CHECK(memories_.back().read(0, tensor.bytes));
    return Tensors{std::move(tensor)};
  }

 private:
  Bound(acp::Executable executable, std::int64_t rows) : executable_(std::move(executable)), rows_(rows) {
    memories_.reserve(3);
  }
  [[nodiscard]] std::size_t output_bytes() const { return static_cast<std::size_t>(rows_ * kColumns * 4); }

  acp::Executable executable_;
  std::int64_t rows_;
  std::vector<acp::Memory> memories_;
};

acp::Result<Outcome> runs_here(const acp::Device& device, std::mt19937_64& random) {
  constexpr std::int64_t kRows = 6;
  const Tensors inputs = {f32_tensor({kRows, kDepth}, numbers(kRows * kDepth, random)),
                          f32_tensor({kDepth, kColumns}, numbers(kDepth * kColumns, random))};
  Tensors first;
  ACP_TRY(const Bound bound, Bound::make(device, kRows, inputs));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline timeline, device.create_timeline());
  for (std::uint64_t run = 1; run <= 4; ++run) {
    ACP_CHECK(bound.spoil());
    ACP_CHECK(queue.submit({.waits = {}, .launches = {bound.launch()}, .signals = {{&timeline, run}}}));
    ACP_CHECK(timeline.wait(run, UINT64_MAX));
    ACP_CHECK(queue.status());
    ACP_TRY(const Tensors got, bound.result());
    if (run == 1) first = got;
    Outcome outcome = same(first, got, "run " + std::to_string(run) + " gives other bits than the first");
    if (outcome.verdict != Verdict::kPass) return outcome;
  }
  return pass();
}

acp::Result<Outcome> batch_here(const acp::Device& device, std::int64_t rows, std::mt19937_64& random) {
  const std::vector<std::uint32_t> x = numbers(rows * kDepth, random);
  const cep::TensorBytes w = f32_tensor({kDepth, kColumns}, numbers(kDepth * kColumns, random));
  ACP_TRY(const Tensors together, run_on(device, product(rows), {rows_of(x, 0, rows), w}));
  const std::vector<std::uint32_t> bits = f32_bits(together[0]);
  for (std::int64_t row = 0; row < rows; ++row) {
    ACP_TRY(const Tensors alone, run_on(device, product(1), {rows_of(x, row, 1), w}));
    const auto begin = bits.begin() + row * kColumns;
    Outcome outcome =
        same(alone, {f32_tensor({1, kColumns}, {begin, begin + kColumns})},
             "row " + std::to_string(row) + " alone gives other bits than among " + std::to_string(rows));
    if (outcome.verdict != Verdict::kPass) return outcome;
  }
  return pass();
}

// Two queues, work submitted to both before any is waited for.
acp::Result<Outcome> concurrent_here(const acp::Device& device, std::mt19937_64& random) {
  constexpr std::int64_t kRows = 12;
  constexpr std::size_t kQueues = 2;
  std::vector<Bound> bounds;
  std::vector<Tensors> expected;
  std::vector<acp::Queue> queues;
  std::vector<acp::Timeline> timelines;
  bounds.reserve(kQueues), expected.reserve(kQueues), queues.reserve(kQueues), timelines.reserve(kQueues);
  for (std::size_t i = 0; i < kQueues; ++i) {
    const Tensors inputs = {f32_tensor({kRows, kDepth}, numbers(kRows * kDepth, random)),
                            f32_tensor({kDepth, kColumns}, numbers(kDepth * kColumns, random))};
    ACP_TRY(expected.emplace_back(), run_on(device, product(kRows), inputs));
    ACP_TRY(Bound bound, Bound::make(device, kRows, inputs));
    ACP_CHECK(bound.spoil());
    bounds.push_back(std::move(bound));
    ACP_TRY(acp::Queue queue, device.create_queue());
    queues.push_back(std::move(queue));
    ACP_TRY(acp::Timeline timeline, device.create_timeline());
    timelines.push_back(std::move(timeline));
  }
  for (std::uint64_t round = 1; round <= 4; ++round) {
    for (std::size_t i = 0; i < kQueues; ++i)
      ACP_CHECK(queues[i].submit(
          {.waits = {}, .launches = {bounds[i].launch()}, .signals = {{&timelines[i], round}}}));
  }
  for (std::size_t i = 0; i < kQueues; ++i) {
    ACP_CHECK(timelines[i].wait(4, UINT64_MAX));
    ACP_CHECK(queues[i].status());
    ACP_TRY(const Tensors got, bounds[i].result());
    Outcome outcome =
        same(expected[i], got, "beside other work the bits are others, queue " + std::to_string(i));
    if (outcome.verdict != Verdict::kPass) return outcome;
  }
  return pass();
}

std::vector<Query> list_of(const Claims& claims, std::string_view kind,
                           const std::vector<const char*>& sizes) {
  if (!claims.regions || !claims.has("f32") || !claims.exact("chain")) return {};
  std::vector<Query> queries;
  for (const char* size : sizes) {
    Query query{std::string(kind), {}};
    queries.push_back(*size == '\0' ? std::move(query) : query.with("n", size));
  }
  return queries;
}

Outcome settled(const acp::Device& device, acp::Result<Outcome> result) {
  return result ? *std::move(result) : unexpected(device, "refused on the way", result.error());
}

}  // namespace

Suite stability_kinds() {
  return {{.name = kRuns,
           .what = "the same program run again: the same bits",
           .list = [](const Claims& claims, Tier) { return list_of(claims, kRuns, {""}); },
           .run =
               [](const Query& query, const acp::Shim&, const acp::Device& device) {
                 std::mt19937_64 random(query.seed());
                 return settled(device, runs_here(device, random));
               },
           .about = {kRequirement}},
          {.name = kBatch,
           .what = "a row alone and among n: the same bits",
           .shrink = {{"n", 1}},
           .list =
               [](const Claims& claims, Tier tier) {
                 if (tier == Tier::kFull) return list_of(claims, kBatch, {"2", "8", "33", "128"});
                 return list_of(claims, kBatch, {"8", "33"});
               },
           .run =
               [](const Query& query, const acp::Shim&, const acp::Device& device) {
                 std::mt19937_64 random(query.seed());
                 const std::int64_t rows = query.number("n", 8);
                 if (rows < 1 || rows > 1024)
                   return Outcome{Verdict::kHarnessError, "", "1 to 1024 rows", "", ""};
                 return settled(device, batch_here(device, rows, random));
               },
           .about = {kRequirement}},
          {.name = kConcurrent,
           .what = "work on two queues at the same time: the same bits",
           .list = [](const Claims& claims, Tier) { return list_of(claims, kConcurrent, {""}); },
           .run =
               [](const Query& query, const acp::Shim&, const acp::Device& device) {
                 std::mt19937_64 random(query.seed());
                 return settled(device, concurrent_here(device, random));
               },
           .about = {kRequirement}}};
}

}  // namespace conformance
