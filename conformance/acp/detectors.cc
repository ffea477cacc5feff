// Detectors: one number each that comes out differently when a term of the numeric contract is not kept. The expected bits are worked
// out by hand from CEP 3.3; the interpreter is held to them as well.
#include <array>
#include <optional>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.detect";

using Id = cep::RegionBuilder::Id;
using Builder = cep::RegionBuilder;

// The term of the contract that a row is about, and the sentence that binds it.
enum class Term : std::uint8_t { kContraction, kSubnormals, kNan, kRounding, kZeros, kMovement };
struct TermRow {
  Term term;
  std::string_view name;
  std::string_view requirement;
};
constexpr TermRow kTerms[] = {{Term::kContraction, "contraction", "ACP-CONF-9"},
                              {Term::kSubnormals, "subnormals", "ACP-CONF-7"},
                              {Term::kNan, "nan", "ACP-CONF-8"},
                              {Term::kRounding, "rounding", "ACP-CONF-6"},
                              {Term::kZeros, "zeros", "ACP-CONF-10"},
                              {Term::kMovement, "movement", "ACP-CONF-10"}};

struct Graph {
  std::string_view name;
  Id (*build)(Builder&, Id a, Id b, Id c);  // null: the reduction -1 + a * b
};
constexpr Graph kGraphs[] = {
    {"add", [](Builder& r, Id a, Id b, Id) { return r.add(a, b); }},
    {"sub", [](Builder& r, Id a, Id b, Id) { return r.sub(a, b); }},
    {"mul", [](Builder& r, Id a, Id b, Id) { return r.mul(a, b); }},
    {"div", [](Builder& r, Id a, Id b, Id) { return r.div(a, b); }},
    {"sqrt", [](Builder& r, Id a, Id, Id) { return r.unary(ACP_SC_SQRT, a); }},
    {"rint", [](Builder& r, Id a, Id, Id) { return r.unary(ACP_SC_RINT, a); }},
    {"max", [](Builder& r, Id a, Id b, Id) { return r.max(a, b); }},
    {"min", [](Builder& r, Id a, Id b, Id) { return r.min(a, b); }},
    {"max_zero", [](Builder& r, Id a, Id, Id) { return r.max(a, r.f32(0.0f)); }},
    {"neg", [](Builder& r, Id a, Id, Id) { return r.unary(ACP_SC_NEG, a); }},
    {"abs", [](Builder& r, Id a, Id, Id) { return r.unary(ACP_SC_ABS, a); }},
    {"copy", [](Builder&, Id a, Id, Id) { return a; }},
    {"fma", [](Builder& r, Id a, Id b, Id c) { return r.fma(a, b, c); }},
    {"mul_add", [](Builder& r, Id a, Id b, Id c) { return r.add(r.mul(a, b), c); }},
    {"dot", nullptr},
};

