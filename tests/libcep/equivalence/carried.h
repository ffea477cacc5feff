// Plans that carry a pending sum through operators that are linear in it.
#pragma once

#include <string>

namespace cep::logical {

// Two products in a row, added up behind the second.
inline const std::string kCarriedProduct = R"(
input x:f32[4,8]
param w:f32[6,8]
param v:f32[10,6]
y:f32[4,6] = linear x w
z:f32[4,10] = linear y v
output z
plan deferred ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp v0:f32[10,6] = bind v [0:10,0:6]
@tp p0:f32[4,6] = linear x0 w0
@tp q0:f32[4,10] = linear p0 v0
@tp z0:f32[4,10] = all_reduce q0 over tp
@tp yield z0 as z [0:4,0:10]
)";

// A pending sum, weighed by what softmax makes of a mask.
inline const std::string kCarriedMasked = R"(
input x:f32[4,8]
param w:f32[4,8]
input tokens:i64[1,4]
y:f32[4,4] = linear x w
v:f32[1,1,4,4] = reshape y
m:f32[1,1,4,4] = causal_mask tokens y
a:f32[1,1,4,4] = softmax{dim=-1} m
z:f32[1,1,4,4] = mul v a
output z
plan masked ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[4,4] = bind w [0:4,4*tp:4*tp+4]
@tp t0:i64[1,4] = bind tokens [0:1,0:4]
@tp p0:f32[4,4] = linear x0 w0
@tp v0:f32[1,1,4,4] = reshape p0
@tp m0:f32[1,1,4,4] = causal_mask t0 p0
@tp a0:f32[1,1,4,4] = softmax{dim=-1} m0
@tp q0:f32[1,1,4,4] = mul v0 a0
@tp z0:f32[1,1,4,4] = all_reduce q0 over tp
@tp yield z0 as z [0:1,0:1,0:4,0:4]
)";

// The gradient of scores that a mask was added to, pending behind softmax: what was added is not read again.
inline const std::string kCarriedGradient = R"(
input tokens:i64[1,4]
input s:f32[1,2,4,4]
input v:f32[1,2,4,8]
input g:f32[1,2,4,8]
m:f32[1,1,4,4] = causal_mask tokens s
t:f32[1,2,4,4] = add{alpha=1} s m
p:f32[1,2,4,4] = softmax{dim=-1} t
gp:f32[1,2,4,4] gv:f32[1,2,4,8] = matmul.bw g p v
gt:f32[1,2,4,4] = softmax.bw{dim=-1} gp t
gs:f32[1,2,4,4] gm:f32[1,1,4,4] = add.bw{alpha=1} gt s m
output gs
output gm
plan columns ranks 2
variable tp 2
@tp tokens0:i64[1,4] = bind tokens [0:1,0:4]
@tp s0:f32[1,2,4,4] = bind s [0:1,0:2,0:4,0:4]
@tp v0:f32[1,2,4,4] = bind v [0:1,0:2,0:4,4*tp:4*tp+4]
@tp g0:f32[1,2,4,4] = bind g [0:1,0:2,0:4,4*tp:4*tp+4]
@tp m0:f32[1,1,4,4] = causal_mask tokens0 s0
@tp t0:f32[1,2,4,4] = add{alpha=1} s0 m0
@tp p0:f32[1,2,4,4] = softmax{dim=-1} t0
@tp gp0:f32[1,2,4,4] gv0:f32[1,2,4,4] = matmul.bw g0 p0 v0
@tp gt0:f32[1,2,4,4] = softmax.bw{dim=-1} gp0 t0
@tp gs0:f32[1,2,4,4] gm0:f32[1,1,4,4] = add.bw{alpha=1} gt0 s0 m0
@tp gs1:f32[1,2,4,4] = all_reduce gs0 over tp
@tp gm1:f32[1,1,4,4] = all_reduce gm0 over tp
@tp yield gs1 as gs [0:1,0:2,0:4,0:4]
@tp yield gm1 as gm [0:1,0:1,0:4,0:4]
)";

// The second product's rows cut too: every rank of four has a quarter of both sums, two by two.
inline const std::string kCarriedTwice = R"(
input x:f32[4,8]
param w:f32[6,8]
param v:f32[10,6]
y:f32[4,6] = linear x w
z:f32[4,10] = linear y v
s:f32[4,10] = silu z
output s
plan deferred ranks 4
variable a 2
variable b 2
@2*a+b x0:f32[4,4] = bind x [0:4,4*a:4*a+4]
@2*a+b w0:f32[3,4] = bind w [3*b:3*b+3,4*a:4*a+4]
@2*a+b v0:f32[10,3] = bind v [0:10,3*b:3*b+3]
@2*a+b p0:f32[4,3] = linear x0 w0
@2*a+b q0:f32[4,10] = linear p0 v0
@2*a+b r0:f32[4,10] = all_reduce q0 over b
@2*a+b z0:f32[4,10] = all_reduce r0 over a
@2*a+b s0:f32[4,10] = silu z0
@2*a+b yield s0 as s [0:4,0:10]
)";

