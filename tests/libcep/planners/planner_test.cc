// What the planner writes: whole nodes, splits with halos, memory used again, no more signals than needed; cuts by cost.
#include <set>

#include "libcep/planners/targets.h"
#include "support/residual_network.h"

namespace cep {
namespace {

using namespace support;

void expect_proved(const Workload& workload, const Plan& plan) {
  const Verdict verdict = verify(workload, plan, exact_context(plan));
  ASSERT_TRUE(proved(verdict)) << describe(verdict) << "\n" << to_text(plan, workload);
  EXPECT_EQ(std::get<Proved>(verdict).guarantee, Grade::kBitwise);
}

// x -> relu1 -> relu2 -> relu3 -> relu4
Workload four_relus() {
  Network net("relus");
  TensorId x = net.input({2, 4, 4, 4});
  for (int i = 0; i < 4; ++i) x = net.relu(x);
  net.output(x);
  return std::move(net).finish();
}

TEST(Planner, OneDeviceNeedsNoCopiesAndUsesMemoryAgain) {
  const Workload w = four_relus();
  const Plan plan = planned(w, exact_targets({"a", "b"}), all_on(w, 1));
  expect_proved(w, plan);
  ASSERT_EQ(plan.devices.size(), 1u);
  EXPECT_EQ(plan.devices[0].name, "b");
  EXPECT_EQ(plan.steps.size(), 4u);
  EXPECT_EQ(plan.steps[2].name, "relu3");
  EXPECT_TRUE(plan.timelines.empty());
  // At any time one tensor is read and one written.
  EXPECT_EQ(plan.arenas[0].size_bytes, 2 * 2 * 64 * 4);
}

TEST(Planner, EachCrossingIsOneSignalOneWaitOneCopy) {
  const Workload w = four_relus();
  const Plan plan = planned(w, exact_targets({"a", "b"}), {{{0}, 0}, {{1}, 0}, {{0}, 0}, {{1}, 0}});
  expect_proved(w, plan);
  EXPECT_EQ(steps_of(plan, kComputeStep), 4u);
  EXPECT_EQ(steps_of(plan, kCopyStep), 3u);
  EXPECT_EQ(steps_of(plan, kSignalStep), 3u);
  EXPECT_EQ(steps_of(plan, kWaitStep), 3u);
  EXPECT_EQ(plan.timelines.size(), 2u);
}

TEST(Planner, EveryWaitIsNeededAndEverySignalWaitedFor) {
  const Workload w = residual_network({.batch = 2});
  Placement placement = all_on(w, 0);
  for (NodeId node = 0; node < w.nodes.size(); ++node) placement[node] = {{node / 2 % 3}, 0};
  placement[5] = {{0, 1, 2}, 1};
  const Plan plan = planned(w, exact_targets({"a", "b", "c"}), placement);
  expect_proved(w, plan);
  std::set<std::pair<TimelineId, std::uint64_t>> signalled, awaited;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (const auto* signal = std::get_if<Signal>(&plan.steps[i].what))
      signalled.insert({signal->timeline, signal->value});
    const auto* wait = std::get_if<Wait>(&plan.steps[i].what);
    if (wait == nullptr) continue;
    awaited.insert({wait->timeline, wait->value});
    Plan without = plan;
    without.steps.erase(without.steps.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(proved(verify(w, without, exact_context(without)))) << plan.steps[i].name;
  }
  EXPECT_EQ(signalled, awaited);
  EXPECT_GE(awaited.size(), 5u);
}

TEST(Planner, BranchesShareOneCopy) {
  Network net("branches");
  const TensorId x = net.relu(net.input({1, 2, 4, 4}));
  net.output(net.add(net.relu(x), net.conv(x, 2, 3, 1)));
  const Workload w = std::move(net).finish();
  const Plan plan = planned(w, exact_targets({"a", "b"}), {{{0}, 0}, {{1}, 0}, {{1}, 0}, {{1}, 0}});
  expect_proved(w, plan);
  EXPECT_EQ(steps_of(plan, kCopyStep), 1u);
}

TEST(Planner, ASplitConvolutionFetchesItsHaloOnly) {
  Network net("halo");
  const TensorId x = net.relu(net.input({1, 2, 8, 8}));
  net.output(net.conv(x, 3, 3, 1));
  const Workload w = std::move(net).finish();
  const Placement by_rows = {{{0, 1}, 2}, {{0, 1}, 2}};
  const Plan plan = planned(w, exact_targets({"a", "b"}), by_rows);
  expect_proved(w, plan);
  ASSERT_EQ(steps_of(plan, kCopyStep), 2u);  // one row each way
  for (const Step& step : plan.steps) {
    if (const auto* copy = std::get_if<Copy>(&step.what)) {
      EXPECT_EQ(copy->source.dims, (Dims{1, 2, 1, 8}));
    }
    if (step.name == "conv2:b") {
      EXPECT_EQ(std::get<Compute>(step.what).inputs[0].box, (Box{{0, 0, 3, 0}, {1, 2, 8, 8}}));
    }
  }
  EXPECT_EQ(plan.outputs.size(), 2u);
}

TEST(Planner, AChannelSplitGivesEachDeviceItsWeights) {
  Network net("channels");
  net.output(net.conv(net.input({1, 2, 4, 4}), 5, 3, 1));
  const Workload w = std::move(net).finish();
  const Plan plan = planned(w, exact_targets({"a", "b"}), {{{0, 1}, 1}});
  expect_proved(w, plan);
  std::vector<std::string> given;
  for (const Slice& slice : plan.inputs)
    given.push_back(plan.buffers[slice.view.buffer].name + to_string(slice.box));
  EXPECT_EQ(given, (std::vector<std::string>{"x:a[0:1,0:2,0:4,0:4]", "conv1_w:a[0:2,0:2,0:3,0:3]",
                                             "conv1_b:a[0:2]", "x:b[0:1,0:2,0:4,0:4]",
                                             "conv1_w:b[2:5,0:2,0:3,0:3]", "conv1_b:b[2:5]"}));
}

TEST(Planner, WhatNoOutputNeedsIsNotComputed) {
  Network net("dead");
  const TensorId x = net.input({1, 1, 2, 2});
  net.relu(x);
  net.output(net.add(x, x));
  const Workload w = std::move(net).finish();
  const Plan plan = planned(w, exact_targets({"a"}), all_on(w, 0));
  expect_proved(w, plan);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].name, "add2");
}

