// Every requirement of CEP 3 has a program that breaks it and nothing else: the good program, one thing changed.
#include <functional>

#include "vendors/launch.h"

namespace vendors_test {
namespace {

// y[i] = sum over k of x[i, k] * w[k], once inside a loop of two trips.
struct Good : Maker {
  std::uint32_t x, w, y;
  Good() {
    x = input(ACP_F32, {4, 6});
    w = input(ACP_F32, {6});
    y = output(ACP_F32, {4});
    const auto i = iter(0), k = iter(1);
    const auto a = arg(x, {i, k}), b = arg(w, {k});
    begin_loop(bits(ACP_I64, 2), ACP_NONE, 2);
    nest({.parallel = {4},
          .reduce = {6},
          .combiner = ACP_COMBINE_FMA,
          .order = ACP_ORDER_CHAIN,
          .body_a = a,
          .body_b = b,
          .writes = {{y, acc(ACP_F32), {i}}}});
    end_loop();
  }
};

std::vector<Bytes> good_inputs() { return {Bytes(4 * 6 * 4), Bytes(6 * 4)}; }

// Both shims refuse with this id and path, in compile and in would_accept.
void expect_refused(const acp_region& region, const std::string& requirement, const std::string& path,
                    acp::Family family = acp::Family::kInvalid) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const auto compiled = device.compile(region);
    ASSERT_FALSE(compiled.has_value()) << name << " compiled what breaks " << requirement;
    EXPECT_EQ(compiled.error().requirement, requirement) << name << ": " << to_string(compiled.error());
    EXPECT_EQ(compiled.error().path, path) << name;
    EXPECT_EQ(compiled.error().family, family) << name;
    const auto answer = device.would_accept(region);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(answer->accepted);
    EXPECT_EQ(answer->refusal.requirement, requirement);
  }
}
void expect_refused(const std::function<void(Good&)>& change, const std::string& requirement,
                    const std::string& path, acp::Family family = acp::Family::kInvalid) {
  Good good;
  change(good);
  expect_refused(good.view(), requirement, path, family);
}

void expect_fault(const Maker& maker, const std::vector<Bytes>& inputs, const std::string& requirement,
                  const std::string& path) {
  for (const char* name : shims()) {
    const auto result = launch(device_of(name), maker.view(), inputs, {Bytes(16)});
    ASSERT_FALSE(result.has_value()) << name;
    EXPECT_EQ(result.error().requirement, requirement) << name << ": " << to_string(result.error());
    EXPECT_EQ(result.error().path, path) << name;
    EXPECT_EQ(result.error().family, acp::Family::kInvalid);
  }
}

TEST(Region, the_good_program_is_accepted) {
  for (const char* name : shims()) run(name, Good(), good_inputs(), {Bytes(16)});
}

TEST(Reject, CEP_REG_1_frame) {
  const Good good;
  acp_region region = good.view();
  region.size -= 4;
  expect_refused(region, "CEP-REG-1", "size", acp::Family::kMalformed);
  region = good.view();
  region.version = 2;
  expect_refused(region, "CEP-REG-1", "version", acp::Family::kUnsupported);
}

TEST(Reject, CEP_REG_2_reference) {
  expect_refused([](Good& g) { g.reads[0].operand = 3; }, "CEP-REG-2", "reads[0].operand");
  expect_refused([](Good& g) { g.reads[0].guard_count = 1; }, "CEP-REG-2", "reads[0].guard_first");
  expect_refused([](Good& g) { g.reads[1].coord[0] = 99; }, "CEP-REG-2", "reads[1].coord");
  expect_refused([](Good& g) { g.index(ACP_IX_ADD, 0, 2, 0); }, "CEP-REG-2", "indices[2].b");
  expect_refused([](Good& g) { g.index(ACP_IX_LOAD, 9, 0, 0); }, "CEP-REG-2", "indices[2].a");
  expect_refused([](Good& g) { g.scalars[0].a = 2; }, "CEP-REG-2", "scalars[0].a");
  expect_refused([](Good& g) { g.scalar(ACP_SC_NEG, ACP_F32, 4); }, "CEP-REG-2", "scalars[4].a");
  expect_refused([](Good& g) { g.writes[0].value = 4; }, "CEP-REG-2", "writes[0].value");
  expect_refused([](Good& g) { g.nests[0].iter_count = 3; }, "CEP-REG-2", "nests[0].iter_first");
  expect_refused([](Good& g) { g.nests[0].body_a = 4; }, "CEP-REG-2", "nests[0].body_a");
  expect_refused([](Good& g) { g.loops[0].trips = 4; }, "CEP-REG-2", "loops[0].trips");
  const Good good;
  acp_region region = good.view();
  region.reads = nullptr;
  expect_refused(region, "CEP-REG-2", "reads");
}

