// What grows with a batch, what is a sum over it, and what is neither.
#include <gtest/gtest.h>

#include "cep/batch.h"
#include "cep/tree_order.h"
#include "libcep/equivalence/plans.h"

namespace cep::logical {
namespace {

Id named(const Document& document, const std::string& name) {
  const auto& names = document.reference.names;
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) throw std::runtime_error("no such tensor: " + name);
  return static_cast<Id>(at - names.begin());
}

std::variant<BatchFamily, Finding> follow(const std::string& text, const std::string& input = "x") {
  const Document document = support::logical_text(text);
  return follow_batch(document, std::vector{BatchAxis{named(document, input), 0}});
}
std::string refusal(const std::string& text, const std::string& input = "x") {
  const auto family = follow(text, input);
  const auto* finding = std::get_if<Finding>(&family);
  return finding == nullptr ? "" : finding->id;
}
bool proved(const Document& document) {
  const auto status = check_logical(document);
  if (!status) ADD_FAILURE() << acp::to_string(status.error());
  return status && std::holds_alternative<Proved>(prove(document));
}

// A reference of one line on one rank: what becomes of its result.
std::variant<BatchFamily, Finding> alone(const std::string& inputs, const std::string& line,
                                         const std::string& input = "x") {
  return follow(inputs + line + "\nplan none ranks 1\n", input);
}
Batched result(const std::string& inputs, const std::string& line, const std::string& input = "x") {
  const auto family = alone(inputs, line, input);
  if (const auto* finding = std::get_if<Finding>(&family)) {
    ADD_FAILURE() << to_string(*finding);
    return {};
  }
  return std::get<BatchFamily>(family).reference.back();
}
std::string fault(const std::string& inputs, const std::string& line, const std::string& input = "x") {
  const auto family = alone(inputs, line, input);
  const auto* finding = std::get_if<Finding>(&family);
  return finding == nullptr ? "" : finding->id;
}
Batched rows(std::uint8_t dim, std::int64_t run = 1) { return {Batched::Kind::kRows, dim, run}; }
constexpr Batched kSum{Batched::Kind::kSum, 0, 1};

// Worked example of CEP 11.11.
TEST(Batch, worked_example) {
  const Document document = support::logical_text(kTensorParallel);
  auto family = follow_batch(document, std::vector{BatchAxis{named(document, "x"), 0}});
  ASSERT_TRUE(std::holds_alternative<BatchFamily>(family));
  const auto& shares = std::get<BatchFamily>(family);
  EXPECT_FALSE(shares.sums());
  EXPECT_EQ(shares.reference[named(document, "h")], rows(0));
  EXPECT_EQ(shares.reference[named(document, "w")], Batched{});
  const auto large = with_batch(document, shares, 3);
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->reference.program.shape(named(document, "y")), (Shape{12, 10}));
  EXPECT_TRUE(proved(*large));
}

TEST(Batch, samples_stay_apart) {
  EXPECT_EQ(result("input x:f32[4,8]\nparam w:f32[6,8]\n", "y:f32[4,6] = linear x w"), rows(0));
  EXPECT_EQ(result("input x:f32[4,2,8]\n", "y:f32[8,8] = reshape x"), rows(0, 2));
  EXPECT_EQ(result("input x:f32[1,2,8]\n", "y:f32[2,8] = reshape x"), rows(0, 2));
  EXPECT_EQ(result("input x:f32[1,2,8]\n", "y:f32[1,1,2,8] = reshape x"), rows(0));
  EXPECT_EQ(result("input x:f32[4,2,8]\n", "y:f32[2,4,8] = transpose{dim0=0,dim1=1} x"), rows(1));
  EXPECT_EQ(result("input x:f32[4,8]\n", "y:f32[4,8] = softmax{dim=1} x"), rows(0));
  EXPECT_EQ(result("input x:f32[1,8]\nparam b:f32[1,8]\n", "y:f32[1,8] = mul x b"), rows(0))
      << "b is stretched wherever there is more than one sample";
  EXPECT_EQ(result("input x:f32[4,8]\n", "y:f32[1] = sum_all x"), kSum);
  EXPECT_EQ(result("input x:f32[4,8]\nparam w:f32[6,8]\n", "y:f32[6,6] = linear w w"), Batched{});
}

