// The executor: the thread on two shims gives the reference's bits; what cannot run says which step and why.
#include "libcep/exec/on_shims.h"

#include <xmmintrin.h>

#include <cfenv>
#include <chrono>
#include <thread>

#include "support/no_threads.h"

namespace cep {
namespace {

using namespace support;

OnShims thread_on(const std::vector<std::string>& shims) {
  const Workload w = thread_workload();
  return {w, plan_of(w, std::string(kThreadPlan)), shims};
}

void expect_error(const acp::Result<RunResult>& result, acp::Family family, const std::string& id,
                  const std::string& what) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().family, family) << acp::to_string(result.error());
  EXPECT_EQ(result.error().requirement, id) << acp::to_string(result.error());
  EXPECT_NE(acp::to_string(result.error()).find(what), std::string::npos) << acp::to_string(result.error());
}

TEST(Run, TheThreadGivesTheReferencesBits) {
  for (const auto& shims :
       {std::vector<std::string>{"cpu", "template"}, {"template", "cpu"}, {"cpu", "cpu"}}) {
    OnShims on = thread_on(shims);
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      const auto inputs = some_inputs(on.workload, seed);
      const auto result = on.run(inputs);
      ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
      EXPECT_EQ(result->outputs, run_reference(on.workload, inputs).value()) << shims[0] << " seed " << seed;
    }
  }
}

// A BOOL byte other than 0 is true (CEP 3.3), also where no device ever looks at it: an output handed on as it came, or copied by the host.
TEST(Run, ABooleanThatIsOnlyMovedComesOutAsTheReferenceHasIt) {
  WorkloadBuilder w("flags");
  w.output(w.input("F", {Dtype::kBool, {4}}));
  const Workload workload = std::move(w).finish();
  for (const std::string output : {"f", "g"}) {
    const std::string text =
        "cep-plan 1 p\nguarantee bitwise\ndevice d0 shim cpu\ndevice d1 shim template\narena m0 on d0 bytes "
        "64\n"
        "arena m1 on d1 bytes 64\nbuffer f in m0 at 0 bool[4]\nbuffer g in m1 at 0 bool[4]\nqueue q0 on d0\n"
        "input F[0:4] = f\nstep carry @q0 copy f -> g\noutput F[0:4] = " +
        output + "\n";
    OnShims on(workload, plan_of(workload, text), {"cpu", "template"});
    const std::vector<TensorBytes> inputs = {
        {{Dtype::kBool, {4}}, {std::byte{0}, std::byte{1}, std::byte{2}, std::byte{0xff}}}};
    const auto result = on.run(inputs);
    ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
    EXPECT_EQ(result->outputs, run_reference(workload, inputs).value()) << output;
  }
}

TEST(Run, TracesEveryStepInTheOrderOfItsQueue) {
  OnShims on = thread_on({"cpu", "template"});
  const auto result = on.run(some_inputs(on.workload, 1));
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->trace.size(), on.plan.steps.size());
  for (StepId step = 0; step < result->trace.size(); ++step) {
    EXPECT_EQ(result->trace[step].step, step);
    EXPECT_LE(result->trace[step].begin_ns, result->trace[step].end_ns);
  }
  // "ready" ends only after "done" has begun.
  EXPECT_GE(result->trace[2].end_ns, result->trace[1].begin_ns);
  const std::string trace = to_chrome_trace(on.plan, result->trace);
  EXPECT_NE(trace.find("\"name\":\"carry\",\"cat\":\"copy\""), std::string::npos) << trace;
}

TEST(Run, KeepsTheCallersFloatEnvironmentAndIsNotChangedByIt) {
  OnShims on = thread_on({"cpu", "template"});
  const auto inputs = some_inputs(on.workload, 3);
  const auto expected = run_reference(on.workload, inputs).value();
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040u);  // flush to zero, denormals are zero
  std::fesetround(FE_UPWARD);
  const unsigned set = _mm_getcsr() & ~0x3fu;
  const auto result = on.run(inputs);
  const unsigned after = _mm_getcsr() & ~0x3fu;
  std::fesetround(FE_TONEAREST);
  _mm_setcsr(before);
  EXPECT_EQ(after, set);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->outputs, expected);
}

TEST(Reject, CEP_EXEC_1_certificate_of_something_else) {
  OnShims on = thread_on({"cpu", "template"});
  const auto inputs = some_inputs(on.workload, 1);
  OnShims changed = thread_on({"cpu", "template"});
  changed.plan.name = "another";
  expect_error(changed.run(inputs), acp::Family::kInvalid, "CEP-EXEC-1", "plan");
  changed = thread_on({"cpu", "template"});
  changed.replace(1, changed.shims[0]);  // another device than the certificate's
  expect_error(changed.run(inputs), acp::Family::kInvalid, "CEP-EXEC-1", "devices[1]");
  changed = thread_on({"cpu", "template"});
  changed.certificate.rules.bytes[0] ^= 1;
  expect_error(changed.run(inputs), acp::Family::kInvalid, "CEP-EXEC-1", "rules");
}

