// Replays of physical plans: what is wrong is refuted with its element, and nothing else is.
#include "cep/physical_replay.h"

#include "support/verify_text.h"

namespace cep::physical {
namespace {

using namespace support;

const std::string kThread(kThreadPlan);

ReplayVerdict replayed(const Workload& workload, const Plan& plan, const ReplayOptions& options = {}) {
  return replay(workload, plan, exact_context(plan), options);
}
std::string words(const Workload& workload, const Plan& plan, const ReplayVerdict& verdict) {
  return describe(verify(workload, plan, exact_context(plan))) + "\n" + to_string(workload, plan, verdict);
}
std::optional<Differs> difference(const ReplayVerdict& verdict) {
  const auto* differs = std::get_if<Differs>(&verdict);
  return differs == nullptr ? std::nullopt : std::optional<Differs>(*differs);
}
std::string refusal(const ReplayVerdict& verdict) {
  const auto* cannot = std::get_if<CannotRun>(&verdict);
  return cannot == nullptr ? "" : cannot->error.requirement;
}
bool undecided(const Workload& workload, const Plan& plan) {
  return std::holds_alternative<Undecided>(verify(workload, plan, exact_context(plan)));
}

// P = A + B, Y = P + C, Q = B + C, Z = A + Q, W = C + P; each [2,4].
Workload sums_workload() {
  WorkloadBuilder w("sums");
  const TensorType type{Dtype::kF32, {2, 4}};
  const TensorId a = w.input("A", type), b = w.input("B", type), c = w.input("C", type);
  const auto add = [&](const char* name, TensorId x, TensorId y) {
    return w.node("Add", {x, y}, {.name = std::string("add") + name, .outputs = {name}}).value().front();
  };
  const TensorId p = add("P", a, b);
  const TensorId y = add("Y", p, c);
  const TensorId z = add("Z", a, add("Q", b, c));
  for (const TensorId output : {y, z, add("W", c, p)}) w.output(output);
  return std::move(w).finish();
}
// On one device. Z and W are computed where ZED and WYE stand.
std::string sums_plan(const std::string& guarantee, const std::string& z, const std::string& w) {
  std::string text = "cep-plan 1 p\nguarantee " + guarantee +
                     "\ndevice d0 shim cpu document "
                     "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
                     "arena m0 on d0 bytes 4096\n";
  int at = 0;
  for (const char* name : {"a", "b", "c", "p", "q", "y", "z", "w", "spare"}) {
    text += "buffer " + std::string(name) + " in m0 at " + std::to_string(at) + " f32[2,4]\n";
    at += 32;
  }
  return text +
         "queue q0 on d0\n"
         "input A = a\ninput B = b\ninput C = c\n"
         "step p @q0 compute addP : A = a, B = b -> P = p\n"
         "step q @q0 compute addQ : B = b, C = c -> Q = q\n"
         "step y @q0 compute addY : P = p, C = c -> Y = y\n" +
         z + w + "output Y = y\noutput Z = z\noutput W = w\n";
}
const std::string kZ = "step z @q0 compute addZ : A = a, Q = q -> Z = z\n";
const std::string kW = "step w @q0 compute addW : C = c, P = p -> W = w\n";

TEST(PhysicalReplay, a_proved_plan_agrees) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kThread);
  const ReplayVerdict verdict = replayed(w, plan, {.seed = 7, .draws = 5});
  const auto* agrees = std::get_if<Agrees>(&verdict);
  ASSERT_NE(agrees, nullptr) << words(w, plan, verdict);
  EXPECT_EQ(agrees->draws, 5u);
  EXPECT_EQ(agrees->stopped_at, kNoId);
  EXPECT_EQ(to_string(w, plan, verdict),
            "no difference on 5 sets of inputs, seeds 7 to 11; this proves nothing");
}

// The worked example of CEP 6.9: one column of A is drawn, the other half was never written.
TEST(PhysicalReplay, an_operand_that_nobody_wrote) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, edit(kThread, "input A[0:4,4:8] = a1\n", ""));
  ASSERT_TRUE(undecided(w, plan));
  const ReplayVerdict verdict = replayed(w, plan);
  const auto differs = difference(verdict);
  ASSERT_TRUE(differs && differs->refutes()) << words(w, plan, verdict);
  const Witness& first = differs->first;
  EXPECT_EQ(first.evidence, Evidence::kBits);
  EXPECT_EQ(first.seed, 1u);
  EXPECT_TRUE(first.output);
  EXPECT_EQ(plan.steps[first.step].name, "rest");
  EXPECT_EQ(w.tensors[first.tensor].name, "Y");
  EXPECT_EQ(first.index, (Dims{0, 0}));
  EXPECT_NE(first.expected, first.found);
  EXPECT_EQ(plan.buffers[first.buffer].name, "acc1");
  EXPECT_EQ(first.byte, 0);
}

