// Each certificate, or plan, differs in one place from one that is accepted.
#include <functional>

#include "certified.h"
#include "libcep/equivalence/carried.h"

namespace cep::logical {
namespace {

std::string changed(const Case& made, const std::function<void(LogicalCertificate&)>& change) {
  LogicalCertificate certificate = made.certificate;
  change(certificate);
  return id_of(made.document, certificate);
}
// The first piece of a tensor of the plan.
LogicalCertificate::Piece& piece(LogicalCertificate& certificate, Id tensor) {
  return certificate.pieces[certificate.facts[tensor].first_piece];
}
LogicalCertificate::Begin& begin(LogicalCertificate& certificate, Id tensor, std::uint32_t axis) {
  return certificate.begins[piece(certificate, tensor).first_begin + axis];
}
// The plan, with another line; the certificate of the first.
std::string against(const std::string& text, const std::string& line, const std::string& instead) {
  const Case made = certified(text);
  const Document other = document_of(with(text, line, instead));
  EXPECT_TRUE(check_logical(other));
  return id_with(made, other);
}

TEST(Reject, CEP_LCHK_1_of_another_document) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  EXPECT_EQ(changed(made, [](auto& c) { c.document.bytes[0] ^= 1; }), "CEP-LCHK-1");
}
TEST(Reject, CEP_LCHK_1_numbers_that_point_nowhere) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { c.facts.pop_back(); }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.views.pop_back(); }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.repeats.pop_back(); }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.repeats[0] = 3; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.values[0].tensor = 6; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.values[0].coordinates = 3; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[0].value = 6; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[0].value = kNone; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.pieces[0].pattern = kNone; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.pieces[0].first_begin = 0xfffffff0u; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.facts[0].first_piece = 0xfffffff0u; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.facts[0].pieces = 0xfffffff0u; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.begins[0].linear = 9; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.linears[0] = {1}; }), "CEP-LCHK-1");
  EXPECT_EQ(changed(made, [](auto& c) { c.linears.push_back({1}), c.begins[0].linear = 1; }), "CEP-LCHK-1");
}

using Radices = std::vector<std::vector<std::int64_t>>;
TEST(Reject, CEP_LCHK_1_digits_that_are_not_the_variables) {
  const Case made = certified(kTwoAxes);
  for (const Radices& radices : {Radices{{2}}, Radices{{2, 3}}, Radices{{2, 2, 2}}, Radices{{4, 0}},
                                 Radices{{-2, -2}}, Radices{{2, 2}, {1}}, Radices{{}}})
    EXPECT_EQ(changed(made, [&](auto& c) { c.digits = radices; }), "CEP-LCHK-1");
}
TEST(Reject, CEP_LCHK_4_digits_by_other_radices) {
  const Case made = certified(kTwoAxes);
  for (const Radices& radices : {Radices{}, Radices{{4}}, Radices{{4, 1}}})
    EXPECT_EQ(changed(made, [&](auto& c) { c.digits = radices; }), "CEP-LCHK-4");
}
TEST(Reject, CEP_LCHK_5_digits_the_other_way_round) {
  EXPECT_EQ(
      against(kTwoAxes, "@tp x0:f32[1,8] = bind x [tp:tp+1,0:8]", "@tp x0:f32[1,8] = bind x [3-tp:4-tp,0:8]"),
      "CEP-LCHK-5");
}

TEST(Reject, CEP_LCHK_2_an_axis_of_one) {
  EXPECT_EQ(changed(certified(kTensorParallel), [](auto& c) { c.values[0].extents[0] = 1; }), "CEP-LCHK-2");
  EXPECT_EQ(changed(certified(kTensorParallel), [](auto& c) { c.values[0].extents[0] = -4; }), "CEP-LCHK-2");
}