TEST(Reject, CEP_REG_2_load_of_a_later_coordinate) {
  Good good;
  const auto table = good.input(ACP_I32, {4});
  const auto load = good.read(table, {3});
  good.index(ACP_IX_LOAD, load, 0, 0);
  good.index(ACP_IX_CONST, 0, 0, 1);
  expect_refused(good.view(), "CEP-REG-2", "indices[2].a");
}

TEST(Reject, CEP_REG_3_unknown_code) {
  expect_refused([](Good& g) { g.operands[0].role = 4; }, "CEP-REG-3", "operands[0].role");
  expect_refused([](Good& g) { g.operands[0].dtype = 5; }, "CEP-REG-3", "operands[0].dtype");
  expect_refused([](Good& g) { g.indices[0].op = 10; }, "CEP-REG-3", "indices[0].op");
  expect_refused([](Good& g) { g.indices[0].reserved2 = 1; }, "CEP-REG-3", "indices[0].reserved");
  expect_refused([](Good& g) { g.scalars[0].op = 27; }, "CEP-REG-3", "scalars[0].op");
  expect_refused([](Good& g) { g.scalars[0].dtype = 0; }, "CEP-REG-3", "scalars[0].dtype");
  expect_refused([](Good& g) { g.nests[0].combiner = 5; }, "CEP-REG-3", "nests[0].combiner");
  expect_refused([](Good& g) { g.nests[0].order = 6; }, "CEP-REG-3", "nests[0].order");
  expect_refused([](Good& g) { g.stages[1].kind = 4; }, "CEP-REG-3", "stages[1].kind");
}

TEST(Reject, CEP_REG_4_window) {
  expect_refused([](Good& g) { g.operands[0].rank = 9; }, "CEP-REG-4", "operands[0].rank");
  expect_refused([](Good& g) { g.operands[0].origin[1] = 1; }, "CEP-REG-4", "operands[0].held[1]");
  expect_refused([](Good& g) { g.operands[0].stride[2] = 1; }, "CEP-REG-4", "operands[0].extent[2]");
  expect_refused([](Good& g) { g.operands[2].stride[0] = 0; }, "CEP-REG-4", "operands[2].stride");
  expect_refused([](Good& g) { g.operands[g.output(ACP_F32, {1})].slot = 0; }, "CEP-REG-4",
                 "operands[3].slot");
  expect_refused([](Good& g) { g.operands[g.temp(ACP_F32, {1})].slot = 0; }, "CEP-REG-4", "operands[3].slot");
}

TEST(Reject, CEP_REG_5_types) {
  expect_refused([](Good& g) { g.operands[1].dtype = ACP_I32; }, "CEP-REG-5", "scalars[1].dtype");
  expect_refused([](Good& g) { g.operands[2].dtype = ACP_I32; }, "CEP-REG-5", "writes[0].value");
  expect_refused([](Good& g) { g.scalars[2].dtype = ACP_I32; }, "CEP-REG-5", "loops[0].trips");
  expect_refused([](Good& g) { g.scalars[3].dtype = ACP_I32; }, "CEP-REG-5", "writes[0].value");
  expect_refused([](Good& g) { g.scalar(ACP_SC_DIV, ACP_I64, 2, 2); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.scalar(ACP_SC_ADD, ACP_F32, 0, 2); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.scalar(ACP_SC_LT, ACP_F32, 0, 0); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.scalar(ACP_SC_SELECT, ACP_F32, 0, 0, 0); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.scalar(ACP_SC_BITCAST, ACP_I64, 0); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.bits(ACP_BOOL, 2); }, "CEP-REG-5", "scalars[4].dtype");
  expect_refused([](Good& g) { g.index(ACP_IX_LOAD, 0, 0, 0); }, "CEP-REG-5", "indices[2].a");
  expect_refused([](Good& g) { g.nests[0].init = 2; }, "CEP-REG-5", "nests[0].init");
}

