// One refused plan per requirement, each one line away from the proved thread.
#include "support/verify_text.h"

namespace cep {
namespace {

using namespace support;

const std::string kPlan(kThreadPlan);

void refused(const std::string& from, const std::string& to, const std::string& id) {
  expect_refused(thread_workload(), edit(kPlan, from, to), id);
}

// Faults the text form cannot even write are made in the value.
void refused_value(const std::string& id, void (*change)(Plan&)) {
  const Workload w = thread_workload();
  Plan plan = plan_of(w, kPlan);
  change(plan);
  const Verdict verdict = verify(w, plan, exact_context(plan));
  ASSERT_FALSE(findings_of(verdict).empty());
  EXPECT_EQ(findings_of(verdict).front().id, id) << describe(verdict);
}

TEST(Reject, CEP_FORM_1_ids_that_name_nothing) {
  refused_value("CEP-FORM-1", [](Plan& p) { p.steps[0].queue = 7; });
  refused_value("CEP-FORM-1", [](Plan& p) { p.arenas[0].device = 9; });
  refused_value("CEP-FORM-1", [](Plan& p) { p.buffers[0].arena = 9; });
  refused_value("CEP-FORM-1", [](Plan& p) { p.timelines[0].signaller = 9; });
  refused_value("CEP-FORM-1", [](Plan& p) { std::get<Compute>(p.steps[0].what).node = 9; });
  refused_value("CEP-FORM-1", [](Plan& p) { std::get<Compute>(p.steps[0].what).inputs[0].view.buffer = 99; });
  refused_value("CEP-FORM-1", [](Plan& p) { std::get<Signal>(p.steps[1].what).timeline = 5; });
  refused_value("CEP-FORM-1", [](Plan& p) { p.inputs[0].tensor = 50; });
  refused_value("CEP-FORM-1", [](Plan& p) { p.reassociated = {3}; });
}

TEST(Reject, CEP_FORM_2_buffer_past_its_arena) {
  refused("buffer acc1 in m1 at 192 f32[4,4]", "buffer acc1 in m1 at 4064 f32[4,4]", "CEP-FORM-2");
  refused("buffer acc1 in m1 at 192 f32[4,4]", "buffer acc1 in m1 at 190 f32[4,4]", "CEP-FORM-2");
}

TEST(Reject, CEP_FORM_3_view_past_its_buffer) {
  refused("copy acc0 -> seed1", "copy acc0{+4;4,4;4,1} -> seed1", "CEP-FORM-3");
  refused_value("CEP-FORM-3", [](Plan& p) { std::get<Copy>(p.steps[3].what).source.offset_bytes = -4; });
  refused_value("CEP-FORM-3",
                [](Plan& p) { std::get<Copy>(p.steps[3].what).source.strides[0] = std::int64_t{1} << 60; });
  refused_value("CEP-FORM-3", [](Plan& p) { std::get<Copy>(p.steps[3].what).source.dims[1] = 0; });
}

TEST(Reject, CEP_FORM_4_target_meets_an_element_twice) {
  refused("copy acc0 -> seed1", "copy acc0 -> seed1{+0;4,4;3,1}", "CEP-FORM-4");
}

TEST(Reject, CEP_FORM_5_shapes_and_types_disagree) {
  refused("buffer acc1 in m1 at 192 f32[4,4]", "buffer acc1 in m1 at 192 i32[4,4]", "CEP-FORM-5");
  refused_value("CEP-FORM-5", [](Plan& p) { std::get<Compute>(p.steps[0].what).inputs[0].box.hi[0] = 3; });
  refused_value("CEP-FORM-5", [](Plan& p) { std::get<Compute>(p.steps[0].what).outputs[0].tensor = 0; });
}

TEST(Reject, CEP_FORM_6_two_steps_of_one_name) {
  refused_value("CEP-FORM-6", [](Plan& p) { p.steps[1].name = "first"; });
}

TEST(Reject, CEP_FORM_7_context_without_a_device) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  Context context = exact_context(plan);
  context.documents.pop_back();
  EXPECT_EQ(findings_of(verify(w, plan, context)).front().id, "CEP-FORM-7");
}

TEST(Reject, CEP_FORM_8_sizes_over_the_limit) {
  refused_value("CEP-FORM-8", [](Plan& p) { p.arenas[0].size_bytes = std::int64_t{1} << 50; });
  refused_value("CEP-FORM-8",
                [](Plan& p) { p.buffers[0].type.dims = {std::int64_t{1} << 40, std::int64_t{1} << 40}; });
  refused_value("CEP-FORM-8", [](Plan& p) { p.buffers[0].type.dims = Dims(9, 1); });
}

TEST(Reject, CEP_LOWER_n_at_the_step) {
  refused("compute mm k 0:4 :", "compute mm k 0:9 :", "CEP-LOWER-3");
  refused("compute mm k 0:4 : A[0:4,0:4] = a0, B[0:4,0:4] = b0", "compute mm k 0:4 : A[0:4,0:4] = a0",
          "CEP-LOWER-5");
  refused("seed seed1 :", "seed seed1[0:2,0:4] :", "CEP-LOWER-4");
}

TEST(Reject, CEP_FORM_9_input_that_a_step_computes) {
  refused("input A[0:4,0:4] = a0\n", "input A[0:4,0:4] = a0\ninput Y[0:4,0:4] = seed1\n", "CEP-FORM-9");
}

// Only the tensors that the program reads may stand among a step's inputs: Reshape's shape is not one.
TEST(Reject, CEP_LOWER_5_an_input_the_program_does_not_read) {
  WorkloadBuilder b("reshape");
  const TensorId x = b.input("x", {Dtype::kI64, {2}});
  const TensorId shape = b.constant("shape", {2, 1});
  b.output(b.node("Reshape", {x, shape}, {.name = "r", .outputs = {"Y"}}).value().front());
  const Workload w = std::move(b).finish();
  const std::string text =
      "cep-plan 1 reshape\n"
      "device d0 shim cpu\n"
      "arena m0 on d0 bytes 64\n"
      "buffer x0 in m0 at 0 i64[2]\n"
      "buffer y0 in m0 at 16 i64[2,1]\n"
      "queue q0 on d0\n"
      "input x[0:2] = x0\n"
      "step s @q0 compute r : x[0:2] = x0 -> Y[0:2,0:1] = y0\n"
      "output Y[0:2,0:1] = y0\n";
  const Plan plan = plan_of(w, text);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
  expect_refused(
      w, edit(edit(text, "input x[0:2]", "input shape[0:2]"), "compute r : x[0:2]", "compute r : shape[0:2]"),
      "CEP-LOWER-5");
}

TEST(Reject, CEP_CAP_1_another_document) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  Context context = exact_context(plan);
  context.digests[1].bytes[0] ^= 1;
  const Verdict verdict = verify(w, plan, context);
  ASSERT_EQ(findings_of(verdict).size(), 1u) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-CAP-1");
  EXPECT_TRUE(proved(verify(w, plan, context, {.without = {Condition::kCapability}})));
}

