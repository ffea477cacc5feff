// A device that is lost while a plan runs: the next plan gives the same bits, or the run ends with an error; it never hangs.
#include "libcep/exec/doomed.h"
#include "libcep/exec/on_shims.h"

namespace cep {
namespace {

using namespace support;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kParts = 40;

// Y[4,4] = A[4,80] x B[80,4], B a weight
Workload long_product() {
  WorkloadBuilder w("long");
  const TensorId a = w.input("A", {Dtype::kF32, {4, 2 * kParts}});
  const TensorId b = w.weight("B", {Dtype::kF32, {2 * kParts, 4}}, acp::Digest{});
  w.output(w.node("MatMul", {a, b}, {.name = "mm", .outputs = {"Y"}}).value().front());
  return std::move(w).finish();
}

// One chain over k in 40 parts, part p on device p mod `devices`, the accumulator carried from one to the next.
Plan carried(const Workload& w, std::uint32_t devices) {
  Plan plan;
  plan.name = "carried";
  const auto whole = [&](TensorId tensor, BufferId buffer) {
    return Slice{tensor, Box::whole(w.tensors[tensor].type.dims), whole_view(buffer, plan.buffers[buffer])};
  };
  for (std::uint32_t d = 0; d < devices; ++d) {
    const std::string n = std::to_string(d);
    plan.devices.push_back({"d" + n, "", {}});
    plan.arenas.push_back({"m" + n, d, 8192});
    plan.queues.push_back({"q" + n, d});
    plan.timelines.push_back({"t" + n, d});
    const std::pair<std::string, TensorId> buffers[] = {{"a", 0}, {"b", 1}, {"y", 2}};
    std::int64_t at = 0;
    for (const auto& [name, tensor] : buffers) {
      plan.buffers.push_back({name + n, d, at, w.tensors[tensor].type});
      at += 2048;
    }
    plan.inputs.push_back(whole(0, 3 * d));
    plan.inputs.push_back(whole(1, 3 * d + 1));
  }
  for (std::int64_t p = 0; p < kParts; ++p) {
    const auto here = static_cast<std::uint32_t>(p % devices);
    const std::uint32_t before = (here + devices - 1) % devices;
    const std::string n = std::to_string(p);
    const auto point = static_cast<std::uint64_t>(p);
    if (p > 0 && before != here) {
      plan.steps.push_back({"wait" + n, here, Wait{before, point}});
      plan.steps.push_back(
          {"carry" + n, here, Copy{whole(2, 3 * before + 2).view, whole(2, 3 * here + 2).view}});
    }
    const auto part = [&](TensorId tensor, BufferId buffer, const Box& box) {
      return Slice{tensor, box, box_view(buffer, plan.buffers[buffer], box)};
    };
    Compute c;
    c.inputs = {part(0, 3 * here, {{0, 2 * p}, {4, 2 * p + 2}}),
                part(1, 3 * here + 1, {{2 * p, 0}, {2 * p + 2, 4}})};
    c.outputs = {whole(2, 3 * here + 2)};
    c.k = KRange{2 * p, 2 * p + 2};
    if (p > 0) c.seed = c.outputs[0].view;
    plan.steps.push_back({"part" + n, here, c});
    if (devices > 1) plan.steps.push_back({"done" + n, here, Signal{here, point + 1}});
  }
  plan.outputs = {whole(2, 3 * static_cast<BufferId>((kParts - 1) % devices) + 2)};
  return plan;
}

OnShims carried_on(const std::vector<std::string>& shims) {
  const Workload w = long_product();
  return {w, carried(w, static_cast<std::uint32_t>(shims.size())), shims};
}

void doom(OnShims& on, std::size_t place, int submissions) {
  on.replace(place, doomed_shim(on.shims[place], submissions));
  if (submissions == 0) kill_doomed();
}

// Kills, after each number of submissions up to 20, the next of the victims in turn.
void kill_after_submissions(const std::vector<std::string>& shims, const std::vector<std::size_t>& victims,
                            const std::string& last_resort) {
  OnShims alone = carried_on({last_resort});
  const auto inputs = some_inputs(alone.workload, 11);
  const auto expected = run_reference(alone.workload, inputs).value();
  int fell_back = 0;
  for (int n = 0; n <= kParts / 2; ++n) {
    const std::size_t victim = victims[static_cast<std::size_t>(n) % victims.size()];
    OnShims on = carried_on(shims);
    doom(on, victim, n);
    const auto begin = Clock::now();
    const auto result = run_with_fallback(on.workload, {on.attempt(), alone.attempt()}, inputs);
    EXPECT_LT(Clock::now() - begin, 60s) << n;
    ASSERT_TRUE(result.has_value()) << n << " " << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, expected) << n;
    if (result->lost.empty()) continue;
    ++fell_back;
    EXPECT_EQ(result->lost[0].family, acp::Family::kEnvironment) << acp::to_string(result->lost[0]);
    EXPECT_NE(acp::to_string(result->lost[0]).find("Killed"), std::string::npos)
        << acp::to_string(result->lost[0]);
  }
  // The last submission may be through before its process ends.
  EXPECT_GE(fell_back, kParts / 2);
}

TEST(Fallback, AKilledShimCostsNoBit) {
  kill_after_submissions({"cpu@process", "template@process"}, {0, 1}, "template");
}

TEST(FallbackFromGpu, AKilledShimCostsNoBit) {
  kill_after_submissions({"gpu@process", "cpu@process"}, {0, 1}, "cpu");
}

TEST(FallbackFromGpu, AGpuKilledAfterAnyOfTwentySubmissionsCostsNoBit) {
  kill_after_submissions({"gpu@process", "cpu"}, {0}, "cpu");
}

TEST(Fallback, WithoutALossTheFirstPlanGivesTheResult) {
  OnShims on = carried_on({"cpu@process", "template"});
  OnShims alone = carried_on({"template"});
  const auto inputs = some_inputs(on.workload, 3);
  const auto result = run_with_fallback(on.workload, {on.attempt(), alone.attempt()}, inputs);
  ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
  EXPECT_TRUE(result->lost.empty());
  EXPECT_EQ(result->trace.size(), on.plan.steps.size());
  EXPECT_EQ(result->outputs, run_reference(on.workload, inputs).value());
}

TEST(Fallback, ASessionGoesOnWithTheNextPlanAndStaysThere) {
  OnShims on = carried_on({"cpu@process", "template"});
  OnShims alone = carried_on({"template"});
  doom(on, 0, kParts / 2 + 3);  // in the second run
  const std::vector<TensorBytes> weights = {some_inputs(on.workload, 1)[1]};
  auto session = Session::open(on.workload, {on.attempt(), alone.attempt()}, weights);
  ASSERT_TRUE(session.has_value()) << acp::to_string(session.error());
  for (std::uint32_t run = 0; run < 4; ++run) {
    const TensorBytes input = some_inputs(on.workload, 20 + run)[0];
    const auto result = session->run({input});
    ASSERT_TRUE(result.has_value()) << run << " " << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, run_reference(on.workload, {input, weights[0]}).value()) << run;
    EXPECT_EQ(result->lost.size(), run == 0 ? 0u : 1u) << run;
    EXPECT_EQ(result->trace.size(), (run == 0 ? on : alone).plan.steps.size()) << run;
  }
}

