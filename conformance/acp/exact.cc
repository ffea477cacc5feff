// Exact: programs whose every step has an exact result, so that rounding, contraction and order can't show. Whatever a device claims of
// its numbers, there is one right answer: the identity times something, sums of ones of both signs, operators over small integers, wherever
// their results lie.
#include <bit>
#include <cfenv>
#include <random>

#include "acp/match.h"
#include "conformance/acp/cover.h"
#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kIdentity = "num.exact.identity";
constexpr std::string_view kOnes = "num.exact.ones";
constexpr std::string_view kOp = "num.exact.op";
constexpr std::string_view kInPlace = "num.exact.in_place";
constexpr std::string_view kRequirement = "ACP-CONF-20", kInPlaceRequirement = "ACP-CONF-22";

using Id = cep::RegionBuilder::Id;

enum class From : std::uint8_t { kZero, kSeed };

// y[i,j] = the sum over k of x[i,k] * w[k,j], from 0 or from seed[i,j], a third input.
cep::Region product(cep::Dtype dtype, std::int64_t rows, std::int64_t k, std::int64_t columns,
                    From from = From::kZero) {
  cep::RegionBuilder r;
  const Id x = r.input({dtype, {rows, k}}), w = r.input({dtype, {k, columns}});
  const Id seed = from == From::kSeed ? r.input({dtype, {rows, columns}}) : ACP_NONE;
  const Id y = r.output({dtype, {rows, columns}});
  r.begin_nest({rows, columns}, {k});
  const Id a = r.arg(r.read(x, {r.iter(0), r.iter(2)})), b = r.arg(r.read(w, {r.iter(2), r.iter(1)}));
  const Id first = from == From::kSeed         ? r.arg(r.read(seed, {r.iter(0), r.iter(1)}))
                   : dtype == cep::Dtype::kF32 ? r.f32(0.0f)
                   : dtype == cep::Dtype::kI32 ? r.i32(0)
                                               : r.i64(0);
  r.reduce(ACP_COMBINE_FMA, {cep::OrderKind::kChain, 0}, first, a, b);
  r.write(y, {r.iter(0), r.iter(1)}, r.acc(dtype));
  r.end_nest();
  return std::move(r).finish();
}

// y[i,j] = x[i,j] + w[j,i].
cep::Region sum_with_transposed(cep::Dtype dtype, std::int64_t n) {
  cep::RegionBuilder r;
  const Id x = r.input({dtype, {n, n}}), w = r.input({dtype, {n, n}}), y = r.output({dtype, {n, n}});
  r.begin_nest({n, n}, {});
  const Id a = r.arg(r.read(x, {r.iter(0), r.iter(1)})), b = r.arg(r.read(w, {r.iter(1), r.iter(0)}));
  r.write(y, {r.iter(0), r.iter(1)}, r.add(a, b));
  r.end_nest();
  return std::move(r).finish();
}

std::uint64_t one(cep::Dtype dtype, bool negative) {
  if (dtype == cep::Dtype::kF32) return negative ? 0xbf800000 : 0x3f800000;
  return negative ? ~std::uint64_t{0} : 1;
}

std::uint64_t whole(cep::Dtype dtype, std::uint64_t value) {
  return dtype == cep::Dtype::kF32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value)) : value;
}

// A number that is neither zero, nor subnormal, nor near the largest: a product with 1 keeps it, a sum with 0 too.
std::uint64_t plain_number(cep::Dtype dtype, std::uint64_t r) {
  if (dtype != cep::Dtype::kF32)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(r >> 40) - (1 << 23));
  const std::uint64_t exponent = 64 + r % 126;
  return (r >> 32 & 0x807fffff) | exponent << 23;
}

template <typename Make>
cep::TensorBytes tensor_of(cep::Dtype dtype, const cep::Dims& dims, Make element) {
  cep::Elements elements;
  const std::int64_t count = cep::volume(dims);
  elements.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) elements.push_back({element(i), cep::Value::kConcrete});
  return cep::bytes_from_elements({dtype, dims}, elements);
}

Outcome no_such_case() { return {Verdict::kHarnessError, "", "no such exact program", "", ""}; }

constexpr std::string_view kDtypes[] = {"f32", "i32", "i64"};

std::vector<Query> list_products(const Claims& claims, std::string_view kind, std::string_view key,
                                 const std::vector<const char*>& sizes) {
  std::vector<Query> queries;
  if (!claims.regions) return queries;
  for (const std::string_view dtype : kDtypes) {
    if (!claims.has(dtype)) continue;
    for (const char* size : sizes)
      queries.push_back({std::string(kind) + "." + std::string(dtype), {{std::string(key), size}}});
  }
  return queries;
}

