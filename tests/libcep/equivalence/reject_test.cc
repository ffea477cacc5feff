// Each plan differs in one line from one that is proved.
#include <gtest/gtest.h>

#include "plans.h"

namespace cep::logical {
namespace {

TEST(Reject, the_twins_are_proved) {
  EXPECT_EQ(message(kTensorParallel), "");
  EXPECT_EQ(message(kTensorParallelPattern), "");
  EXPECT_EQ(message(kDataParallel), "");
}

TEST(Reject, CEP_EQV_1_an_operator_the_reference_does_not_apply_here) {
  EXPECT_EQ(refused(with(kTensorParallel, "@0 a0:f32[4,3] = silu h0", "@0 a0:f32[4,3] = rsqrt h0")),
            "CEP-EQV-1");
  EXPECT_EQ(
      refused(with(kTensorParallel, "@0 p0:f32[4,10] = linear a0 v0", "@0 p0:f32[4,10] = linear h0 v0")),
      "CEP-EQV-1");
}
TEST(Reject, CEP_EQV_1_an_attribute_of_its_own) {
  const std::string text = R"(
input x:f32[4,6]
p:f32[4,6] = power{exponent=2} x
output p
plan one ranks 1
@0 x0:f32[4,6] = bind x [0:4,0:6]
@0 p0:f32[4,6] = power{exponent=2} x0
@0 yield p0 as p [0:4,0:6]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(
      refused(with(text, "@0 p0:f32[4,6] = power{exponent=2} x0", "@0 p0:f32[4,6] = power{exponent=3} x0")),
      "CEP-EQV-1");
}

TEST(Reject, CEP_EQV_2_a_pending_sum_meets_an_operator) {
  const std::string& text = kRows;
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(with(text, "@tp y0:f32[4,6] = all_reduce p0 over tp", "@tp y0:f32[4,6] = identity p0")),
            "CEP-EQV-2");
  // The whole value, summed over both ranks: twice what is needed.
  EXPECT_EQ(refused(with(text, "@tp z0:f32[4,6] = silu y0",
                         "@tp y1:f32[4,6] = all_reduce y0 over tp\n@tp z0:f32[4,6] = silu y1")),
            "CEP-EQV-2");
}

// Over the reals the mask would be gone; minus infinity less itself is not 0.
TEST(Reject, CEP_EQV_2_added_and_taken_away_again) {
  EXPECT_EQ(refused(kAddedAndTakenAway), "CEP-EQV-2");
  EXPECT_EQ(message(with(kAddedAndTakenAway, "@0 y0:f32[1,1,4,4] = silu u0", "@0 y0:f32[1,1,4,4] = silu x0")),
            "");
  // Nor is it, where it is taken away from twice as much.
  EXPECT_EQ(refused(with(kAddedAndTakenAway, "@0 y0:f32[1,1,4,4] = silu u0",
                         "@0 n0:f32[1,1,4,4] = sum u0 m0\n@0 k0:f32[1,1,4,4] = add{alpha=-1} n0 m0\n"
                         "@0 y0:f32[1,1,4,4] = silu k0")),
            "CEP-EQV-2");
}

TEST(Reject, CEP_EQV_3_operands_hold_different_pieces) {
  // The wrong columns, of the right shape.
  EXPECT_EQ(refused(with(kTensorParallel, "@0 v0:f32[10,3] = bind v [0:10,0:3]",
                         "@0 v0:f32[10,3] = bind v [0:10,3:6]")),
            "CEP-EQV-3");
  EXPECT_EQ(refused(with(kTensorParallelPattern, "@tp v0:f32[10,3] = bind v [0:10,3*tp:3*tp+3]",
                         "@tp v0:f32[10,3] = bind v [0:10,3:6]")),
            "CEP-EQV-3");
}
TEST(Reject, CEP_EQV_3_a_piece_where_the_whole_is_needed) {
  const std::string text = R"(
input x:f32[4,8]
y:f32[4,8] = softmax{dim=-1} x
output y
plan rows ranks 2
variable tp 2
@tp x0:f32[2,8] = bind x [2*tp:2*tp+2,0:8]
@tp y0:f32[2,8] = softmax{dim=-1} x0
@tp yield y0 as y [2*tp:2*tp+2,0:8]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(R"(
input x:f32[4,8]
y:f32[4,8] = softmax{dim=-1} x
output y
plan columns ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp y0:f32[4,4] = softmax{dim=-1} x0
@tp yield y0 as y [0:4,4*tp:4*tp+4]
)"),
            "CEP-EQV-3");
}

