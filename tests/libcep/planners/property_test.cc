// Every plan the planner writes is proved, and gives the reference's bits on the bundled shims; broken ones are refused, step named.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"
#include "support/residual_network.h"

namespace cep {
namespace {

using namespace support;

std::vector<PlanTarget> shim_targets(const std::vector<std::string>& shims) {
  std::vector<PlanTarget> targets(shims.size());
  for (std::size_t i = 0; i < shims.size(); ++i) {
    targets[i].device = {"d" + std::to_string(i), shims[i], acp::Digest{}};
    targets[i].document = acp::Shim::load(shims[i]).value().device(0).value().class_document().value();
  }
  return targets;
}

// Certifies the plan (a plan that is not proved is a failure) and runs it.
acp::Result<RunResult> proved_and_run(const Workload& workload, const Plan& plan,
                                      const std::vector<TensorBytes>& inputs) {
  std::vector<std::string> shims;
  for (const Device& device : plan.devices) shims.push_back(device.shim);
  OnShims on(workload, plan, shims);
  return on.run(inputs);
}

RC_GTEST_PROP(PlannerProperty, EveryPlanIsProvedAndGivesTheReferencesBits, ()) {
  const auto draw = [](std::int64_t lo, std::int64_t hi) { return *rc::gen::inRange(lo, hi + 1); };
  const Workload workload = random_network(draw);
  RC_ASSERT(check_workload(workload).has_value());
  const auto targets = shim_targets({"cpu", "template", "cpu"});
  Placement placement;
  for (const Node& node : workload.nodes) {
    const auto first = static_cast<DeviceId>(draw(0, 2));
    NodePlacement where{{first}, 0};
    if (draw(0, 2) == 0) {
      where.targets.push_back((first + 1) % 3);
      if (draw(0, 2) == 0) where.targets.push_back((first + 2) % 3);
      const auto rank = static_cast<std::int64_t>(workload.tensors[node.outputs[0]].type.dims.size());
      where.axis = static_cast<std::uint32_t>(draw(0, rank - 1));
    }
    placement.push_back(where);
  }
  const Plan plan = planned(workload, targets, placement);
  const auto inputs = some_inputs(workload, static_cast<std::uint32_t>(draw(1, 1000)));
  const auto result = proved_and_run(workload, plan, inputs);
  RC_ASSERT(!testing::Test::HasFailure());
  RC_ASSERT(result.has_value());
  RC_ASSERT(result->outputs == run_reference(workload, inputs).value());
}

// A product of any kind whose reduction is in blocks, between two nodes that are whole or split along an axis.
Workload random_product(const std::function<std::int64_t(std::int64_t, std::int64_t)>& draw) {
  WorkloadBuilder builder("product");
  const auto weight = [&](const char* name, const Dims& dims) {
    return builder.weight(name, {Dtype::kF32, dims}, acp::Digest{});
  };
  const std::int64_t k = draw(2, 40), m = draw(1, 4), n = draw(1, 4);
  WorkloadBuilder::NodeOptions options;
  options.name = "product";
  options.order = {OrderKind::kBlockedTree, static_cast<std::uint32_t>(draw(1, k - 1))};
  const std::int64_t kind = draw(0, 2);
  const Dims from = kind == 2 ? Dims{1, k, m, n} : kind == 1 ? Dims{m, k} : Dims{2, m, k};
  const TensorId x =
      builder.node("Relu", {builder.input("x", {Dtype::kF32, from})}, {.name = "before"}).value().front();
  std::vector<TensorId> inputs = {x};
  const char* op = kind == 2 ? "Conv" : kind == 1 ? "Gemm" : "MatMul";
  if (kind == 2) options.attributes = {{"pads", Dims{1, 1, 1, 1}}};
  inputs.push_back(weight("w", kind == 2 ? Dims{2, k, 3, 3} : Dims{k, n}));
  if (kind > 0 && draw(0, 1) == 0) inputs.push_back(weight("bias", {kind == 2 ? 2 : n}));
  const TensorId y = builder.node(op, inputs, options).value().front();
  builder.output(builder.node("Relu", {y}, {.name = "after"}).value().front());
  if (draw(0, 2) == 0) builder.output(y);
  return std::move(builder).finish();
}

RC_GTEST_PROP(PlannerProperty, EverySplitReductionIsProvedAndGivesTheReferencesBits, ()) {
  const auto draw = [](std::int64_t lo, std::int64_t hi) { return *rc::gen::inRange(lo, hi + 1); };
  const Workload workload = random_product(draw);
  const auto split = split_reduction(node_region(workload, 1).value());
  RC_ASSERT(split.has_value());
  const std::int64_t blocks = (split->length + split->order.block - 1) / split->order.block;
  const std::int64_t most = std::min<std::int64_t>(blocks, 6);
  const auto targets = shim_targets({"cpu", "template", "cpu", "template", "cpu", "template"});
  NodePlacement parts{{}, 0, true};
  const std::int64_t count = draw(2, most);
  for (DeviceId target = 0; target < count; ++target) parts.targets.push_back(target);
  const auto whole_or_split = [&]() -> NodePlacement {
    if (draw(0, 1) == 0) return {{static_cast<DeviceId>(draw(0, 5))}, 0};
    return {{1, 0}, static_cast<std::uint32_t>(draw(0, 1))};
  };
  const Plan plan = planned(workload, targets, {whole_or_split(), parts, whole_or_split()});
  const auto inputs = some_inputs(workload, static_cast<std::uint32_t>(draw(1, 1000)));
  const auto result = proved_and_run(workload, plan, inputs);
  RC_ASSERT(!testing::Test::HasFailure());
  RC_ASSERT(result.has_value());
  RC_ASSERT(result->outputs == run_reference(workload, inputs).value());
}

TEST(PlannerProperty, MovingAnySingleLayerLeavesTheBitsUnchanged) {
  const Workload workload = residual_network({.batch = 2, .stages = 2});
  const auto targets = shim_targets({"cpu", "template"});
  const auto inputs = some_inputs(workload, 7);
  const auto expected = run_reference(workload, inputs).value();
  for (NodeId node = 0; node < workload.nodes.size(); ++node) {
    Placement placement = all_on(workload, 0);
    placement[node] = {{1}, 0};
    const auto moved = proved_and_run(workload, planned(workload, targets, placement), inputs);
    ASSERT_TRUE(moved.has_value()) << acp::to_string(moved.error());
    EXPECT_EQ(moved->outputs, expected) << workload.nodes[node].name;
  }
}

// One residual block split by rows and channels: copies, halos, waits.
struct Whole {
  Workload workload = residual_network({.batch = 1, .stages = 1});
  Plan plan;
  Whole() {
    const auto targets = exact_targets({"a", "b"});
    const auto placement = parse_placement(
        "cep-placement 1\nalternate a,b every 2 nodes\nsplit conv4 axis:2 over a,b\nsplit relu2 axis:2 over "
        "a,b\n"
        "split pool3 axis:2 over a,b\nsplit conv6 channel over b,a\n",
        workload, targets);
    plan = planned(workload, targets, placement.value());
    EXPECT_TRUE(proved(verify(workload, plan, exact_context(plan))));
  }
  [[nodiscard]] std::size_t step(const std::string& name) const {
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      if (plan.steps[i].name == name) return i;
    }
    ADD_FAILURE() << "no step " << name << " in\n" << to_text(plan, workload);
    return 0;
  }
  [[nodiscard]] std::size_t next(std::size_t from, std::size_t kind) const {
    while (from < plan.steps.size() && plan.steps[from].what.index() != kind) ++from;
    EXPECT_LT(from, plan.steps.size());
    return from;
  }
  template <typename Kind>
  Kind& at(std::size_t step) {
    return std::get<Kind>(plan.steps[step].what);
  }
  void expect_refused(const std::string& id, const std::string& step) const {
    const Verdict verdict = verify(workload, plan, exact_context(plan));
    ASSERT_FALSE(proved(verdict));
    EXPECT_EQ(findings_of(verdict).front().id, id) << describe(verdict);
    EXPECT_EQ(findings_of(verdict).front().step, step) << describe(verdict);
  }
};

TEST(BrokenPlan, AStaleBuffer) {
  Whole w;
  const std::size_t copy = w.next(w.step("conv1"), kCopyStep);
  const std::size_t reader = w.next(copy, kComputeStep);
  const std::string name = w.plan.steps[reader].name;
  w.plan.steps.erase(w.plan.steps.begin() + static_cast<std::ptrdiff_t>(copy));
  w.expect_refused("CEP-MEAN-2", name);
}

TEST(BrokenPlan, AMissingWait) {
  Whole w;
  const std::size_t wait = w.next(0, kWaitStep);
  const std::string name = w.plan.steps[w.next(wait, kCopyStep)].name;
  w.plan.steps.erase(w.plan.steps.begin() + static_cast<std::ptrdiff_t>(wait));
  w.expect_refused("CEP-MEM-1", name);
}

TEST(BrokenPlan, SwappedOperands) {
  Whole w;
  auto& inputs = w.at<Compute>(w.step("add7")).inputs;
  std::swap(inputs[0].view, inputs[1].view);
  w.expect_refused("CEP-MEAN-2", "add7");
}

TEST(BrokenPlan, AWrongBox) {
  Whole w;
  Slice& output = w.at<Compute>(w.step("conv6:a")).outputs[0];
  // Claims the other half of the channels, into the same bytes.
  const std::int64_t half = output.box.hi[1] - output.box.lo[1];
  const std::int64_t by = output.box.lo[1] == 0 ? half : -half;
  output.box.lo[1] += by;
  output.box.hi[1] += by;
  const Verdict verdict = verify(w.workload, w.plan, exact_context(w.plan));
  ASSERT_FALSE(proved(verdict));
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-MEAN-1") << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().step, "conv6:a") << describe(verdict);
}

TEST(BrokenPlan, AWrongHalo) {
  Whole w;
  const std::string part = "conv4:b";
  Slice& input = w.at<Compute>(w.step(part)).inputs[0];
  // One row less than the window needs.
  const BufferId id = input.view.buffer;
  const std::int64_t row = input.view.strides[2] * size_bytes(w.plan.buffers[id].type.dtype);
  ++input.box.lo[2];
  input.view.offset_bytes += row;
  --input.view.dims[2];
  w.expect_refused("CEP-MEAN-1", part);
}

TEST(BrokenPlan, AHaloThatWasNotFetched) {
  Whole w;
  const std::size_t conv = w.step("conv4:b");
  std::size_t copy = conv;
  while (copy > 0 && w.plan.steps[copy].what.index() != kCopyStep) --copy;
  ASSERT_GT(copy, 0u);
  w.plan.steps.erase(w.plan.steps.begin() + static_cast<std::ptrdiff_t>(copy));
  w.expect_refused("CEP-MEAN-2", "conv4:b");
}

}  // namespace
}  // namespace cep