TEST(Reject, CEP_REG_6_coordinate_outside) {
  expect_refused([](Good& g) { g.operands[0].held[1] = 5; }, "CEP-REG-6", "reads[0].coord[1]");
  expect_refused([](Good& g) { g.iters[0].end = 5; }, "CEP-REG-6", "reads[0].coord[0]");
  expect_refused([](Good& g) { g.operands[2].held[0] = 3; }, "CEP-REG-6", "writes[0].coord[0]");
  expect_refused([](Good& g) { g.reads[1].coord[0] = 2, g.index(ACP_IX_ADD, 1, 0, 0); }, "CEP-REG-6",
                 "reads[1].coord[0]");
}

TEST(Region, a_k_range_narrows_the_windows) {
  Good good;
  good.nests[0].k_begin = 2;
  good.nests[0].k_end = 5;
  good.operands[0].origin[1] = good.operands[1].origin[0] = 2;
  good.operands[0].held[1] = good.operands[1].held[0] = 3;
  for (const char* name : shims()) run(name, good, good_inputs(), {Bytes(16)});
  good.nests[0].k_end = 6;
  expect_refused(good.view(), "CEP-REG-6", "reads[0].coord[1]");
}

TEST(Reject, CEP_REG_7_loaded_coordinate_outside) {
  Maker maker;
  const auto table = maker.input(ACP_I32, {4});
  const auto x = maker.input(ACP_F32, {5});
  const auto y = maker.output(ACP_F32, {4});
  const auto i = maker.iter(0);
  const auto row = maker.index(ACP_IX_WRAP, maker.index(ACP_IX_LOAD, maker.read(table, {i}), 0, 0), 0, 5);
  maker.nest({.parallel = {4}, .writes = {{y, maker.arg(x, {row}), {i}}}});
  const Bytes values(5 * 4);
  for (const char* name : shims())
    run(name, maker, {bytes_of<std::int32_t>({-5, 4, -1, 0}), values}, {Bytes(16)});
  expect_fault(maker, {bytes_of<std::int32_t>({0, 1, 2, 5}), values}, "CEP-REG-7", "reads[1]");
  expect_fault(maker, {bytes_of<std::int32_t>({0, -6, 2, 3}), values}, "CEP-REG-7", "reads[1]");
}

TEST(Reject, CEP_REG_7_guard_that_does_not_keep_inside) {
  Maker maker;
  const auto x = maker.input(ACP_F32, {3});
  const auto y = maker.output(ACP_F32, {4});
  const auto i = maker.iter(0);
  const auto last = maker.read(x, {i}, {{i, 0, 0, 4}});
  maker.nest({.parallel = {4}, .writes = {{y, maker.arg(last), {i}}}});
  expect_fault(maker, {Bytes(12)}, "CEP-REG-7", "reads[0]");
  maker.guards[0].hi = 3;
  for (const char* name : shims()) run(name, maker, {Bytes(12)}, {Bytes(16)});
}

TEST(Reject, CEP_REG_8_more_trips_than_max) {
  Good good;
  good.scalars[2].bits = 3;
  for (const char* name : shims()) {
    const auto result = launch(device_of(name), good.view(), good_inputs(), {Bytes(16)});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().requirement, "CEP-REG-8");
    EXPECT_EQ(result.error().path, "loops[0].trips");
  }
}

TEST(Reject, CEP_REG_9_reduction) {
  expect_refused([](Good& g) { g.nests[0].order = ACP_ORDER_NONE; }, "CEP-REG-9", "nests[0]");
  expect_refused([](Good& g) { g.nests[0].order = ACP_ORDER_ANY; }, "CEP-REG-9", "nests[0]");
  expect_refused([](Good& g) { g.nests[0].order = ACP_ORDER_BLOCKED_TREE; }, "CEP-REG-9", "nests[0]");
  expect_refused([](Good& g) { g.nests[0].body_b = ACP_NONE; }, "CEP-REG-9", "nests[0]");
  expect_refused([](Good& g) { g.nests[0].combiner = ACP_COMBINE_ADD; }, "CEP-REG-9", "nests[0]");
  expect_refused([](Good& g) { g.nests[0].combiner = ACP_COMBINE_NONE; }, "CEP-REG-9", "nests[0]");
}