TEST(PhysicalReplay, the_same_seed_gives_the_same_witness) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, edit(kThread, "input B[4:8,0:4] = b1", "input B[0:4,0:4] = b1"));
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 123456789u}) {
    const ReplayVerdict verdict = replayed(w, plan, {.seed = seed, .draws = 1});
    ASSERT_TRUE(difference(verdict)) << words(w, plan, verdict);
    EXPECT_EQ(difference(verdict)->first.seed, seed);
    EXPECT_EQ(to_string(w, plan, replayed(w, plan, {.seed = seed})), to_string(w, plan, verdict));
  }
}

TEST(PhysicalReplay, a_step_that_does_not_make_what_it_says) {
  const Workload w = sums_workload();
  const Plan plan = plan_of(w, sums_plan("bitwise", edit(kZ, "A = a", "A = b"), kW));
  ASSERT_TRUE(undecided(w, plan));
  const ReplayVerdict verdict = replayed(w, plan);
  const auto differs = difference(verdict);
  ASSERT_TRUE(differs && differs->refutes()) << words(w, plan, verdict);
  EXPECT_FALSE(differs->first.output);
  EXPECT_EQ(plan.steps[differs->first.step].name, "z");
  ASSERT_TRUE(differs->output);
  EXPECT_EQ(w.tensors[differs->output->tensor].name, "Z");
  EXPECT_EQ(plan.steps[differs->output->step].name, "z");
  EXPECT_TRUE(differs->to_the_end);
}

TEST(PhysicalReplay, an_output_where_nobody_wrote) {
  const Workload w = sums_workload();
  const Plan plan = plan_of(w, edit(sums_plan("real", kZ, ""), "output W = w", "output W = spare"));
  const ReplayVerdict verdict = replayed(w, plan);
  const auto differs = difference(verdict);
  ASSERT_TRUE(differs && differs->refutes()) << words(w, plan, verdict);
  EXPECT_EQ(differs->first.step, kNoId);
  EXPECT_EQ(differs->first.evidence, Evidence::kReal);
  EXPECT_NE(to_string(w, plan, verdict).find("last written by nobody"), std::string::npos);
}

// C + P has the bits of P + C, which the verifier does not know.
TEST(PhysicalReplay, a_right_plan_for_another_reason_stays_undecided) {
  const Workload w = sums_workload();
  const Plan plan = plan_of(w, sums_plan("bitwise", kZ, "step w @q0 copy y -> w\n"));
  ASSERT_TRUE(undecided(w, plan));
  const ReplayVerdict verdict = replayed(w, plan);
  EXPECT_TRUE(std::holds_alternative<Agrees>(verdict)) << words(w, plan, verdict);
}

// (A + B) + C for A + (B + C): the same numbers, other bits.
TEST(PhysicalReplay, another_order_is_refuted_to_the_bit_and_not_over_the_reals) {
  const Workload w = sums_workload();
  const std::string copied = "step z @q0 copy y -> z\n";
  const Plan bits = plan_of(w, sums_plan("bitwise", copied, kW));
  ASSERT_TRUE(undecided(w, bits));
  const auto refuted = difference(replayed(w, bits, {.draws = 4}));
  ASSERT_TRUE(refuted && refuted->refutes());
  EXPECT_EQ(refuted->first.evidence, Evidence::kBits);
  EXPECT_EQ(refuted->first.seed % 2, 0u) << "whole numbers do not show it";

  const Plan real = plan_of(w, sums_plan("real", copied, kW));
  ASSERT_TRUE(undecided(w, real));
  const ReplayVerdict verdict = replayed(w, real, {.draws = 16});
  const auto rounded = difference(verdict);
  ASSERT_TRUE(rounded) << words(w, real, verdict);
  EXPECT_FALSE(rounded->refutes()) << words(w, real, verdict);
  EXPECT_EQ(rounded->first.evidence, Evidence::kRounded);

  const Plan wrong = plan_of(w, sums_plan("real", "step z @q0 copy p -> z\n", kW));
  const auto apart = difference(replayed(w, wrong));
  ASSERT_TRUE(apart && apart->refutes());
  EXPECT_EQ(apart->first.evidence, Evidence::kReal);
}

