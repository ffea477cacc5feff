#include <gtest/gtest.h>

#include "plans.h"

namespace cep::logical {
namespace {

Proved proved(const std::string& text) {
  auto verdict = prove(support::logical_text(text));
  if (auto* yes = std::get_if<Proved>(&verdict)) return *yes;
  ADD_FAILURE() << to_string(std::get<NotProved>(verdict).finding);
  return {};
}

TEST(Prove, columns_then_rows) {
  const Proved yes = proved(kTensorParallel);
  ASSERT_EQ(yes.reassociations.size(), 1u);
  EXPECT_EQ(yes.reassociations[0].name, "linear y");
  EXPECT_EQ(yes.reassociations[0].pieces, 2);
  EXPECT_EQ(yes.delivered, 1);
}

TEST(Prove, a_pattern_as_its_points) {
  const Proved yes = proved(kTensorParallelPattern);
  ASSERT_EQ(yes.reassociations.size(), 1u);
  EXPECT_EQ(yes.reassociations[0].pieces, 2);
}

TEST(Prove, gradients_over_replicas_and_micro_batches) {
  const Proved yes = proved(kDataParallel);
  EXPECT_EQ(yes.delivered, 2);
  ASSERT_EQ(yes.reassociations.size(), 2u);  // the gradient of w and the loss
}

// A variable of one point is 0, whatever is written before it.
TEST(Prove, a_pattern_of_one_rank) {
  std::string text = with(kTensorParallelPattern, "variable tp 2", "variable tp 1");
  text =
      with(text, "@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]", "@tp w0:f32[6,8] = bind w [6*tp:6*tp+6,0:8]");
  text = with(text, "@tp v0:f32[10,3] = bind v [0:10,3*tp:3*tp+3]",
              "@tp v0:f32[10,6] = bind v [0:10,5*tp:5*tp+6]");
  text = with(text, "@tp h0:f32[4,3] = linear x0 w0", "@tp h0:f32[4,6] = linear x0 w0");
  text = with(text, "@tp a0:f32[4,3] = silu h0", "@tp a0:f32[4,6] = silu h0");
  EXPECT_TRUE(proved(text).reassociations.empty());
}

TEST(Prove, one_rank_reassociates_nothing) {
  const Proved yes = proved(R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
output y
plan one ranks 1
@0 x0:f32[4,8] = bind x [0:4,0:8]
@0 w0:f32[6,8] = bind w [0:6,0:8]
@0 y0:f32[4,6] = linear x0 w0
@0 yield y0 as y [0:4,0:6]
)");
  EXPECT_TRUE(yes.reassociations.empty());
}

// Heads: a cut of the merged dimension at the border of a head is a cut of the heads.
TEST(Prove, a_reshape_over_a_cut_dimension) {
  const std::string text = R"(
input x:f32[2,5,12]
param w:f32[12,12]
q:f32[2,5,12] = linear x w
r:f32[2,5,4,3] = reshape q
t:f32[2,4,5,3] = transpose{dim0=1,dim1=2} r
p:f32[2,4,5,3] = softmax{dim=-1} t
output p
plan heads ranks 2
@0 x0:f32[2,5,12] = bind x [0:2,0:5,0:12]
@0 w0:f32[6,12] = bind w [0:6,0:12]
@0 q0:f32[2,5,6] = linear x0 w0
@0 r0:f32[2,5,2,3] = reshape q0
@0 t0:f32[2,2,5,3] = transpose{dim0=1,dim1=2} r0
@0 p0:f32[2,2,5,3] = softmax{dim=3} t0
@0 yield p0 as p [0:2,0:2,0:5,0:3]
@1 x1:f32[2,5,12] = bind x [0:2,0:5,0:12]
@1 w1:f32[6,12] = bind w [6:12,0:12]
@1 q1:f32[2,5,6] = linear x1 w1
@1 r1:f32[2,5,2,3] = reshape q1
@1 t1:f32[2,2,5,3] = transpose{dim0=1,dim1=2} r1
@1 p1:f32[2,2,5,3] = softmax{dim=3} t1
@1 yield p1 as p [0:2,2:4,0:5,0:3]
)";
  EXPECT_TRUE(proved(text).reassociations.empty());
  // Three heads and a half: no box of heads.
  EXPECT_EQ(refused(with(text, "@0 w0:f32[6,12] = bind w [0:6,0:12]", "@0 w0:f32[6,12] = bind w [1:7,0:12]")),
            "CEP-EQV-9");
  // The other way round the heads would be interleaved.
  EXPECT_EQ(refused(with(with(text, "@0 r0:f32[2,5,2,3] = reshape q0", "@0 r0:f32[2,5,3,2] = reshape q0"),
                         "@0 t0:f32[2,2,5,3] = transpose{dim0=1,dim1=2} r0",
                         "@0 t0:f32[2,3,5,2] = transpose{dim0=1,dim1=2} r0")),
            "CEP-EQV-9");
}

// Two consumers of one value: their gradients are added before the one all-reduce that both need.
TEST(Prove, pending_sums_of_different_products_are_added) {
  const std::string& text = kTwoSums;
  EXPECT_EQ(proved(text).reassociations.size(), 2u);
  EXPECT_EQ(refused(with(text, "@tp y0:f32[4,8] = silu s0", "@tp y0:f32[4,8] = silu p0")), "CEP-EQV-2");
}

// A sum of sums, added up in one go: what each rank has of all three terms is pending until the one all-reduce.
TEST(Prove, a_sum_of_sums_by_all_its_terms) {
  const std::string text = R"(
input g:f32[4,6]
param w:f32[6,8]
param v:f32[6,8]
param u:f32[6,8]
input x:f32[4,8]
a:f32[4,8] ga:f32[6,8] = linear.bw g x w
b:f32[4,8] gb:f32[6,8] = linear.bw g x v
c:f32[4,8] gc:f32[6,8] = linear.bw g x u
s:f32[4,8] = sum a b
t:f32[4,8] = sum s c
y:f32[4,8] = silu t
output y
plan three ranks 2
variable tp 2
@tp g0:f32[4,3] = bind g [0:4,3*tp:3*tp+3]
@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
@tp v0:f32[3,8] = bind v [3*tp:3*tp+3,0:8]
@tp u0:f32[3,8] = bind u [3*tp:3*tp+3,0:8]
@tp x0:f32[4,8] = bind x [0:4,0:8]
@tp a0:f32[4,8] ga0:f32[3,8] = linear.bw g0 x0 w0
@tp b0:f32[4,8] gb0:f32[3,8] = linear.bw g0 x0 v0
@tp c0:f32[4,8] gc0:f32[3,8] = linear.bw g0 x0 u0
@tp p0:f32[4,8] = sum b0 c0
@tp q0:f32[4,8] = sum p0 a0
@tp t0:f32[4,8] = all_reduce q0 over tp
@tp y0:f32[4,8] = silu t0
@tp yield y0 as y [0:4,0:8]
)";
  EXPECT_EQ(proved(text).reassociations.size(), 3u);
  EXPECT_EQ(refused(with(text, "@tp q0:f32[4,8] = sum p0 a0", "@tp q0:f32[4,8] = sum p0 b0")), "CEP-EQV-2");
}

