// Walking nests: windows, guards, loads, several stages, loops.
#include <gtest/gtest.h>

#include "cep/interp.h"

namespace cep {
namespace {

Elements numbers(std::initializer_list<std::int64_t> values) {
  Elements elements;
  for (const std::int64_t value : values)
    elements.push_back({static_cast<std::uint64_t>(value), Value::kConcrete});
  return elements;
}
TensorType i64(Dims dims) { return {Dtype::kI64, std::move(dims)}; }

TEST(Nest, transposes_through_index_expressions) {
  RegionBuilder b;
  const auto x = b.input(i64({2, 3})), y = b.output(i64({3, 2}));
  b.begin_nest({3, 2}, {});
  b.write(y, b.iters(), b.arg(b.read(x, {b.iter(1), b.iter(0)})));
  b.end_nest();
  Elements in = numbers({1, 2, 3, 4, 5, 6}), out(6);
  ASSERT_TRUE(interpret(std::move(b).finish(), Domain::kBits, {&in, &out}).has_value());
  EXPECT_EQ(out, numbers({1, 4, 2, 5, 3, 6}));
}

TEST(Nest, guards_replace_a_read_without_touching_memory) {
  RegionBuilder b;
  const auto x = b.input(i64({3})), y = b.output(i64({5}));
  b.begin_nest({5}, {});
  const auto at = b.ix_add(b.iter(0), std::int64_t{-1});
  b.write(y, b.iters(), b.arg(b.read(x, {at}, {{at, 0, 3}}, static_cast<std::uint64_t>(-9))));
  b.end_nest();
  Elements in = numbers({1, 2, 3}), out(5);
  ASSERT_TRUE(interpret(std::move(b).finish(), Domain::kBits, {&in, &out}).has_value());
  EXPECT_EQ(out, numbers({-9, 1, 2, 3, -9}));
}

TEST(Nest, windows_and_strides_place_elements) {
  RegionBuilder b;
  const auto x = b.input(i64({4, 4})), y = b.output(i64({4, 4}));
  b.begin_nest({4, 4}, {});
  b.write(y, b.iters(), b.arg(b.read(x, b.iters())));
  b.end_nest();
  Region region = std::move(b).finish();
  // Rows 1 and 2, columns 2 and 3; the input buffer holds them column-major, the output row-major with a gap.
  for (acp_operand& operand : region.operands) {
    operand.origin[0] = 1;
    operand.origin[1] = 2;
    operand.held[0] = operand.held[1] = 2;
  }
  region.operands[x].stride[0] = 1;
  region.operands[x].stride[1] = 2;
  region.operands[y].stride[0] = 3;
  region.operands[y].stride[1] = 1;
  region.iters[0] = {1, 3};
  region.iters[1] = {2, 4};
  EXPECT_EQ(span_elements(region.operands[x]), 4);
  EXPECT_EQ(span_elements(region.operands[y]), 5);
  Elements in = numbers({12, 22, 13, 23}), out = numbers({0, 0, -1, 0, 0});
  ASSERT_TRUE(interpret(region, Domain::kBits, {&in, &out}).has_value());
  EXPECT_EQ(out, numbers({12, 13, -1, 22, 23}));
}

TEST(Nest, loads_gather) {
  RegionBuilder b;
  const auto x = b.input(i64({3})), indices = b.input(i64({4})), y = b.output(i64({4}));
  b.begin_nest({4}, {});
  const auto at = b.ix_wrap(b.ix_load(b.read(indices, b.iters())), 3);
  b.write(y, b.iters(), b.arg(b.read(x, {at})));
  b.end_nest();
  Elements in = numbers({10, 20, 30}), which = numbers({2, 0, -1, 1}), out(4);
  ASSERT_TRUE(interpret(std::move(b).finish(), Domain::kBits, {&in, &which, &out}).has_value());
  EXPECT_EQ(out, numbers({30, 10, 30, 20}));
}

TEST(Reject, CEP_REG_7_loaded_coordinate_past_the_end) {
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{-4}}) {
    RegionBuilder b;
    const auto x = b.input(i64({3})), indices = b.input(i64({1})), y = b.output(i64({1}));
    b.begin_nest({1}, {});
    b.write(y, b.iters(), b.arg(b.read(x, {b.ix_wrap(b.ix_load(b.read(indices, b.iters())), 3)})));
    b.end_nest();
    Elements in = numbers({10, 20, 30}), which = numbers({index}), out(1);
    const acp::Status status = interpret(std::move(b).finish(), Domain::kBits, {&in, &which, &out});
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().family, acp::Family::kInvalid);
    EXPECT_EQ(status.error().requirement, "CEP-REG-7");
    EXPECT_EQ(status.error().path, "operands[0]");
  }
}