TEST(Reject, CEP_LCHK_3_a_view_that_is_none) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { c.values[3].extents[0] = 5; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { std::swap(c.views[3].dims[0], c.views[3].dims[1]); }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[3].dims[1] = c.views[3].dims[0]; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[3].dims[1][0] = 2; }), "CEP-LCHK-3");  // a reduced axis
  EXPECT_EQ(changed(made, [](auto& c) { c.views[3].denominator = 0; }), "CEP-LCHK-3");
  // The sum has another length than the operands, or none.
  EXPECT_EQ(changed(made, [](auto& c) { c.values[3].extents[2] = 4; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.values[3].extents.pop_back(); }), "CEP-LCHK-3");
}
// Two products of the same shape are not one value, whatever the certificate says.
TEST(Reject, CEP_LCHK_3_one_value_for_two_operators) {
  const Case made = certified(R"(
input x:f32[4,6]
a:f32[4,6] = silu x
b:f32[4,6] = silu a
c:f32[4,6] = rsqrt x
d:f32[4,6] = silu x
e:f32[4,6] = identity d
output b
plan one ranks 1
@0 x0:f32[4,6] = bind x [0:4,0:6]
@0 a0:f32[4,6] = silu x0
@0 b0:f32[4,6] = silu a0
@0 yield b0 as b [0:4,0:6]
)");
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  ASSERT_EQ(made.certificate.views[4].value, made.certificate.views[1].value);  // d is a
  for (const Id tensor : {2u, 3u})
    EXPECT_EQ(changed(made, [&](auto& c) { c.views[tensor] = c.views[1]; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[4].numerator = 2; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[5].numerator = 2; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [](auto& c) { c.views[5] = c.views[2]; }), "CEP-LCHK-3");
  // Nor does it come apart by an operand before there are shares.
  EXPECT_EQ(changed(made,
                    [](auto& c) {
                      c.views[5].numerator = 2;
                      c.values[c.views[5].value].apart = 0;
                    }),
            "CEP-LCHK-3");
  // A value may not lean on a tensor behind it.
  EXPECT_EQ(changed(made, [](auto& c) { c.values[c.views[1].value].tensor = 4; }), "CEP-LCHK-3");
}
// 2 x + b is not 2 (x + b), though each operand of the one sum is a multiple of the other's.
TEST(Reject, CEP_LCHK_3_a_multiple_of_one_operand_of_a_stretched_sum) {
  const Case made = certified(R"(
input x:f32[4,8]
param b:f32[8]
y:f32[4,8] = add x b
h:f32[4,8] = sum x x
z:f32[4,8] = add h b
output z
plan one ranks 1
@0 x0:f32[4,8] = bind x [0:4,0:8]
@0 b0:f32[8] = bind b [0:8]
@0 h0:f32[4,8] = sum x0 x0
@0 z0:f32[4,8] = add h0 b0
@0 yield z0 as z [0:4,0:8]
)");
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  LogicalCertificate doubled = made.certificate;
  doubled.views[4] = doubled.views[2];
  doubled.views[4].numerator = 2;
  EXPECT_EQ(refusal(made.document, doubled),
            "views[4]: a multiple of an operand with which the result does not scale [CEP-LCHK-3]");
}
// A real sum does not go through whole numbers.
TEST(Reject, CEP_LCHK_3_a_view_of_another_element) {
  Case made = certified(R"(
input a:f32[4]
t:f32[4] = identity a
output t
plan one ranks 1
@0 a0:f32[4] = bind a [0:4]
@0 u0:f32[4] = identity a0
@0 t0:f32[4] = identity u0
@0 yield t0 as t [0:4]
)");
  ASSERT_EQ(refusal(made.document, made.certificate), "");
  made.document.plan.program.tensors[1].element = Element::kI64;
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-4");
  made.document.reference.program.tensors[1].element = Element::kI64;
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-3");
}
TEST(Reject, CEP_LCHK_12_a_share_in_too_many_layouts) {
  const Case made = certified(R"(
input x:f32[4,8]
param w:f32[64,8]
param v:f32[10,64]
a:f32[2,2,2,2,2,2,8] = reshape w
y:f32[4,64] = linear x w
z:f32[4,10] = linear y v
output z
plan deferred ranks 2
variable tp 2
@tp x0:f32[4,4] = bind x [0:4,4*tp:4*tp+4]
@tp w0:f32[64,4] = bind w [0:64,4*tp:4*tp+4]
@tp v0:f32[10,64] = bind v [0:10,0:64]
@tp p0:f32[4,64] = linear x0 w0
@tp q0:f32[4,10] = linear p0 v0
@tp z0:f32[4,10] = all_reduce q0 over tp
@tp yield z0 as z [0:4,0:10]
)");
  const auto with_layouts = [](std::size_t count) {
    return [count](LogicalCertificate& c) {
      auto share = *std::ranges::find_if(c.values, [](const auto& value) { return !value.parts.empty(); });
      for (std::size_t i = 1; i < count; ++i) {
        ASSERT_TRUE(std::ranges::next_permutation(share.parts[0].dims[1]).found);
        c.values.push_back(share);
      }
    };
  };
  EXPECT_EQ(changed(made, with_layouts(64)), "");
  EXPECT_EQ(changed(made, with_layouts(65)), "CEP-LCHK-12");
}
// What a value comes apart into stands before it: else two of them could come apart into each other.
TEST(Reject, CEP_LCHK_3_comes_apart_into_a_later_value) {
  const Case made = certified(kCarriedTerms);
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  const auto exchange = [](LogicalCertificate& c, Id a, Id b) {
    const auto to = [&](Id& id) { id = id == a ? b : id == b ? a : id; };
    std::swap(c.values[a], c.values[b]);
    for (auto& value : c.values) {
      for (auto& part : value.parts) to(part.value);
    }
    for (auto& view : c.views) to(view.value);
    for (auto& pattern : c.patterns) to(pattern.value);
  };
  const Id r = made.certificate.views[5].value, z = made.certificate.views[6].value;
  ASSERT_TRUE(made.certificate.values[r].tensor == 5 && made.certificate.values[z].tensor == 6);
  ASSERT_EQ(made.certificate.values[z].apart, 0u);  // linear in r
  EXPECT_EQ(changed(made, [&](auto& c) { exchange(c, r, z); }), "CEP-LCHK-3");
  // By an operand that there is not, by the one that is no sum, or by none, the shares of z are not z.
  for (const std::uint32_t by : {1u, 2u, kNone})
    EXPECT_EQ(changed(made, [&](auto& c) { c.values[z].apart = by; }), "CEP-LCHK-8");
}
TEST(Reject, CEP_LCHK_3_an_attribute_without_a_meaning) {
  Case made = certified(kTensorParallel);
  made.document.reference.program.operations[1].attributes = {{"dim", std::int64_t{1}}};
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-3");
}

TEST(Reject, CEP_LCHK_4_a_fact_that_does_not_fit_its_tensor) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 1, 0).constant = 4; }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 1, 0).constant = -1; }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 1).pattern].sizes[0] = 2; }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 1).pattern].sizes[0] = 9; }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 1).pattern].dims[0].clear(); }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 1).pattern].denominator = 0; }), "CEP-LCHK-4");
  EXPECT_EQ(changed(made, [](auto& c) { c.facts[1].pieces = 0; }), "CEP-LCHK-4");
}
TEST(Reject, CEP_LCHK_4_another_element) {
  Case made = certified(kTensorParallel);
  made.document.plan.program.tensors[7].element = Element::kBf16;
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-4");
}

