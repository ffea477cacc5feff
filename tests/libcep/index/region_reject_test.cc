// Every requirement on regions that check_region holds, by one change to a good region. The shims' own check, other code in another
// language, must give the same answer.
#include <gtest/gtest.h>

#include <functional>

#include "kit/region_check.h"
#include "support/region_run.h"

namespace cep {
namespace {

using Id = RegionBuilder::Id;

// y[i] = sum over k of x[i, k] * w[k], inside a loop of two trips; v[i] = x[i - 1, 0], guarded, outside.
Region good() {
  RegionBuilder r;
  const Id x = r.input({Dtype::kF32, {4, 6}}), w = r.input({Dtype::kF32, {6}});
  const Id y = r.temp({Dtype::kF32, {4}}), v = r.output({Dtype::kF32, {4}});
  r.begin_loop(r.i64(2), ACP_NONE, 2);
  r.begin_nest({4}, {6});
  const Id from_x = r.read(x, {r.iter(0), r.iter(1)});
  const Id from_w = r.read(w, {r.iter(1)});
  r.reduce(ACP_COMBINE_FMA, {OrderKind::kChain, 0}, r.f32(0), r.arg(from_x), r.arg(from_w));
  r.write(y, {r.iter(0)}, r.acc(Dtype::kF32));
  r.end_nest();
  r.end_loop();
  r.begin_nest({4}, {});
  const Id before = r.ix_add(r.iter(0), std::int64_t{-1});
  const Id guarded = r.read(x, {before, r.ix_const(0)}, {{before, 0, 4}}, 0);
  const Id from_y = r.read(y, {r.iter(0)});
  r.write(v, {r.iter(0)}, r.add(r.arg(guarded), r.arg(from_y)));
  r.end_nest();
  return std::move(r).finish();
}

// Numbers of the good region's parts, in the order they were built.
constexpr std::size_t kX = 0, kW = 1, kY = 2, kV = 3;

void expect_refused(const std::function<void(Region&)>& change, const std::string& requirement) {
  Region region = good();
  change(region);
  const acp::Status status = check_region(region);
  ASSERT_FALSE(status.has_value()) << requirement;
  EXPECT_EQ(status.error().requirement, requirement) << acp::to_string(status.error());
  acp_status answer = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const acp_region view = region.view();
  EXPECT_NE(kit_region_check(&view, &answer), ACP_OK);
  EXPECT_EQ(std::string(answer.requirement), requirement);
}

acp_index_node index_node(std::uint8_t op, std::uint32_t a, std::uint32_t b, std::int64_t value) {
  acp_index_node node{};
  node.op = op;
  node.a = a;
  node.b = b;
  node.value = value;
  return node;
}
acp_scalar_node scalar_node(std::uint8_t op, std::uint8_t dtype, std::uint32_t a, std::uint32_t b) {
  acp_scalar_node node{};
  node.op = op;
  node.dtype = dtype;
  node.a = a;
  node.b = b;
  return node;
}
// Puts an index node behind the others and returns its number.
std::uint32_t added(Region& r, const acp_index_node& node) {
  r.indices.push_back(node);
  return static_cast<std::uint32_t>(r.indices.size() - 1);
}

TEST(Region, the_good_one_is_accepted_by_both_checks) {
  const Region region = good();
  const acp::Status status = check_region(region);
  EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
  acp_status answer = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  const acp_region view = region.view();
  EXPECT_EQ(kit_region_check(&view, &answer), ACP_OK) << answer.requirement;
}

TEST(Reject, CEP_REG_2_references) {
  expect_refused([](Region& r) { r.reads[0].operand = 9; }, "CEP-REG-2");
  expect_refused([](Region& r) { r.reads[0].coord[1] = 99; }, "CEP-REG-2");
  expect_refused([](Region& r) { r.reads[2].guard_count = 7; }, "CEP-REG-2");
  expect_refused([](Region& r) { added(r, index_node(ACP_IX_ADD, 0, 99, 0)); }, "CEP-REG-2");
  expect_refused([](Region& r) { r.scalars.push_back(scalar_node(ACP_SC_NEG, ACP_F32, 99, 0)); },
                 "CEP-REG-2");
  expect_refused([](Region& r) { r.writes[0].value = 99; }, "CEP-REG-2");
  expect_refused([](Region& r) { r.nests[0].body_a = 99; }, "CEP-REG-2");
  expect_refused([](Region& r) { r.loops[0].trips = 99; }, "CEP-REG-2");
}

TEST(Reject, CEP_REG_2_a_load_guarded_by_a_later_node) {
  expect_refused(
      [](Region& r) {
        r.operands[kW].dtype = ACP_I64;
        const auto load = static_cast<std::uint32_t>(r.indices.size());
        acp_read read{};
        read.operand = kW;
        read.guard_first = static_cast<std::uint32_t>(r.guards.size());
        read.guard_count = 1;
        r.guards.push_back({load, 0, 0, 1});
        r.reads.push_back(read);
        added(r, index_node(ACP_IX_LOAD, static_cast<std::uint32_t>(r.reads.size() - 1), 0, 0));
      },
      "CEP-REG-2");
}

TEST(Reject, CEP_REG_3_unknown_codes) {
  expect_refused([](Region& r) { r.operands[kX].role = 4; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.operands[kX].dtype = 5; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.indices[0].op = 10; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.scalars[0].op = 27; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.nests[0].combiner = 5; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.nests[0].order = 6; }, "CEP-REG-3");
  expect_refused([](Region& r) { r.stages[1].kind = 4; }, "CEP-REG-3");
}

TEST(Reject, CEP_REG_4_windows) {
  expect_refused([](Region& r) { r.operands[kX].rank = 9; }, "CEP-REG-4");
  expect_refused([](Region& r) { r.operands[kX].held[0] = 5; }, "CEP-REG-4");
  expect_refused([](Region& r) { r.operands[kW].held[1] = 1; }, "CEP-REG-4");
  expect_refused([](Region& r) { r.operands[kY].slot = 0; }, "CEP-REG-4");
  expect_refused([](Region& r) { r.operands[kV].stride[0] = 0; }, "CEP-REG-4");
  expect_refused([](Region& r) { r.operands.push_back(r.operands[kV]); }, "CEP-REG-4");
}

TEST(Reject, CEP_REG_5_types) {
  expect_refused([](Region& r) { r.operands[kW].dtype = ACP_I32; }, "CEP-REG-5");
  expect_refused([](Region& r) { r.operands[kV].dtype = ACP_I32; }, "CEP-REG-5");
  expect_refused(
      [](Region& r) { r.scalars.push_back(scalar_node(ACP_SC_SQRT, ACP_I64, r.loops[0].trips, 0)); },
      "CEP-REG-5");
  expect_refused([](Region& r) { added(r, index_node(ACP_IX_LOAD, 0, 0, 0)); }, "CEP-REG-5");
  expect_refused([](Region& r) { r.loops[0].condition = r.loops[0].trips; }, "CEP-REG-5");
}

TEST(Reject, CEP_REG_6_coordinates_outside_the_window) {
  expect_refused([](Region& r) { r.operands[kX].held[0] = 3; }, "CEP-REG-6");
  expect_refused([](Region& r) { r.operands[kW].origin[0] = r.operands[kW].held[0] = 3; }, "CEP-REG-6");
  expect_refused([](Region& r) { r.iters[0].end = 5; }, "CEP-REG-6");
  expect_refused([](Region& r) { r.operands[kV].held[0] = 3; }, "CEP-REG-6");
}

TEST(Reject, CEP_REG_9_reductions) {
  expect_refused([](Region& r) { r.nests[0].order = ACP_ORDER_NONE; }, "CEP-REG-9");
  expect_refused([](Region& r) { r.nests[0].order = ACP_ORDER_ANY; }, "CEP-REG-9");
  expect_refused([](Region& r) { r.nests[0].order = ACP_ORDER_BLOCKED_TREE; }, "CEP-REG-9");
  expect_refused([](Region& r) { r.nests[0].body_b = ACP_NONE; }, "CEP-REG-9");
  expect_refused([](Region& r) { r.nests[0].combiner = ACP_COMBINE_ADD; }, "CEP-REG-9");
  expect_refused([](Region& r) { r.nests[1].init = 0; }, "CEP-REG-9");
}

TEST(Reject, CEP_REG_10_nodes_in_the_wrong_place) {
  expect_refused([](Region& r) { r.nests[0].init = r.writes[0].value; }, "CEP-REG-10");
  expect_refused([](Region& r) { r.writes[1].value = r.writes[0].value; }, "CEP-REG-10");
  expect_refused([](Region& r) { r.reads[1].coord[0] = added(r, index_node(ACP_IX_ITER, 5, 0, 0)); },
                 "CEP-REG-10");
  expect_refused([](Region& r) { r.nests[0].init = r.nests[0].body_a; }, "CEP-REG-10");
  expect_refused([](Region& r) { r.writes[1].coord[0] = added(r, index_node(ACP_IX_LOOP, 0, 0, 0)); },
                 "CEP-REG-10");
}

TEST(Reject, CEP_REG_11_writes) {
  expect_refused([](Region& r) { r.writes[1].operand = kW; }, "CEP-REG-11");
  expect_refused([](Region& r) { r.writes[1].coord[0] = added(r, index_node(ACP_IX_CONST, 0, 0, 2)); },
                 "CEP-REG-11");
  expect_refused(
      [](Region& r) {
        const std::uint32_t i = r.writes[1].coord[0];
        r.writes[1].coord[0] = added(r, index_node(ACP_IX_ADD, i, i, 0));
      },
      "CEP-REG-11");
  expect_refused(
      [](Region& r) {
        r.writes.push_back(r.writes[1]);
        r.nests[1].write_count = 2;
      },
      "CEP-REG-11");
}

TEST(Reject, CEP_REG_12_reads_what_another_point_writes) {
  expect_refused(
      [](Region& r) {
        // v[i] = ... + y[i] becomes y[i] = ... + y[0].
        r.writes[1].operand = kY;
        r.reads[3].coord[0] = added(r, index_node(ACP_IX_CONST, 0, 0, 0));
      },
      "CEP-REG-12");
}

TEST(Reject, CEP_REG_13_stages) {
  expect_refused(
      [](Region& r) {
        r.stages.pop_back();
        r.stages.pop_back();
      },
      "CEP-REG-13");
  expect_refused([](Region& r) { r.stages[1].index = 9; }, "CEP-REG-13");
  expect_refused([](Region& r) { std::swap(r.stages[0], r.stages[2]); }, "CEP-REG-13");
  expect_refused([](Region& r) { r.stages.push_back(r.stages[0]); }, "CEP-REG-13");
}

TEST(Reject, CEP_REG_14_ranges) {
  expect_refused([](Region& r) { std::swap(r.iters[0].begin, r.iters[0].end); }, "CEP-REG-14");
  expect_refused([](Region& r) { r.iters[1].begin = 1; }, "CEP-REG-14");
  expect_refused([](Region& r) { r.nests[0].k_end = 7; }, "CEP-REG-14");
  expect_refused([](Region& r) { r.nests[0].k_begin = -1; }, "CEP-REG-14");
  expect_refused([](Region& r) { r.loops[0].max_trips = -1; }, "CEP-REG-14");
  expect_refused([](Region& r) { added(r, index_node(ACP_IX_MOD, 0, 0, 0)); }, "CEP-REG-14");
  expect_refused(
      [](Region& r) {
        const std::uint32_t huge = added(r, index_node(ACP_IX_CONST, 0, 0, INT64_MAX));
        r.reads[1].coord[0] = added(r, index_node(ACP_IX_ADD, r.reads[1].coord[0], huge, 0));
      },
      "CEP-REG-14");
}

TEST(Reject, CEP_REG_15_limits) {
  expect_refused([](Region& r) { r.indices.resize(65537, r.indices[0]); }, "CEP-REG-15");
  expect_refused([](Region& r) { r.stages.resize(1025, r.stages[0]); }, "CEP-REG-15");
  expect_refused(
      [](Region& r) {
        r.operands[kV].extent[0] = r.operands[kV].held[0] = std::int64_t{1} << 40;
        r.operands[kV].stride[0] = std::int64_t{1} << 20;
      },
      "CEP-REG-15");
}

}  // namespace
}  // namespace cep
