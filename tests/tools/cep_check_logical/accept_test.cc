// What the prover proves, the checker accepts.
#include "certified.h"
#include "libcep/equivalence/carried.h"
#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

TEST(Accept, small_plans) {
  for (const std::string& text : {kTensorParallel, kTensorParallelPattern, kDataParallel}) {
    const Case made = certified(text);
    EXPECT_EQ(refusal(made.document, made.certificate), "");
  }
}

TEST(Accept, digits_of_variables) {
  for (const std::string& text : {kTwoAxes, kTwoAxesExchanged, kTwoAxesParts}) {
    const Case made = certified(text);
    EXPECT_EQ(made.certificate.digits, (std::vector<std::vector<std::int64_t>>{{2, 2}}));
    EXPECT_EQ(refusal(made.document, made.certificate), "");
  }
  EXPECT_TRUE(certified(kTensorParallelPattern).certificate.digits.empty());
}

TEST(Accept, sums_that_are_carried_on) {
  for (const std::string& text : {kCarriedProduct, kCarriedTwice, kCarriedPairs, kCarriedBias, kCarriedHalves,
                                  kCarriedTerms, kCarriedDeep, kCarriedMasked, kCarriedGradient}) {
    const Case made = certified(text);
    EXPECT_TRUE(std::ranges::any_of(made.certificate.values, [](const auto& v) { return !v.parts.empty(); }));
    EXPECT_EQ(refusal(made.document, made.certificate), "");
  }
}

// Of a rotary embedding each result reads one of the first two operands: a multiple of the other does not matter to it.
TEST(Accept, a_multiple_of_what_a_result_does_not_read) {
  const Case made = certified(R"(
input q:f32[2,4,2,4]
input k:f32[2,4,2,4]
buffer f:c64[4,2]
u:f32[2,4,2,4] v:f32[2,4,2,4] = rotary q k f
output v
plan turned ranks 1
@0 q0:f32[2,4,2,4] = bind q [0:2,0:4,0:2,0:4]
@0 k0:f32[2,4,2,4] = bind k [0:2,0:4,0:2,0:4]
@0 f0:c64[4,2] = bind f [0:4,0:2]
@0 d0:f32[2,4,2,4] = sum q0 q0
@0 u0:f32[2,4,2,4] v0:f32[2,4,2,4] = rotary d0 k0 f0
@0 yield v0 as v [0:2,0:4,0:2,0:4]
)");
  EXPECT_EQ(refusal(made.document, made.certificate), "");
}

// Pending sums of two products, added before their one all-reduce: the line that completes them names the reference's sum.
TEST(Accept, a_sum_of_pending_sums) {
  const Case made = certified(kTwoSums);
  EXPECT_EQ(refusal(made.document, made.certificate), "");
}

// Reshapes and transposes, an embedding in uneven windows, means of means, scatter, all-to-all: one network each.
const std::string kHeads = R"(
input x:f32[2,5,12]
param w:f32[12,12]
q:f32[2,5,12] = linear x w
r:f32[2,5,4,3] = reshape q
t:f32[2,4,5,3] = transpose{dim0=1,dim1=2} r
p:f32[2,4,5,3] = softmax{dim=-1} t
output p
plan heads ranks 2
variable tp 2
@tp x0:f32[2,5,12] = bind x [0:2,0:5,0:12]
@tp w0:f32[6,12] = bind w [6*tp:6*tp+6,0:12]
@tp q0:f32[2,5,6] = linear x0 w0
@tp r0:f32[2,5,2,3] = reshape q0
@tp t0:f32[2,2,5,3] = transpose{dim0=1,dim1=2} r0
@tp p0:f32[2,2,5,3] = softmax{dim=3} t0
@tp yield p0 as p [0:2,2*tp:2*tp+2,0:5,0:3]
)";
const std::string kExchange = R"(
input x:f32[4,8]
y:f32[4,8] = silu x
output y
plan exchange ranks 2
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@0 y0:f32[2,8] = silu x0
@1 y1:f32[2,8] = silu x1
@0 a0:f32[4,4] = all_to_all{dim=1,other_dim=0} y0 over 0,1 msg 1
@1 a1:f32[4,4] = all_to_all{dim=1,other_dim=0} y1 over 0,1 msg 1
@0 g0:f32[4,8] = all_gather{dim=1} a0 over 0,1 msg 2
@1 g1:f32[4,8] = all_gather{dim=1} a1 over 0,1 msg 2
@0 yield g0 as y [0:4,0:8]
@1 yield g1 as y [0:4,0:8]
)";

TEST(Accept, views_windows_means_and_exchanges) {
  for (const std::string& text : {kHeads, kWindows, kMeans, kScatteredRows, kExchange}) {
    const Case made = certified(text);
    EXPECT_EQ(refusal(made.document, made.certificate), "") << text;
  }
}

// Cut and joined along one dimension: what other members hold, in their order.
TEST(Accept, all_to_all_along_one_dimension) {
  const std::string points = R"(
input x:f32[8,3]
a:f32[8,3] = silu x
r:f32[2,2,2,3] = reshape a
t:f32[2,2,2,3] = transpose{dim0=0,dim1=1} r
u:f32[8,3] = reshape t
output u
plan same ranks 2
variable tp 2
@tp x0:f32[4,3] = bind x [4*tp:4*tp+4,0:3]
@tp a0:f32[4,3] = silu x0
@tp z0:f32[4,3] = all_to_all{dim=0,other_dim=0} a0 over tp
@tp yield z0 as u [4*tp:4*tp+4,0:3]
)";
  const Case made = certified(points);
  EXPECT_EQ(refusal(made.document, made.certificate), "");
}

// A column of b has the shape of x, which the reference stretches over all columns: here nothing is stretched any more.
TEST(Accept, a_slice_as_small_as_what_was_stretched) {
  const Case made = certified(R"(
input x:f32[4,1]
param b:f32[4,2]
s:f32[4,2] = add x b
output s
plan columns ranks 2
@0 x0:f32[4,1] = bind x [0:4,0:1]
@1 x1:f32[4,1] = bind x [0:4,0:1]
@0 b0:f32[4,1] = bind b [0:4,0:1]
@1 b1:f32[4,1] = bind b [0:4,1:2]
@0 s0:f32[4,1] = add x0 b0
@1 s1:f32[4,1] = add x1 b1
@0 yield s0 as s [0:4,0:1]
@1 yield s1 as s [0:4,1:2]
)");
  EXPECT_EQ(refusal(made.document, made.certificate), "");
}

void expect_accepted(const LlamaShape& shape, const Partition& partition) {
  for (const Form form : {Form::kExpanded, Form::kPattern}) {
    const Case one = certified(made(shape, partition, form));
    EXPECT_EQ(refusal(one.document, one.certificate), "") << one.document.plan.name;
  }
}
void expect_accepted(const LlamaShape& shape) {
  for (const Partition& partition : partitions()) expect_accepted(shape, partition);
}

TEST(Accept, generated_plans) { expect_accepted(tiny()); }
TEST(Accept, generated_plans_with_experts) { expect_accepted(tiny_experts()); }
TEST(Accept, generated_decode_loops) {
  for (const auto& [shape, partition] : decode_loops()) expect_accepted(shape, partition);
}
TEST(Accept, generated_plans_with_interleaved_stages) {
  for (const auto& [shape, partition] : interleavings()) expect_accepted(shape, partition);
}

}  // namespace
}  // namespace cep::logical
