// Contractions by tiles give the interpreter's bits, and those of the generic path: convolutions and products of random shapes, parts of
// them with halos, chains carried over ranges of k, on every instruction set.
#include <gtest/gtest.h>
// rapidcheck/gtest.h needs gtest before it.
#include <rapidcheck/gtest.h>

#include <random>

#include "vendors/cpu/engine_run.h"

namespace cpu_test {
namespace {

using cep::Attribute;
using cep::Box;
using cep::Dims;
using cep::Dtype;
using cep::Elements;
using cep::OpCase;
using cep::Region;
using cep::TensorType;

constexpr cep::Order kChain{cep::OrderKind::kChain, 0};

// Which nests must have been recognised.
enum class Expect { kMatched, kEither };

void expect_bits(const Region& region, const std::vector<Elements>& inputs, Expect expect) {
  const auto expected = cep::testing::attempt(region, inputs);
  ASSERT_TRUE(expected.status.has_value()) << acp::to_string(expected.status.error());
  std::vector<Elements> untouched = expected.outputs;
  for (Elements& output : untouched) {
    for (cep::Value& value : output) {
      if (value.hi != cep::Value::kConcrete) value = {0xeeeeeeeeu, cep::Value::kConcrete};
    }
  }
  const auto wanted = bytes_of(region, ACP_ROLE_OUTPUT, untouched);
  const auto given = bytes_of(region, ACP_ROLE_INPUT, inputs);
  static acp_cpu::WorkerPool alone(0), several(3);
  for (const NamedTable& set : tables()) {
    const auto program = acp_cpu::lower(region.view(), *set.table);
    for (acp_cpu::Nest& nest : program->nests)
      EXPECT_TRUE(nest.contraction || expect == Expect::kEither) << cep::to_text(region);
    EXPECT_EQ(run_program(*program, region, given, alone), wanted) << set.name << "\n"
                                                                   << cep::to_text(region);
    EXPECT_EQ(run_program(*program, region, given, several), wanted) << set.name << ", several threads";
    for (acp_cpu::Nest& nest : program->nests) nest.contraction.reset();
    EXPECT_EQ(run_program(*program, region, given, alone), wanted) << set.name << ", generic";
  }
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  std::int64_t number(std::int64_t lo, std::int64_t hi) {
    return std::uniform_int_distribution<std::int64_t>(lo, hi)(random_);
  }
  bool chance(int percent) { return number(1, 100) <= percent; }
  std::mt19937_64& random() { return random_; }

  // A convolution of a few hundred thousand steps at most.
  Region convolution() {
    const std::int64_t group = chance(25) ? number(2, 3) : 1;
    const std::int64_t channels = chance(30) ? number(10, 20) : number(1, 5);
    const Dims kernel = chance(35) ? Dims{1, 1} : Dims{number(1, 4), number(1, 4)};
    const Dims dilations = {number(1, 2), number(1, 2)};
    const Dims pads = {number(0, 2), number(0, 2), number(0, 2), number(0, 2)};
    Dims size;
    for (std::size_t d = 0; d < 2; ++d) {
      const std::int64_t reach = (kernel[d] - 1) * dilations[d] + 1;
      size.push_back(std::max<std::int64_t>(1, reach - pads[d]) + number(0, chance(20) ? 30 : 9));
    }
    const std::int64_t outputs = group * (chance(30) ? number(12, 30) : number(1, 7));
    OpCase c{.inputs = {{Dtype::kF32, {number(1, 2), group * channels, size[0], size[1]}},
                        {Dtype::kF32, {outputs, channels, kernel[0], kernel[1]}}},
             .attributes = {{"group", group},
                            {"dilations", dilations},
                            {"pads", pads},
                            {"strides", Dims{number(1, 3), number(1, 3)}}}};
    if (chance(50)) c.inputs.push_back({Dtype::kF32, {outputs}});
    return cep::testing::region_of("Conv", c, kChain);
  }

  Region product() {
    const std::int64_t depth = chance(15) ? number(6000, 11000) : number(1, 90);
    const std::int64_t most = depth > 1000 ? 7 : 90;
    const std::int64_t rows = number(1, most), columns = number(depth > 1000 ? 5 : 1, most);
    return cep::testing::region_of(
        "MatMul", {.inputs = {{Dtype::kF32, {rows, depth}}, {Dtype::kF32, {depth, columns}}}}, kChain);
  }

  // Numbers, and now and then what goes wrong: zeros of both signs, infinities, NaNs.
  std::vector<Elements> inputs(const Region& region) {
    std::vector<Elements> made(region.count(ACP_ROLE_INPUT));
    const bool nasty = chance(40);
    for (const acp_operand& operand : region.operands) {
      if (operand.role != ACP_ROLE_INPUT) continue;
      auto& elements = made[operand.slot];
      const auto count = cep::span_elements(operand);
      elements =
          cep::testing::random_elements({Dtype::kF32, {count}}, cep::testing::Integers::kSmall, random_);
      for (cep::Value& value : elements) {
        if (nasty && chance(3)) continue;
        const auto mild = static_cast<float>(static_cast<std::int32_t>(random_())) * 0x1p-30f;
        value.lo = chance(4) ? (chance(50) ? 0u : 0x80000000u) : std::bit_cast<std::uint32_t>(mild);
      }
    }
    return made;
  }

 private:
  std::mt19937_64 random_;
};

std::int64_t outputs_of_one_packing(const Region& region) {
  const acp_nest& nest = region.nests[0];
  std::int64_t points = 1;
  for (std::uint32_t t = 0; t < nest.iter_count - nest.reduce_count; ++t)
    points *= region.iters[nest.iter_first + t].end - region.iters[nest.iter_first + t].begin;
  return points;
}

// Inputs hold only what is read: halos of the box.
Region with_halos(Region region) {
  for (const cep::ReadHull& hull : cep::read_hulls(region, 0)) {
    acp_operand& operand = region.operands[region.reads[hull.read].operand];
    if (operand.role != ACP_ROLE_INPUT || hull.box.empty()) continue;
    const Dims dims = hull.box.dims(), strides = cep::row_major_strides(dims);
    for (std::size_t d = 0; d < dims.size(); ++d) {
      operand.origin[d] = hull.box.lo[d];
      operand.held[d] = dims[d];
      operand.stride[d] = strides[d];
    }
  }
  return region;
}

// The same with the chain cut at k: the second part goes on from an input of the output's shape.
Region seeded(Region region, std::int64_t k) {
  const acp_operand output = region.operands[region.operand_at(ACP_ROLE_OUTPUT, 0)];
  acp_operand seed = output;
  seed.role = ACP_ROLE_INPUT;
  seed.slot = region.count(ACP_ROLE_INPUT);
  acp_nest& nest = region.nests[0];
  acp_read read = {};
  read.operand = static_cast<std::uint32_t>(region.operands.size());
  region.operands.push_back(seed);
  for (std::uint32_t d = 0; d < output.rank; ++d) {
    read.coord[d] = static_cast<std::uint32_t>(region.indices.size());
    region.indices.push_back({ACP_IX_ITER, {}, d, 0, 0, 0});
  }
  region.reads.push_back(read);
  nest.init = static_cast<std::uint32_t>(region.scalars.size());
  region.scalars.push_back(
      {ACP_SC_ARG, ACP_F32, {}, static_cast<std::uint32_t>(region.reads.size() - 1), 0, 0, 0});
  nest.k_begin = k;
  return region;
}

RC_GTEST_PROP(Contraction, convolutions_have_the_interpreters_bits, (std::uint64_t seed)) {
  Draw draw(seed);
  const Region region = draw.convolution();
  const bool surely = region.nests[0].reduce_count == 3 && outputs_of_one_packing(region) >= 1000;
  expect_bits(region, draw.inputs(region), surely ? Expect::kMatched : Expect::kEither);
}

RC_GTEST_PROP(Contraction, products_have_the_interpreters_bits, (std::uint64_t seed)) {
  Draw draw(seed);
  const Region region = draw.product();
  expect_bits(region, draw.inputs(region),
              outputs_of_one_packing(region) >= 32 ? Expect::kMatched : Expect::kEither);
}

RC_GTEST_PROP(Contraction, boxes_with_halos_have_the_interpreters_bits, (std::uint64_t seed)) {
  Draw draw(seed);
  const Region whole = draw.convolution();
  const Dims dims = cep::type_of(whole.operands[whole.operand_at(ACP_ROLE_OUTPUT, 0)]).dims;
  const Box box = cep::testing::random_box(dims, draw.random());
  RC_PRE(!box.empty());
  const Region part = with_halos(cep::restrict_outputs(whole, {box}));
  RC_ASSERT(cep::check_region(part).has_value());
  expect_bits(part, draw.inputs(part), Expect::kEither);
}

RC_GTEST_PROP(Contraction, carried_chains_have_the_bits_of_the_whole, (std::uint64_t seed)) {
  Draw draw(seed);
  const Region whole = draw.chance(70) ? draw.convolution() : draw.product();
  const std::int64_t steps = whole.nests[0].k_end;
  RC_PRE(steps >= 2);
  const std::int64_t cut = draw.number(1, steps - 1);
  Region first = whole;
  first.nests[0].k_end = cut;
  const Region second = seeded(whole, cut);
  RC_ASSERT(cep::check_region(second).has_value());
  std::vector<Elements> inputs = draw.inputs(whole);
  expect_bits(first, inputs, Expect::kEither);
  const Elements all = cep::testing::run(whole, inputs)[0];
  inputs.push_back(cep::testing::run(first, inputs)[0]);
  expect_bits(second, inputs, Expect::kEither);
  RC_ASSERT(cep::testing::run(second, inputs)[0] == all);
}

// An epilogue that is more than the accumulator, and a seed that is more than a read.
TEST(Contraction, epilogues_and_seeds_stay_generic) {
  Draw draw(7);
  cep::RegionBuilder r;
  const TensorType x{Dtype::kF32, {3, 50}}, w{Dtype::kF32, {50, 21}}, y{Dtype::kF32, {3, 21}};
  const auto a = r.input(x), b = r.input(w), scale = r.input({Dtype::kF32, {21}}), rest = r.input(y);
  const auto out = r.output(y);
  r.begin_nest(y.dims, {50});
  const auto factor = r.arg(r.read(scale, {r.iter(1)})), more = r.arg(r.read(rest, r.iters()));
  r.reduce(ACP_COMBINE_FMA, kChain, r.mul(factor, more), r.arg(r.read(a, {r.iter(0), r.iter(2)})),
           r.arg(r.read(b, {r.iter(2), r.iter(1)})));
  r.write(out, r.iters(), r.max(r.add(r.mul(r.acc(Dtype::kF32), factor), more), r.f32(0.0f)));
  r.end_nest();
  const Region region = std::move(r).finish();
  ASSERT_TRUE(cep::check_region(region).has_value());
  expect_bits(region, draw.inputs(region), Expect::kMatched);
}

// What the network has most of, at sizes that fill blocks, tiles and their tails.
TEST(Contraction, convolutions_of_a_residual_network) {
  const struct {
    std::int64_t in, out, size, kernel, stride, pad, group;
  } rows[] = {
      {3, 8, 37, 7, 2, 3, 1},  {8, 13, 29, 1, 1, 0, 1}, {8, 13, 29, 1, 2, 0, 1},  {16, 8, 14, 3, 1, 1, 1},
      {12, 26, 7, 3, 2, 1, 1}, {40, 9, 7, 3, 1, 1, 1},  {24, 24, 12, 3, 1, 1, 3}, {64, 64, 12, 3, 1, 1, 64},
  };
  Draw draw(3);
  for (const auto& row : rows) {
    const Region region = cep::testing::region_of(
        "Conv",
        {.inputs = {{Dtype::kF32, {1, row.in, row.size, row.size}},
                    {Dtype::kF32, {row.out, row.in / row.group, row.kernel, row.kernel}},
                    {Dtype::kF32, {row.out}}},
         .attributes = {{"group", row.group},
                        {"pads", Dims(4, row.pad)},
                        {"strides", Dims{row.stride, row.stride}}}},
        kChain);
    expect_bits(region, draw.inputs(region), Expect::kMatched);
  }
}

}  // namespace
}  // namespace cpu_test