TEST(Planner, AnInputMayBeAnOutput) {
  Network net("through");
  const TensorId x = net.input({1, 1, 2, 2});
  net.output(x);
  net.output(net.relu(x));
  net.output(x);
  const Workload w = std::move(net).finish();
  expect_proved(w, planned(w, exact_targets({"a", "b"}), all_on(w, 1)));
}

TEST(Planner, MoreDevicesThanThereIsToShare) {
  const Workload w = four_relus();
  const Plan plan =
      planned(w, exact_targets({"a", "b", "c"}), {{{0, 1, 2}, 0}, {{0, 1, 2}, 0}, {{2, 1, 0}, 0}, {{0}, 0}});
  expect_proved(w, plan);
}

TEST(Cost, LatencyStaysWhereItIsUnlessMovingPays) {
  const Workload w = four_relus();
  auto targets = exact_targets({"a", "b"});
  EXPECT_EQ(place_by_cost(w, targets, Objective::kLatency).value(), all_on(w, 0));
  targets[1].operations_per_second = 1e12;
  EXPECT_EQ(place_by_cost(w, targets, Objective::kLatency).value(), all_on(w, 1));
}

TEST(Cost, LatencyLeavesADeviceOnlyForWhatItCannotRun) {
  const Workload w = four_relus();
  auto targets = exact_targets({"a", "b"});
  targets[0].document.ops = {{"ai.onnx:Conv", 1, {"f32"}, "exact", {}}};
  EXPECT_EQ(place_by_cost(w, targets, Objective::kLatency).value(), all_on(w, 1));
}

TEST(Cost, ThroughputSharesOperationsByRate) {
  const Workload w = four_relus();
  auto targets = exact_targets({"a", "b"});
  EXPECT_EQ(place_by_cost(w, targets, Objective::kThroughput).value(),
            (Placement{{{0}, 0}, {{0}, 0}, {{1}, 0}, {{1}, 0}}));
  targets[1].operations_per_second *= 3;
  EXPECT_EQ(place_by_cost(w, targets, Objective::kThroughput).value(),
            (Placement{{{0}, 0}, {{1}, 0}, {{1}, 0}, {{1}, 0}}));
  EXPECT_EQ(place_by_cost(w, targets, Objective::kMemory).value()[0], (NodePlacement{{0}, 0}));
}