TEST(Reject, CEP_EQV_4_a_window_beside_its_piece) {
  const std::string& text = kVocabulary;
  EXPECT_EQ(message(text), "");
  const std::string line = "@tp p0:f32[4,3] = embedding{start=5*tp,stop=5*tp+5} i0 w0";
  EXPECT_EQ(refused(with(text, line, "@tp p0:f32[4,3] = embedding{start=0,stop=5} i0 w0")), "CEP-EQV-4");
  EXPECT_EQ(refused(with(text, line, "@tp p0:f32[4,3] = embedding{start=5*tp,stop=5*tp+4} i0 w0")),
            "CEP-EQV-4");
}

// A window is counted from where the reference's begins; nodes that differ in it are not one value.
TEST(Reject, CEP_EQV_4_another_window_than_the_reference) {
  const std::string text = R"(
input i:i64[5]
param w:f32[8,4]
y:f32[5,4] = embedding{start=5,stop=13} i w
z:f32[5,4] = embedding{start=0,stop=8} i w
output y
plan window ranks 2
variable tp 2
@tp i0:i64[5] = bind i [0:5]
@tp w0:f32[8,4] = bind w [0:8,0:4]
@tp wt:f32[4,4] = bind w [4*tp:4*tp+4,0:4]
@tp y0:f32[5,4] = embedding{start=5,stop=13} i0 w0
@tp p0:f32[5,4] = embedding{start=4*tp+5,stop=4*tp+9} i0 wt
@tp q0:f32[5,4] = all_reduce p0 over tp
@tp yield y0 as y [0:5,0:4]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(message(with(text, "@tp yield y0 as y [0:5,0:4]", "@tp yield q0 as y [0:5,0:4]")), "");
  EXPECT_EQ(refused(with(text, "output y", "output z")), "CEP-EQV-8");
  const std::string line = "@tp y0:f32[5,4] = embedding{start=5,stop=13} i0 w0";
  EXPECT_EQ(refused(with(text, line, "@tp y0:f32[5,4] = embedding{start=0,stop=8} i0 w0")), "CEP-EQV-7");
  EXPECT_EQ(refused(with(text, line, "@tp y0:f32[5,4] = embedding{start=1,stop=9} i0 w0")), "CEP-EQV-4");
  EXPECT_EQ(refused(with(text, "@tp p0:f32[5,4] = embedding{start=4*tp+5,stop=4*tp+9} i0 wt",
                         "@tp p0:f32[5,4] = embedding{start=4*tp+4,stop=4*tp+8} i0 wt")),
            "CEP-EQV-4");
  const std::string other = "y:f32[5,4] = embedding{start=5,stop=13} i w";
  EXPECT_EQ(refused(with(text, other, "y:f32[5,4] = embedding{start=5,stop=12} i w")), "CEP-EQV-4");
}

