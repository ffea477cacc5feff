// Sessions: run after run gives the reference's bits, with weights written once, or again where the plan uses their bytes.
#include "libcep/exec/on_shims.h"

namespace cep {
namespace {

using namespace support;

Session opened(OnShims& on, const std::vector<TensorBytes>& weights) {
  auto session = Session::open(on.workload, on.plan, on.certificate, on.devices(), weights);
  EXPECT_TRUE(session.has_value()) << (session ? "" : acp::to_string(session.error()));
  return std::move(session).value();
}

// y = relu(x + w)
Workload biased() {
  WorkloadBuilder w("biased");
  const TensorId x = w.input("x", {Dtype::kF32, {4}});
  const TensorId bias = w.weight("w", {Dtype::kF32, {4}}, acp::Digest{});
  WorkloadBuilder::NodeOptions add, relu;
  add.name = "add";
  add.outputs = {"s"};
  relu.name = "relu";
  relu.outputs = {"y"};
  const TensorId sum = w.node("Add", {x, bias}, add).value().front();
  w.output(w.node("Relu", {sum}, relu).value().front());
  return std::move(w).finish();
}

std::string biased_plan(const std::string& relu_at) {
  return "cep-plan 1 biased\n"
         "device d0 shim cpu\n"
         "arena m0 on d0 bytes 1024\n"
         "buffer x in m0 at 0 f32[4]\n"
         "buffer w in m0 at 64 f32[4]\n"
         "buffer s in m0 at 128 f32[4]\n"
         "buffer y in m0 at " +
         relu_at +
         " f32[4]\n"
         "queue q0 on d0\n"
         "input x = x\n"
         "input w = w\n"
         "step add @q0 compute add : x = x, w = w -> s = s\n"
         "step relu @q0 compute relu : s = s -> y = y\n"
         "output y = y\n";
}

TEST(Session, RunsAgainAndAgainWhateverLiesOverTheWeights) {
  const Workload w = biased();
  // In the second plan the result lies where the weights were.
  for (const char* relu_at : {"192", "64"}) {
    OnShims on(w, plan_of(w, biased_plan(relu_at)), {"cpu"});
    const auto weights = some_inputs(w, 99)[1];
    Session session = opened(on, {weights});
    for (std::uint32_t seed = 0; seed < 5; ++seed) {
      const auto x = some_inputs(w, seed)[0];
      const auto result = session.run({x});
      ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
      EXPECT_EQ(result->outputs, run_reference(w, {x, weights}).value()) << relu_at << " run " << seed;
      EXPECT_EQ(result->trace.size(), 2u);
    }
  }
}

// A result that lies over the first or the last byte of the weights, and one that only touches them.
TEST(Session, WeightsThatAreWrittenOverInPart) {
  const Workload w = biased();
  for (const char* relu_at : {"52", "76", "48", "80"}) {
    OnShims on(w, plan_of(w, biased_plan(relu_at)), {"cpu"});
    const auto weights = some_inputs(w, 98)[1];
    Session session = opened(on, {weights});
    for (std::uint32_t seed = 0; seed < 3; ++seed) {
      const auto x = some_inputs(w, seed)[0];
      const auto result = session.run({x});
      ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
      EXPECT_EQ(result->outputs, run_reference(w, {x, weights}).value()) << relu_at << " run " << seed;
    }
  }
}

TEST(Session, TwoDevicesRunAfterRun) {
  const Workload w = thread_workload();
  OnShims on(w, plan_of(w, std::string(kThreadPlan)), {"cpu", "template"});
  Session session = opened(on, {});
  for (std::uint32_t seed = 0; seed < 10; ++seed) {
    const auto inputs = some_inputs(w, seed);
    const auto result = session.run(inputs);
    ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, run_reference(w, inputs).value());
  }
}

TEST(Session, RefusesWeightsAndInputsOfAnotherType) {
  const Workload w = biased();
  OnShims on(w, plan_of(w, biased_plan("192")), {"cpu"});
  const auto given = some_inputs(w, 1);
  const auto without = Session::open(on.workload, on.plan, on.certificate, on.devices(), {});
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().requirement, "CEP-RUN-1");
  Session session = opened(on, {given[1]});
  EXPECT_EQ(session.run(given).error().requirement, "CEP-RUN-1");
  EXPECT_TRUE(session.run({given[0]}).has_value());  // nothing had begun
}

TEST(Reject, CEP_EXEC_5_a_session_that_failed) {
  const Workload w = biased();
  OnShims on(w, plan_of(w, biased_plan("192")), {"cpu"});
  acp_shim slots = on.shims[0].slots();
  slots.queue_submit = [](void*, acp_queue*, const acp_submission*, acp_status*) -> std::uint16_t {
    return ACP_OK;
  };
  on.replace(0, on.shims[0].with_slots(slots));
  const auto given = some_inputs(w, 1);
  Session session = opened(on, {given[1]});
  EXPECT_EQ(session.run({given[0]}, {.step_timeout_ns = 50'000'000}).error().requirement, "CEP-EXEC-3");
  const auto again = session.run({given[0]});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().requirement, "CEP-EXEC-5");
  EXPECT_EQ(again.error().family, acp::Family::kEnvironment);
}

}  // namespace
}  // namespace cep
