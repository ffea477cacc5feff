#include "cep/tree_order.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "libcep/equivalence/plans.h"
#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

// "" when every bit is the reference's; otherwise the id. The plan has to be proved over the reals.
std::string other_order(const Document& document) {
  const auto certified = certify(document, digest(document));
  if (const auto* no = std::get_if<NotProved>(&certified)) return "not proved: " + to_string(no->finding);
  const auto other = find_other_order(document, std::get<Certified>(certified).certificate);
  return other ? other->id : "";
}
std::string other_order(const std::string& text) { return other_order(support::logical_text(text)); }

TEST(TreeOrder, columns_then_rows) {
  EXPECT_EQ(other_order(kTensorParallel), "");
  EXPECT_EQ(other_order(kTensorParallelPattern), "");
}

// Over the reals the order of a sum is left open, and a choice behind it may jump; in tree order neither is.
TEST(TreeOrder, takes_the_place_of_an_order_that_is_not_said) {
  const auto open = [](const Proved& proved) {
    return std::ranges::count_if(proved.assumptions, [](const std::string& assumption) {
      return assumption.find("in which order") != std::string::npos;
    });
  };
  Proved reals = std::get<Proved>(prove(support::logical_text(kTensorParallel)));
  reals.discontinuous = {"router"};
  const Proved bits = in_tree_order(reals);
  EXPECT_EQ(open(reals), 1);
  EXPECT_EQ(open(bits), 0);
  ASSERT_EQ(bits.assumptions.size(), reals.assumptions.size());
  EXPECT_NE(bits.assumptions.back().find("in tree order"), std::string::npos);
  EXPECT_EQ(bits.reassociations.size(), reals.reassociations.size());
  EXPECT_TRUE(bits.discontinuous.empty());
}

TEST(TreeOrder, two_replicas_of_two_micro_batches) { EXPECT_EQ(other_order(kDataParallel), ""); }

TEST(Reject, CEP_TREE_2_members_out_of_order) {
  std::string text = with(kTensorParallel, "@0 y0:f32[4,10] = all_reduce p0 over 0,1 msg 1",
                          "@0 y0:f32[4,10] = all_reduce p0 over 1,0 msg 1");
  text = with(text, "@1 y1:f32[4,10] = all_reduce p1 over 0,1 msg 1",
              "@1 y1:f32[4,10] = all_reduce p1 over 1,0 msg 1");
  EXPECT_EQ(other_order(text), "CEP-TREE-2");
}

// A row of `k` terms, cut over `ranks` ranks in equal parts.
std::string cut_rows(int k, int ranks) {
  const std::string all = std::to_string(k), part = std::to_string(k / ranks);
  return "input x:f32[4," + all + "]\nparam w:f32[6," + all +
         "]\ny:f32[4,6] = linear x w\noutput y\nplan rows ranks " + std::to_string(ranks) + "\nvariable tp " +
         std::to_string(ranks) + "\n@tp x0:f32[4," + part + "] = bind x [0:4," + part + "*tp:" + part +
         "*tp+" + part + "]\n@tp w0:f32[6," + part + "] = bind w [0:6," + part + "*tp:" + part + "*tp+" +
         part +
         "]\n@tp p0:f32[4,6] = linear x0 w0\n@tp y0:f32[4,6] = all_reduce p0 over tp\n@tp yield y0 as y "
         "[0:4,0:6]\n";
}

TEST(TreeOrder, parts_of_a_row_are_nodes_when_they_are_a_power_of_two) {
  EXPECT_EQ(other_order(cut_rows(8, 2)), "");
  EXPECT_EQ(other_order(cut_rows(8, 4)), "");
  EXPECT_EQ(other_order(cut_rows(8, 8)), "");
  EXPECT_EQ(other_order(cut_rows(12, 4)), "");
}

TEST(Reject, CEP_TREE_2_parts_that_are_no_nodes) {
  EXPECT_EQ(other_order(cut_rows(12, 3)), "CEP-TREE-2");
  EXPECT_EQ(other_order(cut_rows(12, 6)), "CEP-TREE-2");
}

// Which terms a rank has is a matter of two digits.
TEST(Reject, CEP_TREE_2_a_variable_through_two_axes) { EXPECT_EQ(other_order(kTwoAxes), "CEP-TREE-2"); }

