// Whole nests: guards, loaded coordinates, windows, temporaries, loops, in-place accumulation; against plain loops.
#include <algorithm>
#include <cmath>

#include "vendors/launch.h"

namespace vendors_test {
namespace {

template <typename Element>
void expect_output(const Maker& maker, const std::vector<Bytes>& inputs, const std::vector<Element>& before,
                   const std::vector<Element>& want) {
  for (const char* name : shims()) {
    EXPECT_EQ(elements_of<Element>(run(name, maker, inputs, {bytes_of(before)})[0]), want) << name;
  }
}

TEST(Nest, a_guarded_window_pads_with_its_constant) {
  // y[i] = max over k of x[2i + k - 2], padding -1.
  const std::int64_t size = 150, taps = 5, out = 75;
  Maker maker;
  const auto x = maker.input(ACP_I32, {size}), y = maker.output(ACP_I32, {out});
  const auto i = maker.iter(0), k = maker.iter(1);
  const auto at = maker.plus_constant(maker.plus(maker.index(ACP_IX_SCALE, i, 0, 2), k), -2);
  const auto tap = maker.arg(maker.read(x, {at}, {{at, 0, 0, size}}, 0xffffffffu));
  maker.nest({.parallel = {out},
              .reduce = {taps},
              .combiner = ACP_COMBINE_MAX,
              .order = ACP_ORDER_ANY,
              .body_a = tap,
              .writes = {{y, maker.acc(ACP_I32), {i}}}});
  std::vector<std::int32_t> values, want;
  for (std::int64_t e = 0; e < size; ++e) values.push_back(static_cast<std::int32_t>((e * 7919) % 101) - 60);
  for (std::int64_t o = 0; o < out; ++o) {
    std::int32_t best = INT32_MIN;
    for (std::int64_t t = 0; t < taps; ++t) {
      const std::int64_t e = 2 * o + t - 2;
      best = std::max(best, e < 0 || e >= size ? -1 : values[static_cast<std::size_t>(e)]);
    }
    want.push_back(best);
  }
  expect_output(maker, {bytes_of(values)}, std::vector<std::int32_t>(want.size()), want);
}

TEST(Nest, a_guard_that_runs_against_the_strip) {
  // y[i] = x[139 - i] where that is in 5 .. 99, else 7.
  Maker maker;
  const auto x = maker.input(ACP_I64, {140}), y = maker.output(ACP_I64, {140});
  const auto i = maker.iter(0);
  const auto at = maker.plus_constant(maker.index(ACP_IX_SCALE, i, 0, -1), 139);
  maker.nest({.parallel = {140}, .writes = {{y, maker.arg(maker.read(x, {at}, {{at, 0, 5, 100}}, 7)), {i}}}});
  std::vector<std::int64_t> values(140), want(140);
  for (std::size_t e = 0; e < 140; ++e) values[e] = static_cast<std::int64_t>(e) * 1000;
  for (std::size_t e = 0; e < 140; ++e) want[e] = 139 - e >= 5 && 139 - e < 100 ? values[139 - e] : 7;
  expect_output(maker, {bytes_of(values)}, std::vector<std::int64_t>(140), want);
}

TEST(Nest, a_divisibility_guard) {
  // y[i] = x[i / 3] where 3 divides i, else 0: the gradient of a stride.
  Maker maker;
  const auto x = maker.input(ACP_F32, {30}), y = maker.output(ACP_F32, {90});
  const auto i = maker.iter(0);
  const auto third = maker.index(ACP_IX_FLOORDIV, i, 0, 3), rest = maker.index(ACP_IX_MOD, i, 0, 3);
  maker.nest({.parallel = {90}, .writes = {{y, maker.arg(maker.read(x, {third}, {{rest, 0, 0, 1}})), {i}}}});
  const auto values = plain_floats(30, 5);
  std::vector<float> want(90, 0.0f);
  for (std::size_t e = 0; e < 30; ++e) want[3 * e] = values[e];
  expect_output(maker, {bytes_of(values)}, std::vector<float>(90, 9.0f), want);
}

template <typename Index>
void expect_gather(std::uint8_t dtype) {
  const std::int64_t rows = 9, columns = 70, picks = 100;
  Maker maker;
  const auto x = maker.input(ACP_F32, {rows, columns}), table = maker.input(dtype, {picks});
  const auto y = maker.output(ACP_F32, {columns, picks});
  const auto i = maker.iter(0), j = maker.iter(1);
  const auto row = maker.index(ACP_IX_WRAP, maker.index(ACP_IX_LOAD, maker.read(table, {j}), 0, 0), 0, rows);
  maker.nest({.parallel = {columns, picks}, .writes = {{y, maker.arg(x, {row, i}), {i, j}}}});
  const auto values = nasty_floats(static_cast<std::size_t>(rows * columns), 3);
  std::vector<Index> chosen;
  std::vector<std::uint32_t> want(static_cast<std::size_t>(columns * picks));
  for (std::int64_t p = 0; p < picks; ++p) chosen.push_back(static_cast<Index>((p * 5) % (2 * rows) - rows));
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t p = 0; p < picks; ++p) {
      const std::int64_t r =
          chosen[static_cast<std::size_t>(p)] + (chosen[static_cast<std::size_t>(p)] < 0 ? rows : 0);
      want[static_cast<std::size_t>(c * picks + p)] =
          bits_of(values)[static_cast<std::size_t>(r * columns + c)];
    }
  }
  expect_output(maker, {bytes_of(values), bytes_of(chosen)}, std::vector<std::uint32_t>(want.size()), want);
}
TEST(Nest, gather_through_i32_and_i64) {
  expect_gather<std::int32_t>(ACP_I32);
  expect_gather<std::int64_t>(ACP_I64);
}

