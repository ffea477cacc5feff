// The thread's plan is proved; each way of breaking it is refused by its own condition, and by no other.
#include "support/verify_text.h"

namespace cep {
namespace {

using namespace support;

const std::string kPlan(kThreadPlan);

TEST(Thread, IsProvedBitwise) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kPlan);
  const Verdict verdict = verify(w, plan, exact_context(plan));
  ASSERT_TRUE(proved(verdict)) << describe(verdict);
  const auto& proof = std::get<Proved>(verdict);
  EXPECT_EQ(proof.guarantee, Grade::kBitwise);
  ASSERT_EQ(proof.outputs.size(), 1u);
  EXPECT_EQ(proof.outputs[0].tensor, "Y");
  EXPECT_EQ(proof.assumptions.size(), 2u);
  EXPECT_TRUE(proof.lowered_by.empty());
}

TEST(Reject, CEP_NUM_1_k_halves_swapped) {
  std::string text =
      edit(kPlan, "k 0:4 : A[0:4,0:4] = a0, B[0:4,0:4] = b0", "k 4:8 : A[0:4,4:8] = a0, B[4:8,0:4] = b0");
  text = edit(text, "k 4:8 seed seed1 : A[0:4,4:8] = a1, B[4:8,0:4] = b1",
              "k 0:4 seed seed1 : A[0:4,0:4] = a1, B[0:4,0:4] = b1");
  text =
      edit(text, "input A[0:4,0:4] = a0\ninput B[0:4,0:4] = b0\ninput A[0:4,4:8] = a1\ninput B[4:8,0:4] = b1",
           "input A[0:4,4:8] = a0\ninput B[4:8,0:4] = b0\ninput A[0:4,0:4] = a1\ninput B[0:4,0:4] = b1");
  expect_refused_only_by(thread_workload(), text, Condition::kNumerics, "CEP-NUM-1", "rest");
}

TEST(Reject, CEP_MEM_1_wait_dropped) {
  expect_refused_only_by(thread_workload(), edit(kPlan, "step ready @q1 wait t0 1\n", ""), Condition::kMemory,
                         "CEP-MEM-1", "carry");
}

TEST(Reject, CEP_MEM_1_buffer_reused_early) {
  // The accumulator is cleared for the next use while the other device may still be reading it.
  const std::string text = edit(kPlan, "-> Y[0:4,0:4] = acc1\noutput",
                                "-> Y[0:4,0:4] = acc1\nstep clear @q0 fill acc0 = 0x0\noutput");
  expect_refused_only_by(thread_workload(), text, Condition::kMemory, "CEP-MEM-1", "clear");
}

// Two tiles of Y, each with its own accumulator.
const std::string kTiles =
    "cep-plan 1 tiles\n"
    "workload sha256:7f6c7360bf24fccf4b59cf9e9a9dfc99fd6a3b085fb2260ef707a34067bb911e\n"
    "guarantee bitwise\n"
    "device d0 shim cpu document sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
    "arena m0 on d0 bytes 4096\n"
    "buffer a in m0 at 0 f32[4,8]\n"
    "buffer b in m0 at 128 f32[8,4]\n"
    "buffer upper in m0 at 256 f32[2,4]\n"
    "buffer lower in m0 at 288 f32[2,4]\n"
    "buffer y in m0 at 320 f32[4,4]\n"
    "queue q0 on d0\n"
    "input A[0:4,0:8] = a\n"
    "input B[0:8,0:4] = b\n"
    "step u0 @q0 compute mm k 0:4 : A[0:2,0:8] = a[0:2,0:8], B[0:8,0:4] = b -> Y[0:2,0:4] = upper\n"
    "step l0 @q0 compute mm k 0:4 : A[2:4,0:8] = a[2:4,0:8], B[0:8,0:4] = b -> Y[2:4,0:4] = lower\n"
    "step u1 @q0 compute mm k 4:8 seed upper : A[0:2,0:8] = a[0:2,0:8], B[0:8,0:4] = b -> Y[0:2,0:4] = "
    "y[0:2,0:4]\n"
    "step l1 @q0 compute mm k 4:8 seed lower : A[2:4,0:8] = a[2:4,0:8], B[0:8,0:4] = b -> Y[2:4,0:4] = "
    "y[2:4,0:4]\n"
    "output Y[0:4,0:4] = y\n";

TEST(Tiles, AreProvedBitwise) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kTiles);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
}

TEST(Reject, CEP_MEAN_3_wrong_accumulator_carried) {
  expect_refused_only_by(thread_workload(), edit(kTiles, "seed lower", "seed upper"), Condition::kMeaning,
                         "CEP-MEAN-3", "l1");
}

// One product, K = 8, in blocks of 2, on two ranks of two blocks each: a partial sum per rank, joined.
const std::string kPresummed =
    edit(kOneDevicePlan, "STEPS",
         "step r0 @q0 compute mm k 0:4 : A[0:4,0:8] = a, B[0:8,0:4] = b -> Y[0:4,0:4] = p0\n"
         "step r1 @q0 compute mm k 4:8 : A[0:4,0:8] = a, B[0:8,0:4] = b -> Y[0:4,0:4] = p1\n"
         "step sum @q0 combine add fold p0, p1 -> y\n");

