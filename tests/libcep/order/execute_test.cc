// Generated plans executed in binary32 and bfloat16 under tree order, beside the reference on one device: to the bit.
#include <gtest/gtest.h>

#include <cmath>

#include "cep/replay.h"
#include "libcep/equivalence/plans.h"
#include "libcep/generate/tiny.h"
#include "replay/instantiate.h"
#include "replay/run.h"

namespace cep::logical {
namespace {

using oracle::Real;
using oracle::Rounded;

std::string name_of(const Partition& p) {
  return std::to_string(p.dp) + " x " + std::to_string(p.tp) + " x " + std::to_string(p.pp) + ", " +
         std::to_string(p.micro_batches) + " micro-batches";
}

Document generated(const LlamaShape& shape, Partition partition, SumOrder order = SumOrder::kTree) {
  partition.order = order;
  return made(shape, partition, partition.form);
}

// All elements, all of them numbers, and all of them the same trees.
void expect_same_bits(const Document& document, const std::string& what) {
  const BitVerdict verdict = execute_in_order(document);
  const auto* same = std::get_if<SameBits>(&verdict);
  ASSERT_NE(same, nullptr) << what << ": " << to_string(verdict);
  EXPECT_TRUE(same->same_terms) << what << ": " << to_string(verdict);
  EXPECT_TRUE(same->scaled.empty()) << what;
  EXPECT_EQ(same->inputs, 4u) << what;
  EXPECT_EQ(same->outputs, document.reference.outputs.size()) << what;
  EXPECT_EQ(same->not_numbers, 0u) << what;
  EXPECT_GT(same->elements, 0u) << what;
}

LlamaShape on_four_ranks(LlamaShape shape) {
  shape.kv_heads = 4;
  return shape;
}

TEST(Execute, training) {
  for (const std::int64_t tp : {1, 2, 4}) {
    for (const std::int64_t dp : {1, 2}) {
      const Partition partition{.dp = dp, .tp = tp, .pp = 2, .micro_batches = 4 / dp};
      expect_same_bits(generated(on_four_ranks(tiny()), partition), name_of(partition));
    }
  }
}

TEST(Execute, training_with_everything_else_asked_for) {
  for (const Gradients gradients :
       {Gradients::kAllReduced, Gradients::kScattered, Gradients::kScatteredWithWeights}) {
    Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
    partition.gradients = gradients;
    partition.recompute = gradients == Gradients::kScattered;
    partition.form = gradients == Gradients::kAllReduced ? Form::kExpanded : Form::kPattern;
    expect_same_bits(generated(tiny(), partition), name_of(partition));
  }
}

TEST(Execute, inference) {
  for (const std::int64_t tp : {2, 4}) {
    for (const bool sequence : {false, true}) {
      for (const bool vocabulary : {false, true}) {
        Partition partition{.dp = 2, .tp = tp, .pp = 2, .micro_batches = 2, .step = Step::kInference};
        partition.sequence_parallel = sequence;
        partition.vocabulary_parallel = vocabulary;
        expect_same_bits(generated(on_four_ranks(tiny()), partition), name_of(partition));
      }
    }
  }
}

TEST(Execute, decode_loops) {
  const Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2, .step = Step::kDecoding};
  expect_same_bits(generated(tiny_decoding(), partition), "one token a step");
  expect_same_bits(generated(tiny_prefill(), partition), "two tokens a step, with experts");
}

TEST(Execute, experts) {
  for (const std::int64_t tp : {2, 4}) {
    for (const Step step : {Step::kTraining, Step::kInference}) {
      const Partition partition{.dp = 2, .tp = tp, .pp = 2, .micro_batches = 2, .step = step};
      expect_same_bits(generated(on_four_ranks(tiny_experts()), partition), name_of(partition));
    }
  }
}

// Weights and activations narrow, norms and softmax wide: rounded where the plan says so.
TEST(Execute, narrow_elements) {
  for (const Element element : {Element::kBf16, Element::kF16, Element::kF64}) {
    LlamaShape shape = tiny_experts();
    shape.element = element;
    const Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
    const Document document = generated(shape, partition);
    const BitVerdict verdict = execute_in_order(document, {.seed = 2, .inputs = 1});
    const auto* same = std::get_if<SameBits>(&verdict);
    ASSERT_NE(same, nullptr) << to_string(verdict);
    EXPECT_TRUE(same->same_terms);
    EXPECT_EQ(same->not_numbers, 0u) << to_string(element);
  }
}

// Right over the reals, in no tree order: some inputs give other bits. (The converse: what differs is seen.)
TEST(Execute, sums_in_another_order_have_other_bits) {
  for (const std::int64_t tp : {1, 2}) {
    const Partition partition{.dp = 1, .tp = tp, .pp = 1, .micro_batches = tp == 1 ? 4 : 1};
    const BitVerdict verdict = execute_in_order(generated(tiny(), partition, SumOrder::kAny));
    const auto* differs = std::get_if<Differs>(&verdict);
    ASSERT_NE(differs, nullptr) << to_string(verdict);
    EXPECT_TRUE(differs->refutes());
    EXPECT_EQ(differs->witness.evidence, Evidence::kBits);
    EXPECT_NE(differs->witness.expected, differs->witness.found);
    EXPECT_NE(differs->witness.expected.find("(0x"), std::string::npos) << differs->witness.expected;
    EXPECT_GE(differs->witness.rank, 0);
  }
}

// Equal bits on these inputs, and not the same tree: said, and not refuted. a + b + 0 and a + 0 + b.
TEST(Execute, equal_bits_of_other_trees) {
  const std::string text = R"(
input a:f32[4]
input b:f32[4]
y:f32[4] = sum a a b
output y
plan terms ranks 1
@0 a0:f32[4] = bind a [0:4]
@0 b0:f32[4] = bind b [0:4]
@0 t0:f32[4] = sum a0 b0
@0 y0:f32[4] = sum a0 t0
@0 yield y0 as y [0:4]
)";
  const BitVerdict verdict = execute_in_order(support::logical_text(text));
  const auto* same = std::get_if<SameBits>(&verdict);
  ASSERT_NE(same, nullptr) << to_string(verdict);
  EXPECT_FALSE(same->same_terms);
  ASSERT_TRUE(same->other.has_value());
  EXPECT_EQ(
      to_string(verdict),
      "executed in f32 on 4 sets of inputs, at the plan's own shapes: 1 outputs, 4 elements equal bit by "
      "bit; but y [0] is computed in another way, so that other inputs may give other bits\n");
}