TEST(Reject, CEP_CAP_2_no_row_for_the_step) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  Context context = exact_context(plan);
  context.documents[1].ops[0].dtypes = {"i32"};
  const Verdict verdict = verify(w, plan, context);
  ASSERT_EQ(findings_of(verdict).size(), 1u) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-CAP-2");
  EXPECT_EQ(findings_of(verdict).front().step, "rest");
}

TEST(Reject, CEP_CAP_3_memory_of_another_device) { refused("step first @q0", "step first @q1", "CEP-CAP-3"); }

TEST(Reject, CEP_CAP_4_copy_queued_on_a_third_device) {
  std::string text =
      edit(kPlan, "arena m0 on d0",
           "device d2 shim cpu document "
           "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\narena m0 on d0");
  text = edit(text, "queue q1 on d1", "queue q1 on d1\nqueue q2 on d2");
  text = edit(text, "step ready @q1 wait t0 1\nstep carry @q1 copy",
              "step ready @q1 wait t0 1\nstep carry @q2 copy");
  expect_refused(thread_workload(), text, "CEP-CAP-4");
}

TEST(Reject, CEP_CAP_5_over_the_devices_limits) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  for (const acp::Limits& limits :
       {acp::Limits{1, {}, {}}, acp::Limits{{}, 60, {}}, acp::Limits{{}, {}, 2}}) {
    Context context = exact_context(plan);
    context.documents[0].limits = limits;
    const Verdict verdict = verify(w, plan, context);
    ASSERT_FALSE(findings_of(verdict).empty());
    EXPECT_EQ(findings_of(verdict).front().id, "CEP-CAP-5") << describe(verdict);
    EXPECT_EQ(findings_of(verdict).front().step, "first");
  }
}