TEST(Presummed, IsProvedBitwiseWhereTheOrderIsATree) {
  const Workload w = blocked_workload(OrderKind::kBlockedTree);
  const Plan plan = plan_of(w, kPresummed);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
}

TEST(Reject, CEP_NUM_1_presummed_where_the_order_forbids_it) {
  expect_refused_only_by(blocked_workload(OrderKind::kBlockedIndex), kPresummed, Condition::kNumerics,
                         "CEP-NUM-1", "sum");
  expect_refused_only_by(thread_workload(), kPresummed, Condition::kNumerics, "CEP-NUM-1", "sum");
}

TEST(Presummed, TheWholeRangeWrittenOutIsNoSplit) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, edit(edit(kPresummed, "compute mm k 0:4 :", "compute mm k 0:8 :"),
                                    "output Y[0:4,0:4] = y", "output Y[0:4,0:4] = p0"));
  // The partial sum and its join with the whole are left over: joining them counts k twice.
  EXPECT_EQ(findings_of(verify(w, plan, exact_context(plan))).front().id, "CEP-MEAN-4");
  const Plan alone = plan_of(w, edit(edit(edit(kPresummed, "compute mm k 0:4 :", "compute mm k 0:8 :"),
                                          "output Y[0:4,0:4] = y", "output Y[0:4,0:4] = p0"),
                                     "step sum @q0 combine add fold p0, p1 -> y\n", ""));
  EXPECT_EQ(describe(verify(w, alone, exact_context(alone))), "Proved bitwise");
}

TEST(Presummed, IsProvedRealWhenDeclared) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, edit(kPresummed, "guarantee bitwise\n", "guarantee real\nreassociate mm\n"));
  const Verdict verdict = verify(w, plan, exact_context(plan));
  ASSERT_EQ(describe(verdict), "Proved real");
  EXPECT_EQ(std::get<Proved>(verdict).lowered_by.size(), 1u);
}

// A window of one element: the reference takes it as it is, with a NaN's payload; compared with the -inf of an empty part, it
// would become the canonical NaN.
TEST(Reject, CEP_NUM_1_single_element_maximum_after_an_empty_part) {
  WorkloadBuilder b("pool");
  const TensorId x = b.input("X", {Dtype::kF32, {1, 1, 1}});
  b.output(
      b.node(
           "MaxPool", {x},
           {.name = "pool", .outputs = {"Y"}, .attributes = {{"kernel_shape", std::vector<std::int64_t>{1}}}})
          .value()
          .front());
  const Workload w = std::move(b).finish();
  const std::string text =
      "cep-plan 1 pool\n"
      "device d0 shim cpu\n"
      "arena m0 on d0 bytes 64\n"
      "buffer x in m0 at 0 f32[1,1,1]\n"
      "buffer s in m0 at 4 f32[1,1,1]\n"
      "buffer y in m0 at 8 f32[1,1,1]\n"
      "queue q0 on d0\n"
      "input X[0:1,0:1,0:1] = x\n"
      "step whole @q0 compute pool : X[0:1,0:1,0:1] = x -> Y[0:1,0:1,0:1] = y\n"
      "output Y[0:1,0:1,0:1] = y\n";
  const Plan plan = plan_of(w, text);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
  const std::string split =
      edit(text, "step whole @q0 compute pool :",
           "step empty @q0 compute pool k 0:0 : X[0:1,0:1,0:1] = x -> Y[0:1,0:1,0:1] = s\n"
           "step rest @q0 compute pool k 0:1 seed s :");
  expect_refused_only_by(w, split, Condition::kNumerics, "CEP-NUM-1", "rest");
}

// K = 0: the program reads nothing, so the step has no inputs, and the result is the init.
TEST(Presummed, AnEmptyReductionNeedsNoInputs) {
  WorkloadBuilder b("empty");
  const TensorId a = b.input("A", {Dtype::kF32, {2, 0}});
  const TensorId c = b.input("B", {Dtype::kF32, {0, 3}});
  b.output(b.node("MatMul", {a, c}, {.name = "mm", .outputs = {"Y"}}).value().front());
  const Workload w = std::move(b).finish();
  Plan plan = plan_of(w,
                      "cep-plan 1 empty\n"
                      "device d0 shim cpu\n"
                      "arena m0 on d0 bytes 64\n"
                      "buffer y in m0 at 0 f32[2,3]\n"
                      "queue q0 on d0\n"
                      "output Y[0:2,0:3] = y\n");
  EXPECT_EQ(findings_of(verify(w, plan, exact_context(plan))).front().id, "CEP-MEAN-5");
  Compute step;
  step.outputs = {{2, Box::whole({2, 3}), whole_view(0, plan.buffers[0])}};
  plan.steps = {{"s", 0, step}};
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
}

TEST(Reject, CEP_NUM_2_declared_but_promised_bitwise) {
  expect_refused(thread_workload(),
                 edit(kPresummed, "guarantee bitwise\n", "guarantee bitwise\nreassociate mm\n"), "CEP-NUM-2");
}

}  // namespace
}  // namespace cep