TEST(Nest, windows_and_strides_leave_other_bytes_alone) {
  // Rows 2..3 and columns 1..2 of a 5 x 4 tensor, read column-major, written with gaps.
  Maker maker;
  const auto x = maker.input(ACP_I32, {5, 4}), y = maker.output(ACP_I32, {5, 4});
  acp_operand& in = maker.operands[x];
  acp_operand& out = maker.operands[y];
  for (acp_operand* operand : {&in, &out}) {
    operand->origin[0] = 2, operand->origin[1] = 1;
    operand->held[0] = operand->held[1] = 2;
  }
  in.stride[0] = 1, in.stride[1] = 2;
  out.stride[0] = 6, out.stride[1] = -2;
  const auto i = maker.plus_constant(maker.iter(0), 2), j = maker.plus_constant(maker.iter(1), 1);
  maker.nest({.parallel = {2, 2}, .writes = {{y, maker.arg(x, {i, j}), {i, j}}}});
  // The element at the window's origin lies 8 bytes into the memory: strides may go back.
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Executable executable = device.compile(maker.view()).value();
    const acp::Memory memory = device.allocate(48, 64).value();
    ASSERT_TRUE(memory.write(0, bytes_of<std::int32_t>({1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0})).has_value());
    const acp::Queue queue = device.create_queue().value();
    const acp::Timeline done = device.create_timeline().value();
    EXPECT_FALSE(queue.submit({{}, {{&executable, {{&memory, 0}, {&memory, 4}}}}, {}}).has_value())
        << "goes below 0";
    ASSERT_TRUE(queue.submit({{}, {{&executable, {{&memory, 0}, {&memory, 24}}}}, {{&done, 1}}})
                    .error()
                    .requirement == "ACP-SHIM-8");
    const acp::Memory output = device.allocate(36, 64).value();
    ASSERT_TRUE(output.write(0, bytes_of(std::vector<std::int32_t>(9, -1))).has_value());
    ASSERT_TRUE(queue.submit({{}, {{&executable, {{&memory, 0}, {&output, 8}}}}, {{&done, 1}}}).has_value());
    ASSERT_TRUE(done.wait(1, 60'000'000'000).has_value());
    Bytes bytes(36);
    ASSERT_TRUE(output.read(0, bytes).has_value());
    EXPECT_EQ(elements_of<std::int32_t>(bytes), (std::vector<std::int32_t>{3, -1, 1, -1, -1, -1, 4, -1, 2}))
        << name;
  }
}

// exp is left out on purpose: max, subtract, sum, divide is what several stages and temporaries need.
TEST(Nest, stages_hand_on_temporaries) {
  const std::int64_t rows = 40, columns = 100;
  Maker maker;
  const auto x = maker.input(ACP_F32, {rows, columns}), y = maker.output(ACP_F32, {rows, columns});
  const auto top = maker.temp(ACP_F32, {rows}), sum = maker.temp(ACP_F32, {rows}),
             shifted = maker.temp(ACP_F32, {rows, columns});
  const auto i = maker.iter(0), j = maker.iter(1);
  const auto element = maker.arg(x, {i, j});
  maker.nest({.parallel = {rows},
              .reduce = {columns},
              .combiner = ACP_COMBINE_MAX,
              .order = ACP_ORDER_ANY,
              .body_a = element,
              .writes = {{top, maker.acc(ACP_F32), {i}}}});
  const auto difference = maker.scalar(ACP_SC_SUB, ACP_F32, element, maker.arg(top, {i}));
  maker.nest({.parallel = {rows, columns}, .writes = {{shifted, difference, {i, j}}}});
  const auto again = maker.arg(shifted, {i, j});
  maker.nest({.parallel = {rows},
              .reduce = {columns},
              .combiner = ACP_COMBINE_ADD,
              .order = ACP_ORDER_CHAIN,
              .body_a = again,
              .writes = {{sum, maker.acc(ACP_F32), {i}}}});
  const auto quotient = maker.scalar(ACP_SC_DIV, ACP_F32, again, maker.arg(sum, {i}));
  maker.nest({.parallel = {rows, columns}, .writes = {{y, quotient, {i, j}}}});
  const auto values = plain_floats(static_cast<std::size_t>(rows * columns), 11);
  std::vector<float> want(values.size());
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    const float* row = values.data() + r * static_cast<std::size_t>(columns);
    float* to = want.data() + r * static_cast<std::size_t>(columns);
    const float largest = *std::max_element(row, row + columns);
    float total = row[0] - largest;
    for (std::int64_t c = 0; c < columns; ++c) to[c] = row[c] - largest;
    for (std::int64_t c = 1; c < columns; ++c) total += to[c];
    for (std::int64_t c = 0; c < columns; ++c) to[c] /= total;
  }
  for (const char* name : shims()) {
    const auto out = run(name, maker, {bytes_of(values)}, {Bytes(want.size() * 4)});
    EXPECT_EQ(elements_of<std::uint32_t>(out[0]), bits_of(want)) << name;
  }
}