// The terms are reshaped while they are pending: the sum is known in any layout.
TEST(Prove, a_sum_of_reshaped_terms) {
  const std::string text = R"(
input g:f32[2,2,6]
param w:f32[6,8]
param v:f32[6,8]
input x:f32[2,2,8]
a:f32[2,2,8] ga:f32[6,8] = linear.bw g x w
b:f32[2,2,8] gb:f32[6,8] = linear.bw g x v
s:f32[2,2,8] = sum a b
r:f32[4,8] = reshape s
y:f32[4,8] = silu r
output y
plan reshaped ranks 2
variable tp 2
@tp g0:f32[2,2,3] = bind g [0:2,0:2,3*tp:3*tp+3]
@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
@tp v0:f32[3,8] = bind v [3*tp:3*tp+3,0:8]
@tp x0:f32[2,2,8] = bind x [0:2,0:2,0:8]
@tp a0:f32[2,2,8] ga0:f32[3,8] = linear.bw g0 x0 w0
@tp b0:f32[2,2,8] gb0:f32[3,8] = linear.bw g0 x0 v0
@tp p0:f32[2,2,8] = sum a0 b0
@tp r0:f32[4,8] = reshape p0
@tp s0:f32[4,8] = all_reduce r0 over tp
@tp y0:f32[4,8] = silu s0
@tp yield y0 as y [0:4,0:8]
)";
  EXPECT_EQ(proved(text).reassociations.size(), 2u);
  EXPECT_EQ(refused(with(text, "@tp r0:f32[4,8] = reshape p0", "@tp r0:f32[4,8] = reshape a0")), "CEP-EQV-1");
}

// Embedding rows cut unevenly: a window each, then the sum.
TEST(Prove, a_sharded_vocabulary) {
  const std::string& text = kWindows;
  EXPECT_EQ(proved(text).reassociations.size(), 1u);
}

TEST(Prove, scatter_and_gather_along_the_sequence) {
  const std::string& text = kScatteredRows;
  EXPECT_EQ(proved(text).reassociations.size(), 1u);
  EXPECT_EQ(refused(with(text, "@tp s0:f32[2,6] = reduce_scatter{dim=0} p0 over tp",
                         "@tp s0:f32[2,6] = chunk{dim=0} p0 over tp")),
            "CEP-EQV-2");
}

// A mean over a cut dimension is a mean of less: only after dividing by the number of pieces does the sum agree.
TEST(Prove, a_mean_of_means) {
  const std::string& text = kMeans;
  EXPECT_EQ(proved(text).reassociations.size(), 1u);
  EXPECT_EQ(refused(with(text, "@tp b:f32[4,1] = div{constant=2} a", "@tp b:f32[4,1] = identity a")),
            "CEP-EQV-7");
}

// The router's choice hangs on a sum in another order: equal over the reals, and worth saying.
TEST(Prove, a_choice_behind_a_reassociation_is_listed) {
  const Proved yes = proved(R"(
input x:f32[4,8]
param w:f32[6,8]
param e:f32[4,6]
y:f32[4,6] = linear x w
c:f32[4,2] i:i64[4,2] = router{n_groups=1,route_scale=1,score_func=sigmoid,topk=2,topk_groups=1} y e
output c
plan router ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp e0:f32[4,6] = bind e [0:4,0:6]
@tp p0:f32[4,6] = linear x0 w0
@tp y0:f32[4,6] = all_reduce p0 over tp
@tp c0:f32[4,2] i0:i64[4,2] = router{n_groups=1,route_scale=1,score_func=sigmoid,topk=2,topk_groups=1} y0 e0
@tp yield c0 as c [0:4,0:2]
)");
  EXPECT_EQ(yes.discontinuous.size(), 1u);
}

// What a line costs does not grow with the ranks: one transfer per kind of step.
TEST(Prove, ranks_that_differ_in_an_index_share_their_reasoning) {
  EXPECT_EQ(proved(kTensorParallel).transfers, proved(kTensorParallelPattern).transfers);
}

}  // namespace
}  // namespace cep::logical
