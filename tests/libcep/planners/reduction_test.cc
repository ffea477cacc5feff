// Reductions split over devices: parts that are nodes of the blocked tree, joined in its order; twins that are not; what is refused.
#include "cep/certificate.h"
#include "libcep/exec/on_shims.h"
#include "libcep/planners/targets.h"
#include "soundness/random_plan.h"
#include "support/residual_network.h"
#include "tools/cep-check/check.h"

namespace cep {
namespace {

using namespace support;

constexpr std::size_t kCombineStep = 2;

// Y[m, n] = A[m, k] x B[k, n], and what follows: the sum's positive part.
struct Product {
  std::int64_t k = 64;
  Order order = {OrderKind::kBlockedTree, 8};
  std::int64_t m = 4;
  std::int64_t n = 3;
  bool relu = false;
};
Workload product(const Product& shape) {
  WorkloadBuilder builder("product");
  const TensorId a = builder.input("A", {Dtype::kF32, {shape.m, shape.k}});
  const TensorId b = builder.weight("B", {Dtype::kF32, {shape.k, shape.n}}, acp::Digest{});
  WorkloadBuilder::NodeOptions options;
  options.name = "mm";
  options.outputs = {"Y"};
  options.order = shape.order;
  TensorId y = builder.node("MatMul", {a, b}, options).value().front();
  if (shape.relu) y = builder.node("Relu", {y}, {.name = "relu"}).value().front();
  builder.output(y);
  return std::move(builder).finish();
}

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(std::string(1, static_cast<char>('a' + i)));
  return out;
}
NodePlacement by_reduction(std::size_t count) {
  NodePlacement where{{}, 0, true};
  for (DeviceId target = 0; target < count; ++target) where.targets.push_back(target);
  return where;
}
Plan split(const Workload& workload, std::size_t count) {
  Placement placement = all_on(workload, 0);
  placement[0] = by_reduction(count);
  return planned(workload, exact_targets(names(count)), placement);
}

void expect_proved(const Workload& workload, Plan plan) {
  const Context context = fuzz::generous_context(plan);  // names its documents in the plan
  Verdict verdict = verify(workload, plan, context);
  ASSERT_TRUE(proved(verdict)) << describe(verdict) << "\n" << to_text(plan, workload);
  EXPECT_EQ(std::get<Proved>(verdict).guarantee, Grade::kBitwise);
  const Certificate certificate = certify(workload, plan, context, std::get<Proved>(std::move(verdict)));
  const acp::Status status = cep_check::check(workload, plan, certificate, context);
  EXPECT_TRUE(status.has_value()) << acp::to_string(status.error());
}

std::vector<std::string> shims(const Plan& plan) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < plan.devices.size(); ++i) out.emplace_back(i % 2 == 0 ? "template" : "cpu");
  return out;
}

// The parts of the reduction, and how many each sum joins, in the order of the steps.
std::string parts_of(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    if (const auto* compute = std::get_if<Compute>(&step.what); compute != nullptr && compute->k)
      text += std::to_string(compute->k->begin) + ":" + std::to_string(compute->k->end) + " ";
    if (const auto* combine = std::get_if<Combine>(&step.what))
      text += "+" + std::to_string(combine->inputs.size());
  }
  return text;
}

TEST(ReductionSplit, PartsAreNodesOfTheTree) {
  const struct {
    std::int64_t k;
    std::uint32_t block;
    std::size_t devices;
    const char* expected;
  } kCases[] = {
      {64, 8, 2, "0:32 32:64 +2"},
      {64, 8, 4, "0:16 16:32 32:48 48:64 +4"},
      {64, 8, 3, "0:16 16:32 32:64 +2+2"},          // (S01 + S23) + S4567: the first half is joined first
      {40, 8, 2, "0:32 32:40 +2"},                  // the fifth block has passed up
      {40, 8, 3, "0:16 16:32 32:40 +3"},            // level by level, the odd last one up
      {33, 8, 5, "0:8 8:16 16:24 24:32 32:33 +5"},  // the last block is short
      {44, 8, 2, "0:32 32:44 +2"},
      {44, 8, 5, "0:8 8:16 16:24 24:32 32:44 +2+2+3"},
      {2, 1, 2, "0:1 1:2 +2"},
      {7, 1, 6, "0:1 1:2 2:3 3:4 4:6 6:7 +2+2+4"},
  };
  for (const auto& c : kCases) {
    const Workload w = product({c.k, {OrderKind::kBlockedTree, c.block}});
    const Plan plan = split(w, c.devices);
    EXPECT_EQ(parts_of(plan), c.expected);
    expect_proved(w, plan);
  }
}

