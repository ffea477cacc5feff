// Free terms show order and operators, and nothing that the bits would not show; the field shows neither order nor rounding.
#include <gtest/gtest.h>

#include <functional>

#include "cep/interp.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;
using Expression = std::function<Id(RegionBuilder&, const std::vector<Id>&)>;

// Value of an expression over four F32 inputs p, q, r, s.
Value valued(Domain domain, TermSpace& space, const Expression& expression) {
  RegionBuilder b;
  std::vector<Id> inputs;
  for (int i = 0; i < 4; ++i) inputs.push_back(b.input({Dtype::kF32, {}}));
  const auto out = b.output({Dtype::kF32, {}});
  b.begin_nest({}, {});
  std::vector<Id> args;
  for (const Id input : inputs) args.push_back(b.arg(b.read(input, {})));
  b.write(out, {}, expression(b, args));
  b.end_nest();
  const Region region = std::move(b).finish();
  // Terms: any distinct non-concrete values; field: any representatives.
  std::vector<Elements> elements;
  for (std::uint64_t i = 0; i < 4; ++i)
    elements.push_back({Value{1000 + 7 * i * i, domain == Domain::kTerms ? 4 * (i + 1) + 2 : 1}});
  elements.emplace_back(1);
  std::vector<Elements*> buffers;
  for (Elements& buffer : elements) buffers.push_back(&buffer);
  const acp::Status status =
      domain == Domain::kTerms ? interpret_terms(region, space, buffers) : interpret(region, domain, buffers);
  EXPECT_TRUE(status.has_value());
  return elements.back()[0];
}

struct Pair {
  const char* says;
  Expression left;
  Expression right;
  bool equal_terms;
  bool equal_field;
};