TEST(Fallback, ASessionWhoseDevicesAreLostBeforeItOpensBeginsWithTheNextPlan) {
  OnShims on = carried_on({"cpu@process", "template"});
  OnShims alone = carried_on({"template"});
  doom(on, 0, 0);
  const auto inputs = some_inputs(on.workload, 4);
  auto session = Session::open(on.workload, {on.attempt(), alone.attempt()}, {inputs[1]});
  ASSERT_TRUE(session.has_value()) << acp::to_string(session.error());
  const auto result = session->run({inputs[0]});
  ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
  EXPECT_EQ(result->lost.size(), 1u);
  EXPECT_EQ(result->outputs, run_reference(on.workload, inputs).value());
  const auto without = Session::open(on.workload, {on.attempt()}, {inputs[1]});
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().family, acp::Family::kEnvironment);
}

TEST(Fallback, ASessionThatLostEveryPlanRefusesToRunAgain) {
  OnShims on = carried_on({"cpu@process", "template"});
  doom(on, 0, 3);
  const auto inputs = some_inputs(on.workload, 4);
  auto session = Session::open(on.workload, {on.attempt(), on.attempt()}, {inputs[1]});
  ASSERT_TRUE(session.has_value()) << acp::to_string(session.error());
  const auto result = session->run({inputs[0]});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("then the fallback"), std::string::npos) << result.error().message;
  EXPECT_EQ(session->run({inputs[0]}).error().requirement, "CEP-EXEC-5");
}