TEST(Reject, CEP_EQV_5_gathered_in_another_order) {
  const std::string& text = kGather;
  EXPECT_EQ(message(text), "");
  std::string swapped = with(text, "@0 z0:f32[4,8] = all_gather{dim=0} y0 over 0,1 msg 1",
                             "@0 z0:f32[4,8] = all_gather{dim=0} y0 over 1,0 msg 1");
  swapped = with(swapped, "@1 z1:f32[4,8] = all_gather{dim=0} y1 over 0,1 msg 1",
                 "@1 z1:f32[4,8] = all_gather{dim=0} y1 over 1,0 msg 1");
  EXPECT_EQ(refused(swapped), "CEP-EQV-5");
  // Along the wrong dimension the shape gives it away.
  EXPECT_EQ(refused(with(text, "@1 x1:f32[2,8] = bind x [2:4,0:8]", "@1 x1:f32[2,8] = bind x [0:2,0:8]")),
            "CEP-EQV-5");
}
// Pieces of values with different numbers of axes.
TEST(Reject, CEP_EQV_5_gathered_from_two_values) {
  const std::string text = R"(
input x:f32[4,8]
param w:f32[8,8]
y:f32[4,8] = silu x
z:f32[4,8] = linear x w
output y
plan gather ranks 2
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@0 w0:f32[8,8] = bind w [0:8,0:8]
@0 y0:f32[2,8] = silu x0
@0 z0:f32[2,8] = linear x0 w0
@1 y1:f32[2,8] = silu x1
@0 g0:f32[4,8] = all_gather{dim=0} y0 over 0,1 msg 1
@1 g1:f32[4,8] = all_gather{dim=0} y1 over 0,1 msg 1
@0 yield g0 as y [0:4,0:8]
@1 yield g1 as y [0:4,0:8]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(with(text, "@0 g0:f32[4,8] = all_gather{dim=0} y0 over 0,1 msg 1",
                         "@0 g0:f32[4,8] = all_gather{dim=0} z0 over 0,1 msg 1")),
            "CEP-EQV-5");
}
// Two runs of neighbours, which the gather joins one after the other.
TEST(Reject, CEP_EQV_5_exchanged_in_another_order) {
  const std::string text = R"(
input x:f32[8,8]
y:f32[8,8] = silu x
output y
plan exchange ranks 4
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@2 x2:f32[2,8] = bind x [4:6,0:8]
@3 x3:f32[2,8] = bind x [6:8,0:8]
@0 y0:f32[2,8] = silu x0
@1 y1:f32[2,8] = silu x1
@2 y2:f32[2,8] = silu x2
@3 y3:f32[2,8] = silu x3
@0 c0:f32[8,2] = all_to_all{dim=1,other_dim=0} y0 over 0,1,2,3 msg 1
@1 c1:f32[8,2] = all_to_all{dim=1,other_dim=0} y1 over 0,1,2,3 msg 1
@2 c2:f32[8,2] = all_to_all{dim=1,other_dim=0} y2 over 0,1,2,3 msg 1
@3 c3:f32[8,2] = all_to_all{dim=1,other_dim=0} y3 over 0,1,2,3 msg 1
@0 yield c0 as y [0:8,0:2]
@1 yield c1 as y [0:8,2:4]
@2 yield c2 as y [0:8,4:6]
@3 yield c3 as y [0:8,6:8]
)";
  EXPECT_EQ(message(text), "");
  // 0 1 | 4 5 | 2 3 | 6 7: runs of one, then of none.
  const std::string moved =
      with(with(text, "@1 x1:f32[2,8] = bind x [2:4,0:8]", "@1 x1:f32[2,8] = bind x [4:6,0:8]"),
           "@2 x2:f32[2,8] = bind x [4:6,0:8]", "@2 x2:f32[2,8] = bind x [2:4,0:8]");
  EXPECT_EQ(refused(moved), "CEP-EQV-5");
  const std::string turned =
      with(with(text, "@2 x2:f32[2,8] = bind x [4:6,0:8]", "@2 x2:f32[2,8] = bind x [0:2,0:8]"),
           "@3 x3:f32[2,8] = bind x [6:8,0:8]", "@3 x3:f32[2,8] = bind x [2:4,0:8]");
  EXPECT_EQ(refused(turned), "CEP-EQV-5");
}
TEST(Reject, CEP_EQV_5_used_before_all_have_called) {
  const std::string& text = kRowsInLines;
  EXPECT_EQ(message(text), "");
  const std::string last = "@1 y1:f32[4,6] = all_reduce p1 over 0,1 msg 1";
  EXPECT_EQ(
      refused(with(without(text, last), "@0 z0:f32[4,6] = silu y0", "@0 z0:f32[4,6] = silu y0\n" + last)),
      "CEP-EQV-5");
  EXPECT_EQ(refused(without(text, last)), "CEP-EQV-5");
}