TEST(Nest, temporaries_begin_as_zero_in_every_launch) {
  Maker maker;
  const auto temp = maker.temp(ACP_I32, {3}), y = maker.output(ACP_I32, {3});
  const auto i = maker.iter(0);
  const auto before = maker.arg(temp, {i});
  maker.nest({.parallel = {3},
              .writes = {{temp, maker.scalar(ACP_SC_ADD, ACP_I32, before, maker.bits(ACP_I32, 1)), {i}}}});
  maker.nest({.parallel = {3}, .writes = {{y, before, {i}}}});
  for (int launch = 0; launch < 2; ++launch) expect_output<std::int32_t>(maker, {}, {9, 9, 9}, {1, 1, 1});
}

// state = 3 * state + trip, `trips` times, while state < limit; history[trip] = state.
Maker recurrence(std::int64_t max_trips) {
  Maker maker;
  const auto trips = maker.input(ACP_I64, {}), limit = maker.input(ACP_I64, {});
  const auto state = maker.output(ACP_I64, {1}), history = maker.output(ACP_I64, {max_trips});
  const auto zero = maker.constant(0), trip = maker.loop_trip(0);
  const auto now = maker.arg(state, {zero});
  const auto below = maker.scalar(ACP_SC_LT, ACP_BOOL, now, maker.arg(limit, {}));
  maker.begin_loop(maker.arg(trips, {}), below, max_trips);
  const auto next = maker.scalar(ACP_SC_FMA, ACP_I64, now, maker.bits(ACP_I64, 3),
                                 maker.scalar(ACP_SC_INDEX, ACP_I64, trip));
  maker.nest({.parallel = {1}, .writes = {{state, next, {zero}}}});
  maker.nest({.parallel = {1}, .writes = {{history, now, {trip}}}});
  maker.end_loop();
  return maker;
}

TEST(Nest, a_loop_runs_its_trips_while_its_condition_holds) {
  const struct {
    std::int64_t trips, limit;
    std::vector<std::int64_t> history;  // 0 where no trip wrote
  } rows[] = {{0, 1000, {0, 0, 0, 0, 0}},      {-4, 1000, {0, 0, 0, 0, 0}}, {3, 1000, {3, 10, 32, 0, 0}},
              {5, 1000, {3, 10, 32, 99, 301}}, {5, 11, {3, 10, 32, 0, 0}},  {5, 1, {0, 0, 0, 0, 0}}};
  for (const auto& row : rows) {
    for (const char* name : shims()) {
      const auto out =
          run(name, recurrence(5), {bytes_of<std::int64_t>({row.trips}), bytes_of<std::int64_t>({row.limit})},
              {bytes_of<std::int64_t>({1}), Bytes(40)});
      EXPECT_EQ(elements_of<std::int64_t>(out[1]), row.history)
          << name << ": " << row.trips << " trips below " << row.limit;
    }
  }
}

