// Random programs: nests nobody wrote, with guards, offsets, scalar graphs and reductions, compared with the interpreter.
#include <random>

#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.random";

using Id = cep::RegionBuilder::Id;

struct Choice {
  std::string_view name;
  cep::Order order;
};
constexpr Choice kOrders[] = {{"chain", {cep::OrderKind::kChain, 0}},
                              {"blocked_tree", {cep::OrderKind::kBlockedTree, 4}},
                              {"blocked_index", {cep::OrderKind::kBlockedIndex, 4}},
                              {"lanes32", {cep::OrderKind::kLanes32, 0}}};

// Makes one program of up to `n` scalar nodes over extents up to `k`.
class Generator {
 public:
  Generator(std::uint64_t seed, std::int64_t n, std::int64_t k, cep::Order order)
      : random_(seed), nodes_(n), extent_(k), order_(order) {}

  cep::Region make() {
    for (std::size_t d = 0, rank = 1 + below(3); d < rank; ++d) dims_.push_back(1 + roll(extent_));
    const bool reduces = below(2) == 0;
    const cep::Dims reduce = reduces ? cep::Dims{1 + roll(extent_ * 8)} : cep::Dims{};
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i)
      inputs_.push_back(input(reduces ? reduce[0] : 1));
    const Id y = r_.output({cep::Dtype::kF32, dims_});
    r_.begin_nest(dims_, reduce);
    for (const Id operand : inputs_) pool_.push_back(r_.arg(read(operand, reduces)));
    grow();
    Id value = pool_.back();
    if (reduces) {
      constexpr std::uint8_t kCombiners[] = {ACP_COMBINE_FMA, ACP_COMBINE_ADD, ACP_COMBINE_MAX,
                                             ACP_COMBINE_MIN};
      const std::uint8_t combiner = kCombiners[below(4)];
      const Id second = combiner == ACP_COMBINE_FMA ? any() : ACP_NONE;
      const Id init = below(2) == 0 ? r_.f32(0.0f) : cep::RegionBuilder::kTakeFirst;
      r_.reduce(combiner, order_, init, value, second);
      value = r_.max(r_.acc(cep::Dtype::kF32), r_.f32(-1e30f));
    }
    r_.write(y, iters(), value);
    r_.end_nest();
    return std::move(r_).finish();
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  std::int64_t roll(std::int64_t count) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
  }
  Id any() { return pool_[below(pool_.size())]; }

  // Indexed by the parallel iterators; the last axis also by the reduce iterator, when there is one.
  Id input(std::int64_t reduced) {
    cep::Dims dims = dims_;
    dims.back() += reduced;
    return r_.input({cep::Dtype::kF32, dims});
  }

  std::vector<Id> iters() {
    std::vector<Id> ids;
    ids.reserve(dims_.size() + 1);
    for (std::uint32_t i = 0; i < dims_.size(); ++i) ids.push_back(r_.iter(i));
    return ids;
  }

  // At the point itself, or shifted past the edge behind a guard.
  Id read(Id operand, bool reduces) {
    std::vector<Id> coord = iters();
    if (reduces) coord.back() = r_.ix_add(coord.back(), r_.iter(static_cast<std::uint32_t>(dims_.size())));
    if (below(2) == 0) return r_.read(operand, coord);
    const std::size_t axis = below(coord.size());
    const std::int64_t held = r_.region().operands[operand].extent[axis];
    coord[axis] = r_.ix_add(coord[axis], roll(3) - 1);
    return r_.read(operand, coord, {{coord[axis], 0, held}}, below(2) == 0 ? 0 : 0x80000000);
  }

  void grow() {
    constexpr std::uint8_t kBinary[] = {ACP_SC_ADD, ACP_SC_SUB, ACP_SC_MUL,
                                        ACP_SC_DIV, ACP_SC_MIN, ACP_SC_MAX};
    constexpr std::uint8_t kUnary[] = {ACP_SC_NEG, ACP_SC_ABS, ACP_SC_SQRT, ACP_SC_RINT};
    for (std::int64_t i = 0; i < nodes_; ++i) {
      switch (below(5)) {
        case 0: pool_.push_back(r_.unary(kUnary[below(4)], any())); break;
        case 1: pool_.push_back(r_.fma(any(), any(), any())); break;
        case 2: pool_.push_back(r_.select(r_.binary(ACP_SC_LT, any(), any()), any(), any())); break;
        default: pool_.push_back(r_.binary(kBinary[below(6)], any(), any()));
      }
    }
  }

  cep::RegionBuilder r_;
  std::mt19937_64 random_;
  std::int64_t nodes_, extent_;
  cep::Order order_;
  cep::Dims dims_;
  std::vector<Id> inputs_, pool_;
};

std::vector<Query> list(const Claims& claims, Tier tier) {
  std::vector<Query> queries;
  if (!claims.has("f32") || !claims.has("bool")) return queries;
  for (const Choice& choice : kOrders) {
    if (!claims.exact(choice.name)) continue;
    for (int i = 0; i < (tier == Tier::kFull ? 100 : 20); ++i) {
      queries.push_back({std::string(kName) + "." + std::string(choice.name),
                         {{"case", std::to_string(i)}, {"n", "8"}, {"k", "6"}}});
    }
  }
  return queries;
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const std::vector<std::string> words = query.words_behind(kName);
  const std::int64_t n = query.number("n", 8), k = query.number("k", 6);
  for (const Choice& choice : kOrders) {
    if (words.size() != 1 || words[0] != choice.name || n > 1000 || k < 1 || k > 100) continue;
    const cep::Region region = Generator(query.seed(), n, k, choice.order).make();
    if (const acp::Status valid = cep::check_region(region); !valid)
      return {Verdict::kHarnessError, "", acp::to_string(valid.error()), "", ""};
    std::mt19937_64 random(query.seed());
    return compare(device, region, random_inputs(region, random), "ACP-CONF-10");
  }
  return {Verdict::kHarnessError, "", "no such program", "", ""};
}

}  // namespace

Suite random_kinds() {
  return {{.name = kName,
           .what = "a random program of up to n scalar nodes over extents up to k, bit by bit",
           .shrink = {{"n", 0}, {"k", 1}},
           .list = list,
           .run = run,
           .about = {"ACP-CONF-10"}}};
}

}  // namespace conformance