TEST(Reject, CEP_CAP_6_no_link_for_a_copy) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  Context context = exact_context(plan);
  context.documents[0].links = {{"host", "main"}};
  const Verdict verdict = verify(w, plan, context);
  ASSERT_EQ(findings_of(verdict).size(), 1u) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-CAP-6");
  EXPECT_EQ(findings_of(verdict).front().step, "carry");
}

// The products are exact here, what moves them is not: nothing promises that a copy keeps subnormal bits.
TEST(Capability, ACopyOnAnInexactDeviceLowersWhatItMoves) {
  const Workload w = thread_workload();
  const std::string text =
      edit(edit(edit(std::string(kThreadPlan), "buffer acc1 in m1 at 192 f32[4,4]",
                     "buffer acc1 in m1 at 192 f32[4,4]\nbuffer y1 in m1 at 256 f32[4,4]"),
                "output Y[0:4,0:4] = acc1", "step move @q1 copy acc1 -> y1\noutput Y[0:4,0:4] = acc1"),
           "output Y[0:4,0:4] = acc1", "output Y[0:4,0:4] = y1");
  const Plan plan = plan_of(w, text);
  Context context = exact_context(plan);
  EXPECT_EQ(describe(verify(w, plan, context)), "Proved bitwise");
  acp::NumericContract flushed = context.documents[1].contracts[0];
  flushed.id = "flushed";
  flushed.subnormals = acp::Subnormals::kFlushed;
  context.documents[1].contracts.push_back(flushed);
  context.documents[1].ops[0].contract = "flushed";
  context.documents[1].ops.push_back({"ai.onnx:MatMul", 13, {"f32"}, "exact", {}});
  const Verdict verdict = verify(w, plan, context);
  ASSERT_FALSE(findings_of(verdict).empty());
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-NUM-2");
  EXPECT_EQ(findings_of(verdict).front().step, "move") << describe(verdict);
}

TEST(Capability, AContractWithoutTheOrderLowersTheOutput) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  Context context = exact_context(plan);
  context.documents[0].contracts[0].exact_orders = {"blocked_tree"};
  const Verdict verdict = verify(w, plan, context);
  ASSERT_EQ(findings_of(verdict).size(), 1u) << describe(verdict);
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-NUM-2");
  EXPECT_EQ(findings_of(verdict).front().step, "first");
}

TEST(Reject, CEP_ORD_1_signal_by_another_queue) {
  refused("step done @q0 signal", "step done @q1 signal", "CEP-ORD-1");
}

TEST(Reject, CEP_ORD_2_values_do_not_rise) {
  refused("step done @q0 signal t0 1\n", "step done @q0 signal t0 1\nstep again @q0 signal t0 1\n",
          "CEP-ORD-2");
  refused("step done @q0 signal t0 1\n", "step done @q0 signal t0 0\n", "CEP-ORD-2");
}

TEST(Reject, CEP_ORD_3_wait_for_a_value_nobody_signals) { refused("wait t0 1", "wait t0 2", "CEP-ORD-3"); }