TEST(Reject, CEP_BATCH_1_samples_meet) {
  EXPECT_EQ(fault("input x:f32[4,8]\n", "y:f32[4,8] = softmax{dim=0} x"), "CEP-BATCH-1");
  EXPECT_EQ(fault("input x:f32[4,8]\n", "y:f32[1,8] = mean{dims=[0]} x"), "CEP-BATCH-1");
  EXPECT_EQ(fault("input x:f32[4,8]\nparam b:f32[4,8]\n", "y:f32[4,8] = mul x b"), "CEP-BATCH-1")
      << "a factor for each of four samples, and none for a fifth";
  EXPECT_EQ(fault("input x:f32[1,8]\nparam b:f32[4,8]\n", "y:f32[4,8] = mul x b"), "CEP-BATCH-1");
  EXPECT_EQ(fault("input x:f32[4,4]\n", "y:f32[4,4] = matmul x x"), "CEP-BATCH-1");
  EXPECT_EQ(fault("input x:f32[4,3]\n", "y:f32[3,4] = reshape x"), "CEP-BATCH-1");
  EXPECT_EQ(fault("input x:f32[4,4]\n", "t:f32[4,4] = transpose{dim0=0,dim1=1} x\ny:f32[4,4] = sum x t"),
            "CEP-BATCH-1");
}

TEST(Reject, CEP_BATCH_2_a_sum_over_samples_is_not_used_as_a_sum) {
  const std::string total = "s:f32[1] = sum_all x\n";
  EXPECT_EQ(result("input x:f32[4,8]\nparam c:f32[1]\n", total + "y:f32[1] = mul s c"), kSum);
  EXPECT_EQ(fault("input x:f32[4,8]\n", total + "y:f32[1] = silu s"), "CEP-BATCH-2");
  EXPECT_EQ(fault("input x:f32[4,8]\n", total + "y:f32[1] = mul s s"), "CEP-BATCH-2");
  EXPECT_EQ(fault("input x:f32[4,8]\n", total + "y:f32[4,8] = mul x s"), "CEP-BATCH-2");
  EXPECT_EQ(fault("input x:f32[4,8]\nparam c:f32[1]\n", total + "y:f32[1] = sum s c"), "CEP-BATCH-2")
      << "c once, whatever the batch";
  EXPECT_EQ(fault("input x:f32[4,8]\n", total + "y:f32[1] = add{alpha=1,constant=2} s"), "CEP-BATCH-2");
}

// Of samples of both signs, and minus infinity, the sum of the products is no number.
TEST(Reject, CEP_BATCH_2_a_sum_over_samples_beside_a_mask) {
  const std::string given = "input x:f32[4,8]\nbuffer t:i64[1,2]\n";
  const std::string masked = "s:f32[1] = sum_all x\nm:f32[1,1,2,2] = causal_mask t s\n";
  EXPECT_EQ(result(given, masked + "a:f32[1,1,2,2] = softmax{dim=-1} m\ny:f32[1,1,2,2] = mul s a"), kSum);
  EXPECT_EQ(fault(given, masked + "y:f32[1,1,2,2] = mul s m"), "CEP-BATCH-2");
  EXPECT_EQ(fault(given, masked + "a:f32[1,1,2,2] = silu m\ny:f32[1,1,2,2] = mul a s"), "CEP-BATCH-2");
}

// Two tokens a sample: pieces of the eight rows begin between two samples.
const std::string kRowsOfTokens = R"(
input x:f32[4,2,8]
y:f32[8,8] = reshape x
output y
plan rows ranks 4
@0 x0:f32[4,2,8] = bind x [0:4,0:2,0:8]
@0 r0:f32[8,8] = reshape x0
@0 yield r0 as y [0:8,0:8]
)";

TEST(Reject, CEP_BATCH_3_between_samples) {
  EXPECT_EQ(refusal(kRowsOfTokens), "");
  EXPECT_EQ(refusal(with(kRowsOfTokens, "@0 yield r0 as y [0:8,0:8]",
                         "@0 c0:f32[2,8] = chunk{dim=0} r0 over 0,1,2,3\n@0 yield c0 as y [0:2,0:8]")),
            "");
  const std::string eight = with(kRowsOfTokens, "plan rows ranks 4", "plan rows ranks 8");
  EXPECT_EQ(
      refusal(with(eight, "@0 yield r0 as y [0:8,0:8]",
                   "@0 c0:f32[1,8] = chunk{dim=0} r0 over 0,1,2,3,4,5,6,7\n@0 yield c0 as y [0:1,0:8]")),
      "CEP-BATCH-3");
}