TEST(Nest, stages_read_what_earlier_stages_wrote) {
  // s = sum of x; y[i] = x[i] * s.
  RegionBuilder b;
  const auto x = b.input(i64({3})), y = b.output(i64({3})), s = b.temp(i64({}));
  b.begin_nest({}, {3});
  b.reduce(ACP_COMBINE_ADD, {OrderKind::kChain, 0}, b.i64(100), b.arg(b.read(x, {b.iter(0)})));
  b.write(s, {}, b.acc(Dtype::kI64));
  b.end_nest();
  b.begin_nest({3}, {});
  b.write(y, b.iters(), b.mul(b.arg(b.read(x, b.iters())), b.arg(b.read(s, {}))));
  b.end_nest();
  Elements in = numbers({1, 2, 3}), out(3);
  ASSERT_TRUE(interpret(std::move(b).finish(), Domain::kBits, {&in, &out}).has_value());
  EXPECT_EQ(out, numbers({106, 212, 318}));
}

TEST(Nest, several_reduced_axes_are_linearised_row_major) {
  // acc = 10 * acc would need an operator that is not offered; a k range cut in the middle of a row shows the order as well.
  RegionBuilder b;
  const auto x = b.input(i64({2, 3})), y = b.output(i64({}));
  b.begin_nest({}, {2, 3});
  b.reduce(ACP_COMBINE_ADD, {OrderKind::kChain, 0}, b.i64(0), b.arg(b.read(x, {b.iter(0), b.iter(1)})));
  b.write(y, {}, b.acc(Dtype::kI64));
  b.end_nest();
  Region region = std::move(b).finish();
  region.nests[0].k_begin = 2;
  region.nests[0].k_end = 5;
  Elements in = numbers({1, 10, 100, 1000, 10000, 100000}), out(1);
  ASSERT_TRUE(interpret(region, Domain::kBits, {&in, &out}).has_value());
  EXPECT_EQ(out, numbers({100 + 1000 + 10000}));
}

// A loop that writes y[t] = 2 * y[t-1], y[-1] = 1, while y stays below a bound.
Region doubling(std::int64_t bound, std::int64_t max_trips) {
  RegionBuilder b;
  const auto n = b.input(i64({})), y = b.output(i64({8})), last = b.temp(i64({1}));
  b.begin_nest({1}, {});
  b.write(last, b.iters(), b.i64(1));
  b.end_nest();
  const auto zero = b.ix_const(0);
  b.begin_loop(b.arg(b.read(n, {})), b.binary(ACP_SC_LT, b.arg(b.read(last, {zero})), b.i64(bound)),
               max_trips);
  b.begin_nest({1}, {});
  b.write(last, b.iters(), b.mul(b.i64(2), b.arg(b.read(last, {zero}))));
  b.end_nest();
  b.begin_nest({}, {});
  b.write(y, {b.loop_trip(0)}, b.arg(b.read(last, {zero})));
  b.end_nest();
  b.end_loop();
  return std::move(b).finish();
}

