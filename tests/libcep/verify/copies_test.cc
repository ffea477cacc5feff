// What a copy carries when its source crosses the borders of several facts.
#include "support/verify_text.h"

namespace cep {
namespace {

using namespace support;

// Y = Relu(X), X[4,4].
Workload relu_workload() {
  WorkloadBuilder w("relu");
  const TensorId x = w.input("X", {Dtype::kF32, {4, 4}});
  w.output(w.node("Relu", {x}, {.name = "r", .outputs = {"Y"}}).value().front());
  return std::move(w).finish();
}

// X arrives as columns 0:3 and 3:4 of one buffer; the copy takes rows 1:3 of columns 2:4, a corner of neither.
const std::string kPlan =
    "cep-plan 1 crossing\n"
    "workload sha256:7f6c7360bf24fccf4b59cf9e9a9dfc99fd6a3b085fb2260ef707a34067bb911e\n"
    "guarantee bitwise\n"
    "device d0 shim cpu document sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
    "arena m0 on d0 bytes 4096\n"
    "buffer x in m0 at 0 f32[4,4]\n"
    "buffer part in m0 at 64 f32[2,2]\n"
    "buffer y in m0 at 128 f32[4,4]\n"
    "queue q0 on d0\n"
    "input X[0:4,0:3] = x[0:4,0:3]\n"
    "input X[0:4,3:4] = x[0:4,3:4]\n"
    "step take @q0 copy x[1:3,2:4] -> part\n"
    "step corner @q0 compute r : X[1:3,2:4] = part -> Y[1:3,2:4] = y[1:3,2:4]\n"
    "step above @q0 compute r : X[0:1,0:4] = x[0:1,0:4] -> Y[0:1,0:4] = y[0:1,0:4]\n"
    "step left @q0 compute r : X[1:3,0:2] = x[1:3,0:2] -> Y[1:3,0:2] = y[1:3,0:2]\n"
    "step below @q0 compute r : X[3:4,0:4] = x[3:4,0:4] -> Y[3:4,0:4] = y[3:4,0:4]\n"
    "output Y[0:4,0:4] = y\n";

TEST(Copy, carries_the_crossing_of_two_facts) {
  const Workload w = relu_workload();
  const Plan plan = plan_of(w, kPlan);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
}

TEST(Reject, CEP_MEAN_2_copy_of_the_neighbouring_crossing) {
  for (const char* source : {"copy x[1:3,1:3]", "copy x[0:2,2:4]", "copy x[2:4,2:4]"}) {
    expect_refused(relu_workload(), edit(kPlan, "copy x[1:3,2:4]", source), "CEP-MEAN-2");
  }
}

// A view handed to a device counts as read, also where its program needs less: the rest may be fetched as well.
TEST(Reject, CEP_MEM_1_a_view_larger_than_needed_races) {
  const std::string wide = edit(edit(kPlan, "step left @q0 compute r : X[1:3,0:2] = x[1:3,0:2]",
                                     "step left @q0 compute r : X[0:3,0:2] = spare"),
                                "step take", "step fetch @q1 copy x[0:3,0:2] -> spare\nstep take");
  const std::string queues =
      edit(edit(wide, "queue q0 on d0\n", "queue q0 on d0\nqueue q1 on d0\ntimeline t0 by q1\n"),
           "buffer y in", "buffer spare in m0 at 256 f32[3,2]\nbuffer y in");
  const std::string ordered = edit(queues, "step left", "step ready @q0 wait t0 1\nstep left");
  const std::string accepted = edit(ordered, "step take", "step fetched @q1 signal t0 1\nstep take");
  const Workload w = relu_workload();
  const Plan plan = plan_of(w, accepted);
  EXPECT_EQ(describe(verify(w, plan, exact_context(plan))), "Proved bitwise");
  // The row nobody needs is written after the signal.
  const std::string late =
      edit(edit(accepted, "copy x[0:3,0:2] -> spare", "copy x[1:3,0:2] -> spare[1:3,0:2]"), "step take",
           "step late @q1 copy x[0:1,0:2] -> spare[0:1,0:2]\nstep take");
  expect_refused(w, late, "CEP-MEM-1");
}

}  // namespace
}  // namespace cep