struct Row {
  Term term;
  std::string_view graph;
  std::array<std::uint32_t, 3> in;
  std::uint32_t out;
};
// 0x3f800001 = 1 + 2^-23, 0x3f7ffffe = 1 - 2^-23: the product is 1 - 2^-46, which rounds to 1. 0xa8800000 = -2^-46.
constexpr Row kRows[] = {
    {Term::kContraction, "mul_add", {0x3f800001, 0x3f7ffffe, 0xbf800000}, 0x00000000},
    {Term::kContraction, "fma", {0x3f800001, 0x3f7ffffe, 0xbf800000}, 0xa8800000},
    {Term::kContraction, "dot", {0x3f800001, 0x3f7ffffe, 0}, 0xa8800000},
    {Term::kSubnormals, "add", {0x00000001, 0x00000001, 0}, 0x00000002},
    {Term::kSubnormals, "sub", {0x00800000, 0x00000001, 0}, 0x007fffff},
    {Term::kSubnormals, "mul", {0x00800000, 0x3f000000, 0}, 0x00400000},
    {Term::kSubnormals, "mul", {0x00000001, 0x4b000000, 0}, 0x00800000},
    {Term::kSubnormals, "div", {0x80800000, 0x40000000, 0}, 0x80400000},
    {Term::kSubnormals, "sqrt", {0x00000001, 0, 0}, 0x1a3504f3},
    {Term::kSubnormals, "max", {0x00000001, 0x80000001, 0}, 0x00000001},
    {Term::kSubnormals, "max_zero", {0x00000001, 0, 0}, 0x00000001},
    {Term::kSubnormals, "fma", {0x00000001, 0x3f800000, 0x00000001}, 0x00000002},
    {Term::kNan, "add", {0x7fc12345, 0x3f800000, 0}, 0x7fc00000},
    {Term::kNan, "add", {0x3f800000, 0xffc54321, 0}, 0x7fc00000},
    {Term::kNan, "sub", {0x7f800000, 0x7f800000, 0}, 0x7fc00000},
    {Term::kNan, "mul", {0x00000000, 0xff800000, 0}, 0x7fc00000},
    {Term::kNan, "div", {0x80000000, 0x00000000, 0}, 0x7fc00000},
    {Term::kNan, "sqrt", {0xbf800000, 0, 0}, 0x7fc00000},
    {Term::kNan, "rint", {0xffc12345, 0, 0}, 0x7fc00000},
    {Term::kNan, "max", {0x7f812345, 0x3f800000, 0}, 0x7fc00000},
    {Term::kNan, "min", {0x3f800000, 0xff812345, 0}, 0x7fc00000},
    {Term::kNan, "max_zero", {0xffc12345, 0, 0}, 0x7fc00000},
    {Term::kNan, "fma", {0x7f800000, 0x00000000, 0x3f800000}, 0x7fc00000},
    // Ties go to the even neighbour: 1 + 2^-24 down, 1 + 2^-23 + 2^-24 up.
    {Term::kRounding, "add", {0x3f800000, 0x33800000, 0}, 0x3f800000},
    {Term::kRounding, "add", {0x3f800001, 0x33800000, 0}, 0x3f800002},
    {Term::kRounding, "rint", {0x3f000000, 0, 0}, 0x00000000},
    {Term::kRounding, "rint", {0x3fc00000, 0, 0}, 0x40000000},
    {Term::kRounding, "rint", {0x40200000, 0, 0}, 0x40000000},
    {Term::kRounding, "rint", {0xbf000000, 0, 0}, 0x80000000},
    {Term::kRounding, "sqrt", {0x40000000, 0, 0}, 0x3fb504f3},
    // sqrt(1 - 2^-24) = 1 - 2^-25 - 2^-51 - ..., just below the middle of 1 - 2^-24 and 1.
    {Term::kRounding, "sqrt", {0x3f7fffff, 0, 0}, 0x3f7fffff},
    {Term::kRounding, "div", {0x3f800000, 0x40400000, 0}, 0x3eaaaaab},
    // 1 / (1 - 2^-24) = 1 + 2^-24 + 2^-48 + ..., just above the middle of 1 and 1 + 2^-23.
    {Term::kRounding, "div", {0x3f800000, 0x3f7fffff, 0}, 0x3f800001},
    // 3/7 and 3/13: 3 times the rounded reciprocal is one ulp too large.
    {Term::kRounding, "div", {0x40400000, 0x40e00000, 0}, 0x3edb6db7},
    {Term::kRounding, "div", {0x40400000, 0x41500000, 0}, 0x3e6c4ec5},
    {Term::kRounding, "mul", {0x7f7fffff, 0x40000000, 0}, 0x7f800000},
    {Term::kZeros, "add", {0x80000000, 0x80000000, 0}, 0x80000000},
    {Term::kZeros, "add", {0x80000000, 0x00000000, 0}, 0x00000000},
    {Term::kZeros, "sub", {0x3f800000, 0x3f800000, 0}, 0x00000000},
    {Term::kZeros, "mul", {0x80000000, 0x3f800000, 0}, 0x80000000},
    {Term::kZeros, "sqrt", {0x80000000, 0, 0}, 0x80000000},
    {Term::kZeros, "max", {0x80000000, 0x00000000, 0}, 0x00000000},
    {Term::kZeros, "max", {0x00000000, 0x80000000, 0}, 0x00000000},
    {Term::kZeros, "min", {0x00000000, 0x80000000, 0}, 0x80000000},
    {Term::kZeros, "min", {0x80000000, 0x00000000, 0}, 0x80000000},
    {Term::kZeros, "max_zero", {0x80000000, 0, 0}, 0x00000000},
    {Term::kMovement, "copy", {0x7fc12345, 0, 0}, 0x7fc12345},
    {Term::kMovement, "copy", {0xff812345, 0, 0}, 0xff812345},
    {Term::kMovement, "copy", {0x80000000, 0, 0}, 0x80000000},
    {Term::kMovement, "copy", {0x80000001, 0, 0}, 0x80000001},
    {Term::kMovement, "neg", {0x7fc12345, 0, 0}, 0xffc12345},
    {Term::kMovement, "abs", {0xff812345, 0, 0}, 0x7f812345},
};

// A chain that starts from +0: its first product -0 must come out as +0 (CEP 3.3, "its step from nothing is a step from +0").
constexpr std::string_view kInitName = "num.detect.zeros.init";

cep::Region pointwise(const Graph& graph, std::int64_t n) {
  Builder r;
  const cep::TensorType type{cep::Dtype::kF32, {n}};
  const auto a = r.input(type), b = r.input(type), c = r.input(type), y = r.output(type);
  r.begin_nest({n}, {});
  const auto i = r.iters();
  const Id value = graph.build(r, r.arg(r.read(a, i)), r.arg(r.read(b, i)), r.arg(r.read(c, i)));
  r.write(y, i, value);
  r.end_nest();
  return std::move(r).finish();
}

