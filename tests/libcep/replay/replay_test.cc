// Verdicts of a replay: what is refuted, with which witness, what only seems to differ, and what is not run.
#include "cep/replay.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "replay/cost.h"
#include "replay/run.h"
#include "support/logical_cases.h"

namespace cep::logical {
namespace {

Document read(const std::string& text) {
  Document document = support::logical_text(text);
  support::expect_accepted(document);
  return document;
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}
Differs difference(const Document& document, const ReplayOptions& options = {}) {
  const ReplayVerdict verdict = replay(document, options);
  const auto* differs = std::get_if<Differs>(&verdict);
  EXPECT_NE(differs, nullptr) << to_string(verdict);
  return differs == nullptr ? Differs{} : *differs;
}
acp::Error refusal(const Document& document, const ReplayOptions& options = {}) {
  const ReplayVerdict verdict = replay(document, options);
  const auto* cannot = std::get_if<CannotRun>(&verdict);
  EXPECT_NE(cannot, nullptr) << to_string(verdict);
  return cannot == nullptr ? acp::Error{} : cannot->error;
}

// y = x w^T over two ranks that hold half of the columns each, added up.
const std::string kRows = R"(
input x:f32[3,4]
param w:f32[2,4]
y:f32[3,2] = linear x w
output y
plan rows ranks 2
@0 x0:f32[3,2] = bind x [0:3,0:2]
@0 w0:f32[2,2] = bind w [0:2,0:2]
@1 x1:f32[3,2] = bind x [0:3,2:4]
@1 w1:f32[2,2] = bind w [0:2,2:4]
@0 p0:f32[3,2] = linear x0 w0
@1 p1:f32[3,2] = linear x1 w1
@0 y0:f32[3,2] = all_reduce p0 over 0,1 msg 1
@1 y1:f32[3,2] = all_reduce p1 over 0,1 msg 1
@0 yield y0 as y [0:3,0:2]
)";

TEST(Replay, right_plans_agree) {
  for (const std::string& text : {kRows, support::kColumns, support::kColumnsPattern}) {
    const ReplayVerdict verdict = replay(read(text));
    ASSERT_TRUE(std::holds_alternative<Agrees>(verdict)) << to_string(verdict);
    EXPECT_EQ(std::get<Agrees>(verdict).inputs, 4u);
  }
}

// What the reference makes at a witness, worked out from the numbers that its seed stands for.
double product_at(const Document& document, const Witness& witness) {
  const auto x = oracle::root_value<oracle::Real>(document, 0, witness.seed);
  const auto w = oracle::root_value<oracle::Real>(document, 1, witness.seed);
  const auto row = static_cast<std::size_t>(witness.index.at(0));
  const auto column = static_cast<std::size_t>(witness.index.at(1));
  double sum = 0;
  for (std::size_t k = 0; k < 4; ++k) sum += x.scalars[row * 4 + k].low * w.scalars[column * 4 + k].low;
  return sum;
}

TEST(Replay, a_wrong_plan_is_refuted_with_a_witness_anybody_can_repeat) {
  const Document wrong = read(replaced(kRows, "yield y0", "yield p0"));
  const Differs differs = difference(wrong, {.seed = 5});
  const Witness& witness = differs.witness;
  EXPECT_TRUE(differs.refutes());
  EXPECT_EQ(witness.evidence, Evidence::kReal);
  EXPECT_EQ(witness.name, "y");
  EXPECT_EQ(witness.output, wrong.reference.program.tensors[2].source);
  EXPECT_EQ(witness.shape, (Shape{3, 2}));
  EXPECT_EQ(witness.rank, 0);
  EXPECT_EQ(witness.seed, 5u);
  EXPECT_TRUE(differs.free.empty());
  EXPECT_NEAR(std::strtod(witness.expected.c_str(), nullptr), product_at(wrong, witness), 1e-7);
  const Differs again = difference(wrong, {.seed = witness.seed, .inputs = 1});
  EXPECT_EQ(again.witness.expected, witness.expected);
  EXPECT_EQ(again.witness.found, witness.found);
  EXPECT_EQ(again.witness.index, witness.index);
}

TEST(Replay, the_piece_of_the_plan_that_shows_it_ends_at_boxes_of_the_reference) {
  const Document wrong =
      read(replaced(replaced(support::kColumns, "y0 over 0,1", "y0 over 1,0"), "y1 over 0,1", "y1 over 1,0"));
  const Differs differs = difference(wrong);
  ASSERT_EQ(differs.suspects.size(), 3u);  // the gather of rank 0, the receive, the silu
  EXPECT_EQ(differs.suspects[0].text,
            "all_gather: takes y [0:4, 3:6], y [0:4, 0:3]; gives no box of any value of the reference");
  EXPECT_EQ(differs.free, std::vector<std::string>{"1/(1+exp(-x))"});
  EXPECT_EQ(differs.witness.evidence, Evidence::kReal);
}

TEST(Replay, a_box_in_the_wrong_place_is_named) {
  const Document wrong = read(R"(
    input x:f32[4]
    y:f32[4] = silu x
    output y
    plan halves ranks 2
    @0 x0:f32[2] = bind x [0:2]
    @1 x1:f32[2] = bind x [0:2]
    @0 y0:f32[2] = silu x0
    @1 y1:f32[2] = silu x1
    @0 yield y0 as y [0:2]
    @1 yield y1 as y [2:4]
)");
  const Differs differs = difference(wrong);
  EXPECT_EQ(differs.witness.held, "y [0:2]");
  EXPECT_EQ(differs.witness.rank, 1);
  EXPECT_TRUE(differs.suspects.empty());
  EXPECT_TRUE(differs.refutes());
}

TEST(Replay, an_element_nobody_delivers_needs_no_numbers) {
  const Differs differs = difference(read(R"(
    input x:f32[4]
    y:f32[4] = silu x
    output y
    plan half ranks 1
    @0 x0:f32[2] = bind x [0:2]
    @0 y0:f32[2] = silu x0
    @0 yield y0 as y [0:2]
)"));
  EXPECT_EQ(differs.witness.index, std::vector<std::int64_t>{2});
  EXPECT_EQ(differs.witness.evidence, Evidence::kStructure);
  EXPECT_EQ(differs.witness.rank, -1);
  EXPECT_EQ(differs.witness.found, "");
  EXPECT_TRUE(differs.refutes());
}

TEST(Replay, copies_that_differ_are_refuted) {
  const Document wrong = read(kRows + "@1 yield p1 as y [0:3,0:2]\n");
  const Differs differs = difference(wrong);
  EXPECT_EQ(differs.witness.rank, 1);
  EXPECT_TRUE(differs.refutes());
}

// softmax(x + 1) is softmax(x), by a law of exp.
TEST(Replay, what_differs_for_arbitrary_functions_alone_is_not_refuted) {
  const std::string shifted = R"(
    input x:f32[2,3]
    y:f32[2,3] = softmax{dim=1} x
    output y
    plan shifted ranks 1
    @0 x0:f32[2,3] = bind x [0:2,0:3]
    @0 h0:f32[2,3] = add{alpha=1,constant=1} x0
    @0 y0:f32[2,3] = softmax{dim=1} h0
    @0 yield y0 as y [0:2,0:3]
)";
  const Differs differs = difference(read(shifted));
  EXPECT_EQ(differs.witness.evidence, Evidence::kFree);
  EXPECT_FALSE(differs.refutes());
  EXPECT_EQ(differs.free, std::vector<std::string>{"exp"});
  const Differs scaled = difference(read(replaced(shifted, "add{alpha=1,constant=1}", "div{constant=2}")));
  EXPECT_EQ(scaled.witness.evidence, Evidence::kReal);
}

// x^900 and its double are both smaller than any double, and not the same polynomial.
TEST(Replay, rational_functions_that_no_double_tells_apart_are_refuted) {
  const Differs differs = difference(read(R"(
    input x:f32[2]
    a:f32[2] = power{exponent=900} x
    y:f32[2] = power{exponent=900} a
    output y
    plan twice ranks 1
    @0 x0:f32[2] = bind x [0:2]
    @0 a0:f32[2] = power{exponent=900} x0
    @0 b0:f32[2] = power{exponent=900} a0
    @0 y0:f32[2] = sum b0 b0
    @0 yield y0 as y [0:2]
)"));
  EXPECT_EQ(differs.witness.evidence, Evidence::kExact);
  EXPECT_TRUE(differs.free.empty());
  EXPECT_TRUE(differs.refutes());
}

// Heads of length 64, turned: 2 ranks hold half of the heads each. Far over the limits as it is.
const std::string kLarge = R"(
    input x:f32[2,512,4096]
    param w:f32[4096,4096]
    param v:f32[4096,4096]
    buffer f:c64[512,32]
    q:f32[2,512,4096] = linear x w
    h:f32[2,512,64,64] = reshape q
    a:f32[2,512,64,64] b:f32[2,512,64,64] = rotary h h f
    c:f32[2,512,4096] = reshape a
    y:f32[2,512,4096] = linear c v
    output y
    plan heads ranks 2
    variable tp 2
    @tp xs:f32[2,512,4096] = bind x [0:2,0:512,0:4096]
    @tp ws:f32[2048,4096] = bind w [2048*tp:2048*tp+2048,0:4096]
    @tp vs:f32[4096,2048] = bind v [0:4096,2048*tp:2048*tp+2048]
    @tp fs:c64[512,32] = bind f [0:512,0:32]
    @tp qs:f32[2,512,2048] = linear xs ws
    @tp hs:f32[2,512,32,64] = reshape qs
    @tp as:f32[2,512,32,64] bs:f32[2,512,32,64] = rotary hs hs fs
    @tp cs:f32[2,512,2048] = reshape as
    @tp ps:f32[2,512,4096] = linear cs vs
    @tp ys:f32[2,512,4096] = all_reduce ps over tp
    @tp yield ys as y [0:2,0:512,0:4096]
)";
TEST(Replay, a_large_plan_is_run_at_smaller_shapes_and_never_refuted_there) {
  const ReplayVerdict right = replay(read(kLarge));
  const auto* agrees = std::get_if<Agrees>(&right);
  ASSERT_NE(agrees, nullptr) << to_string(right);
  ASSERT_EQ(agrees->scaled.size(), 4u);  // 32, 64, 512 and 4096
  const Differs differs = difference(read(replaced(kLarge, "yield ys", "yield ps")));
  EXPECT_EQ(differs.witness.evidence, Evidence::kReal);
  EXPECT_FALSE(differs.refutes());
  EXPECT_EQ(differs.scaled.size(), 4u);
  for (const ScaledLength& length : differs.scaled) EXPECT_LE(length.run, 8) << length.own;
}

TEST(Reject, CEP_REPLAY_1_more_elements_operations_or_lines_than_allowed) {
  const Document document = read(kRows);
  EXPECT_EQ(refusal(document, {.max_lines = 4}).requirement, "CEP-REPLAY-1");
  EXPECT_EQ(refusal(document, {.max_elements = 64}).requirement, "CEP-REPLAY-1");
  EXPECT_EQ(refusal(document, {.max_operations = 64}).requirement, "CEP-REPLAY-1");
  EXPECT_TRUE(std::holds_alternative<Agrees>(
      replay(document, {.max_lines = 5, .max_elements = 100, .max_operations = 200})));
}
// Its pieces have lengths that nothing divides: no smaller ones are found.
TEST(Reject, CEP_REPLAY_1_a_large_plan_that_cannot_be_made_smaller) {
  const acp::Error error = refusal(read(R"(
    input x:f32[16777213]
    y:f32[16777213] = silu x
    output y
    plan large ranks 1
    @0 x0:f32[1] = bind x [0:1]
    @0 x1:f32[16777212] = bind x [1:16777213]
    @0 y0:f32[1] = silu x0
    @0 y1:f32[16777212] = silu x1
    @0 yield y0 as y [0:1]
    @0 yield y1 as y [1:16777213]
)"));
  EXPECT_EQ(error.requirement, "CEP-REPLAY-1");
  EXPECT_NE(error.message.find("elements, the limit is 8388608"), std::string::npos) << error.message;
}
// There is no element, and loops over the other dimension all the same.
TEST(Reject, CEP_REPLAY_1_an_empty_dimension_beside_a_long_one) {
  const Document empty = support::logical_text(R"(
    input x:f32[3000000000,0]
    param w:f32[5,0]
    y:f32[3000000000,5] = linear x w
    output y
    plan empty ranks 1
    @0 x0:f32[3000000000,0] = bind x [0:3000000000,0:0]
)");
  EXPECT_GE(oracle::cost_of(empty, oracle::Places::kDropped).operations, 15000000000u);
}

TEST(Reject, CEP_REPLAY_2_a_reference_without_a_value) {
  std::string text = replaced(kRows, "param w:f32[2,4]", "param w:f32[2,5]");
  EXPECT_EQ(refusal(read(text)).requirement, "CEP-REPLAY-2");
}
TEST(Reject, CEP_REPLAY_3_a_line_without_a_meaning) {
  const acp::Error error = refusal(read(replaced(kRows, "linear x1 w1", "linear w1 x1")));
  EXPECT_EQ(error.requirement, "CEP-REPLAY-3");
  EXPECT_NE(error.message.find("linear: shapes"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace cep::logical
