// Steps of the thread, each broken in one place: lowering says which sentence it breaks.
#include <gtest/gtest.h>

#include <variant>

#include "support/thread_plan.h"

namespace cep {
namespace {

// The step `rest` of the thread: columns 4:8 of the k-range, continued from a seed.
struct Thread {
  Workload workload = support::thread_workload();
  Plan plan = parse_plan(support::kThreadPlan, workload).value();
  Compute rest = std::get<Compute>(plan.steps[4].what);
  Copy carry = std::get<Copy>(plan.steps[3].what);
};

template <typename Lowered>
void expect_refused(const Lowered& lowered, const char* requirement, const char* path) {
  ASSERT_FALSE(lowered.has_value());
  EXPECT_EQ(lowered.error().family, acp::Family::kInvalid);
  EXPECT_EQ(lowered.error().requirement, requirement);
  EXPECT_EQ(lowered.error().path, path);
}

TEST(Lower, the_thread_is_accepted) {
  const Thread t;
  EXPECT_TRUE(lower(t.workload, t.rest).has_value());
  EXPECT_TRUE(lower(t.plan, t.carry).has_value());
}

TEST(Reject, CEP_LOWER_1_no_such_node) {
  Thread t;
  t.rest.node = 1;
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-1", "node");
}

TEST(Reject, CEP_LOWER_2_a_node_without_a_reduction) {
  WorkloadBuilder builder("relu");
  const TensorId x = builder.input("X", {Dtype::kF32, {4, 4}});
  const TensorId y = builder.node("Relu", {x}, {.name = "relu"}).value().front();
  builder.output(y);
  const Thread t;
  const View view = t.rest.outputs[0].view;
  const Box whole = Box::whole({4, 4});
  Compute step{.node = 0, .inputs = {{x, whole, view}}, .outputs = {{y, whole, view}}, .k = {}, .seed = {}};
  EXPECT_TRUE(lower(builder.workload(), step).has_value());
  step.k = KRange{0, 1};
  expect_refused(lower(builder.workload(), step), "CEP-LOWER-2", "k");
  step.k.reset();
  step.seed = view;
  expect_refused(lower(builder.workload(), step), "CEP-LOWER-2", "k");
}

TEST(Reject, CEP_LOWER_3_range_outside_the_reduction) {
  for (const KRange range : {KRange{-1, 4}, KRange{4, 9}, KRange{5, 4}}) {
    Thread t;
    t.rest.k = range;
    expect_refused(lower(t.workload, t.rest), "CEP-LOWER-3", "k");
  }
}

TEST(Reject, CEP_LOWER_4_boxes_and_views_that_do_not_fit) {
  Thread t;
  t.rest.inputs[0].box.hi[1] = 9;  // past the end of A
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-4", "inputs[0]");
  t = {};
  t.rest.inputs[1].box.hi[0] = 4;  // empty
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-4", "inputs[1]");
  t = {};
  t.rest.outputs[0].box.hi[0] = 3;  // the view still has four rows
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-4", "outputs[0]");
  t = {};
  t.rest.seed->dims = {4, 3};
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-4", "seed");
  t = {};
  t.carry.source.dims = {4, 3};
  EXPECT_FALSE(lower(t.plan, t.carry).has_value());
  t = {};
  t.plan.buffers[t.carry.source.buffer].type.dtype = Dtype::kI32;
  const auto lowered = lower(t.plan, t.carry);
  ASSERT_FALSE(lowered.has_value());
  EXPECT_EQ(lowered.error().requirement, "CEP-LOWER-4");
}

TEST(Reject, CEP_LOWER_5_wrong_number_of_inputs_or_outputs) {
  Thread t;
  t.rest.inputs.pop_back();
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-5", "inputs");
  t = {};
  t.rest.outputs.push_back(t.rest.outputs[0]);
  expect_refused(lower(t.workload, t.rest), "CEP-LOWER-5", "outputs");
  t = {};
  Combine nothing;
  nothing.target = t.carry.target;
  expect_refused(lower(t.plan, nothing), "CEP-LOWER-5", "inputs");
}

}  // namespace
}  // namespace cep
