// Scalars: every scalar operation over random and special numbers, compared with the interpreter bit by bit.
#include <random>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.scalar";

struct OpRow {
  std::string_view name;
  std::uint8_t op;
  int arity;
  std::string_view dtypes;  // of its operands
};
constexpr OpRow kOps[] = {
    {"neg", ACP_SC_NEG, 1, "f32 i32 i64"},
    {"abs", ACP_SC_ABS, 1, "f32 i32 i64"},
    {"sqrt", ACP_SC_SQRT, 1, "f32"},
    {"rint", ACP_SC_RINT, 1, "f32"},
    {"add", ACP_SC_ADD, 2, "f32 i32 i64"},
    {"sub", ACP_SC_SUB, 2, "f32 i32 i64"},
    {"mul", ACP_SC_MUL, 2, "f32 i32 i64"},
    {"div", ACP_SC_DIV, 2, "f32"},
    {"min", ACP_SC_MIN, 2, "f32 i32 i64"},
    {"max", ACP_SC_MAX, 2, "f32 i32 i64"},
    {"lt", ACP_SC_LT, 2, "f32 i32 i64"},
    {"le", ACP_SC_LE, 2, "f32 i32 i64"},
    {"eq", ACP_SC_EQ, 2, "f32 i32 i64 bool"},
    {"and", ACP_SC_AND, 2, "i32 i64 bool"},
    {"or", ACP_SC_OR, 2, "i32 i64 bool"},
    {"xor", ACP_SC_XOR, 2, "i32 i64 bool"},
    {"shl", ACP_SC_SHL, 2, "i32 i64"},
    {"shr", ACP_SC_SHR, 2, "i32 i64"},
    {"fma", ACP_SC_FMA, 3, "f32 i32 i64"},
    {"select", ACP_SC_SELECT, 3, "f32 i32 i64 bool"},
    {"to_f32", ACP_SC_CAST, 1, "i32 i64 bool"},
    {"to_i32", ACP_SC_CAST, 1, "f32 i64 bool"},
    {"to_i64", ACP_SC_CAST, 1, "f32 i32 bool"},
    {"to_bool", ACP_SC_CAST, 1, "f32 i32 i64"},
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return words;
}

cep::RegionBuilder::Id value_of(cep::RegionBuilder& r, const OpRow& row,
                                const std::vector<cep::RegionBuilder::Id>& args) {
  if (row.op == ACP_SC_CAST) return r.cast(args[0], cep::dtype_named(row.name.substr(3)));
  if (row.op == ACP_SC_FMA) return r.fma(args[0], args[1], args[2]);
  if (row.op == ACP_SC_SELECT) return r.select(r.binary(ACP_SC_EQ, args[0], args[2]), args[1], args[2]);
  return row.arity == 1 ? r.unary(row.op, args[0]) : r.binary(row.op, args[0], args[1]);
}

cep::Region program(const OpRow& row, cep::Dtype dtype, std::int64_t n) {
  // A first pass over a scratch program only to learn the result's type.
  const auto build = [&](cep::RegionBuilder& r, cep::Dtype result) {
    std::vector<cep::RegionBuilder::Id> inputs, args;
    for (int i = 0; i < row.arity; ++i) inputs.push_back(r.input({dtype, {n}}));
    const auto y = r.output({result, {n}});
    r.begin_nest({n}, {});
    for (const auto input : inputs) args.push_back(r.arg(r.read(input, r.iters())));
    const auto value = value_of(r, row, args);
    r.write(y, r.iters(), value);
    r.end_nest();
    return r.dtype_of(value);
  };
  cep::RegionBuilder scratch, r;
  build(r, build(scratch, dtype));
  return std::move(r).finish();
}

std::vector<Query> list(const Claims& claims, Tier tier) {
  std::vector<Query> queries;
  if (!claims.exact("")) return queries;
  for (const OpRow& row : kOps) {
    for (const std::string& dtype : words_of(row.dtypes)) {
      if (!claims.has(dtype)) continue;
      if (row.op == ACP_SC_CAST && !claims.has(row.name.substr(3))) continue;
      if ((row.op == ACP_SC_SELECT || row.op == ACP_SC_EQ || row.op == ACP_SC_LT || row.op == ACP_SC_LE) &&
          !claims.has("bool")) {
        continue;
      }
      queries.push_back({std::string(kName) + "." + std::string(row.name) + "." + dtype,
                         {{"n", tier == Tier::kFull ? "65536" : "1024"}}});
    }
  }
  return queries;
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::vector<std::string> words = query.words_behind(kName);
  const std::int64_t n = query.number("n", 1024);
  if (words.size() == 2 && n <= (1 << 24)) {
    for (const OpRow& row : kOps) {
      const cep::Dtype dtype = cep::dtype_named(words[1]);
      if (row.name != words[0] || dtype == cep::Dtype::kUnknown) continue;
      const cep::Region region = program(row, dtype, n);
      std::mt19937_64 random(query.seed());
      return compare(device, region, random_inputs(region, random), "ACP-CONF-10");
    }
  }
  return {Verdict::kHarnessError, "", "no such operation", "", ""};
}

}  // namespace

Suite scalar_kinds() {
  return {{.name = kName,
           .what = "one scalar operation over random and special numbers, bit by bit",
           .shrink = {{"n", 1}},
           .list = list,
           .run = run,
           .about = {"ACP-CONF-10"}}};
}

}  // namespace conformance