TEST(Reject, CEP_LCHK_5_another_slice_than_bound) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 4, 0).constant = 2; }), "CEP-LCHK-5");
  EXPECT_EQ(against(kTensorParallelPattern, "@tp w0:f32[3,8] = bind w [3*tp:3*tp+3,0:8]",
                    "@tp w0:f32[3,8] = bind w [2*tp:2*tp+3,0:8]"),
            "CEP-LCHK-5");
}

TEST(Reject, CEP_LCHK_6_an_operator_that_is_not_repeated) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { c.repeats[0] = kNone; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { c.repeats[0] = 1; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { c.repeats[0] = 2; }), "CEP-LCHK-6");
  EXPECT_EQ(against(kTensorParallel, "@0 a0:f32[4,3] = silu h0", "@0 a0:f32[4,3] = rsqrt h0"), "CEP-LCHK-6");
  EXPECT_EQ(against(kTensorParallel, "@0 p0:f32[4,10] = linear a0 v0", "@0 p0:f32[4,10] = linear h0 v0"),
            "CEP-LCHK-6");
  EXPECT_EQ(against(kTensorParallel, "@0 a0:f32[4,3] = silu h0", "@0 a0:f32[4,3] = silu{dim=1} h0"),
            "CEP-LCHK-6");
}
TEST(Reject, CEP_LCHK_6_another_result_than_the_cuts_make) {
  const Case made = certified(kTensorParallel);
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 6, 1).constant = 1; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 8).pattern].numerator = 2; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 8).pattern].sizes[2] = 2; }), "CEP-LCHK-6");
}
TEST(Reject, CEP_LCHK_6_a_pending_sum_or_a_part_of_what_must_be_whole) {
  const std::string& text = kRows;
  EXPECT_EQ(against(text, "@tp z0:f32[4,6] = silu y0", "@tp z0:f32[4,6] = silu p0"), "CEP-LCHK-6");
}
TEST(Reject, CEP_LCHK_6_a_cast_to_another_element_than_the_result_has) {
  const std::string text = R"(
input x:f32[4]
y:f32[4] = silu x
output y
plan casts ranks 1
@0 x0:f32[4] = bind x [0:4]
@0 c0:f32[4] = cast{to=f32} x0
@0 y0:f32[4] = silu c0
@0 b0:f32[4] = cast.bw{to=f32} y0 c0
@0 yield b0 as y [0:4]
)";
  const std::string line = "@0 c0:f32[4] = cast{to=f32} x0";
  EXPECT_EQ(refusal(document_of(text), certified(text).certificate), "");
  EXPECT_EQ(against(text, line, "@0 c0:f32[4] = cast{to=f16} x0"), "CEP-LCHK-6");
  EXPECT_EQ(against(text, line, "@0 c0:f32[4] = cast x0"), "CEP-LCHK-6");
  // An addition has two operands, or one and a constant.
  const std::string back = "@0 b0:f32[4] = cast.bw{to=f32} y0 c0";
  EXPECT_EQ(against(text, back, "@0 b0:f32[4] = add.bw{alpha=1.0,constant=3.0} y0 c0"), "");
  EXPECT_EQ(against(text, back, "@0 b0:f32[4] = add.bw{alpha=1.0} y0 c0"), "CEP-LCHK-6");
}