std::vector<Query> list_identity(const Claims& claims, Tier tier) {
  if (tier == Tier::kFull) return list_products(claims, kIdentity, "n", {"1", "17", "65"});
  return list_products(claims, kIdentity, "n", {"17"});
}

std::vector<Query> list_in_place(const Claims& claims, Tier tier) {
  if (tier == Tier::kFull) return list_products(claims, kInPlace, "n", {"1", "17", "65", "200"});
  return list_products(claims, kInPlace, "n", {"17", "65"});
}

std::vector<Query> list_ones(const Claims& claims, Tier tier) {
  if (tier == Tier::kFull) return list_products(claims, kOnes, "k", {"1", "31", "300", "4097", "20000"});
  return list_products(claims, kOnes, "k", {"31", "300", "4097"});
}

// The element type behind the kind, or unknown.
cep::Dtype dtype_behind(const Query& query, std::string_view kind) {
  const std::vector<std::string> words = query.words_behind(kind);
  if (words.size() != 1) return cep::Dtype::kUnknown;
  const cep::Dtype dtype = cep::dtype_named(words[0]);
  return dtype == cep::Dtype::kBool ? cep::Dtype::kUnknown : dtype;
}

// The identity on either side gives back the other factor, bit by bit: no reference is needed.
Outcome run_identity(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::int64_t n = query.number("n", 17);
  const cep::Dtype dtype = dtype_behind(query, kIdentity);
  if (dtype == cep::Dtype::kUnknown || n < 1 || n > 512) return no_such_case();
  std::mt19937_64 random(query.seed());
  const cep::TensorBytes x =
      tensor_of(dtype, {n, n}, [&](std::int64_t) { return plain_number(dtype, random()); });
  const cep::TensorBytes unit =
      tensor_of(dtype, {n, n}, [&](std::int64_t i) { return i % (n + 1) == 0 ? one(dtype, false) : 0; });
  for (const Tensors& inputs : {Tensors{x, unit}, Tensors{unit, x}}) {
    const auto got = run_on(device, product(dtype, n, n, n), inputs);
    if (!got) return unexpected(device, "the product was not run", got.error());
    const auto difference = first_difference({x}, *got);
    if (!difference) continue;
    return fail(std::string(kRequirement),
                "a matrix times the identity is another matrix: element " +
                    std::to_string(difference->element) + ", " + std::to_string(difference->count) +
                    " elements differ",
                difference->expected, difference->got);
  }
  return pass();
}

// Sums of products of ones of both signs, counted here.
Outcome run_ones(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::int64_t k = query.number("k", 300), rows = 3, columns = 5;
  const cep::Dtype dtype = dtype_behind(query, kOnes);
  if (dtype == cep::Dtype::kUnknown || k < 1 || k > (1 << 20)) return no_such_case();
  std::mt19937_64 random(query.seed());
  std::vector<std::int64_t> x, w;
  const auto signs_of = [&](std::vector<std::int64_t>& signs) {
    return [&](std::int64_t) {
      const bool negative = random() % 3 == 0;
      signs.push_back(negative ? -1 : 1);
      return one(dtype, negative);
    };
  };
  const cep::TensorBytes left = tensor_of(dtype, {rows, k}, signs_of(x));
  const cep::TensorBytes right = tensor_of(dtype, {k, columns}, signs_of(w));
  const cep::TensorBytes sums = tensor_of(dtype, {rows, columns}, [&](std::int64_t i) {
    std::int64_t sum = 0;
    for (std::int64_t at = 0; at < k; ++at)
      sum += x[static_cast<std::size_t>(i / columns * k + at)] *
             w[static_cast<std::size_t>(at * columns + i % columns)];
    if (dtype != cep::Dtype::kF32) return static_cast<std::uint64_t>(sum);
    return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(static_cast<float>(sum)));
  });
  const auto got = run_on(device, product(dtype, rows, k, columns), {left, right});
  if (!got) return unexpected(device, "the sum was not run", got.error());
  const auto difference = first_difference({sums}, *got);
  if (!difference) return pass();
  return fail(std::string(kRequirement),
              "a sum of ones of both signs is wrong: element " + std::to_string(difference->element),
              difference->expected, difference->got);
}

