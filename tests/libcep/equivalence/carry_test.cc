// Pending sums behind operators that are linear in them; and plans one line away that are wrong.
#include <gtest/gtest.h>

#include "carried.h"
#include "plans.h"

namespace cep::logical {
namespace {

TEST(Carry, sums_pass_what_is_linear_in_them) {
  for (const std::string& text : {kCarriedProduct, kCarriedTwice, kCarriedPairs, kCarriedBias, kCarriedHalves,
                                  kCarriedTerms, kCarriedDeep, kCarriedMasked, kCarriedGradient}) {
    EXPECT_EQ(message(text), "");
  }
}

// What is added up in another order is the first product's sum as well as the second's.
TEST(Carry, the_sum_that_was_carried_is_listed) {
  const auto verdict = prove(support::logical_text(kCarriedProduct));
  const auto* yes = std::get_if<Proved>(&verdict);
  ASSERT_NE(yes, nullptr);
  ASSERT_EQ(yes->reassociations.size(), 1u);
  EXPECT_EQ(yes->reassociations[0].name, "linear z");
  EXPECT_EQ(yes->reassociations[0].pieces, 2);
}

// Products, views, multiples, a rotation of two operands each by itself, a mean and a sum.
TEST(Carry, through_a_chain_of_operators) {
  EXPECT_EQ(message(R"(
input x:f32[2,3,8]
param w:f32[16,8]
param u:f32[16,8]
buffer f:f32[3,2]
q:f32[2,3,16] = linear x w
k:f32[2,3,16] = linear x u
qh:f32[2,3,4,4] = reshape q
kh:f32[2,3,4,4] = reshape k
qr:f32[2,3,4,4] kr:f32[2,3,4,4] = rotary qh kh f
t:f32[2,4,3,4] = transpose{dim0=1,dim1=2} kr
m:f32[2,4,3,1] = mean{dims=[-1]} t
n:f32[2,4,3,1] = div{constant=3} m
l:f32[1] = sum_all n
e:f32[2,3,4,4] = silu qr
output l
output e
plan chain ranks 2
variable tp 2
@tp x0:f32[2,3,4] = bind x [0:2,0:3,4*tp:4*tp+4]
@tp w0:f32[16,4] = bind w [0:16,4*tp:4*tp+4]
@tp u0:f32[16,4] = bind u [0:16,4*tp:4*tp+4]
@tp f0:f32[3,2] = bind f [0:3,0:2]
@tp q0:f32[2,3,16] = linear x0 w0
@tp k0:f32[2,3,16] = linear x0 u0
@tp qh0:f32[2,3,4,4] = reshape q0
@tp kh0:f32[2,3,4,4] = reshape k0
@tp qr0:f32[2,3,4,4] kr0:f32[2,3,4,4] = rotary qh0 kh0 f0
@tp t0:f32[2,4,3,4] = transpose{dim0=1,dim1=2} kr0
@tp m0:f32[2,4,3,1] = mean{dims=[-1]} t0
@tp n0:f32[2,4,3,1] = div{constant=3} m0
@tp l0:f32[1] = sum_all n0
@tp l1:f32[1] = all_reduce l0 over tp
@tp qs0:f32[2,3,4,4] = all_reduce qr0 over tp
@tp e0:f32[2,3,4,4] = silu qs0
@tp yield l1 as l [0:1]
@tp yield e0 as e [0:2,0:3,0:4,0:4]
)"),
            "");
}

// What is 3 on one rank and -1 on the other is no number once each is multiplied by minus infinity; their sum is.
TEST(Reject, CEP_EQV_2_a_pending_sum_beside_a_mask) {
  const auto masked = [](const std::string& instead) {
    return with(
        with(kCarriedMasked, "a:f32[1,1,4,4] = softmax{dim=-1} m", "a:f32[1,1,4,4] = " + instead + " m"),
        "@tp a0:f32[1,1,4,4] = softmax{dim=-1} m0", "@tp a0:f32[1,1,4,4] = " + instead + " m0");
  };
  for (const std::string instead : {"identity", "silu", "div{constant=2}", "cast{to=f32}"}) {
    const std::string text = masked(instead);
    EXPECT_EQ(refused(text), "CEP-EQV-2") << instead;
    EXPECT_NE(message(text).find("another operand may hold minus infinity"), std::string::npos);
    // Once it is added up it is one value.
    EXPECT_EQ(
        message(with(with(text, "@tp p0:f32[4,4] = linear x0 w0",
                          "@tp p1:f32[4,4] = linear x0 w0\n@tp p0:f32[4,4] = all_reduce p1 over tp"),
                     "@tp z0:f32[1,1,4,4] = all_reduce q0 over tp", "@tp z0:f32[1,1,4,4] = identity q0")),
        "")
        << instead;
  }
}

// The outer group first: what its members hold are no neighbours until the inner one adds the rest.
TEST(Carry, a_sum_over_the_outer_variable_first) {
  const std::string text = R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
output y
plan strides ranks 4
variable outer 2
variable inner 2
@2*outer+inner x0:f32[4,2] = bind x [0:4,4*outer+2*inner:4*outer+2*inner+2]
@2*outer+inner w0:f32[6,2] = bind w [0:6,4*outer+2*inner:4*outer+2*inner+2]
@2*outer+inner p0:f32[4,6] = linear x0 w0
@2*outer+inner q0:f32[4,6] = all_reduce p0 over outer
@2*outer+inner y0:f32[4,6] = all_reduce q0 over inner
@2*outer+inner yield y0 as y [0:4,0:6]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(with(text, "@2*outer+inner y0:f32[4,6] = all_reduce q0 over inner",
                         "@2*outer+inner y0:f32[4,6] = all_reduce q0 over outer")),
            "CEP-EQV-7");
}
// A dimension that a reshape cuts in two, and a slice that lies in one of its parts at every point.
TEST(Carry, a_slice_of_a_dimension_cut_by_a_reshape) {
  const std::string text = R"(
input x:f32[8,3]
r:f32[2,4,3] = reshape x
y:f32[2,4,3] = silu r
output y
plan slices ranks 4
variable outer 2
variable inner 2
@2*outer+inner x0:f32[2,3] = bind x [4*outer+2*inner:4*outer+2*inner+2,0:3]
@2*outer+inner r0:f32[1,2,3] = reshape x0
@2*outer+inner y0:f32[1,2,3] = silu r0
@2*outer+inner yield y0 as y [outer:outer+1,2*inner:2*inner+2,0:3]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(with(text, "@2*outer+inner x0:f32[2,3] = bind x [4*outer+2*inner:4*outer+2*inner+2,0:3]",
                         "@2*outer+inner x0:f32[2,3] = bind x [2*outer+3*inner:2*outer+3*inner+2,0:3]")),
            "CEP-EQV-9");
}