TEST(ReductionSplit, EachDeviceIsGivenItsPartAndOneJoins) {
  const Workload w = product({});
  const Plan plan = split(w, 2);
  std::vector<std::string> given, steps;
  for (const Slice& slice : plan.inputs)
    given.push_back(plan.buffers[slice.view.buffer].name + to_string(slice.box));
  EXPECT_EQ(given,
            (std::vector<std::string>{"A:a[0:4,0:32]", "B:a[0:32,0:3]", "A:b[0:4,32:64]", "B:b[32:64,0:3]"}));
  for (const Step& step : plan.steps) steps.push_back(step.name);
  EXPECT_EQ(steps,
            (std::vector<std::string>{"mm:a", "mm:b", "b:signal:1", "a:wait:b:1", "Y:b:a", "Y:sum:a"}));
  ASSERT_EQ(plan.outputs.size(), 1u);
  EXPECT_EQ(plan.buffers[plan.outputs[0].view.buffer].name, "Y:a");
}

// Each device needs its rows only: half of each partial result moves, and nothing of their sums.
TEST(ReductionSplit, AConsumerThatIsSplitJoinsItsOwnBox) {
  const Workload w = product({.relu = true});
  const Plan plan = planned(w, exact_targets({"a", "b"}), {by_reduction(2), {{0, 1}, 0}});
  expect_proved(w, plan);
  EXPECT_EQ(steps_of(plan, kCopyStep), 2u);
  EXPECT_EQ(steps_of(plan, kCombineStep), 2u);
  for (const Step& step : plan.steps) {
    if (const auto* copy = std::get_if<Copy>(&step.what)) {
      EXPECT_EQ(copy->source.dims, (Dims{2, 3}));
    }
  }
}

// What one device has joined, another copies.
TEST(ReductionSplit, TheSumIsJoinedOnce) {
  Network net("two");
  const TensorId y = net.dense(net.input({2, 8}), 4);
  net.output(net.add(net.relu(y), net.relu(y)));
  Workload w = std::move(net).finish();
  w.nodes[0].order = {OrderKind::kBlockedTree, 2};
  const Plan plan =
      planned(w, exact_targets({"a", "b", "c"}), {by_reduction(2), {{2}, 0}, {{1}, 0}, {{2}, 0}});
  expect_proved(w, plan);
  EXPECT_EQ(steps_of(plan, kCombineStep), 1u);
  EXPECT_EQ(steps_of(plan, kCopyStep), 4u);  // both parts to c, the sum to b, a positive part back
}

// Runs the plan as it stands on template and cpu, in turn.
std::vector<TensorBytes> run_on_shims(const Workload& workload, const Plan& plan,
                                      const std::vector<TensorBytes>& inputs) {
  OnShims on(workload, plan, shims(plan));
  auto result = on.run(inputs);
  EXPECT_TRUE(result.has_value()) << (result ? "" : acp::to_string(result.error()));
  return result ? std::move(result->outputs) : std::vector<TensorBytes>{};
}

TEST(ReductionSplit, TheBitsAreThoseOfOneDevice) {
  for (const std::size_t count : {2, 3, 4, 5}) {
    const Workload w = product({.k = 37, .relu = true});
    const auto inputs = some_inputs(w, 5);
    const auto expected = run_reference(w, inputs).value();
    EXPECT_EQ(run_on_shims(w, planned(w, exact_targets({"a"}), all_on(w, 0)), inputs), expected);
    EXPECT_EQ(run_on_shims(w, split(w, count), inputs), expected) << count;
  }
}