TEST(Fallback, WithoutAnotherPlanALossIsAnError) {
  for (const int n : {1, 7, 15}) {
    OnShims on = carried_on({"cpu@process", "template"});
    doom(on, 0, n);
    const auto result = on.run(some_inputs(on.workload, 1));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().family, acp::Family::kEnvironment) << acp::to_string(result.error());
    EXPECT_EQ(result.error().requirement, "CEP-EXEC-2") << acp::to_string(result.error());
    EXPECT_NE(acp::to_string(result.error()).find("step \""), std::string::npos)
        << acp::to_string(result.error());
  }
}

TEST(Fallback, WhenEveryPlanIsLostTheErrorSaysSo) {
  OnShims on = carried_on({"cpu@process", "template"});
  doom(on, 0, 3);
  const auto result =
      run_with_fallback(on.workload, {on.attempt(), on.attempt()}, some_inputs(on.workload, 1));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().family, acp::Family::kEnvironment);
  EXPECT_NE(result.error().message.find("then the fallback"), std::string::npos) << result.error().message;
}

// A step that never ends, in a process of its own: the watchdog ends the run, and nobody waits for the step.
TEST(Fallback, AStepThatNeverEndsIsLeftBehind) {
  OnShims on = carried_on({"cpu@process", "template"});
  OnShims alone = carried_on({"template"});
  acp_shim slots = on.shims[0].slots();
  slots.queue_submit = [](void*, acp_queue*, const acp_submission*, acp_status*) -> std::uint16_t {
    return ACP_OK;
  };
  on.replace(0, on.shims[0].with_slots(slots));
  const auto inputs = some_inputs(on.workload, 5);
  const auto result = run_with_fallback(on.workload, {on.attempt(), alone.attempt()}, inputs,
                                        {.step_timeout_ns = 2'000'000'000});
  ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
  ASSERT_EQ(result->lost.size(), 1u);
  EXPECT_EQ(result->lost[0].requirement, "CEP-EXEC-3");
  EXPECT_EQ(result->outputs, run_reference(on.workload, inputs).value());
}

TEST(Reject, CEP_EXEC_6_a_fallback_that_is_not_as_good) {
  OnShims on = carried_on({"cpu", "template"});
  OnShims alone = carried_on({"template"});
  const auto inputs = some_inputs(on.workload, 1);
  const auto refused = [&](const std::vector<Attempt>& attempts) {
    const auto result = run_with_fallback(on.workload, attempts, inputs);
    EXPECT_FALSE(result.has_value());
    return result ? acp::Error{} : result.error();
  };
  ASSERT_FALSE(alone.certificate.proof.outputs.empty());
  alone.certificate.proof.outputs[0].grade = Grade::kReal;
  EXPECT_EQ(refused({on.attempt(), alone.attempt()}).requirement, "CEP-EXEC-6");
  EXPECT_EQ(refused({on.attempt(), alone.attempt()}).path, "fallbacks[0]");
  const auto session = Session::open(on.workload, {on.attempt(), alone.attempt()}, {inputs[1]});
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().requirement, "CEP-EXEC-6");
  EXPECT_EQ(refused({}).requirement, "CEP-EXEC-6");
  // And it is checked before the first step: this one is never needed.
  alone = carried_on({"template"});
  alone.plan.name = "another";
  EXPECT_EQ(refused({on.attempt(), alone.attempt()}).requirement, "CEP-EXEC-1");
}

}  // namespace
}  // namespace cep