// Of a dimension that a reshape cuts in two.
TEST(Digits, a_variable_through_both_axes) {
  for (const std::string& text : {kTwoAxes, kTwoAxesExchanged, kTwoAxesParts}) EXPECT_EQ(message(text), "");
}
TEST(Reject, CEP_EQV_5_ranks_of_two_axes_in_another_order) {
  EXPECT_EQ(refused(with(kTwoAxes, "@tp x0:f32[1,8] = bind x [tp:tp+1,0:8]",
                         "@tp x0:f32[1,8] = bind x [3-tp:4-tp,0:8]")),
            "CEP-EQV-5");
}
TEST(Reject, CEP_EQV_3_digits_that_do_not_meet) {
  EXPECT_EQ(refused(with(kTwoAxes, "@tp w0:f32[8,2] = bind w [0:8,2*tp:2*tp+2]",
                         "@tp w0:f32[8,2] = bind w [0:8,tp:tp+2]")),
            "CEP-EQV-3");
}
// Right, but rows 2 and 3 are no box of two axes.
TEST(Reject, CEP_EQV_9_a_slice_across_both_axes) {
  EXPECT_EQ(refused(R"(
input x:f32[6,8]
r:f32[2,3,8] = reshape x
a:f32[2,3,8] = silu r
y:f32[6,8] = reshape a
output y
plan across ranks 3
variable tp 3
@tp x0:f32[2,8] = bind x [2*tp:2*tp+2,0:8]
@tp a0:f32[2,8] = silu x0
@tp yield a0 as y [2*tp:2*tp+2,0:8]
)"),
            "CEP-EQV-9");
}