TEST(Reject, CEP_EQV_6_a_shape_the_operator_does_not_make) {
  EXPECT_EQ(refused(with(
                with(without(kTensorParallel, "@0 p0:f32[4,10] = linear a0 v0"), "@0 a0:f32[4,3] = silu h0",
                     "@0 a0:f32[4,3] = silu h0\n@0 p0:f32[4,10] = linear a0 v0"),
                "@0 x0:f32[4,8] = bind x [0:4,0:8]", "@0 x0:f32[4,8] = bind x [0:2,0:8]")),
            "CEP-EQV-6");
}
TEST(Reject, CEP_EQV_6_another_element_type) {
  const std::string text = R"(
input x:f32[4,8]
b:bf16[4,8] = cast{to=bf16} x
y:f32[4,8] = cast{to=f32} b
output y
plan one ranks 1
@0 x0:f32[4,8] = bind x [0:4,0:8]
@0 b0:bf16[4,8] = cast{to=bf16} x0
@0 y0:f32[4,8] = cast{to=f32} b0
@0 yield y0 as y [0:4,0:8]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(refused(with(text, "@0 b0:bf16[4,8] = cast{to=bf16} x0", "@0 b0:bf16[4,8] = identity x0")),
            "CEP-EQV-6");
  // Rounding left out: another value, of the right type.
  EXPECT_EQ(refused(with(with(text, "@0 b0:bf16[4,8] = cast{to=bf16} x0", "@0 b0:f32[4,8] = identity x0"),
                         "@0 y0:f32[4,8] = cast{to=f32} b0", "@0 y0:f32[4,8] = identity b0")),
            "CEP-EQV-7");
}

TEST(Reject, CEP_EQV_7_the_gradient_of_one_micro_batch) {
  EXPECT_EQ(refused(with(kDataParallel, "@dp gws:f32[5,3] = sum gwa gwb", "@dp gws:f32[5,3] = identity gwa")),
            "CEP-EQV-7");
  EXPECT_EQ(refused(with(kDataParallel, "@dp gws:f32[5,3] = sum gwa gwb", "@dp gws:f32[5,3] = sum gwa gwa")),
            "CEP-EQV-7");
}
TEST(Reject, CEP_EQV_7_another_slice_is_delivered) {
  EXPECT_EQ(refused(with(kTensorParallelPattern, "@tp y0:f32[4,10] = all_reduce p0 over tp",
                         "@tp y0:f32[4,10] = identity p0")),
            "CEP-EQV-7");
  EXPECT_EQ(refused(with(kDataParallel, "@dp gwr:f32[5,3] = all_reduce gws over dp",
                         "@dp gwr:f32[5,3] = identity gws")),
            "CEP-EQV-7");
}
TEST(Reject, CEP_EQV_7_the_right_elements_in_another_order) {
  const std::string text = R"(
input x:f32[4,4]
y:f32[4,4] = silu x
output y
plan one ranks 1
@0 x0:f32[4,4] = bind x [0:4,0:4]
@0 y0:f32[4,4] = silu x0
@0 z0:f32[4,4] = transpose{dim0=0,dim1=1} y0
@0 yield y0 as y [0:4,0:4]
)";
  EXPECT_EQ(message(text), "");
  const std::string other = with(text, "@0 yield y0 as y [0:4,0:4]", "@0 yield z0 as y [0:4,0:4]");
  EXPECT_EQ(refused(other), "CEP-EQV-7");
  EXPECT_NE(message(other).find("in another order"), std::string::npos) << message(other);
}
TEST(Reject, CEP_EQV_7_one_part_twice) {
  EXPECT_EQ(refused(with(kDataParallel, "@dp yield lb as l [0:1] part 2*dp+1/4",
                         "@dp yield la as l [0:1] part 2*dp+1/4")),
            "CEP-EQV-7");
}

