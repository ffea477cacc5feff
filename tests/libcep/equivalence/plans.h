// A sharded network in lines, and what changes in it.
#pragma once

#include <string>
#include <vector>

#include "cep/equivalence.h"
#include "support/logical_text.h"

namespace cep::logical {

inline std::string without(std::string text, const std::string& line) {
  const auto at = text.find(line + "\n");
  if (at == std::string::npos) throw std::runtime_error("no such line: " + line);
  return text.erase(at, line.size() + 1);
}
inline std::string with(std::string text, const std::string& line, const std::string& instead) {
  const auto at = text.find(line + "\n");
  if (at == std::string::npos) throw std::runtime_error("no such line: " + line);
  return text.replace(at, line.size(), instead);
}

// "" when proved; otherwise the id.
inline std::string refused(const std::string& text) {
  const auto verdict = prove(support::logical_text(text));
  const auto* no = std::get_if<NotProved>(&verdict);
  return no == nullptr ? "" : no->finding.id;
}
inline std::string message(const std::string& text) {
  const auto verdict = prove(support::logical_text(text));
  const auto* no = std::get_if<NotProved>(&verdict);
  return no == nullptr ? "" : to_string(no->finding);
}

// y = silu(x w') v', the first product by columns, the second by rows, on two ranks.
inline const std::string kTensorParallel = R"(
input x:f32[4,8]
param w:f32[6,8]
param v:f32[10,6]
h:f32[4,6] = linear x w
a:f32[4,6] = silu h
y:f32[4,10] = linear a v
output y
plan tensor-parallel ranks 2
@0 x0:f32[4,8] = bind x [0:4,0:8]
@0 w0:f32[3,8] = bind w [0:3,0:8]
@0 v0:f32[10,3] = bind v [0:10,0:3]
@1 x1:f32[4,8] = bind x [0:4,0:8]
@1 w1:f32[3,8] = bind w [3:6,0:8]
@1 v1:f32[10,3] = bind v [0:10,3:6]
@0 h0:f32[4,3] = linear x0 w0
@0 a0:f32[4,3] = silu h0
@0 p0:f32[4,10] = linear a0 v0
@1 h1:f32[4,3] = linear x1 w1
@1 a1:f32[4,3] = silu h1
@1 p1:f32[4,10] = linear a1 v1
@0 y0:f32[4,10] = all_reduce p0 over 0,1 msg 1
@1 y1:f32[4,10] = all_reduce p1 over 0,1 msg 1
@0 yield y0 as y [0:4,0:10]
@1 yield y1 as y [0:4,0:10]
)";

// The same once for all ranks.
inline const std::string kTensorParallelPattern = R"(
input x:f32[4,8]
param w:f32[6,8]
param v:f32[10,6]
h:f32[4,6] = linear x w
a:f32[4,6] = silu h
y:f32[4,10] = linear a v
output y
plan tensor-parallel ranks 2
variable tp 2
@tp x0:f32[4,8] = bind x [0:4,0:8]
@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]
@tp v0:f32[10,3] = bind v [0:10,3*tp:3*tp+3]
@tp h0:f32[4,3] = linear x0 w0
@tp a0:f32[4,3] = silu h0
@tp p0:f32[4,10] = linear a0 v0
@tp y0:f32[4,10] = all_reduce p0 over tp
@tp yield y0 as y [0:4,0:10]
)";

// A mask is added, and taken away again.
inline const std::string kAddedAndTakenAway = R"(
input i:i64[2,4]
input x:f32[1,1,4,4]
m:f32[1,1,4,4] = causal_mask i x
y:f32[1,1,4,4] = silu x
output y
plan mask ranks 1
@0 i0:i64[2,4] = bind i [0:2,0:4]
@0 x0:f32[1,1,4,4] = bind x [0:1,0:1,0:4,0:4]
@0 m0:f32[1,1,4,4] = causal_mask i0 x0
@0 t0:f32[1,1,4,4] = add{alpha=1} x0 m0
@0 u0:f32[1,1,4,4] = add{alpha=-1} t0 m0
@0 y0:f32[1,1,4,4] = silu u0
@0 yield y0 as y [0:1,0:1,0:4,0:4]
)";

// Four ranks over two by two rows: where a rank's row lies is no linear form of the rank, but of its two digits.
inline const std::string kTwoAxes = R"(
input x:f32[4,8]
param w:f32[8,8]
r:f32[2,2,8] = reshape x
a:f32[2,2,8] = silu r
b:f32[4,8] = reshape a
y:f32[4,8] = linear b w
output y
plan two-axes ranks 4
variable tp 4
@tp x0:f32[1,8] = bind x [tp:tp+1,0:8]
@tp w0:f32[8,2] = bind w [0:8,2*tp:2*tp+2]
@tp r0:f32[1,1,8] = reshape x0
@tp a0:f32[1,1,8] = silu r0
@tp b0:f32[1,8] = reshape a0
@tp g0:f32[4,8] = all_gather{dim=0} b0 over tp
@tp c0:f32[4,2] = chunk{dim=1} g0 over tp
@tp p0:f32[4,8] = linear c0 w0
@tp y0:f32[1,8] = reduce_scatter{dim=0} p0 over tp
@tp yield y0 as y [tp:tp+1,0:8]
)";
// The same, exchanged at once; and delivered as addends.
inline const std::string kTwoAxesExchanged = [] {
  std::string text = without(kTwoAxes, "@tp g0:f32[4,8] = all_gather{dim=0} b0 over tp");
  return with(text, "@tp c0:f32[4,2] = chunk{dim=1} g0 over tp",
              "@tp c0:f32[4,2] = all_to_all{dim=1,other_dim=0} b0 over tp");
}();
inline const std::string kTwoAxesParts = [] {
  std::string text = without(kTwoAxesExchanged, "@tp y0:f32[1,8] = reduce_scatter{dim=0} p0 over tp");
  return with(text, "@tp yield y0 as y [tp:tp+1,0:8]", "@tp yield p0 as y [0:4,0:8] part tp/4");
}();