const Pair kPairs[] = {
    {"add commutes", [](auto& b, auto& x) { return b.add(x[0], x[1]); },
     [](auto& b, auto& x) { return b.add(x[1], x[0]); }, true, true},
    {"add does not associate", [](auto& b, auto& x) { return b.add(b.add(x[0], x[1]), x[2]); },
     [](auto& b, auto& x) { return b.add(x[0], b.add(x[1], x[2])); }, false, true},
    {"mul commutes", [](auto& b, auto& x) { return b.mul(x[0], x[1]); },
     [](auto& b, auto& x) { return b.mul(x[1], x[0]); }, true, true},
    {"mul does not distribute", [](auto& b, auto& x) { return b.mul(x[0], b.add(x[1], x[2])); },
     [](auto& b, auto& x) { return b.add(b.mul(x[0], x[1]), b.mul(x[0], x[2])); }, false, true},
    {"sub does not commute", [](auto& b, auto& x) { return b.sub(x[0], x[1]); },
     [](auto& b, auto& x) { return b.sub(x[1], x[0]); }, false, false},
    {"div does not commute", [](auto& b, auto& x) { return b.div(x[0], x[1]); },
     [](auto& b, auto& x) { return b.div(x[1], x[0]); }, false, false},
    {"div is mul by the inverse", [](auto& b, auto& x) { return b.div(x[0], x[1]); },
     [](auto& b, auto& x) { return b.mul(x[0], b.div(b.f32(1.0F), x[1])); }, false, true},
    {"fma commutes in its factors", [](auto& b, auto& x) { return b.fma(x[0], x[1], x[2]); },
     [](auto& b, auto& x) { return b.fma(x[1], x[0], x[2]); }, true, true},
    {"fma does not commute with its addend", [](auto& b, auto& x) { return b.fma(x[0], x[1], x[2]); },
     [](auto& b, auto& x) { return b.fma(x[0], x[2], x[1]); }, false, false},
    {"fma is not mul and add", [](auto& b, auto& x) { return b.fma(x[0], x[1], x[2]); },
     [](auto& b, auto& x) { return b.add(b.mul(x[0], x[1]), x[2]); }, false, true},
    {"+0 is not neutral", [](auto& b, auto& x) { return b.add(x[0], b.f32(0.0F)); },
     [](auto& b, auto& x) { return b.mul(x[0], b.f32(1.0F)); }, false, true},
    {"-0 is neutral for a sum", [](auto& b, auto& x) { return b.add(b.add(x[0], x[1]), b.f32(-0.0F)); },
     [](auto& b, auto& x) { return b.add(x[0], x[1]); }, true, true},
    {"-0 makes the NaN of an input canonical", [](auto& b, auto& x) { return b.add(x[0], b.f32(-0.0F)); },
     [](auto&, auto& x) { return x[0]; }, false, true},
    {"-0 twice is -0 once", [](auto& b, auto& x) { return b.add(b.f32(-0.0F), b.add(x[0], b.f32(-0.0F))); },
     [](auto& b, auto& x) { return b.add(x[0], b.f32(-0.0F)); }, true, true},
    {"max associates and commutes",
     [](auto& b, auto& x) { return b.max(b.max(x[0], x[1]), b.max(x[2], x[3])); },
     [](auto& b, auto& x) { return b.max(x[3], b.max(x[1], b.max(x[0], x[2]))); }, true, true},
    {"max is idempotent", [](auto& b, auto& x) { return b.max(b.max(x[0], x[1]), b.max(x[1], x[0])); },
     [](auto& b, auto& x) { return b.max(x[0], x[1]); }, true, true},
    {"-inf is neutral for max",
     [](auto& b, auto& x) { return b.max(b.f32_bits(0xff800000), b.max(x[0], x[1])); },
     [](auto& b, auto& x) { return b.max(x[0], x[1]); }, true, true},
    {"+inf is neutral for min",
     [](auto& b, auto& x) { return b.min(b.f32_bits(0x7f800000), b.min(x[0], x[1])); },
     [](auto& b, auto& x) { return b.min(x[0], x[1]); }, true, true},
    {"max misses nothing", [](auto& b, auto& x) { return b.max(x[0], b.max(x[1], x[2])); },
     [](auto& b, auto& x) { return b.max(x[0], b.max(x[1], x[3])); }, false, false},
    {"max is not min", [](auto& b, auto& x) { return b.max(x[0], x[1]); },
     [](auto& b, auto& x) { return b.min(x[0], x[1]); }, false, false},
    {"neg is a bit move, twice is a term of its own",
     [](auto& b, auto& x) { return b.unary(ACP_SC_NEG, x[0]); }, [](auto&, auto& x) { return x[0]; }, false,
     false},
    {"constants differ", [](auto& b, auto&) { return b.f32(0.0F); },
     [](auto& b, auto&) { return b.f32(-0.0F); }, false, true},
    {"dyadic constants add exactly", [](auto& b, auto&) { return b.add(b.f32(0.375F), b.f32(-12.5F)); },
     [](auto& b, auto&) { return b.f32(-12.125F); }, false, true},
    {"subnormal constants too", [](auto& b, auto&) { return b.mul(b.f32_bits(3), b.f32_bits(0x7f000000)); },
     [](auto& b, auto&) { return b.mul(b.f32(3.0F), b.f32_bits(0x34800000)); }, false, true},
};

TEST(Terms, show_what_bits_can_show) {
  for (const Pair& pair : kPairs) {
    TermSpace space;
    const bool equal = valued(Domain::kTerms, space, pair.left) == valued(Domain::kTerms, space, pair.right);
    EXPECT_EQ(equal, pair.equal_terms) << pair.says;
  }
}

TEST(Field, shows_what_rationals_can_show) {
  for (const Pair& pair : kPairs) {
    TermSpace space;
    const bool equal = valued(Domain::kField, space, pair.left) == valued(Domain::kField, space, pair.right);
    EXPECT_EQ(equal, pair.equal_field) << pair.says;
  }
}

TEST(Field, integers_stay_concrete) {
  RegionBuilder b;
  const auto in = b.input({Dtype::kI64, {2}});
  const auto out = b.output({Dtype::kI64, {2}});
  b.begin_nest({2}, {});
  b.write(out, b.iters(), b.mul(b.arg(b.read(in, b.iters())), b.index_value(b.iter(0))));
  b.end_nest();
  const Region region = std::move(b).finish();
  for (const Domain domain : {Domain::kBits, Domain::kTerms, Domain::kField}) {
    Elements x = {{5, 0}, {7, 0}}, y(2);
    ASSERT_TRUE(interpret(region, domain, {&x, &y}).has_value());
    EXPECT_EQ(y, (Elements{{0, 0}, {7, 0}}));
  }
}

}  // namespace
}  // namespace cep
