// Generated plans before judges who know nothing of the generator: the checker, the prover, and the oracle that runs plans on numbers.
#include "cep/equivalence.h"
#include "libcep/generate/tiny.h"
#include "soundness/logical/oracle.h"

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