// What a certificate can be told by before any device is there.
TEST(Reject, CEP_EXEC_1_certificate_of_another_document_than_the_plan_names) {
  OnShims on = thread_on({"cpu", "template"});
  EXPECT_TRUE(check_certificate(on.workload, on.plan, on.certificate).has_value());
  const auto expect_mismatch = [&](const std::string& path) {
    const acp::Status status = check_certificate(on.workload, on.plan, on.certificate);
    ASSERT_FALSE(status.has_value()) << path;
    EXPECT_EQ(status.error().requirement, "CEP-EXEC-1");
    EXPECT_EQ(status.error().path, path);
  };
  on.certificate.documents[1].bytes[0] ^= 1;
  expect_mismatch("devices[1]");
  on.certificate.documents.pop_back();
  expect_mismatch("documents");
  on.certificate.workload.bytes[0] ^= 1;
  expect_mismatch("workload");
}

TEST(Reject, CEP_EXEC_2_a_shim_that_refuses_a_step) {
  OnShims on = thread_on({"cpu", "template"});
  acp_shim slots = on.shims[1].slots();
  slots.compile = [](void*, std::uint32_t, const acp_region*, acp_executable**,
                     acp_status* status) -> std::uint16_t {
    status->family = ACP_UNSUPPORTED;
    std::snprintf(status->requirement, sizeof(status->requirement), "ACP-SHIM-10");
    std::snprintf(status->message, sizeof(status->message), "not today");
    return ACP_UNSUPPORTED;
  };
  on.replace(1, on.shims[1].with_slots(slots));
  expect_error(on.run(some_inputs(on.workload, 1)), acp::Family::kUnsupported, "CEP-EXEC-2", "step \"rest\"");
}

TEST(Reject, CEP_EXEC_3_a_step_that_never_ends) {
  OnShims on = thread_on({"cpu", "template"});
  acp_shim slots = on.shims[0].slots();
  slots.queue_submit = [](void*, acp_queue*, const acp_submission*, acp_status*) -> std::uint16_t {
    return ACP_OK;
  };
  on.replace(0, on.shims[0].with_slots(slots));
  expect_error(on.run(some_inputs(on.workload, 1), {.step_timeout_ns = 50'000'000}),
               acp::Family::kEnvironment, "CEP-EXEC-3", "step \"first\"");
}

// The device answers; the host's own copying is what takes too long.
TEST(Reject, CEP_EXEC_3_a_copy_between_devices) {
  OnShims on = thread_on({"cpu", "template"});
  static decltype(acp_shim::memory_read) read;
  acp_shim slots = on.shims[0].slots();
  read = slots.memory_read;
  slots.memory_read = [](void* self, acp_memory* memory, std::uint64_t offset, void* data, std::uint64_t size,
                         acp_status* status) -> std::uint16_t {
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    return read(self, memory, offset, data, size, status);
  };
  on.replace(0, on.shims[0].with_slots(slots));
  expect_error(on.run(some_inputs(on.workload, 1), {.step_timeout_ns = 2'000'000'000}),
               acp::Family::kEnvironment, "CEP-EXEC-3", "step \"carry\" overran its time");
}

TEST(Run, EndsWithAnErrorWhereThereIsNoThread) {
  OnShims on = thread_on({"cpu", "template"});
  const auto inputs = some_inputs(on.workload, 1);
  auto session = Session::open(on.workload, on.plan, on.certificate, on.devices(), {});
  ASSERT_TRUE(session.has_value());
  const auto result = [&] {
    const NoThreads none;
    return session->run(inputs);
  }();
  expect_error(result, acp::Family::kEnvironment, "", "queues[0]: no thread for it");
  const auto again = on.run(inputs);
  EXPECT_TRUE(again.has_value());
}

TEST(Reject, CEP_EXEC_4_a_view_outside_its_memory) {
  // The certificate of a broken plan, its digests made to match: the executor must still not touch foreign bytes.
  OnShims on = thread_on({"cpu", "template"});
  std::get<Copy>(on.plan.steps[3].what).source.offset_bytes = 1 << 20;
  on.certificate.plan = digest_of(on.plan);
  expect_error(on.run(some_inputs(on.workload, 1)), acp::Family::kInvalid, "CEP-EXEC-4", "steps[3]");
}

TEST(Run, RefusesInputsOfAnotherType) {
  OnShims on = thread_on({"cpu", "template"});
  auto inputs = some_inputs(on.workload, 1);
  inputs.pop_back();
  expect_error(on.run(inputs), acp::Family::kInvalid, "CEP-RUN-1", "B");
}

}  // namespace
}  // namespace cep