TEST(Reject, CEP_EQV_8_an_element_is_missing) {
  EXPECT_EQ(refused(without(kDataParallel, "@dp yield lb as l [0:1] part 2*dp+1/4")), "CEP-EQV-8");
  EXPECT_EQ(refused(without(kDataParallel, "@dp yield gwr as gw [0:5,0:3]")), "CEP-EQV-8");
}
TEST(Reject, CEP_EQV_8_two_slices_overlap) {
  const std::string text = R"(
input x:f32[4,8]
y:f32[4,8] = silu x
output y
plan overlap ranks 2
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@0 y0:f32[2,8] = silu x0
@1 y1:f32[2,8] = silu x1
@0 yield y0 as y [0:2,0:8]
@1 yield y1 as y [2:4,0:8]
)";
  EXPECT_EQ(message(text), "");
  const std::string moved =
      with(text, "@1 x1:f32[2,8] = bind x [2:4,0:8]", "@1 x1:f32[2,8] = bind x [1:3,0:8]");
  EXPECT_EQ(refused(with(moved, "@1 yield y1 as y [2:4,0:8]", "@1 yield y1 as y [1:3,0:8]")), "CEP-EQV-8");
}

// Each of the two boxes is whole by its own parts; but where they are the same one, part 0 of one is part 1 of the other.
TEST(Reject, CEP_EQV_8_copies_of_parts_by_boxes_that_meet) {
  const std::string text = R"(
param x:f32[2,4]
param w:f32[8,4]
y:f32[2,8] = linear x w
output y
plan meet ranks 8
variable v 2
@v xa:f32[2,2] = bind x [0:2,0:2]
@v wa:f32[4,2] = bind w [4*v:4*v+4,0:2]
@2+v xb:f32[2,2] = bind x [0:2,2:4]
@2+v wb:f32[4,2] = bind w [4*v:4*v+4,2:4]
@4+v xc:f32[2,2] = bind x [0:2,2:4]
@4+v wc:f32[4,2] = bind w [0:4,2:4]
@6+v xd:f32[2,2] = bind x [0:2,0:2]
@6+v wd:f32[4,2] = bind w [0:4,0:2]
@v ya:f32[2,4] = linear xa wa
@2+v yb:f32[2,4] = linear xb wb
@4+v yc:f32[2,4] = linear xc wc
@6+v yd:f32[2,4] = linear xd wd
@v yield ya as y [0:2,4*v:4*v+4] part 0/2
@2+v yield yb as y [0:2,4*v:4*v+4] part 1/2
@4+v yield yc as y [0:2,0:4] part 0/2
@6+v yield yd as y [0:2,0:4] part 1/2
)";
  EXPECT_EQ(refused(text), "CEP-EQV-8");
  EXPECT_EQ(message(without(without(text, "@4+v yield yc as y [0:2,0:4] part 0/2"),
                            "@6+v yield yd as y [0:2,0:4] part 1/2")),
            "");
}

TEST(Reject, CEP_EQV_9_a_piece_that_cannot_be_cut) {
  const std::string text = R"(
input x:f32[4,6]
y:f32[4,6] = silu x
output y
plan cut ranks 2
variable tp 2
@tp x0:f32[4,6] = bind x [0:4,0:6]
@tp x1:f32[2,6] = chunk{dim=0} x0 over tp
@tp y0:f32[2,6] = silu x1
@tp yield y0 as y [2*tp:2*tp+2,0:6]
)";
  EXPECT_EQ(message(text), "");
  EXPECT_EQ(
      refused(with(with(text, "variable tp 2", "variable tp 4"), "@tp x1:f32[2,6] = chunk{dim=0} x0 over tp",
                   "@tp x1:f32[4,2] = chunk{dim=1} x0 over tp")),
      "CEP-EQV-9");
}