// The plan is no proof of bits; declared, it is one over the reals, and its bits do differ from the workload's.
void expect_other_bits(const Workload& workload, Plan plan) {
  plan.workload = digest_of(workload);
  const Verdict verdict = verify(workload, plan, exact_context(plan));
  ASSERT_FALSE(proved(verdict));
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-NUM-1") << describe(verdict);
  EXPECT_TRUE(findings_of(verdict).front().step.starts_with("Y:sum:")) << describe(verdict);
  plan.guarantee = Grade::kReal;
  plan.reassociated = {0};
  const Verdict real = verify(workload, plan, exact_context(plan));
  ASSERT_TRUE(proved(real)) << describe(real);
  EXPECT_EQ(std::get<Proved>(real).guarantee, Grade::kReal);
  int other = 0;
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    const auto inputs = some_inputs(workload, seed);
    other += run_on_shims(workload, plan, inputs) != run_reference(workload, inputs).value() ? 1 : 0;
  }
  EXPECT_GT(other, 0);
}

TEST(ReductionSplitTwin, AFoldOfFourPartsIsNotTheTree) {
  const Workload w = product({});
  Plan plan = split(w, 4);
  const auto combine = std::find_if(plan.steps.begin(), plan.steps.end(),
                                    [](const Step& step) { return step.what.index() == kCombineStep; });
  ASSERT_NE(combine, plan.steps.end());
  ASSERT_EQ(std::get<Combine>(combine->what).inputs.size(), 4u);
  std::get<Combine>(combine->what).shape = CombineShape::kFold;
  expect_other_bits(w, plan);
}

// Nor does the checker believe the tree's certificate for the fold.
TEST(ReductionSplitTwin, TheTreesCertificateIsRefusedForTheFold) {
  const Workload w = product({});
  Plan plan = split(w, 4);
  const Context context = fuzz::generous_context(plan);
  Certificate certificate = certify(w, plan, context, std::get<Proved>(verify(w, plan, context)));
  EXPECT_TRUE(cep_check::check(w, plan, certificate, context).has_value());
  for (Step& step : plan.steps) {
    if (auto* combine = std::get_if<Combine>(&step.what)) combine->shape = CombineShape::kFold;
  }
  certificate.plan = digest_of(plan);
  const acp::Status status = cep_check::check(w, plan, certificate, context);
  ASSERT_FALSE(status.has_value());
  EXPECT_NE(status.error().message.find("Y:sum:a"), std::string::npos) << acp::to_string(status.error());
}

TEST(ReductionSplitTwin, PartsInAnotherOrderAreNotTheTree) {
  const Workload w = product({});
  Plan plan = split(w, 4);
  for (Step& step : plan.steps) {
    if (auto* combine = std::get_if<Combine>(&step.what)) std::swap(combine->inputs[1], combine->inputs[2]);
  }
  expect_other_bits(w, plan);
}

// The same steps for the same product in another order: there the parts are no nodes.
TEST(ReductionSplitTwin, UnalignedPartsAreNoNodes) {
  const Plan cuts_a_block =
      split(product({.k = 48, .order = {OrderKind::kBlockedTree, 8}}), 2);  // 0:32 32:48
  expect_other_bits(product({.k = 48, .order = {OrderKind::kBlockedTree, 12}}), cuts_a_block);
  const Plan three_blocks =
      split(product({.k = 48, .order = {OrderKind::kBlockedTree, 24}}), 2);  // 0:24 24:48
  expect_other_bits(product({.k = 48, .order = {OrderKind::kBlockedTree, 8}}), three_blocks);
}

TEST(ReductionSplitTwin, WholePartsAddedInOrderAreNoIndexOrder) {
  expect_other_bits(product({.order = {OrderKind::kBlockedIndex, 8}}), split(product({}), 2));
}

