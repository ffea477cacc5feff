// What the prover proves, the checker accepts.
#include "certified.h"
#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

TEST(Accept, small_plans) {
  for (const std::string& text : {kTensorParallel, kTensorParallelPattern, kDataParallel}) {
    const Case made = certified(text);
    EXPECT_EQ(refusal(made.document, made.certificate), "");
  }
}

// Pending sums of two products, added before their one all-reduce: the line that completes them names the reference's sum.
TEST(Accept, a_sum_of_pending_sums) {
  const Case made = certified(R"(
input g:f32[4,6]
input k:f32[4,6]
param w:f32[6,8]
param v:f32[6,8]
input x:f32[4,8]
gx:f32[4,8] gw:f32[6,8] = linear.bw g x w
hx:f32[4,8] gv:f32[6,8] = linear.bw k x v
s:f32[4,8] = sum gx hx
y:f32[4,8] = silu s
output y
plan two ranks 2
variable tp 2
@tp g0:f32[4,3] = bind g [0:4,3*tp:3*tp+3]
@tp k0:f32[4,3] = bind k [0:4,3*tp:3*tp+3]
@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
@tp v0:f32[3,8] = bind v [3*tp:3*tp+3,0:8]
@tp x0:f32[4,8] = bind x [0:4,0:8]
@tp gx0:f32[4,8] gw0:f32[3,8] = linear.bw g0 x0 w0
@tp hx0:f32[4,8] gv0:f32[3,8] = linear.bw k0 x0 v0
@tp p0:f32[4,8] = sum gx0 hx0
@tp t0:f32[4,8] = all_reduce p0 over tp
@tp y0:f32[4,8] = silu t0
@tp yield y0 as y [0:4,0:8]
)");
  EXPECT_EQ(refusal(made.document, made.certificate), "");
}

// Reshapes and transposes, an embedding in uneven windows, means of means, scatter, all-to-all: one network each.
const char* const kNetworks[] = {R"(
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
)",
                                 R"(
input ids:i64[4]
param w:f32[10,3]
y:f32[4,3] = embedding{start=0,stop=10} ids w
output y
plan vocabulary ranks 2
@0 i0:i64[4] = bind ids [0:4]
@0 w0:f32[7,3] = bind w [0:7,0:3]
@0 p0:f32[4,3] = embedding{start=0,stop=7} i0 w0
@1 i1:i64[4] = bind ids [0:4]
@1 w1:f32[3,3] = bind w [7:10,0:3]
@1 p1:f32[4,3] = embedding{start=7,stop=10} i1 w1
@0 y0:f32[4,3] = all_reduce p0 over 0,1 msg 1
@1 y1:f32[4,3] = all_reduce p1 over 0,1 msg 1
@0 yield y0 as y [0:4,0:3]
@1 yield y1 as y [0:4,0:3]
)",
                                 R"(
input x:f32[4,6]
m:f32[4,1] = mean{dims=[1]} x
output m
plan means ranks 2
variable tp 2
@tp x0:f32[4,3] = bind x [0:4,3*tp:3*tp+3]
@tp a:f32[4,1] = mean{dims=[1]} x0
@tp b:f32[4,1] = div{constant=2} a
@tp c:f32[4,1] = all_reduce b over tp
@tp yield c as m [0:4,0:1]
)",
                                 R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
z:f32[4,6] = silu y
output z
plan sequence ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp p0:f32[4,6] = linear x0 w0
@tp s0:f32[2,6] = reduce_scatter{dim=0} p0 over tp
@tp z0:f32[2,6] = silu s0
@tp a0:f32[4,3] = all_to_all{dim=1,other_dim=0} z0 over tp
@tp yield a0 as z [0:4,3*tp:3*tp+3]
)",
                                 R"(
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
)"};

TEST(Accept, views_windows_means_and_exchanges) {
  for (const char* text : kNetworks) {
    const Case made = certified(std::string(text));
    EXPECT_EQ(refusal(made.document, made.certificate), "") << text;
  }
}

void expect_accepted(const LlamaShape& shape) {
  for (const Partition& partition : partitions()) {
    for (const Form form : {Form::kExpanded, Form::kPattern}) {
      const Case one = certified(made(shape, partition, form));
      EXPECT_EQ(refusal(one.document, one.certificate), "") << one.document.plan.name;
    }
  }
}

TEST(Accept, generated_plans) { expect_accepted(tiny()); }
TEST(Accept, generated_plans_with_experts) { expect_accepted(tiny_experts()); }

}  // namespace
}  // namespace cep::logical