template <typename T>
void expect_refused(const acp::Result<T>& result, acp::Family family, const std::string& id,
                    const std::string& path) {
  ASSERT_FALSE(result.has_value()) << id;
  EXPECT_EQ(result.error().family, family);
  EXPECT_EQ(result.error().requirement, id) << acp::to_string(result.error());
  EXPECT_EQ(result.error().path, path) << acp::to_string(result.error());
}

TEST(Reject, CEP_PLAN_1_targets_and_placement) {
  const Workload w = four_relus();
  const auto targets = exact_targets({"a", "b"});
  const auto invalid = acp::Family::kInvalid;
  expect_refused(plan_workload(w, {}, all_on(w, 0)), invalid, "CEP-PLAN-1", "targets");
  expect_refused(place_by_cost(w, {}, Objective::kLatency), invalid, "CEP-PLAN-1", "targets");
  expect_refused(plan_workload(w, exact_targets({"a", "a"}), all_on(w, 0)), invalid, "CEP-PLAN-1", "targets");
  expect_refused(plan_workload(w, targets, {}), invalid, "CEP-PLAN-1", "placement");
  for (const NodePlacement& wrong :
       {NodePlacement{{}, 0}, NodePlacement{{2}, 0}, NodePlacement{{0, 0}, 0}, NodePlacement{{0, 1}, 4}}) {
    Placement placement = all_on(w, 0);
    placement[1] = wrong;
    expect_refused(plan_workload(w, targets, placement), invalid, "CEP-PLAN-1", "node relu2");
  }
}

TEST(Reject, CEP_PLAN_2_a_document_that_does_not_cover_the_node) {
  const Workload w = four_relus();
  auto targets = exact_targets({"a"});
  targets[0].document.ops = {{"ai.onnx:Conv", 1, {"f32"}, "exact", {}}};
  const auto unsupported = acp::Family::kUnsupported;
  expect_refused(plan_workload(w, targets, all_on(w, 0)), unsupported, "CEP-PLAN-2", "node relu1");
  expect_refused(place_by_cost(w, targets, Objective::kLatency), unsupported, "CEP-PLAN-2", "node relu1");
  targets = exact_targets({"a"});
  targets[0].document.contracts[0].subnormals = acp::Subnormals::kFlushed;
  expect_refused(plan_workload(w, targets, all_on(w, 0)), unsupported, "CEP-PLAN-2", "node relu1");
  targets = exact_targets({"a"});
  targets[0].document.limits.max_operand_bytes = 64;
  expect_refused(plan_workload(w, targets, all_on(w, 0)), unsupported, "CEP-PLAN-2", "node relu1");
}

TEST(Reject, CEP_PLAN_3_tensors_without_elements) {
  WorkloadBuilder builder("empty");
  const TensorId a = builder.input("a", {Dtype::kF32, {0, 2}});
  const TensorId b = builder.input("b", {Dtype::kF32, {3, 2}});
  WorkloadBuilder::NodeOptions options;
  options.name = "join";
  options.attributes = {{"axis", std::int64_t{0}}};
  builder.output(builder.node("Concat", {a, b}, options).value().front());
  const Workload w = std::move(builder).finish();
  expect_refused(plan_workload(w, exact_targets({"a"}), all_on(w, 0)), acp::Family::kUnsupported,
                 "CEP-PLAN-3", "node join");
}

TEST(Reject, CEP_PLAN_4_a_split_into_too_many_runs) {
  Network net("ragged");
  net.output(net.relu(net.input({4097, 2, 1, 1})));
  const Workload w = std::move(net).finish();
  expect_refused(plan_workload(w, exact_targets({"a", "b"}), {{{0, 1}, 1}}), acp::Family::kLimit,
                 "CEP-PLAN-4", "node relu1");
}

TEST(Reject, CEP_PLAN_5_energy) {
  const Workload w = four_relus();
  expect_refused(place_by_cost(w, exact_targets({"a"}), Objective::kEnergy), acp::Family::kUnsupported,
                 "CEP-PLAN-5", "objective");
}

}  // namespace
}  // namespace cep