void expect_refused(const acp::Result<Plan>& result, acp::Family family, const std::string& id,
                    const std::string& message) {
  ASSERT_FALSE(result.has_value()) << id;
  EXPECT_EQ(result.error().family, family);
  EXPECT_EQ(result.error().requirement, id) << acp::to_string(result.error());
  EXPECT_NE(result.error().message.find(message), std::string::npos) << acp::to_string(result.error());
}
acp::Result<Plan> refused(const Workload& workload, std::size_t count) {
  Placement placement = all_on(workload, 0);
  placement[0] = by_reduction(count);
  return plan_workload(workload, exact_targets(names(count)), placement);
}

TEST(Reject, CEP_PLAN_6_not_a_sum_in_blocked_tree_order) {
  const auto unsupported = acp::Family::kUnsupported;
  expect_refused(refused(product({.order = {}}), 2), unsupported, "CEP-PLAN-6", "--order blocked:N");
  expect_refused(refused(product({.order = {OrderKind::kBlockedIndex, 8}}), 2), unsupported, "CEP-PLAN-6",
                 "--order blocked:N");
  Network net("relu");
  net.output(net.relu(net.input({2, 4, 4, 4})));
  expect_refused(refused(std::move(net).finish(), 2), unsupported, "CEP-PLAN-6", "along an axis");
  WorkloadBuilder builder("scaled");
  const TensorId a = builder.input("A", {Dtype::kF32, {4, 8}});
  WorkloadBuilder::NodeOptions options;
  options.name = "gemm";
  options.attributes = {{"alpha", 0.5f}, {"transB", std::int64_t{1}}};
  options.order = {OrderKind::kBlockedTree, 2};
  builder.output(builder.node("Gemm", {a, a}, options).value().front());
  expect_refused(refused(std::move(builder).finish(), 2), unsupported, "CEP-PLAN-6", "along an axis");
}

TEST(Reject, CEP_PLAN_7_fewer_blocks_than_devices) {
  const auto unsupported = acp::Family::kUnsupported;
  expect_refused(refused(product({.k = 64, .order = {OrderKind::kBlockedTree, 256}}), 2), unsupported,
                 "CEP-PLAN-7", "has 1 blocks of 256 for 2 devices; blocks of at most 63 would do");
  expect_refused(refused(product({.k = 64, .order = {OrderKind::kBlockedTree, 22}}), 4), unsupported,
                 "CEP-PLAN-7", "has 3 blocks of 22 for 4 devices; blocks of at most 21 would do");
  EXPECT_TRUE(refused(product({.k = 64, .order = {OrderKind::kBlockedTree, 21}}), 4).has_value());
  expect_refused(refused(product({.k = 2, .order = {OrderKind::kBlockedTree, 1}}), 3), unsupported,
                 "CEP-PLAN-7", "has 2 blocks of 1 for 3 devices");
}

TEST(Reject, CEP_PLAN_2_a_document_that_does_not_cover_the_sum) {
  const Workload w = product({});
  auto targets = exact_targets({"a", "b"});
  targets[0].document.ops = {{"ai.onnx:MatMul", 1, {"f32"}, "exact", {}}};
  targets[0].document.ops[0].version = 13;
  const auto plan = plan_workload(w, targets, {by_reduction(2)});
  expect_refused(plan, acp::Family::kUnsupported, "CEP-PLAN-2", "sum of partial results");
}

TEST(Reject, CEP_PLAN_4_a_sum_in_too_many_runs) {
  const Workload w = product({.m = 4097, .relu = true});
  const auto targets = exact_targets({"a", "b"});
  Placement placement = {by_reduction(2), {{0, 1}, 0}};
  EXPECT_TRUE(plan_workload(w, targets, placement).has_value());
  placement[1].axis = 1;
  expect_refused(plan_workload(w, targets, placement), acp::Family::kLimit, "CEP-PLAN-4", "4096 runs");
}

}  // namespace
}  // namespace cep