TEST(Nest, loops_inside_loops_number_their_trips_from_outside) {
  // y[a, b] = 10 a + b for a < 3 and b < trips[a].
  Maker maker;
  const auto trips = maker.input(ACP_I64, {3});
  const auto y = maker.output(ACP_I64, {3, 4});
  const auto a = maker.loop_trip(0), b = maker.loop_trip(1);
  const auto code = maker.plus(maker.index(ACP_IX_SCALE, a, 0, 10), b);
  maker.begin_loop(maker.bits(ACP_I64, 3), ACP_NONE, 3);
  maker.begin_loop(maker.arg(trips, {a}), ACP_NONE, 4);
  maker.nest({.parallel = {}, .writes = {{y, maker.scalar(ACP_SC_INDEX, ACP_I64, code), {a, b}}}});
  maker.end_loop();
  maker.end_loop();
  expect_output<std::int64_t>(maker, {bytes_of<std::int64_t>({2, 0, 4})}, std::vector<std::int64_t>(12, -1),
                              {0, 1, -1, -1, -1, -1, -1, -1, 20, 21, 22, 23});
}

TEST(Nest, an_accumulator_may_be_updated_in_place) {
  // y += x * x, three launches.
  Maker maker;
  const auto x = maker.input(ACP_F32, {200}), y = maker.output(ACP_F32, {200});
  const auto i = maker.iter(0);
  const auto v = maker.arg(x, {i});
  maker.nest(
      {.parallel = {200}, .writes = {{y, maker.scalar(ACP_SC_FMA, ACP_F32, v, v, maker.arg(y, {i})), {i}}}});
  const auto values = plain_floats(200, 8);
  std::vector<float> want(200, 0.25f);
  for (float& total : want) {
    const float x_i = values[static_cast<std::size_t>(&total - want.data())];
    for (int launch = 0; launch < 3; ++launch) total = std::fma(x_i, x_i, total);
  }
  for (const char* name : shims()) {
    std::vector<Bytes> out = {bytes_of(std::vector<float>(200, 0.25f))};
    for (int launch = 0; launch < 3; ++launch) out = run(name, maker, {bytes_of(values)}, out);
    EXPECT_EQ(elements_of<std::uint32_t>(out[0]), bits_of(want)) << name;
  }
}

TEST(Nest, empty_domains_write_nothing) {
  Maker maker;
  const auto y = maker.output(ACP_I32, {4, 0});
  const auto i = maker.iter(0), j = maker.iter(1);
  maker.nest({.parallel = {4, 0}, .writes = {{y, maker.bits(ACP_I32, 1), {i, j}}}});
  for (const char* name : shims()) run(name, maker, {}, {Bytes()});
}

// Large enough for every thread of the pool.
TEST(Nest, a_matmul_split_over_threads_has_the_chains_bits) {
  const std::int64_t m = 65, n = 130, depth = 300;
  Maker maker;
  const auto a = maker.input(ACP_F32, {m, depth}), b = maker.input(ACP_F32, {depth, n}),
             y = maker.output(ACP_F32, {m, n});
  const auto i = maker.iter(0), j = maker.iter(1), k = maker.iter(2);
  maker.nest({.parallel = {m, n},
              .reduce = {depth},
              .combiner = ACP_COMBINE_FMA,
              .order = ACP_ORDER_CHAIN,
              .body_a = maker.arg(a, {i, k}),
              .body_b = maker.arg(b, {k, j}),
              .writes = {{y, maker.acc(ACP_F32), {i, j}}}});
  const auto x = plain_floats(static_cast<std::size_t>(m * depth), 21),
             w = plain_floats(static_cast<std::size_t>(depth * n), 22);
  std::vector<float> want;
  for (std::int64_t r = 0; r < m; ++r) {
    for (std::int64_t c = 0; c < n; ++c) {
      float acc = 0;
      for (std::int64_t d = 0; d < depth; ++d) {
        acc =
            std::fma(x[static_cast<std::size_t>(r * depth + d)], w[static_cast<std::size_t>(d * n + c)], acc);
      }
      want.push_back(acc);
    }
  }
  for (const char* name : shims()) {
    const auto out = run(name, maker, {bytes_of(x), bytes_of(w)}, {Bytes(want.size() * 4)});
    EXPECT_EQ(elements_of<std::uint32_t>(out[0]), bits_of(want)) << name;
  }
}

}  // namespace
}  // namespace vendors_test