TEST(Reject, CEP_EQV_7_the_same_part_of_a_carried_sum_twice) {
  std::string text = with(kCarriedProduct, "@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]",
                          "@tp x0:f32[4,4] = bind x [0:4,0:4]");
  text = with(text, "@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]", "@tp w0:f32[6,4] = bind w [0:6,0:4]");
  EXPECT_EQ(refused(text), "CEP-EQV-7");
}
TEST(Reject, CEP_EQV_7_a_multiple_of_a_carried_sum) {
  EXPECT_EQ(refused(with(kCarriedProduct, "@tp q0:f32[4,10] = linear p0 v0",
                         "@tp h0:f32[4,6] = div{constant=2} p0\n@tp q0:f32[4,10] = linear h0 v0")),
            "CEP-EQV-7");
  // Added up in the middle, and again at the end.
  EXPECT_EQ(refused(with(kCarriedProduct, "@tp q0:f32[4,10] = linear p0 v0",
                         "@tp y0:f32[4,6] = all_reduce p0 over tp\n@tp q0:f32[4,10] = linear y0 v0")),
            "CEP-EQV-7");
}
TEST(Reject, CEP_EQV_2_a_carried_sum_meets_an_operator_that_is_not_linear) {
  EXPECT_EQ(refused(with(kCarriedTwice, "@2*a+b s0:f32[4,10] = silu z0", "@2*a+b s0:f32[4,10] = silu r0")),
            "CEP-EQV-2");
  EXPECT_EQ(refused(with(kCarriedTerms, "@0 s0:f32[4,10] = silu z0", "@0 s0:f32[4,10] = silu q0")),
            "CEP-EQV-2");
}
// The parts of both sums at one point: of the product of sums, the diagonal.
TEST(Reject, CEP_EQV_2_a_pending_sum_times_a_pending_sum) {
  EXPECT_EQ(refused(R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
m:f32[4,6] = mul y y
s:f32[4,6] = silu m
output s
plan diagonal ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp p0:f32[4,6] = linear x0 w0
@tp n0:f32[4,6] = mul p0 p0
@tp m0:f32[4,6] = all_reduce n0 over tp
@tp s0:f32[4,6] = silu m0
@tp yield s0 as s [0:4,0:6]
)"),
            "CEP-EQV-2");
}
TEST(Reject, CEP_EQV_1_a_bias_left_out) {
  EXPECT_EQ(refused(with(kCarriedBias, "@0 q0:f32[4,6] = add p0 b0", "@0 q0:f32[4,6] = identity p0")),
            "CEP-EQV-1");
}
TEST(Reject, CEP_EQV_2_a_residual_left_out) {
  EXPECT_EQ(refused(with(kCarriedTerms, "@0 r0:f32[4,6] = add p0 u0", "@0 r0:f32[4,6] = identity p0")),
            "CEP-EQV-2");
}
TEST(Reject, CEP_EQV_7_a_residual_that_was_carried_twice_left_out_or_there_again) {
  EXPECT_EQ(refused(with(kCarriedDeep, "@0 r0:f32[4,6] = add p0 u0", "@0 r0:f32[4,6] = identity p0")),
            "CEP-EQV-7");
  EXPECT_EQ(refused(with(kCarriedDeep, "@1 r1:f32[4,6] = identity p1", "@1 r1:f32[4,6] = add p1 u1")),
            "CEP-EQV-7");
}
TEST(Reject, CEP_EQV_2_a_bias_on_every_rank) {
  EXPECT_EQ(refused(with(kCarriedBias, "@1 q1:f32[4,6] = identity p1", "@1 q1:f32[4,6] = add p1 b1")),
            "CEP-EQV-2");
}
TEST(Reject, CEP_EQV_2_a_bias_by_another_number_than_that_of_the_ranks) {
  EXPECT_EQ(refused(with(kCarriedHalves, "@tp h0:f32[6] = div{constant=2} b0",
                         "@tp h0:f32[6] = div{constant=3} b0")),
            "CEP-EQV-2");
  EXPECT_EQ(
      refused(with(kCarriedHalves, "@tp h0:f32[6] = div{constant=2} b0", "@tp h0:f32[6] = identity b0")),
      "CEP-EQV-2");
}
TEST(Reject, CEP_EQV_2_a_residual_on_every_rank) {
  EXPECT_EQ(refused(with(kCarriedTerms, "@1 r1:f32[4,6] = identity p1", "@1 r1:f32[4,6] = add p1 u1")),
            "CEP-EQV-2");
}

}  // namespace
}  // namespace cep::logical