TEST(Reject, CEP_LCHK_6_a_window_beside_its_piece) {
  const std::string& text = kVocabulary;
  const std::string line = "@tp p0:f32[4,3] = embedding{start=5*tp,stop=5*tp+5} i0 w0";
  EXPECT_EQ(against(text, line, "@tp p0:f32[4,3] = embedding{start=0,stop=5} i0 w0"), "CEP-LCHK-6");
  EXPECT_EQ(against(text, line, "@tp p0:f32[4,3] = embedding{start=5*tp,stop=5*tp+4} i0 w0"), "CEP-LCHK-6");
}

TEST(Reject, CEP_LCHK_6_a_window_of_the_reference_that_starts_elsewhere) {
  EXPECT_EQ(against(kVocabulary, "y:f32[4,3] = embedding{start=0,stop=10} ids w",
                    "y:f32[4,3] = embedding{start=5,stop=15} ids w"),
            "CEP-LCHK-6");
}

TEST(Reject, CEP_LCHK_6_not_what_is_linear_in_a_pending_sum) {
  EXPECT_EQ(against(kCarriedBias, "@0 q0:f32[4,6] = add p0 b0", "@0 q0:f32[4,6] = add{alpha=2} p0 b0"),
            "CEP-LCHK-6");
  // The share of another piece, or a multiple of it.
  const Case made = certified(kCarriedProduct);
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 4).pattern].numerator = 2; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 4).pattern].sizes[3] = 2; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 4, 3) = {}; }), "CEP-LCHK-6");
}