TEST(Reject, CEP_EQV_10_an_operator_without_a_form) {
  EXPECT_EQ(refused(with(kTensorParallel, "@0 a0:f32[4,3] = silu h0", "@0 a0:f32[4,3] = gelu h0")),
            "CEP-EQV-10");
  EXPECT_EQ(refused(with(kTensorParallel, "a:f32[4,6] = silu h", "a:f32[4,6] = gelu h")), "CEP-EQV-10");
  // An attribute that nobody gave a meaning.
  EXPECT_EQ(refused(with(kTensorParallel, "@0 a0:f32[4,3] = silu h0", "@0 a0:f32[4,3] = silu{dim=1} h0")),
            "CEP-EQV-10");
  // A term times 0 is no term: nothing is known of it where it does not exist.
  const std::string sum = R"(
input a:f32[4]
input b:f32[4]
y:f32[4] = add{alpha=1.0} a b
output y
plan terms ranks 1
@0 a0:f32[4] = bind a [0:4]
@0 b0:f32[4] = bind b [0:4]
@0 y0:f32[4] = add{alpha=1.0} a0 b0
@0 yield y0 as y [0:4]
)";
  EXPECT_EQ(refused(sum), "");
  EXPECT_EQ(refused(with(sum, "@0 y0:f32[4] = add{alpha=1.0} a0 b0", "@0 y0:f32[4] = add{alpha=0.0} a0 b0")),
            "CEP-EQV-10");
}

// The gradient of a view is passed on as it is; what it is the gradient of has its shape.
TEST(Reject, CEP_EQV_10_the_gradient_of_something_of_another_shape) {
  const auto text = [](const std::string& operation, const std::string& result) {
    return R"(
param g:f32[4,6]
param x:f32)" +
           result + R"(
param z:f32[1,6]
y:f32)" + result +
           " = " + operation + R"( g x
output y
plan view ranks 1
@0 g0:f32[4,6] = bind g [0:4,0:6]
@0 x0:f32)" +
           result + " = bind x [0:" + (result == "[6,4]" ? "6,0:4]" : "4,0:6]") + R"(
@0 z0:f32[1,6] = bind z [0:1,0:6]
@0 y0:f32)" +
           result + " = " + operation + R"( g0 x0
@0 yield y0 as y [0:)" +
           (result == "[6,4]" ? "6,0:4]" : "4,0:6]") + "\n";
  };
  for (const auto& [operation, result] : {std::pair("div.bw{constant=2}", "[4,6]"),
                                          {"cast.bw{to=f32}", "[4,6]"},
                                          {"add.bw{alpha=1,constant=3}", "[4,6]"},
                                          {"reshape.bw", "[4,6]"},
                                          {"transpose.bw{dim0=0,dim1=1}", "[6,4]"}}) {
    const std::string whole = text(operation, result),
                      line = "@0 y0:f32" + std::string(result) + " = " + operation;
    EXPECT_EQ(message(whole), "") << operation;
    EXPECT_EQ(refused(with(whole, line + " g0 x0", line + " g0 z0")), "CEP-EQV-10") << operation;
  }
}
// Attributes are what they are called: a text that looks like the rest of them is a text.
TEST(Reject, CEP_EQV_10_an_attribute_that_is_not_there) {
  const std::string text = R"(
input x:f32[8,4]
param w:f32[4,4]
y:f32[8,2] i:i64[8,2] = router{score_func=sigmoid,n_groups=2,topk_groups=1,topk=2,route_scale=1} x w
output y
plan router ranks 1
@0 x0:f32[8,4] = bind x [0:8,0:4]
@0 w0:f32[4,4] = bind w [0:4,0:4]
@0 y0:f32[8,2] i0:i64[8,2] = router{score_func=sigmoid,n_groups=2,topk_groups=1,topk=2,route_scale=1} x0 w0
@0 yield y0 as y [0:8,0:2]
)";
  EXPECT_EQ(message(text), "");
  Document document = support::logical_text(text);
  auto& attributes = document.plan.program.operations[0].attributes;
  attributes.resize(3);
  attributes[2].value = std::string("sigmoid;topk=,2;topk_groups=,1");
  EXPECT_TRUE(check_logical(document));
  const auto verdict = prove(document);
  ASSERT_TRUE(std::holds_alternative<NotProved>(verdict));
  EXPECT_EQ(std::get<NotProved>(verdict).finding.id, "CEP-EQV-10");
}

}  // namespace
}  // namespace cep::logical
