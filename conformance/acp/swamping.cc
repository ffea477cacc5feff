// Swamping: +M and -M among ones. Every one that is added while M is in the same partial sum is lost, so the number of ones that
// survive tells which elements were summed together before M and -M met: the summation tree, seen from outside.
#include <algorithm>
#include <optional>
#include <random>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.reduce";
constexpr float kSwamp = 0x1p40f;  // half an ulp of it is far more than all ones together
constexpr std::int64_t kPatterns = 24;

struct NamedOrder {
  std::string_view name;
  cep::OrderKind kind;
};
constexpr NamedOrder kOrders[] = {{"chain", cep::OrderKind::kChain},
                                  {"blocked_tree", cep::OrderKind::kBlockedTree},
                                  {"blocked_index", cep::OrderKind::kBlockedIndex},
                                  {"lanes32", cep::OrderKind::kLanes32}};

bool is_blocked(cep::OrderKind kind) {
  return kind == cep::OrderKind::kBlockedTree || kind == cep::OrderKind::kBlockedIndex;
}

std::string text_of(cep::Order order) {
  for (const NamedOrder& row : kOrders) {
    if (row.kind != order.kind) continue;
    return std::string(row.name) + (is_blocked(order.kind) ? "(" + std::to_string(order.block) + ")" : "");
  }
  return "no order";
}

// y[p] = the sum over k of x[p,k], or of x[p,k] * 1, from +0.
cep::Region reduction(std::uint8_t combiner, cep::Order order, std::int64_t k) {
  cep::RegionBuilder r;
  const auto x = r.input({cep::Dtype::kF32, {kPatterns, k}});
  const auto y = r.output({cep::Dtype::kF32, {kPatterns}});
  r.begin_nest({kPatterns}, {k});
  const auto value = r.arg(r.read(x, {r.iter(0), r.iter(1)}));
  const auto one = combiner == ACP_COMBINE_FMA ? r.f32(1.0f) : ACP_NONE;
  r.reduce(combiner, order, r.f32(0.0f), value, one);
  r.write(y, {r.iter(0)}, r.acc(cep::Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

// The first rows put M and -M where blocks and lanes begin and end, the others anywhere.
cep::TensorBytes patterns(std::int64_t k, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> bits;
  for (std::int64_t p = 0; p < kPatterns; ++p) {
    std::vector<float> row(static_cast<std::size_t>(k), 1.0f);
    const std::uint64_t extent = static_cast<std::uint64_t>(k);
    std::uint64_t plus = random() % extent, minus = random() % extent;
    if (p < 8) {
      plus = static_cast<std::uint64_t>(p) % extent;
      minus = (plus + (std::uint64_t{1} << p)) % extent;
    }
    if (plus != minus) {
      row[plus] = kSwamp;
      row[minus] = -kSwamp;
    }
    for (const float value : row) bits.push_back(std::bit_cast<std::uint32_t>(value));
  }
  return f32_tensor({kPatterns, k}, bits);
}

// Every order that a device might have used instead of the one it claims.
std::vector<cep::Order> known_orders(std::int64_t k) {
  std::vector<cep::Order> orders = {{cep::OrderKind::kChain, 0}, {cep::OrderKind::kLanes32, 0}};
  for (std::uint32_t block = 1; block < k; block *= 2) {
    orders.push_back({cep::OrderKind::kBlockedTree, block});
    orders.push_back({cep::OrderKind::kBlockedIndex, block});
  }
  return orders;
}

// The inputs of each row from last to first: what a chain that runs downwards sees.
cep::TensorBytes reversed(const cep::TensorBytes& tensor, std::int64_t k) {
  std::vector<std::uint32_t> bits = f32_bits(tensor);
  for (auto row = bits.begin(); row != bits.end(); row += k) std::reverse(row, row + k);
  return f32_tensor(tensor.type.dims, bits);
}

// The known order that explains all bits.
std::string observed_order(std::uint8_t combiner, std::int64_t k, const cep::TensorBytes& input,
                           const Tensors& got) {
  for (const cep::Order order : known_orders(k)) {
    const auto bits = run_reference(reduction(combiner, order, k), {input});
    if (bits && *bits == got) return text_of(order);
  }
  const cep::Region chain = reduction(combiner, {cep::OrderKind::kChain, 0}, k);
  const auto bits = run_reference(chain, {reversed(input, k)});
  if (bits && *bits == got) return "chain from the last element";
  return "none of the known orders";
}

std::vector<Query> list(const Claims& claims, Tier tier) {
  std::vector<Query> queries;
  if (!claims.has("f32")) return queries;
  for (const std::string_view combiner : {"add", "fma"}) {
    for (const NamedOrder& row : kOrders) {
      if (!claims.exact(row.name)) continue;
      Query query{std::string(kName) + "." + std::string(combiner) + ".f32." + std::string(row.name), {}};
      if (is_blocked(row.kind)) query = query.with("block", "16");
      queries.push_back(query.with("k", "300"));
      if (tier == Tier::kFull) queries.push_back(query.with("k", "9001"));
    }
  }
  return queries;
}

struct Asked {
  std::uint8_t combiner = ACP_COMBINE_ADD;
  cep::Order order;
  std::int64_t k = 0;
};

std::optional<Asked> asked(const Query& query) {
  const std::vector<std::string> words = query.words_behind(kName);
  if (words.size() != 3 || words[1] != "f32" || (words[0] != "add" && words[0] != "fma")) return std::nullopt;
  Asked found;
  found.combiner = words[0] == "fma" ? ACP_COMBINE_FMA : ACP_COMBINE_ADD;
  found.k = query.number("k", 300);
  for (const NamedOrder& row : kOrders) {
    if (row.name == words[2]) found.order.kind = row.kind;
  }
  if (is_blocked(found.order.kind)) found.order.block = static_cast<std::uint32_t>(query.number("block", 16));
  const bool possible = found.order.kind != cep::OrderKind::kNone && found.k > 0 && found.k <= (1 << 20) &&
                        (!is_blocked(found.order.kind) || found.order.block > 0);
  return possible ? std::optional(found) : std::nullopt;
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto found = asked(query);
  if (!found) return {Verdict::kHarnessError, "", "no such reduction", "", ""};
  const cep::Region region = reduction(found->combiner, found->order, found->k);
  const cep::TensorBytes input = patterns(found->k, query.seed());
  const auto expected = run_reference(region, {input});
  if (!expected) return {Verdict::kHarnessError, "", acp::to_string(expected.error()), "", ""};
  const auto got = run_on(device, region, {input});
  if (!got) return unexpected(device, "the reduction was not run", got.error());
  const auto difference = first_difference(*expected, *got);
  if (!difference) return pass("observed " + text_of(found->order));
  const std::string observed = observed_order(found->combiner, found->k, input, *got);
  return fail("ACP-CONF-5", "claimed " + text_of(found->order) + ", observed " + observed,
              difference->expected, difference->got);
}

}  // namespace

Suite swamping_kinds() {
  return {{.name = kName,
           .what = "the order in which a reduction sums, from which ones survive among +M and -M",
           .shrink = {{"k", 1}},
           .list = list,
           .run = run,
           .about = {"ACP-CONF-5"}}};
}

}  // namespace conformance