// y[i] = fma(a[i], b[i], init), as a reduction of length 1.
cep::Region dot(float init, std::int64_t n) {
  Builder r;
  const cep::TensorType type{cep::Dtype::kF32, {n}};
  const auto a = r.input(type), b = r.input(type), unused = r.input(type), y = r.output(type);
  static_cast<void>(unused);
  r.begin_nest({n}, {1});
  const std::vector<Id> i = {r.iter(0)};
  r.reduce(ACP_COMBINE_FMA, {cep::OrderKind::kChain, 0}, r.f32(init), r.arg(r.read(a, i)),
           r.arg(r.read(b, i)));
  r.write(y, i, r.acc(cep::Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

bool claimed(const Claims& claims, Term term) {
  switch (term) {
    case Term::kContraction: return claims.contract.contraction == acp::Contraction::kFma;
    case Term::kSubnormals: return claims.contract.subnormals == acp::Subnormals::kKept;
    case Term::kNan: return claims.contract.nan == acp::Nan::kCanonical;
    case Term::kRounding: return claims.contract.rounding == acp::Rounding::kNearestEven;
    case Term::kZeros:
    case Term::kMovement: return claims.exact("");
  }
  return false;
}

std::string name_of(const TermRow& term, const Graph& graph) {
  return std::string(kName) + "." + std::string(term.name) + "." + std::string(graph.name);
}

std::vector<const Row*> rows_of(const TermRow& term, const Graph& graph) {
  std::vector<const Row*> rows;
  for (const Row& row : kRows) {
    if (row.term == term.term && row.graph == graph.name) rows.push_back(&row);
  }
  return rows;
}

std::vector<Query> list(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  if (!claims.regions || !claims.has("f32")) return queries;
  for (const TermRow& term : kTerms) {
    for (const Graph& graph : kGraphs) {
      if (claimed(claims, term.term) && !rows_of(term, graph).empty())
        queries.push_back({name_of(term, graph), {}});
    }
  }
  if (claims.exact("chain")) queries.push_back({std::string(kInitName), {}});
  return queries;
}

Outcome run_rows(const acp::Device& device, const cep::Region& region, const std::vector<const Row*>& rows,
                 std::string_view requirement) {
  const auto n = static_cast<std::int64_t>(rows.size());
  Tensors inputs;
  std::vector<std::uint32_t> bits, out;
  for (std::size_t column = 0; column < 3; ++column) {
    bits.clear();
    for (const Row* row : rows) bits.push_back(row->in[column]);
    inputs.push_back(f32_tensor({n}, bits));
  }
  for (const Row* row : rows) out.push_back(row->out);
  const Tensors expected = {f32_tensor({n}, out)};
  const auto reference = run_reference(region, inputs);
  if (!reference || *reference != expected)
    return {Verdict::kHarnessError, "", "the interpreter does not give the bits of the table", "", ""};
  const auto got = run_on(device, region, inputs);
  if (!got) return unexpected(device, "the program was not run", got.error());
  const auto difference = first_difference(expected, *got);
  if (!difference) return pass();
  const Row& row = *rows[difference->element];
  return fail(std::string(requirement),
              "inputs " + hex(row.in[0], 8) + ", " + hex(row.in[1], 8) + ", " + hex(row.in[2], 8),
              difference->expected, difference->got);
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  if (query.name == kInitName) {
    const Row row{Term::kZeros, "init", {0x80000000, 0x3f800000, 0}, 0x00000000};
    return run_rows(device, dot(0.0f, 1), {&row}, "ACP-CONF-10");
  }
  for (const TermRow& term : kTerms) {
    for (const Graph& graph : kGraphs) {
      const std::vector<const Row*> rows = rows_of(term, graph);
      if (query.name != name_of(term, graph) || rows.empty()) continue;
      const auto n = static_cast<std::int64_t>(rows.size());
      return run_rows(device, graph.build != nullptr ? pointwise(graph, n) : dot(-1.0f, n), rows,
                      term.requirement);
    }
  }
  return {Verdict::kHarnessError, "", "no such detector", "", ""};
}

std::string_view about_row(const Query& query) {
  for (const TermRow& term : kTerms) {
    if (query.name.starts_with(std::string(kName) + "." + std::string(term.name) + "."))
      return term.requirement;
  }
  return "ACP-CONF-10";
}

std::string table() {
  std::string text;
  for (const Row& row : kRows) {
    text.append(row.graph);
    for (const std::uint32_t bits : row.in) text += " " + hex(bits, 8);
    text += " " + hex(row.out, 8) + "\n";
  }
  return text;
}

}  // namespace

Suite detector_kinds() {
  return {
      {.name = kName,
       .what =
           "single numbers that betray a contraction, a flushed subnormal, a kept NaN payload, a lost sign",
       .list = list,
       .run = run,
       .about_case = about_row,
       .table = table}};
}

}  // namespace conformance