TEST(Reject, CEP_BATCH_3_a_rank_is_given_part_of_a_sample) {
  const Document document = support::logical_text(R"(
input x:f32[4,8]
y:f32[4,8] = silu x
output y
plan halves ranks 2
@0 a:f32[2,8] = bind x [0:2,0:8]
@1 b:f32[2,8] = bind x [2:4,0:8]
)");
  const auto with_run = [&](std::int64_t run) {
    const auto family = follow_batch(document, std::vector{BatchAxis{named(document, "x"), 0, run}});
    const auto* finding = std::get_if<Finding>(&family);
    return finding == nullptr ? "" : to_string(*finding);
  };
  EXPECT_EQ(with_run(2), "");
  EXPECT_EQ(with_run(4),
            "reference tensor 0: a piece that a rank is given begins or ends within a sample [CEP-BATCH-3]");
}

// Right for one sample, and for no other number of them.
const std::string kOnlyOneSample = R"(
input x:f32[1,8]
param w:f32[6,8]
h:f32[1,6] = linear x w
y:f32[1] = sum_all h
output y
plan one ranks 1
@0 x0:f32[1,8] = bind x [0:1,0:8]
@0 w0:f32[6,8] = bind w [0:6,0:8]
@0 h0:f32[1,6] = linear x0 w0
@0 y0:f32[1] = sum_all h0
@0 yield y0 as y [0:1]
)";

TEST(Reject, CEP_BATCH_3_delivers_something_else) {
  EXPECT_EQ(refusal(kOnlyOneSample), "");
  const std::string rows = with(with(kOnlyOneSample, "y:f32[1] = sum_all h", "y:f32[1,6] = identity h"),
                                "@0 yield y0 as y [0:1]", "@0 yield y0 as y [0:1,0:6]");
  EXPECT_EQ(refusal(with(rows, "@0 y0:f32[1] = sum_all h0", "@0 y0:f32[1,6] = identity h0")), "");
  // w is bound where samples should be: a value that stays where the reference's grows.
  EXPECT_EQ(refusal(with(with(rows, "@0 y0:f32[1] = sum_all h0", "@0 y0:f32[1,6] = reshape v0"),
                         "@0 w0:f32[6,8] = bind w [0:6,0:8]",
                         "@0 w0:f32[6,8] = bind w [0:6,0:8]\n@0 v0:f32[6,1] = bind w [0:6,0:1]")),
            "CEP-BATCH-3");
}

TEST(Reject, CEP_BATCH_3_members_hold_alike) {
  const std::string text = with(kTensorParallel, "@1 y1:f32[4,10] = all_reduce p1 over 0,1 msg 1",
                                "@1 y1:f32[4,10] = all_reduce q1 over 0,1 msg 1");
  EXPECT_EQ(refusal(with(text, "@1 p1:f32[4,10] = linear a1 v1",
                         "@1 q1:f32[4,10] = bind u [0:4,0:10]\n@1 p1:f32[4,10] = linear a1 v1")
                        .insert(1, "param u:f32[4,10]\n")),
            "CEP-BATCH-3");
}

TEST(Reject, CEP_BATCH_4_no_such_batch) {
  const Document document = support::logical_text(kTensorParallel);
  const auto id = [&](Id tensor, std::uint8_t dim, std::int64_t run = 1) {
    const auto family = follow_batch(document, std::vector{BatchAxis{tensor, dim, run}});
    const auto* finding = std::get_if<Finding>(&family);
    return finding == nullptr ? "" : finding->id;
  };
  EXPECT_EQ(id(named(document, "x"), 2), "CEP-BATCH-4");
  EXPECT_EQ(id(named(document, "y"), 0), "CEP-BATCH-4") << "computed";
  EXPECT_EQ(id(1000, 0), "CEP-BATCH-4");
  EXPECT_EQ(id(named(document, "x"), 0, 2), "");
  EXPECT_EQ(id(named(document, "x"), 0, 3), "CEP-BATCH-4") << "four rows";
  EXPECT_EQ(id(named(document, "x"), 0, 0), "CEP-BATCH-4");
  const auto family = follow(kTensorParallel);
  for (const std::int64_t times :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 46, std::numeric_limits<std::int64_t>::max()}) {
    const auto large = with_batch(document, std::get<BatchFamily>(family), times);
    ASSERT_FALSE(large.has_value()) << times;
    EXPECT_EQ(large.error().requirement, "CEP-BATCH-4");
  }
}

}  // namespace
}  // namespace cep::logical