// Micro-batches one after the other: two are the halves of a node, of four only the first two are.
TEST(Reject, CEP_TREE_2_a_running_sum) {
  const std::string text = R"(
input x:f32[4,3]
param w:f32[5,3]
input g:f32[4,5]
gx:f32[4,3] gw:f32[5,3] = linear.bw g x w
output gw
plan batches ranks 1
@0 w0:f32[5,3] = bind w [0:5,0:3]
@0 x0:f32[1,3] = bind x [0:1,0:3]
@0 x1:f32[1,3] = bind x [1:2,0:3]
@0 x2:f32[1,3] = bind x [2:3,0:3]
@0 x3:f32[1,3] = bind x [3:4,0:3]
@0 g0:f32[1,5] = bind g [0:1,0:5]
@0 g1:f32[1,5] = bind g [1:2,0:5]
@0 g2:f32[1,5] = bind g [2:3,0:5]
@0 g3:f32[1,5] = bind g [3:4,0:5]
@0 a0:f32[1,3] b0:f32[5,3] = linear.bw g0 x0 w0
@0 a1:f32[1,3] b1:f32[5,3] = linear.bw g1 x1 w0
@0 a2:f32[1,3] b2:f32[5,3] = linear.bw g2 x2 w0
@0 a3:f32[1,3] b3:f32[5,3] = linear.bw g3 x3 w0
@0 s1:f32[5,3] = sum b0 b1
@0 s2:f32[5,3] = sum b2 b3
@0 s3:f32[5,3] = sum s1 s2
@0 yield s3 as gw [0:5,0:3]
)";
  EXPECT_EQ(other_order(text), "");
  EXPECT_EQ(other_order(with(text, "@0 s2:f32[5,3] = sum b2 b3", "@0 s2:f32[5,3] = sum b3 b2")), "");
  std::string running = with(text, "@0 s2:f32[5,3] = sum b2 b3", "@0 s2:f32[5,3] = sum s1 b2");
  running = with(running, "@0 s3:f32[5,3] = sum s1 s2", "@0 s3:f32[5,3] = sum s2 b3");
  EXPECT_EQ(other_order(running), "CEP-TREE-2");
  std::string at_once = without(without(text, "@0 s1:f32[5,3] = sum b0 b1"), "@0 s2:f32[5,3] = sum b2 b3");
  at_once = with(at_once, "@0 s3:f32[5,3] = sum s1 s2", "@0 s3:f32[5,3] = sum b0 b1 b2 b3");
  EXPECT_EQ(other_order(at_once), "CEP-TREE-2");
  std::string crossed = with(text, "@0 s1:f32[5,3] = sum b0 b1", "@0 s1:f32[5,3] = sum b1 b2");
  crossed = with(crossed, "@0 s2:f32[5,3] = sum b2 b3", "@0 s2:f32[5,3] = sum b0 b3");
  EXPECT_EQ(other_order(crossed), "CEP-TREE-2");
}

// Three terms of the reference: from left to right.
TEST(Reject, CEP_TREE_1_terms_in_another_order) {
  const std::string text = R"(
input a:f32[4]
input b:f32[4]
input c:f32[4]
y:f32[4] = sum a b c
output y
plan terms ranks 1
@0 a0:f32[4] = bind a [0:4]
@0 b0:f32[4] = bind b [0:4]
@0 c0:f32[4] = bind c [0:4]
@0 y0:f32[4] = sum a0 b0 c0
@0 yield y0 as y [0:4]
)";
  EXPECT_EQ(other_order(text), "");
  EXPECT_EQ(other_order(with(text, "@0 y0:f32[4] = sum a0 b0 c0", "@0 y0:f32[4] = sum b0 c0 a0")),
            "CEP-TREE-1");
  EXPECT_NE(other_order(with(text, "@0 y0:f32[4] = sum a0 b0 c0",
                             "@0 t0:f32[4] = sum b0 c0\n@0 y0:f32[4] = sum a0 t0")),
            "");
}

// a + a' + b + b' and a + a' + b' + b have the same terms by name, and are not the same sum.
TEST(Reject, CEP_TREE_1_terms_laid_out_in_another_way) {
  const std::string text = R"(
input a:f32[4,4]
input b:f32[4,4]
t:f32[4,4] = transpose{dim0=0,dim1=1} a
u:f32[4,4] = transpose{dim0=0,dim1=1} b
y:f32[4,4] = sum a t b u
output y
plan turned ranks 1
@0 a0:f32[4,4] = bind a [0:4,0:4]
@0 b0:f32[4,4] = bind b [0:4,0:4]
@0 t0:f32[4,4] = transpose{dim0=0,dim1=1} a0
@0 u0:f32[4,4] = transpose{dim0=0,dim1=1} b0
@0 y0:f32[4,4] = sum a0 t0 b0 u0
@0 yield y0 as y [0:4,0:4]
)";
  EXPECT_EQ(other_order(text), "");
  EXPECT_EQ(other_order(with(text, "@0 y0:f32[4,4] = sum a0 t0 b0 u0", "@0 y0:f32[4,4] = sum a0 t0 u0 b0")),
            "CEP-TREE-1");
}

// Over the reals x / 8 is x / 2 / 4; where numbers round it need not be.
TEST(Reject, CEP_TREE_1_a_multiple_in_two_steps) {
  const std::string text = R"(
input x:f32[4]
y:f32[4] = div{constant=6.0} x
output y
plan steps ranks 1
@0 x0:f32[4] = bind x [0:4]
@0 y0:f32[4] = div{constant=6.0} x0
@0 yield y0 as y [0:4]
)";
  EXPECT_EQ(other_order(text), "");
  EXPECT_EQ(other_order(with(text, "@0 y0:f32[4] = div{constant=6.0} x0",
                             "@0 h0:f32[4] = div{constant=2.0} x0\n@0 y0:f32[4] = div{constant=3.0} h0")),
            "CEP-TREE-1");
}