TEST(Loop, runs_its_trips) {
  Elements n = numbers({5}), out = numbers({0, 0, 0, 0, 0, 0, 0, -7});
  ASSERT_TRUE(interpret(doubling(1000, 8), Domain::kBits, {&n, &out}).has_value());
  EXPECT_EQ(out, numbers({2, 4, 8, 16, 32, 0, 0, -7}));
}

TEST(Loop, stops_when_its_condition_fails) {
  Elements n = numbers({8}), out(8);
  ASSERT_TRUE(interpret(doubling(5, 8), Domain::kBits, {&n, &out}).has_value());
  EXPECT_EQ(out, numbers({2, 4, 8, 0, 0, 0, 0, 0}));
}

TEST(Loop, runs_no_trip) {
  for (const std::int64_t trips : {std::int64_t{0}, std::int64_t{-3}}) {
    Elements n = numbers({trips}), out = numbers({9, 0, 0, 0, 0, 0, 0, 0});
    ASSERT_TRUE(interpret(doubling(5, 8), Domain::kBits, {&n, &out}).has_value());
    EXPECT_EQ(out, numbers({9, 0, 0, 0, 0, 0, 0, 0}));
  }
}

TEST(Reject, CEP_REG_8_more_trips_than_the_region_allows) {
  Elements n = numbers({5}), out(8);
  const acp::Status status = interpret(doubling(1000, 4), Domain::kBits, {&n, &out});
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().requirement, "CEP-REG-8");
  EXPECT_EQ(status.error().path, "loops[0]");
}

TEST(Loop, nests_inside_a_loop) {
  // y[a][b] = 10 a + b, one element a trip.
  RegionBuilder b;
  const auto y = b.output(i64({2, 3}));
  b.begin_loop(b.i64(2), ACP_NONE, 2);
  b.begin_loop(b.i64(3), ACP_NONE, 3);
  b.begin_nest({}, {});
  b.write(y, {b.loop_trip(0), b.loop_trip(1)},
          b.add(b.mul(b.i64(10), b.index_value(b.loop_trip(0))), b.index_value(b.loop_trip(1))));
  b.end_nest();
  b.end_loop();
  b.end_loop();
  Elements out(6);
  ASSERT_TRUE(interpret(std::move(b).finish(), Domain::kBits, {&out}).has_value());
  EXPECT_EQ(out, numbers({0, 1, 2, 10, 11, 12}));
}

TEST(Elements, bytes_are_little_endian) {
  const TensorBytes tensor{{Dtype::kI32, {2}},
                           {std::byte{0x01}, std::byte{0x02}, std::byte{0}, std::byte{0}, std::byte{0xfe},
                            std::byte{0xff}, std::byte{0xff}, std::byte{0xff}}};
  const Elements elements = elements_from_bytes(tensor);
  EXPECT_EQ(elements, numbers({0x0201, -2}));
  EXPECT_EQ(bytes_from_elements(tensor.type, elements), tensor);
}

TEST(Elements, an_element_is_what_its_type_makes_of_its_bits) {
  const auto element = [](Dtype dtype, const std::vector<int>& bytes) {
    TensorBytes tensor{{dtype, {1}}, {}};
    for (const int byte : bytes) tensor.bytes.push_back(static_cast<std::byte>(byte));
    return elements_from_bytes(tensor).at(0).lo;
  };
  EXPECT_EQ(element(Dtype::kBool, {0}), 0u);
  EXPECT_EQ(element(Dtype::kBool, {0x80}), 1u);
  EXPECT_EQ(element(Dtype::kI32, {0xff, 0xff, 0xff, 0x7f}), 0x7fffffffu);
  EXPECT_EQ(element(Dtype::kI32, {0, 0, 0, 0x80}), 0xffffffff80000000u);
  EXPECT_EQ(element(Dtype::kI64, {1, 0, 0, 0, 0, 0, 0, 0x80}), 0x8000000000000001u);
  EXPECT_EQ(element(Dtype::kF32, {0x45, 0x23, 0xc1, 0xff}), 0xffc12345u);  // no sign to extend
}

}  // namespace
}  // namespace cep