TEST(Reject, CEP_ORD_4_deadlock) {
  std::string text = edit(kPlan, "timeline t0 by q0\n", "timeline t0 by q0\ntimeline t1 by q1\n");
  text = edit(text, "step first @q0", "step before @q0 wait t1 1\nstep first @q0");
  text = edit(text, "output Y", "step after @q1 signal t1 1\noutput Y");
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, text);
  const Verdict verdict = verify(w, plan, exact_context(plan));
  ASSERT_FALSE(findings_of(verdict).empty());
  EXPECT_EQ(findings_of(verdict).front().id, "CEP-ORD-4");
  EXPECT_NE(findings_of(verdict).front().message.find("before"), std::string::npos) << describe(verdict);
}

TEST(Reject, CEP_MEM_2_output_over_an_input) {
  refused("B[4:8,0:4] = b1 -> Y[0:4,0:4] = acc1", "B[4:8,0:4] = b1 -> Y[0:4,0:4] = b1", "CEP-MEM-2");
}

TEST(Memory, AnAccumulatorMayBeContinuedInPlace) {
  const Workload w = thread_workload();
  std::string text = edit(kPlan, "-> Y[0:4,0:4] = acc1\n", "-> Y[0:4,0:4] = seed1\n");
  text = edit(text, "output Y[0:4,0:4] = acc1", "output Y[0:4,0:4] = seed1");
  const Plan plan = plan_of(w, text);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
}

TEST(Reject, CEP_MEM_3_arenas_above_the_devices_memory) {
  refused("arena m1 on d1 bytes 4096", "arena m1 on d1 bytes 4194304", "CEP-MEM-3");
}

TEST(Reject, CEP_MEM_4_inputs_over_each_other) {
  refused("buffer b1 in m1 at 64 f32[4,4]", "buffer b1 in m1 at 32 f32[4,4]", "CEP-MEM-4");
}

TEST(Reject, CEP_MEAN_1_box_does_not_hold_what_is_read) {
  refused("seed seed1 : A[0:4,4:8] = a1", "seed seed1 : A[0:4,3:7] = a1", "CEP-MEAN-1");
}

TEST(Reject, CEP_MEAN_2_bytes_hold_something_else) {
  refused("input A[0:4,4:8] = a1", "input A[0:4,3:7] = a1", "CEP-MEAN-2");
  refused("input A[0:4,4:8] = a1\n", "", "CEP-MEAN-2");
}

TEST(Reject, CEP_MEAN_3_k_counted_twice) {
  refused("k 4:8 seed seed1 : A[0:4,4:8] = a1, B[4:8,0:4] = b1",
          "k 3:8 seed seed1 : A[0:4,4:8] = a1, B[4:8,0:4] = b1", "CEP-MEAN-3");
}

TEST(Reject, CEP_MEAN_4_joining_what_are_no_parts) {
  refused("step carry @q1 copy acc0 -> seed1", "step carry @q1 combine add fold a1, b1 -> seed1",
          "CEP-MEAN-4");
}

TEST(Reject, CEP_MEAN_5_output_not_finished) {
  refused("output Y[0:4,0:4] = acc1", "output Y[0:4,0:4] = seed1", "CEP-MEAN-5");
}

TEST(Reject, CEP_COV_1_not_an_output) {
  refused("output Y[0:4,0:4] = acc1\n", "output Y[0:4,0:4] = acc1\noutput A[0:4,4:8] = a1\n", "CEP-COV-1");
}
TEST(Reject, CEP_COV_2_element_bound_twice) {
  refused("output Y[0:4,0:4] = acc1\n", "output Y[0:4,0:4] = acc1\noutput Y[0:1,0:4] = acc1[0:1,0:4]\n",
          "CEP-COV-2");
}
TEST(Reject, CEP_COV_3_element_not_bound) {
  refused("output Y[0:4,0:4] = acc1\n", "output Y[0:3,0:4] = acc1[0:3,0:4]\n", "CEP-COV-3");
}

}  // namespace
}  // namespace cep