// The mean of a part, added up, is the mean; every part was divided by less and rounded before.
TEST(Reject, CEP_TREE_1_the_mean_of_a_part) {
  const std::string text = R"(
input x:f32[4,8]
y:f32[4,1] = mean{dims=[1]} x
output y
plan means ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp m0:f32[4,1] = mean{dims=[1]} x0
@tp d0:f32[4,1] = div{constant=2.0} m0
@tp y0:f32[4,1] = all_reduce d0 over tp
@tp yield y0 as y [0:4,0:1]
)";
  EXPECT_EQ(other_order(text), "CEP-TREE-1");
}

TEST(Reject, CEP_TREE_3_parts_of_an_output) {
  EXPECT_EQ(other_order(kDataParallel), "");
  std::string text =
      with(kDataParallel, "@dp yield la as l [0:1] part 2*dp/4", "@dp yield la as l [0:1] part 2*dp+1/4");
  text = with(text, "@dp yield lb as l [0:1] part 2*dp+1/4", "@dp yield lb as l [0:1] part 2*dp/4");
  EXPECT_EQ(other_order(text), "CEP-TREE-3");
}

// Inference of a generated plan is in tree order whichever way it is cut.
TEST(TreeOrder, generated_inference) {
  for (const bool sequence : {false, true}) {
    for (const bool vocabulary : {false, true}) {
      for (const Form form : {Form::kExpanded, Form::kPattern}) {
        Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
        partition.step = Step::kInference;
        partition.form = form;
        partition.sequence_parallel = sequence;
        partition.vocabulary_parallel = vocabulary;
        const auto document = generate_llama(tiny(), partition);
        ASSERT_TRUE(document.has_value());
        EXPECT_EQ(other_order(*document), "");
      }
    }
  }
}

TEST(TreeOrder, generated_decode_loop) {
  for (const Form form : {Form::kExpanded, Form::kPattern}) {
    const Document document =
        made(tiny_decoding(), {.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2, .step = Step::kDecoding}, form);
    EXPECT_EQ(other_order(document), "");
  }
}

// In training the gradients of q, k and v are added before they are reduced; in tree order they are not.
TEST(Reject, CEP_TREE_2_gradients_added_before_they_are_whole) {
  Partition partition{.dp = 1, .tp = 2, .pp = 1, .micro_batches = 1};
  const auto document = generate_llama(tiny(), partition);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(other_order(*document), "CEP-TREE-2");
  partition.order = SumOrder::kTree;
  const auto ordered = generate_llama(tiny(), partition);
  ASSERT_TRUE(ordered.has_value());
  EXPECT_EQ(other_order(*ordered), "");
}

// Whatever else is asked for.
TEST(TreeOrder, generated_training) {
  for (const Gradients gradients :
       {Gradients::kAllReduced, Gradients::kScattered, Gradients::kScatteredWithWeights}) {
    for (const Form form : {Form::kExpanded, Form::kPattern}) {
      for (const bool experts : {false, true}) {
        Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 4};
        partition.order = SumOrder::kTree;
        partition.gradients = gradients;
        partition.form = form;
        partition.recompute = form == Form::kPattern;
        partition.schedule = experts ? Schedule::kAllForwardFirst : Schedule::kOneForwardOneBackward;
        partition.interleave = gradients == Gradients::kScattered ? 1 : 2;
        LlamaShape shape = experts ? tiny_experts() : tiny();
        shape.layers = 4;
        const auto document = generate_llama(shape, partition);
        ASSERT_TRUE(document.has_value()) << acp::to_string(document.error());
        EXPECT_EQ(other_order(*document), "");
      }
    }
  }
}

TEST(Reject, CEP_GEN_14_no_halves) {
  const auto refusal = [](Partition partition) {
    partition.order = SumOrder::kTree;
    LlamaShape shape = tiny();
    shape.batch = 24;
    const auto document = generate_llama(shape, partition);
    return document ? std::string() : document.error().requirement + " " + document.error().path;
  };
  EXPECT_EQ(refusal({.dp = 2, .tp = 2, .micro_batches = 4}), "");
  EXPECT_EQ(refusal({.dp = 3}), "CEP-GEN-14 dp");
  EXPECT_EQ(refusal({.micro_batches = 3}), "CEP-GEN-14 micro_batches");
  EXPECT_EQ(refusal({.tp = 2, .sequence_parallel = true}), "CEP-GEN-14 sequence");
  EXPECT_EQ(refusal({.tp = 2, .exchange_heads = true}), "CEP-GEN-14 sequence");
  EXPECT_EQ(refusal({.tp = 2, .vocabulary_parallel = true}), "CEP-GEN-14 vocabulary");
  EXPECT_EQ(refusal({.tp = 2, .step = Step::kInference, .sequence_parallel = true}), "");
}

}  // namespace
}  // namespace cep::logical