// Each # as the number, each % as the next.
std::string numbered(std::string_view lines, int number) {
  std::string text;
  for (const char c : lines) {
    if (c == '#' || c == '%') {
      text += std::to_string(c == '#' ? number : number + 1);
    } else {
      text += c;
    }
  }
  return text;
}
// A product's sum over 96 ranks, of which each gets a row; rank `to` holds the columns of `from`.
std::string scattered(int to, int from) {
  std::string text =
      "input x:f32[96,96]\nparam w:f32[3,96]\ny:f32[96,3] = linear x w\noutput y\nplan rows ranks 96\n";
  std::string scatters, yields, members;
  for (int rank = 0; rank < 96; ++rank) members += numbered(rank == 0 ? "#" : ",#", rank);
  for (int rank = 0; rank < 96; ++rank) {
    const int holds = rank == to ? from : rank;
    text.append(numbered("@# x#:f32[96,1] = bind x ", rank)).append(numbered("[0:96,#:%]\n", holds));
    text.append(numbered("@# w#:f32[3,1] = bind w ", rank)).append(numbered("[0:3,#:%]\n", holds));
    text += numbered("@# p#:f32[96,3] = linear x# w#\n", rank);
    scatters.append(numbered("@# y#:f32[1,3] = reduce_scatter{dim=0} p# over ", rank));
    scatters.append(members).append(" msg 1\n");
    yields += numbered("@# yield y# as y [#:%,0:3]\n", rank);
  }
  return text + scatters + yields;
}
TEST(Reject, CEP_LCHK_8_one_of_many_members) {
  const Case made = certified(scattered(0, 0));
  EXPECT_EQ(id_of(made.document, made.certificate), "");
  // Its bind is refused first; with the fact of what it holds, the sum.
  for (const auto& [to, from] : {std::pair{0, 1}, {95, 94}, {40, 41}, {40, 3}}) {
    const Document other = document_of(scattered(to, from));
    EXPECT_EQ(id_with(made, other), "CEP-LCHK-5");
    const auto facts = [&, rank = static_cast<Id>(to)](LogicalCertificate& c) {
      for (const Id part : {0u, 1u, 2u}) c.facts[3 * rank + part] = c.facts[3 * static_cast<Id>(from) + part];
    };
    Case both = made;
    facts(both.certificate);
    EXPECT_EQ(id_with(both, other), "CEP-LCHK-8");
  }
}

// The certificate of the same product beside what softmax makes of the mask.
TEST(Reject, CEP_LCHK_3_a_share_beside_a_mask) {
  const std::string node = "a:f32[1,1,4,4] = softmax{dim=-1} m",
                    line = "@tp a0:f32[1,1,4,4] = softmax{dim=-1} m0";
  const Case made = certified(kCarriedMasked);
  EXPECT_EQ(id_of(made.document, made.certificate), "");
  const std::string masked =
      with(with(kCarriedMasked, node, "a:f32[1,1,4,4] = silu m"), line, "@tp a0:f32[1,1,4,4] = silu m0");
  EXPECT_EQ(id_with(made, document_of(masked)), "CEP-LCHK-3");
}

TEST(Reject, CEP_LCHK_3_a_share_that_is_none) {
  const Case made = certified(kCarriedProduct);
  const auto share = [](LogicalCertificate& c) -> auto& {
    return *std::ranges::find_if(c.values, [](const auto& value) { return !value.parts.empty(); });
  };
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).tensor = 0; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).parts[0].operand = 1; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).parts[0].operand = 2; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).parts[0].value = 0; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).parts[0].value = kNone; }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { std::swap(share(c).parts[0].dims[0], share(c).parts[0].dims[1]); }),
            "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).parts.push_back(share(c).parts[0]); }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).extents.pop_back(); }), "CEP-LCHK-3");
  EXPECT_EQ(changed(made, [&](auto& c) { share(c).extents.push_back(2); }), "CEP-LCHK-3");
  // Where an operator is not linear in the operand.
  EXPECT_EQ(changed(certified(kCarriedTerms),
                    [&](auto& c) {
                      auto& value = share(c);
                      value.tensor = 7;  // the silu
                      value.extents.resize(2);
                    }),
            "CEP-LCHK-3");
}

TEST(Reject, CEP_LCHK_7_a_sum_that_is_another) {
  EXPECT_EQ(against(kDataParallel, "@dp gws:f32[5,3] = sum gwa gwb", "@dp gws:f32[5,3] = sum gwa gwa"),
            "CEP-LCHK-7");
  EXPECT_EQ(against(kDataParallel, "@dp gws:f32[5,3] = sum gwa gwb", "@dp gws:f32[5,3] = identity gwa"),
            "CEP-LCHK-7");
  const Case made = certified(kDataParallel);
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 14).pattern].numerator = 2; }), "CEP-LCHK-7");
}