// One product and its gradients, on two replicas of two micro-batches.
inline const std::string kDataParallel = R"(
input x:f32[8,3]
param w:f32[5,3]
seed s:f32[1]
y:f32[8,5] = linear x w
l:f32[1] = sum_all y
gy:f32[8,5] = sum_all.bw s y
gx:f32[8,3] gw:f32[5,3] = linear.bw gy x w
output gw
output l
plan data-parallel ranks 2
variable dp 2
@dp mb0 xa:f32[2,3] = bind x [4*dp:4*dp+2,0:3]
@dp mb1 xb:f32[2,3] = bind x [4*dp+2:4*dp+4,0:3]
@dp w0:f32[5,3] = bind w [0:5,0:3]
@dp s0:f32[1] = bind s [0:1]
@dp mb0 ya:f32[2,5] = linear xa w0
@dp mb0 la:f32[1] = sum_all ya
@dp mb0 gya:f32[2,5] = sum_all.bw s0 ya
@dp mb0 gxa:f32[2,3] gwa:f32[5,3] = linear.bw gya xa w0
@dp mb1 yb:f32[2,5] = linear xb w0
@dp mb1 lb:f32[1] = sum_all yb
@dp mb1 gyb:f32[2,5] = sum_all.bw s0 yb
@dp mb1 gxb:f32[2,3] gwb:f32[5,3] = linear.bw gyb xb w0
@dp gws:f32[5,3] = sum gwa gwb
@dp gwr:f32[5,3] = all_reduce gws over dp
@dp yield gwr as gw [0:5,0:3]
@dp yield la as l [0:1] part 2*dp/4
@dp yield lb as l [0:1] part 2*dp+1/4
)";

// Embedding rows cut unevenly: a window each, then the sum.
inline const std::string kWindows = R"(
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
)";

// A product by rows of the weight's columns: what each rank has is pending.
inline const std::string kPendingRows = R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
z:f32[4,6] = silu y
output z
plan rows ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[6,4] = bind w [0:6,4*tp:4*tp+4]
@tp p0:f32[4,6] = linear x0 w0
)";
// Its sum scattered along the sequence, then exchanged.
inline const std::string kScatteredRows = kPendingRows + R"(@tp s0:f32[2,6] = reduce_scatter{dim=0} p0 over tp
@tp z0:f32[2,6] = silu s0
@tp a0:f32[4,3] = all_to_all{dim=1,other_dim=0} z0 over tp
@tp yield a0 as z [0:4,3*tp:3*tp+3]
)";
// Whole before the silu.
inline const std::string kRows = kPendingRows + R"(@tp y0:f32[4,6] = all_reduce p0 over tp
@tp z0:f32[4,6] = silu y0
@tp yield z0 as z [0:4,0:6]
)";

// A mean of means.
inline const std::string kMeans = R"(
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
)";

// Embedding rows cut evenly.
inline const std::string kVocabulary = R"(
input ids:i64[4]
param w:f32[10,3]
y:f32[4,3] = embedding{start=0,stop=10} ids w
output y
plan vocabulary ranks 2
variable tp 2
@tp i0:i64[4] = bind ids [0:4]
@tp w0:f32[5,3] = bind w [5*tp:5*tp+5,0:3]
@tp p0:f32[4,3] = embedding{start=5*tp,stop=5*tp+5} i0 w0
@tp y0:f32[4,3] = all_reduce p0 over tp
@tp yield y0 as y [0:4,0:3]
)";

// Half of the rows each, gathered.
inline const std::string kGather = R"(
input x:f32[4,8]
y:f32[4,8] = silu x
output y
plan gather ranks 2
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@0 y0:f32[2,8] = silu x0
@1 y1:f32[2,8] = silu x1
@0 z0:f32[4,8] = all_gather{dim=0} y0 over 0,1 msg 1
@1 z1:f32[4,8] = all_gather{dim=0} y1 over 0,1 msg 1
@0 yield z0 as y [0:4,0:8]
@1 yield z1 as y [0:4,0:8]
)";

// kRows line by line; one rank goes on.
inline const std::string kRowsInLines = R"(
input x:f32[4,8]
param w:f32[6,8]
y:f32[4,6] = linear x w
z:f32[4,6] = silu y
output z
plan rows ranks 2
@0 x0:f32[4,4] = bind x [0:4,0:4]
@0 w0:f32[6,4] = bind w [0:6,0:4]
@1 x1:f32[4,4] = bind x [0:4,4:8]
@1 w1:f32[6,4] = bind w [0:6,4:8]
@0 p0:f32[4,6] = linear x0 w0
@1 p1:f32[4,6] = linear x1 w1
@0 y0:f32[4,6] = all_reduce p0 over 0,1 msg 1
@1 y1:f32[4,6] = all_reduce p1 over 0,1 msg 1
@0 z0:f32[4,6] = silu y0
@0 yield z0 as z [0:4,0:6]
)";

// Two consumers of one value: their gradients are added before the one all-reduce that both need.
inline const std::string kTwoSums = R"(
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
@tp s0:f32[4,8] = all_reduce p0 over tp
@tp y0:f32[4,8] = silu s0
@tp yield y0 as y [0:4,0:8]
)";

}  // namespace cep::logical