TEST(PhysicalReplay, a_weaker_contract_leaves_bits_open_but_not_numbers) {
  const Workload w = sums_workload();
  const auto answer = [&](const std::string& z) {
    const Plan plan = plan_of(w, sums_plan("bitwise", z, kW));
    Context context = exact_context(plan);
    context.documents.front().contracts.front().subnormals = acp::Subnormals::kFlushed;
    return difference(replay(w, plan, context));
  };
  const auto order = answer("step z @q0 copy y -> z\n");
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->refutes());
  const auto value = answer("step z @q0 copy p -> z\n");
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->refutes());
}

// Relu of what a relu has made: that it reads what was there before makes no difference.
TEST(PhysicalReplay, what_makes_no_difference_is_no_difference) {
  WorkloadBuilder b("relus");
  const TensorId a = b.input("A", {Dtype::kF32, {8}});
  const TensorId r = b.node("Relu", {a}, {.name = "one", .outputs = {"R"}}).value().front();
  b.output(b.node("Relu", {r}, {.name = "two", .outputs = {"S"}}).value().front());
  const Workload w = std::move(b).finish();
  const Plan plan = plan_of(
      w,
      "cep-plan 1 p\ndevice d0 shim cpu document "
      "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
      "arena m0 on d0 bytes 4096\nbuffer a in m0 at 0 f32[8]\nbuffer r in m0 at 32 f32[8]\nbuffer s in m0 at "
      "64 f32[8]\nqueue q0 on d0\ninput A = a\n"
      "step one @q0 compute one : A = a -> R = r\nstep two @q0 compute two : R = a -> S = s\noutput S = s\n");
  ASSERT_TRUE(undecided(w, plan));
  const ReplayVerdict verdict = replayed(w, plan);
  EXPECT_TRUE(std::holds_alternative<Agrees>(verdict)) << words(w, plan, verdict);
}

// A position of the table that the step was not given.
TEST(PhysicalReplay, a_step_that_fails_where_the_reference_does_not) {
  WorkloadBuilder b("rows");
  const TensorId table = b.input("T", {Dtype::kF32, {8, 2}});
  const TensorId rows = b.input("I", {Dtype::kI64, {6}});
  b.output(b.node("Gather", {table, rows}, {.name = "gather", .outputs = {"Y"}}).value().front());
  const Workload w = std::move(b).finish();
  const Plan plan =
      plan_of(w,
              "cep-plan 1 p\ndevice d0 shim cpu document "
              "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
              "arena m0 on d0 bytes 4096\nbuffer t in m0 at 0 f32[2,2]\nbuffer i in m0 at 64 i64[6]\nbuffer "
              "y in m0 at "
              "128 f32[6,2]\nqueue q0 on d0\ninput T[0:2,0:2] = t\ninput I = i\n"
              "step gather @q0 compute gather : T[0:2,0:2] = t, I = i -> Y = y\noutput Y = y\n");
  ASSERT_TRUE(undecided(w, plan));
  const ReplayVerdict verdict = replayed(w, plan);
  const auto differs = difference(verdict);
  ASSERT_TRUE(differs && differs->refutes()) << words(w, plan, verdict);
  EXPECT_EQ(differs->first.evidence, Evidence::kFault);
  EXPECT_NE(to_string(w, plan, verdict).find("[CEP-REG-7]"), std::string::npos);
}

TEST(PhysicalReplay, too_large_to_be_run_to_its_end) {
  const Workload w = sums_workload();
  const Plan right = plan_of(w, sums_plan("bitwise", kZ, "step w @q0 copy y -> w\n"));
  const ReplayVerdict some = replayed(w, right, {.max_operations = 100});
  const auto* agrees = std::get_if<Agrees>(&some);
  ASSERT_NE(agrees, nullptr) << words(w, right, some);
  EXPECT_EQ(agrees->draws, 0u);
  EXPECT_NE(agrees->stopped_at, kNoId);
  EXPECT_NE(to_string(w, right, some).find("too large to be run [CEP-REPLAY-5]"), std::string::npos);

  const Plan wrong = plan_of(w, sums_plan("bitwise", edit(kZ, "A = a", "A = b"), kW));
  std::uint64_t enough = 0;
  std::optional<Differs> differs;
  for (; !differs; enough += 20) differs = difference(replayed(w, wrong, {.max_operations = enough}));
  EXPECT_TRUE(differs->refutes());
  EXPECT_FALSE(differs->to_the_end);
  EXPECT_FALSE(differs->output);
}

