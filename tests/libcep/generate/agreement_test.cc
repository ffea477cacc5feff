// Generated plans before judges who know nothing of the generator: the checker, the prover, and the oracle that runs plans on numbers.
#include <algorithm>

#include "cep/equivalence.h"
#include "libcep/generate/tiny.h"
#include "replay/run.h"

namespace cep::logical {
namespace {

void expect_proved(const Document& document) {
  const acp::Status formed = check_logical(document);
  ASSERT_TRUE(formed) << document.plan.name << ": " << acp::to_string(formed.error());
  const EquivalenceVerdict verdict = prove(document);
  if (const auto* no = std::get_if<NotProved>(&verdict))
    ADD_FAILURE() << document.plan.name << (document.plan.variables.empty() ? "" : ", pattern") << ": "
                  << to_string(no->finding);
}

void expect_computes_the_same(const Document& document) {
  const auto differences = oracle::disagreements(document, 7);
  if (!differences.empty())
    ADD_FAILURE() << document.plan.name << (document.plan.variables.empty() ? "" : ", pattern") << ": "
                  << differences[0].what;
}

TEST(Agreement, DensePlansAreProved) {
  for (const Partition& partition : partitions())
    for (const Form form : {Form::kExpanded, Form::kPattern}) expect_proved(made(tiny(), partition, form));
}

TEST(Agreement, PlansWithExpertsAreProved) {
  for (const Partition& partition : partitions())
    for (const Form form : {Form::kExpanded, Form::kPattern})
      expect_proved(made(tiny_experts(), partition, form));
}

TEST(Agreement, DensePlansComputeTheSame) {
  for (const Partition& partition : partitions())
    for (const Form form : {Form::kExpanded, Form::kPattern})
      expect_computes_the_same(made(tiny(), partition, form));
}

TEST(Agreement, PlansWithExpertsComputeTheSame) {
  for (const Partition& partition : partitions())
    for (const Form form : {Form::kExpanded, Form::kPattern})
      expect_computes_the_same(made(tiny_experts(), partition, form));
}

void expect_proved_and_the_same(const std::vector<Planned>& all) {
  for (const auto& [shape, partition] : all)
    for (const Form form : {Form::kExpanded, Form::kPattern}) {
      const Document document = made(shape, partition, form);
      expect_proved(document);
      expect_computes_the_same(document);
    }
}
TEST(Agreement, DecodeLoops) { expect_proved_and_the_same(decode_loops()); }
TEST(Agreement, InterleavedStages) { expect_proved_and_the_same(interleavings()); }

// A decode loop with one number changed, before both judges.
TEST(Agreement, OneWrongLineOfADecodeLoopIsSeen) {
  const Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2, .step = Step::kDecoding};
  const auto expect_seen = [&](const char* what, auto change) {
    Document document = made(tiny_decoding(), partition);
    change(document.plan);
    ASSERT_TRUE(check_logical(document)) << what;
    EXPECT_TRUE(std::holds_alternative<NotProved>(prove(document))) << what;
    EXPECT_FALSE(oracle::disagreements(document, 7).empty()) << what;
  };
  const auto named = [](Plan& plan, std::string_view name) -> Operation& {
    return *std::ranges::find(plan.program.operations, name, &Operation::name);
  };
  expect_seen("a position too far",
              [&](Plan& plan) { named(plan, "cache_update").attributes[0].value = std::int64_t{5}; });
  expect_seen("a position is seen too early",
              [&](Plan& plan) { named(plan, "cache_mask").attributes[0].value = std::int64_t{5}; });
  // The second operand of a product: the cache before it was updated.
  expect_seen("a stale cache", [&](Plan& plan) {
    Program& program = plan.program;
    for (const Node& update : program.nodes)
      if (program.operations[update.operation].name == "cache_update") {
        const Id before = program.inputs(update)[0], after = program.outputs(update)[0];
        for (const Node& node : program.nodes)
          if (program.operations[node.operation].name == "matmul" && program.inputs(node)[1] == after) {
            program.operands[node.first_input + 1] = before;
            return;
          }
      }
  });
  expect_seen("heads of another rank", [&](Plan& plan) {
    for (Bind& bind : plan.binds)
      if (plan.program.shape(bind.tensor).size() == 4 && bind.box[1].begin.constant == 1) {
        bind.box[1].begin.constant = 0;
        return;
      }
  });
}

TEST(Agreement, NarrowWeights) {
  LlamaShape shape = tiny();
  shape.element = Element::kBf16;
  expect_proved(made(shape, {.dp = 2, .pp = 2, .micro_batches = 2}));
  expect_computes_the_same(made(shape, {.pp = 2}));
}

// The oracle sees a wrong group, a wrong piece and a gradient nobody reduced.
TEST(Agreement, OneWrongLineIsSeen) {
  const Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
  const auto broken = [&](auto change) {
    Document document = made(tiny(), partition);
    change(document);
    return !oracle::disagreements(document, 7).empty();
  };
  EXPECT_FALSE(broken([](Document&) {}));
  EXPECT_TRUE(broken([](Document& d) {
    d.plan.binds.back().box[0].begin.constant = 1 - d.plan.binds.back().box[0].begin.constant;
  }));
  EXPECT_TRUE(broken([](Document& d) {
    for (Node& node : d.plan.program.nodes)
      if (node.micro_batch < 0 && node.comm == CommKind::kAllReduce) node.comm = CommKind::kNoComm;
  }));
}

}  // namespace
}  // namespace cep::logical
