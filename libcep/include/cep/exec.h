// The executor: drives shims exactly as a plan says, one host thread per queue.
//
// Life     Executor borrows the shims' devices for the length of run().
// Spec     CEP 8 (execution).
#pragma once

#include <cstdint>
#include <functional>
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
};

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

// Chrome trace format (chrome://tracing, Perfetto).
[[nodiscard]] std::string to_chrome_trace(const Plan& plan, const std::vector<StepTrace>& trace);

}  // namespace cep