// A node that a step applies, whole, to the bits of its operands is run once: what it makes is known. Applied in halves it is run again.
TEST(PhysicalReplay, what_the_reference_made_is_not_made_again) {
  WorkloadBuilder b("product");
  const TensorType type{Dtype::kF32, {16, 16}};
  const TensorId x = b.input("X", type), w = b.input("W", type);
  const TensorId p =
      b.node("MatMul", {x, w}, {.name = "mm", .outputs = {"P"}, .order = {OrderKind::kChain, 0}})
          .value()
          .front();
  b.output(b.node("Add", {p, x}, {.name = "add", .outputs = {"Y"}}).value().front());
  const Workload workload = std::move(b).finish();
  // The sum takes W for X, which is a fault behind the product.
  const auto least = [&](const std::string& product) {
    const Plan plan = plan_of(
        workload,
        "cep-plan 1 p\ndevice d0 shim cpu document "
        "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
        "arena m0 on d0 bytes 4096\nbuffer x in m0 at 0 f32[16,16]\nbuffer w in m0 at 1024 f32[16,16]\n"
        "buffer p in m0 at 2048 f32[16,16]\nbuffer y in m0 at 3072 f32[16,16]\nqueue q0 on d0\n"
        "input X = x\ninput W = w\n" +
            product + "step add @q0 compute add : P = p, X = w -> Y = y\noutput Y = y\n");
    std::uint64_t operations = 0;
    while (!difference(replayed(workload, plan, {.max_operations = operations}))) operations += 256;
    return operations;
  };
  const std::uint64_t once = least("step mm @q0 compute mm : X = x, W = w -> P = p\n");
  const std::uint64_t again = least(
      "step top @q0 compute mm : X[0:8,0:16] = x{+0;8,16;16,1}, W = w -> P[0:8,0:16] = p{+0;8,16;16,1}\n"
      "step low @q0 compute mm : X[8:16,0:16] = x{+512;8,16;16,1}, W = w -> P[8:16,0:16] = "
      "p{+512;8,16;16,1}\n");
  EXPECT_GE(again, 2 * 16 * 16 * 16u);
  EXPECT_LE(once, again - 3000);  // a product of 4096 points less, its operands compared
}

TEST(Reject, CEP_REPLAY_4_a_plan_with_more_than_one_meaning) {
  const Workload w = thread_workload();
  for (const auto& [line, instead] : {std::pair<const char*, const char*>{"step ready @q1 wait t0 1\n", ""},
                                      {"wait t0 1", "wait t0 2"},
                                      {"step first @q0", "step first @q1"},
                                      {"copy acc0 -> seed1", "copy acc0{+8;4,4;4,1} -> seed1"}}) {
    const ReplayVerdict verdict = replayed(w, plan_of(w, edit(kThread, line, instead)));
    EXPECT_EQ(refusal(verdict), "CEP-REPLAY-4") << line;
  }
}
TEST(Reject, CEP_REPLAY_5_over_a_limit) {
  const Workload w = thread_workload();
  const Plan plan = plan_of(w, kThread);
  EXPECT_EQ(refusal(replayed(w, plan, {.max_bytes = 8191})), "CEP-REPLAY-5");
  EXPECT_EQ(refusal(replayed(w, plan, {.max_bytes = 8192})), "");
  EXPECT_EQ(refusal(replayed(w, plan, {.max_operations = 64})), "CEP-REPLAY-5");
  EXPECT_EQ(refusal(replayed(w, plan, {.max_elements = 16})), "CEP-REPLAY-5");
}
TEST(Reject, CEP_REPLAY_6_a_reference_without_a_value) {
  WorkloadBuilder b("rows");
  const TensorId table = b.input("T", {Dtype::kF32, {8}});
  const TensorId rows = b.input("I", {Dtype::kI64, {6}});
  const TensorId far = b.node("Add", {rows, b.constant("far", {8})}, {.name = "add"}).value().front();
  b.output(b.node("Gather", {table, far}, {.name = "gather", .outputs = {"Y"}}).value().front());
  const Workload w = std::move(b).finish();
  const Plan plan =
      plan_of(w,
              "cep-plan 1 p\ndevice d0 shim cpu document "
              "sha256:19e6bd2cd5bf609698c0c4a92280ad54d614eca1576244d9c9916b3721560278\n"
              "arena m0 on d0 bytes 4096\nbuffer y in m0 at 0 f32[6]\nqueue q0 on d0\noutput Y = y\n");
  ASSERT_TRUE(undecided(w, plan));
  EXPECT_EQ(refusal(replayed(w, plan)), "CEP-REPLAY-6");
}

}  // namespace
}  // namespace cep::physical