TEST(Reject, CEP_LCHK_6_the_gradient_of_something_of_another_shape) {
  const std::string text = R"(
param g:f32[4,6]
param x:f32[4,6]
param z:f32[1,6]
y:f32[4,6] = silu g
output y
plan view ranks 1
@0 g0:f32[4,6] = bind g [0:4,0:6]
@0 x0:f32[4,6] = bind x [0:4,0:6]
@0 z0:f32[1,6] = bind z [0:1,0:6]
@0 v0:f32[4,6] = div.bw{constant=1} g0 x0
@0 y0:f32[4,6] = silu v0
@0 yield y0 as y [0:4,0:6]
)";
  const std::string line = "@0 v0:f32[4,6] = div.bw{constant=1} g0 x0";
  for (const std::string operation :
       {"div.bw{constant=1}", "cast.bw{to=f32}", "reshape.bw", "add.bw{constant=1}"}) {
    EXPECT_EQ(against(text, line, "@0 v0:f32[4,6] = " + operation + " g0 x0"), "") << operation;
    EXPECT_EQ(against(text, line, "@0 v0:f32[4,6] = " + operation + " g0 z0"), "CEP-LCHK-6") << operation;
  }
  // These have no backward form.
  EXPECT_EQ(against(text, line, "@0 v0:f32[4,6] = identity.bw g0 x0"), "CEP-LCHK-6");
  EXPECT_EQ(against(text, line, "@0 v0:f32[4,6] = copy.bw g0"), "CEP-LCHK-6");
  EXPECT_EQ(against(text, line, "@0 v0:f32[4,6] = sum.bw g0"), "CEP-LCHK-6");
}

// A line says that a mask, added and taken away again, is gone.
TEST(Reject, CEP_LCHK_7_added_and_taken_away_again) {
  const std::string line = "@0 y0:f32[1,1,4,4] = silu u0";
  Case made = certified(with(kAddedAndTakenAway, line, "@0 y0:f32[1,1,4,4] = silu x0"));
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  made.document = document_of(with(kAddedAndTakenAway, line, line));
  made.certificate.document = digest(made.document);
  const auto gone = [](auto& c) { c.facts[4] = c.facts[1]; };
  EXPECT_EQ(changed(made, gone), "CEP-LCHK-7");
}

TEST(Reject, CEP_LCHK_8_gathered_in_another_order) {
  Case made = certified(kGather);
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  std::swap(made.document.plan.groups[0].ranks[0], made.document.plan.groups[0].ranks[1]);
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-8");
}
TEST(Reject, CEP_LCHK_8_a_sum_over_too_few) {
  const Case made = certified(kTensorParallelPattern);
  // As if the piece were whole already: then there would be two of it.
  EXPECT_EQ(changed(made, [](auto& c) { c.patterns[piece(c, 6).pattern].numerator = 2; }), "CEP-LCHK-8");
}

// Two groups of two ranks: what the second one does is of a kind that was found right in the first.
const std::string kTwoGroups = R"(
input x:f32[8,8]
param w:f32[6,8]
y:f32[8,6] = linear x w
z:f32[8,6] = silu y
output z
plan groups ranks 4
@0 x0:f32[4,4] = bind x [0:4,0:4]
@0 w0:f32[6,4] = bind w [0:6,0:4]
@1 x1:f32[4,4] = bind x [0:4,4:8]
@1 w1:f32[6,4] = bind w [0:6,4:8]
@2 x2:f32[4,4] = bind x [4:8,0:4]
@2 w2:f32[6,4] = bind w [0:6,0:4]
@3 x3:f32[4,4] = bind x [4:8,4:8]
@3 w3:f32[6,4] = bind w [0:6,4:8]
@0 p0:f32[4,6] = linear x0 w0
@1 p1:f32[4,6] = linear x1 w1
@2 p2:f32[4,6] = linear x2 w2
@3 p3:f32[4,6] = linear x3 w3
@0 y0:f32[4,6] = all_reduce p0 over 0,1 msg 1
@1 y1:f32[4,6] = all_reduce p1 over 0,1 msg 1
@2 y2:f32[4,6] = all_reduce p2 over 2,3 msg 2
@3 y3:f32[4,6] = all_reduce p3 over 2,3 msg 2
@0 z0:f32[4,6] = silu y0
@2 z2:f32[4,6] = silu y2
@0 yield z0 as z [0:4,0:6]
@2 yield z2 as z [4:8,0:6]
)";

