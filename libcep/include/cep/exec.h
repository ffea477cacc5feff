// The executor: drives shims exactly as a plan says, one host thread per queue.
//
// Life     a run borrows everything it is given; a Session keeps what it made for the next run.
// Spec     CEP 8 (execution).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "acp/host.h"
#include "acp/result.h"
#include "cep/certificate.h"
#include "cep/interp.h"
#include "cep/plan.h"

namespace cep {

struct RunOptions {
  std::uint64_t step_timeout_ns =
      10'000'000'000;  // watchdog: a step slower than this ends the run with an error
};
struct StepTrace {
  StepId step = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
};
struct RunResult {
  std::vector<TensorBytes> outputs;  // the workload's outputs
  std::vector<StepTrace> trace;
  std::vector<acp::Error> lost;  // with fallbacks: why each plan before the one that ended well did not
};

// What can be compared before any shim is loaded: the certificate is of this workload, plan and rule table, and of the documents that the
// plan names. A run compares it again, and with what the devices present.
// Errors   CEP-EXEC-1 it is not.
// Cost     that of hashing workload and plan.
// Spec     CEP 8.1, CEP-EXEC-1.
[[nodiscard]] acp::Status check_certificate(const Workload& workload, const Plan& plan,
                                            const Certificate& certificate);

// Runs a plan on one device per plan device. inputs: as run_reference.
// Errors   CEP-EXEC-1 the certificate does not match workload, plan or documents in force; CEP-EXEC-2 a device or shim refused a step
//          (the shim's own family); CEP-EXEC-3 a step overran its time (environment); CEP-EXEC-4 the plan is not well formed; CEP-LOWER-n;
//          CEP-RUN-1 inputs.
// Spec     CEP 8.1.
[[nodiscard]] acp::Result<RunResult> run_plan(const Workload& workload, const Plan& plan,
                                              const Certificate& certificate,
                                              const std::vector<acp::Device*>& devices,
                                              const std::vector<TensorBytes>& inputs,
                                              const RunOptions& options = {});

// A plan and what runs it. Everything is borrowed.
struct Attempt {
  const Plan* plan = nullptr;
  const Certificate* certificate = nullptr;
  std::vector<acp::Device*> devices;  // one per device of the plan
};

// A plan made ready to run again and again: programs compiled, memory allocated, weights and constants written once (each time, where a
// step of the plan uses their bytes for something else).
//
// Life     borrows workload, plans and devices; they must outlive it, and so must the weights where there are fallbacks. After a run that
//          failed it refuses to run.
// Threads  one run at a time.
class Session {
 public:
  // weights: the kWeight tensors in order of id.
  // Errors   as run_plan.
  // Spec     CEP 8.1.
  [[nodiscard]] static acp::Result<Session> open(const Workload& workload, const Plan& plan,
                                                 const Certificate& certificate,
                                                 const std::vector<acp::Device*>& devices,
                                                 const std::vector<TensorBytes>& weights);
  // With fallbacks, as run_with_fallback: a run that loses its devices goes on with the next plan, and so does every later run. The next
  // plan is made ready only then.
  // Errors   as run_with_fallback.
  // Spec     CEP 8.4, CEP-EXEC-6.
  [[nodiscard]] static acp::Result<Session> open(const Workload& workload, std::vector<Attempt> attempts,
                                                 const std::vector<TensorBytes>& weights);
  // inputs: the kInput tensors in order of id.
  // Errors   CEP-EXEC-2, CEP-EXEC-3; CEP-EXEC-5 an earlier run failed; CEP-RUN-1.
  // Spec     CEP 8.1, CEP-EXEC-5.
  [[nodiscard]] acp::Result<RunResult> run(const std::vector<TensorBytes>& inputs,
                                           const RunOptions& options = {});

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Runs the first plan; when it ends for a reason of its surroundings (a device is lost, a step overran), the next one from the inputs on,
// and so on. Since each is certified to give every output as good as the first does, a result says nothing of which plan made it
// but by `lost` and the trace.
//
// Errors   CEP-EXEC-6 a fallback promises less for an output than the first plan; those of run_plan, before the first step where a
//          certificate is wrong; environment, when every plan has ended so: the first one's error, with the others' words.
// Threads  a step that never ends in a shim of this process also keeps its queue from being freed: load shims that may do so apart
//          (acp::Isolation::kProcess).
// Spec     CEP 8.4, CEP-EXEC-6.
[[nodiscard]] acp::Result<RunResult> run_with_fallback(const Workload& workload,
                                                       const std::vector<Attempt>& attempts,
                                                       const std::vector<TensorBytes>& inputs,
                                                       const RunOptions& options = {});

// Chrome trace format (chrome://tracing, Perfetto).
[[nodiscard]] std::string to_chrome_trace(const Plan& plan, const std::vector<StepTrace>& trace);

}  // namespace cep