TEST(Execute, members_out_of_order) {
  // Two of four exchanged: other siblings.
  const std::string rows = R"(
input x:f32[2,8]
param w:f32[2,8]
y:f32[2,2] = linear x w
output y
plan rows ranks 4
@0 x0:f32[2,2] = bind x [0:2,0:2]
@1 x1:f32[2,2] = bind x [0:2,2:4]
@2 x2:f32[2,2] = bind x [0:2,4:6]
@3 x3:f32[2,2] = bind x [0:2,6:8]
@0 w0:f32[2,2] = bind w [0:2,0:2]
@1 w1:f32[2,2] = bind w [0:2,2:4]
@2 w2:f32[2,2] = bind w [0:2,4:6]
@3 w3:f32[2,2] = bind w [0:2,6:8]
@0 p0:f32[2,2] = linear x0 w0
@1 p1:f32[2,2] = linear x1 w1
@2 p2:f32[2,2] = linear x2 w2
@3 p3:f32[2,2] = linear x3 w3
@0 y0:f32[2,2] = all_reduce p0 over 0,1,2,3 msg 1
@1 y1:f32[2,2] = all_reduce p1 over 0,1,2,3 msg 1
@2 y2:f32[2,2] = all_reduce p2 over 0,1,2,3 msg 1
@3 y3:f32[2,2] = all_reduce p3 over 0,1,2,3 msg 1
@0 yield y0 as y [0:2,0:2]
)";
  expect_same_bits(support::logical_text(rows), "in order");
  std::string crossed = rows;
  for (std::size_t at = 0; (at = crossed.find("over 0,1,2,3", at)) != std::string::npos;)
    crossed.replace(at, 12, "over 0,2,1,3");
  const BitVerdict verdict = execute_in_order(support::logical_text(crossed), {.seed = 1, .inputs = 16});
  // Inputs have 21 digits: their products, and sums of these, do not fit 24.
  EXPECT_TRUE(std::holds_alternative<Differs>(verdict)) << to_string(verdict);
}

// The executed reference is the reference: near the intervals of the run over the reals, element by element.
TEST(Execute, is_near_the_real_numbers) {
  for (const LlamaShape& shape : {tiny(), tiny_experts()}) {
    const Document document = generated(shape, {.dp = 1, .tp = 1, .pp = 1, .micro_batches = 1});
    const auto real = oracle::run_reference<Real>(document, 2);
    const auto rounded = oracle::run_reference<Rounded>(document, 2);
    ASSERT_EQ(real.fault, "");
    ASSERT_EQ(rounded.fault, "");
    std::size_t compared = 0, all = 0;
    for (Id tensor = 0; tensor < real.values.size(); ++tensor) {
      const auto& there = real.values[tensor].scalars;
      const auto& here = rounded.values[tensor].scalars;
      ASSERT_EQ(there.size(), here.size());
      double size = 0;  // of the tensor: small elements are differences of large ones
      for (const Real& number : there)
        if (oracle::Numbers<Real>::exists(number) && std::isfinite(number.high))
          size = std::max(size, std::fabs(number.high));
      for (std::size_t i = 0; i < there.size(); ++i, ++all) {
        if (!std::isfinite(there[i].low) || !std::isfinite(there[i].high)) continue;
        ++compared;
        EXPECT_NEAR(here[i].value, (there[i].low + there[i].high) / 2, 1e-2 * (size + 1e-6)) << tensor;
      }
    }
    EXPECT_GT(compared, all * 9 / 10);
  }
}

TEST(Execute, CEP_REPLAY_2_and_3_what_cannot_be_run) {
  const std::string text = R"(
input x:f32[4]
y:f32[4] = silu x
output y
plan one ranks 1
@0 x0:f32[4] = bind x [0:4]
@0 y0:f32[4] = silu x0
@0 yield y0 as y [0:4]
)";
  const auto requirement = [](const BitVerdict& verdict) {
    const auto* cannot = std::get_if<CannotRun>(&verdict);
    return cannot == nullptr ? std::string() : cannot->error.requirement;
  };
  EXPECT_EQ(requirement(execute_in_order(support::logical_text(text))), "");
  EXPECT_EQ(requirement(execute_in_order(
                support::logical_text(with(text, "y:f32[4] = silu x", "y:f32[4] = power{exponent=0.5} x")))),
            "");
  EXPECT_EQ(requirement(execute_in_order(
                support::logical_text(with(text, "y:f32[4] = silu x", "y:f32[4] = unknown x")))),
            "CEP-REPLAY-2");
  EXPECT_EQ(requirement(execute_in_order(
                support::logical_text(with(text, "@0 y0:f32[4] = silu x0", "@0 y0:f32[4] = unknown x0")))),
            "CEP-REPLAY-3");
  EXPECT_EQ(requirement(execute_in_order(support::logical_text(text), {.max_elements = 1})), "CEP-REPLAY-1");
}

}  // namespace
}  // namespace cep::logical