TEST(Reject, CEP_LCHK_6_like_a_line_before_it_but_for_where_a_piece_begins) {
  const Case made = certified(kTwoGroups);
  EXPECT_EQ(changed(made, [](auto&) {}), "");
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 17, 0).constant = 0; }), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 10, 0).constant = 2; }), "CEP-LCHK-6");
}
TEST(Reject, CEP_LCHK_8_like_a_sum_before_it_but_of_one_half_twice) {
  Case made = certified(kTwoGroups);
  made.document = document_of(
      with(with(kTwoGroups, "@3 x3:f32[4,4] = bind x [4:8,4:8]", "@3 x3:f32[4,4] = bind x [4:8,0:4]"),
           "@3 w3:f32[6,4] = bind w [0:6,4:8]", "@3 w3:f32[6,4] = bind w [0:6,0:4]"));
  made.certificate.document = digest(made.document);
  const auto halves = [](auto& c) { begin(c, 6, 1).constant = begin(c, 7, 1).constant = 0; };
  EXPECT_EQ(changed(made, halves), "CEP-LCHK-6");
  EXPECT_EQ(changed(made, [&](auto& c) { halves(c), begin(c, 11, 2).constant = 0; }), "CEP-LCHK-8");
}

TEST(Reject, CEP_LCHK_9_used_before_all_have_called) {
  const std::string& text = kRowsInLines;
  Case made = certified(text);
  std::vector<Node>& nodes = made.document.plan.program.nodes;
  std::swap(nodes[3], nodes[4]);
  std::swap(made.certificate.repeats[3], made.certificate.repeats[4]);
  made.certificate.document = digest(made.document);
  EXPECT_EQ(id_of(made.document, made.certificate), "CEP-LCHK-9");
}

TEST(Reject, CEP_LCHK_10_another_value_is_delivered) {
  EXPECT_EQ(against(kTensorParallelPattern, "@tp yield y0 as y [0:4,0:10]", "@tp yield p0 as y [0:4,0:10]"),
            "CEP-LCHK-10");
  EXPECT_EQ(against(kDataParallel, "@dp yield gwr as gw [0:5,0:3]", "@dp yield gws as gw [0:5,0:3]"),
            "CEP-LCHK-10");
}
TEST(Reject, CEP_LCHK_10_parts_twice_or_missing) {
  EXPECT_EQ(
      against(kDataParallel, "@dp yield lb as l [0:1] part 2*dp+1/4", "@dp yield lb as l [0:1] part 2*dp/4"),
      "CEP-LCHK-10");
  const Case made = certified(kDataParallel);
  EXPECT_EQ(id_with(made, document_of(without(kDataParallel, "@dp yield lb as l [0:1] part 2*dp+1/4"))),
            "CEP-LCHK-10");
}

TEST(Reject, CEP_LCHK_11_an_output_is_missing_or_twice) {
  const Case made = certified(kDataParallel);
  EXPECT_EQ(id_with(made, document_of(without(kDataParallel, "@dp yield gwr as gw [0:5,0:3]"))),
            "CEP-LCHK-11");
  const std::string text = R"(
input x:f32[4,8]
y:f32[4,8] = silu x
output y
plan overlap ranks 3
@0 x0:f32[2,8] = bind x [0:2,0:8]
@1 x1:f32[2,8] = bind x [2:4,0:8]
@2 x2:f32[2,8] = bind x [1:3,0:8]
@0 y0:f32[2,8] = silu x0
@1 y1:f32[2,8] = silu x1
@2 y2:f32[2,8] = silu x2
@0 yield y0 as y [0:2,0:8]
@1 yield y1 as y [2:4,0:8]
)";
  const Case whole = certified(text);
  EXPECT_EQ(changed(whole, [](auto&) {}), "");
  EXPECT_EQ(id_with(whole, document_of(text + "@2 yield y2 as y [1:3,0:8]\n")), "CEP-LCHK-11");
  EXPECT_EQ(id_with(whole, document_of(without(text, "@1 yield y1 as y [2:4,0:8]"))), "CEP-LCHK-11");
}

TEST(Reject, CEP_LCHK_12_over_a_limit) {
  const Case made = certified(kTensorParallelPattern);
  EXPECT_EQ(changed(made, [](auto& c) { c.values[0].extents.resize(17, 2); }), "CEP-LCHK-12");
  EXPECT_EQ(changed(made, [](auto& c) { begin(c, 1, 0).constant = INT64_MAX; }), "CEP-LCHK-12");
}

}  // namespace
}  // namespace cep::logical