// An output over the one input of which each point reads no other element than it writes: what a sum is added to, what a sum goes on from.
// The numbers are whole, from 1 to 4: sums and products are exact in any order, and none is what a cleared memory holds.
Outcome run_in_place(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::int64_t n = query.number("n", 17);
  const cep::Dtype dtype = dtype_behind(query, kInPlace);
  if (dtype == cep::Dtype::kUnknown || n < 1 || n > 512) return no_such_case();
  std::mt19937_64 random(query.seed());
  Tensors inputs;
  inputs.reserve(3);
  while (inputs.size() < 3)
    inputs.push_back(tensor_of(dtype, {n, n}, [&](std::int64_t) { return whole(dtype, 1 + random() % 4); }));
  struct Program {
    cep::Region region;
    Tensors inputs;
    std::size_t under;
  };
  const Program programs[] = {{sum_with_transposed(dtype, n), {inputs[0], inputs[1]}, 0},
                              {product(dtype, n, n, n, From::kSeed), inputs, 2}};
  for (const Program& program : programs) {
    const auto expected = run_reference(program.region, program.inputs);
    if (!expected) return {Verdict::kHarnessError, "", acp::to_string(expected.error()), "", ""};
    const auto got = run_on(device, program.region, program.inputs, program.under);
    if (!got) return unexpected(device, "the program was not run in place", got.error());
    const auto difference = first_difference(*expected, *got);
    if (!difference) continue;
    return fail(std::string(kInPlaceRequirement),
                "the output lies over inputs[" + std::to_string(program.under) +
                    "], and is another: element " + std::to_string(difference->element) + ", " +
                    std::to_string(difference->count) + " elements differ",
                difference->expected, difference->got);
  }
  return pass();
}

// Small integers that don't depend on a seed: whether every step is exact is then known before the case is listed.
Tensors small_integers(const cep::OpCase& op_case, const cep::Region& region) {
  Tensors tensors;
  std::int64_t at = 0;
  for (const cep::TensorType& type : types_of(region, ACP_ROLE_INPUT)) {
    tensors.push_back(tensor_of(type.dtype, type.dims, [&](std::int64_t) {
      const std::int64_t value = (++at * 7) % 5 - 2;
      if (type.dtype == cep::Dtype::kBool) return static_cast<std::uint64_t>(value & 1);
      if (type.dtype != cep::Dtype::kF32) return static_cast<std::uint64_t>(value);
      return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
    }));
  }
  put_known(op_case, tensors);
  return tensors;
}

// Whether the reference meets no rounding, no overflow, no NaN on the way.
bool is_exact(const cep::Region& region, const Tensors& inputs) {
  std::feclearexcept(FE_ALL_EXCEPT);
  const auto result = run_reference(region, inputs);
  return result &&
         std::fetestexcept(FE_INEXACT | FE_OVERFLOW | FE_UNDERFLOW | FE_INVALID | FE_DIVBYZERO) == 0;
}

// Only where the contract promises less than the canonical bits: elsewhere num.op asks more.
std::vector<Query> list_ops(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  for_each_covered(claims, [&](const Covered& covered) {
    if (covered.exact || covered.order.kind > cep::OrderKind::kChain) return;
    if (!is_exact(covered.region, small_integers(covered.op_case, covered.region))) return;
    queries.push_back(
        {std::string(kOp) + "." + std::string(covered.op.name), {{"case", std::to_string(covered.number)}}});
  });
  return queries;
}

Outcome run_op(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto chosen = op_case_of(query, kOp);
  if (!chosen) return {Verdict::kHarnessError, "", acp::to_string(chosen.error()), "", ""};
  return compare(device, chosen->region, small_integers(chosen->op_case, chosen->region),
                 std::string(kRequirement));
}

}  // namespace

Suite exact_kinds() {
  return {{.name = kIdentity,
           .what = "a matrix times the identity, on either side: the same matrix, whatever the contract",
           .shrink = {{"n", 1}},
           .list = list_identity,
           .run = run_identity,
           .about = {kRequirement}},
          {.name = kOnes,
           .what = "sums of ones of both signs: exact in every order, whatever the contract",
           .shrink = {{"k", 1}},
           .list = list_ones,
           .run = run_ones,
           .about = {kRequirement}},
          {.name = kInPlace,
           .what = "an output that lies over the input of which each point reads the element it writes",
           .shrink = {{"n", 1}},
           .list = list_in_place,
           .run = run_in_place,
           .about = {kInPlaceRequirement}},
          {.name = kOp,
           .what = "a case of an operator over small integers, where the contract promises no bits",
           .list = list_ops,
           .run = run_op,
           .about = {kRequirement}}};
}

}  // namespace conformance