TEST(Reject, CEP_REG_10_place) {
  expect_refused([](Good& g) { g.nests[0].init = 3; }, "CEP-REG-10", "scalars[3].op");
  expect_refused([](Good& g) { g.indices[1].a = 2; }, "CEP-REG-10", "indices[1].a");
  expect_refused([](Good& g) { g.nests[0].init = 0; }, "CEP-REG-10", "indices[1].a");
  expect_refused([](Good& g) { g.reads[1].coord[0] = g.loop_trip(1); }, "CEP-REG-10", "indices[2].a");
  expect_refused(
      [](Good& g) {
        const auto table = g.input(ACP_I64, {4});
        g.loops[0].trips = g.arg(table, {0});
      },
      "CEP-REG-10", "indices[0].op");
}

TEST(Reject, CEP_REG_11_write) {
  expect_refused([](Good& g) { g.writes[0].operand = g.input(ACP_F32, {4}); }, "CEP-REG-11",
                 "writes[0].operand");
  expect_refused([](Good& g) { g.writes[0].coord[0] = g.constant(0); }, "CEP-REG-11", "writes[0].coord");
  expect_refused([](Good& g) { g.writes[0].coord[0] = g.index(ACP_IX_SCALE, 0, 0, 2); }, "CEP-REG-11",
                 "writes[0].coord[0]");
  expect_refused([](Good& g) { g.writes[0].coord[0] = g.index(ACP_IX_MOD, 0, 0, 4); }, "CEP-REG-11",
                 "writes[0].coord[0]");
  expect_refused([](Good& g) { g.writes.push_back(g.writes[0]), g.nests[0].write_count = 2; }, "CEP-REG-11",
                 "writes[1].coord");
}

TEST(Reject, CEP_REG_12_read_of_another_points_result) {
  Maker maker;
  const auto y = maker.output(ACP_F32, {5});
  const auto i = maker.iter(0);
  const auto next = maker.plus_constant(i, 1);
  maker.nest({.parallel = {4}, .writes = {{y, maker.arg(y, {i}), {next}}}});
  expect_refused(maker.view(), "CEP-REG-12", "reads[0].coord");
  maker.reads[0].coord[0] = next;
  for (const char* name : shims()) run(name, maker, {}, {Bytes(20)});
}

TEST(Reject, CEP_REG_13_stages) {
  expect_refused([](Good& g) { g.stages.pop_back(); }, "CEP-REG-13", "stages[2]");
  expect_refused([](Good& g) { g.stages[0] = g.stages[2]; }, "CEP-REG-13", "stages[0]");
  expect_refused([](Good& g) { g.stages[1].index = 1; }, "CEP-REG-13", "stages[1]");
  expect_refused([](Good& g) { g.stages.push_back(g.stages[0]), g.stages.push_back(g.stages[2]); },
                 "CEP-REG-13", "stages[3]");
}

TEST(Reject, CEP_REG_14_ranges) {
  expect_refused([](Good& g) { g.iters[0].begin = 5; }, "CEP-REG-14", "iters[0]");
  expect_refused([](Good& g) { g.iters[1].begin = 1; }, "CEP-REG-14", "iters[1]");
  expect_refused([](Good& g) { g.nests[0].k_end = 7; }, "CEP-REG-14", "nests[0].k_end");
  expect_refused([](Good& g) { g.nests[0].k_begin = -1; }, "CEP-REG-14", "nests[0].k_end");
  expect_refused([](Good& g) { g.loops[0].max_trips = -1; }, "CEP-REG-14", "loops[0].max_trips");
  expect_refused([](Good& g) { g.index(ACP_IX_MOD, 0, 0, 0); }, "CEP-REG-14", "indices[2].value");
  expect_refused([](Good& g) { g.reads[1].coord[0] = g.index(ACP_IX_SCALE, 1, 0, INT64_MAX); }, "CEP-REG-14",
                 "indices[2]");
}

TEST(Reject, CEP_REG_15_limits) {
  expect_refused([](Good& g) { g.stages.resize(1025, g.stages[1]); }, "CEP-REG-15", "stages",
                 acp::Family::kLimit);
  expect_refused([](Good& g) { g.operands[0].slot = 1024; }, "CEP-REG-15", "operands[0].slot",
                 acp::Family::kLimit);
  expect_refused([](Good& g) { g.operands[0].stride[0] = INT64_MAX / 2; }, "CEP-REG-15", "operands[0].stride",
                 acp::Family::kLimit);
  expect_refused([](Good& g) { g.iters.resize(40), g.nests[0].iter_count = 33; }, "CEP-REG-15",
                 "nests[0].iter_count", acp::Family::kLimit);
}

}  // namespace
}  // namespace vendors_test