// A sum in each operand of a product: four ranks have all pairs.
inline const std::string kCarriedPairs = R"(
input x:f32[4,8]
input u:f32[4,2]
param w:f32[6,8]
param v:f32[6,2]
y:f32[4,6] = linear x w
z:f32[4,6] = linear u v
m:f32[4,6] = mul y z
output m
plan pairs ranks 4
variable a 2
variable b 2
@2*a+b x0:f32[4,4] = bind x [0:4,4*a:4*a+4]
@2*a+b w0:f32[6,4] = bind w [0:6,4*a:4*a+4]
@2*a+b u0:f32[4,1] = bind u [0:4,b:b+1]
@2*a+b v0:f32[6,1] = bind v [0:6,b:b+1]
@2*a+b p0:f32[4,6] = linear x0 w0
@2*a+b q0:f32[4,6] = linear u0 v0
@2*a+b n0:f32[4,6] = mul p0 q0
@2*a+b l0:f32[4,6] = all_reduce n0 over a
@2*a+b m0:f32[4,6] = all_reduce l0 over b
@2*a+b yield m0 as m [0:4,0:6]
)";

// A bias that one rank adds before the sum is complete.
inline const std::string kCarriedBias = R"(
input x:f32[4,8]
param w:f32[6,8]
param b:f32[6]
y:f32[4,6] = linear x w
z:f32[4,6] = add y b
s:f32[4,6] = silu z
output s
plan bias ranks 2
@0 x0:f32[4,4] = bind x [0:4,0:4]
@1 x1:f32[4,4] = bind x [0:4,4:8]
@0 w0:f32[6,4] = bind w [0:6,0:4]
@1 w1:f32[6,4] = bind w [0:6,4:8]
@0 b0:f32[6] = bind b [0:6]
@1 b1:f32[6] = bind b [0:6]
@0 p0:f32[4,6] = linear x0 w0
@1 p1:f32[4,6] = linear x1 w1
@0 q0:f32[4,6] = add p0 b0
@1 q1:f32[4,6] = identity p1
@0 z0:f32[4,6] = all_reduce q0 over 0,1 msg 1
@1 z1:f32[4,6] = all_reduce q1 over 0,1 msg 1
@0 s0:f32[4,6] = silu z0
@0 yield s0 as s [0:4,0:6]
)";

// Or every rank its half of it; the rows of the batch are scattered.
inline const std::string kCarriedHalves = R"(
input x:f32[4,8]
param w:f32[6,8]
param b:f32[6]
y:f32[4,6] = linear x w
z:f32[4,6] = add y b
s:f32[4,6] = silu z
output s
plan bias ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp b0:f32[6] = bind b [0:6]
@tp h0:f32[6] = div{constant=2} b0
@tp p0:f32[4,6] = linear x0 w0
@tp q0:f32[4,6] = add p0 h0
@tp z0:f32[2,6] = reduce_scatter{dim=0} q0 over tp
@tp s0:f32[2,6] = silu z0
@tp yield s0 as s [2*tp:2*tp+2,0:6]
)";

// A residual that one rank adds; its sum with the pending one goes through a product, and only then is added up.
inline const std::string kCarriedTerms = R"(
input x:f32[4,8]
input u:f32[4,6]
param w:f32[6,8]
param v:f32[10,6]
y:f32[4,6] = linear x w
r:f32[4,6] = add y u
z:f32[4,10] = linear r v
s:f32[4,10] = silu z
output s
plan residual ranks 2
@0 x0:f32[4,4] = bind x [0:4,0:4]
@1 x1:f32[4,4] = bind x [0:4,4:8]
@0 u0:f32[4,6] = bind u [0:4,0:6]
@1 u1:f32[4,6] = bind u [0:4,0:6]
@0 w0:f32[6,4] = bind w [0:6,0:4]
@1 w1:f32[6,4] = bind w [0:6,4:8]
@0 v0:f32[10,6] = bind v [0:10,0:6]
@1 v1:f32[10,6] = bind v [0:10,0:6]
@0 p0:f32[4,6] = linear x0 w0
@1 p1:f32[4,6] = linear x1 w1
@0 r0:f32[4,6] = add p0 u0
@1 r1:f32[4,6] = identity p1
@0 q0:f32[4,10] = linear r0 v0
@1 q1:f32[4,10] = linear r1 v1
@0 z0:f32[4,10] = all_reduce q0 over 0,1 msg 1
@1 z1:f32[4,10] = all_reduce q1 over 0,1 msg 1
@0 s0:f32[4,10] = silu z0
@0 yield s0 as s [0:4,0:10]
)";

// The same sum goes through two products, and is added up behind the second: a term of a term.
inline const std::string kCarriedDeep = R"(
input x:f32[4,8]
input u:f32[4,6]
param w:f32[6,8]
param v:f32[10,6]
y:f32[4,6] = linear x w
r:f32[4,6] = add y u
z:f32[4,10] = linear r v
l:f32[1] = sum_all z
output l
plan residual ranks 2
@0 x0:f32[4,4] = bind x [0:4,0:4]
@1 x1:f32[4,4] = bind x [0:4,4:8]
@0 u0:f32[4,6] = bind u [0:4,0:6]
@1 u1:f32[4,6] = bind u [0:4,0:6]
@0 w0:f32[6,4] = bind w [0:6,0:4]
@1 w1:f32[6,4] = bind w [0:6,4:8]
@0 v0:f32[10,6] = bind v [0:10,0:6]
@1 v1:f32[10,6] = bind v [0:10,0:6]
@0 p0:f32[4,6] = linear x0 w0
@1 p1:f32[4,6] = linear x1 w1
@0 r0:f32[4,6] = add p0 u0
@1 r1:f32[4,6] = identity p1
@0 q0:f32[4,10] = linear r0 v0
@1 q1:f32[4,10] = linear r1 v1
@0 k0:f32[1] = sum_all q0
@1 k1:f32[1] = sum_all q1
@0 l0:f32[1] = all_reduce k0 over 0,1 msg 1
@1 l1:f32[1] = all_reduce k1 over 0,1 msg 1
@0 yield l0 as l [0:1]
)";

}  // namespace cep::logical
