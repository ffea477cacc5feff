// Attempts: the plan a command line asks for, the plans to fall back to, and the devices of all of them.
#pragma once

#include <string>
#include <vector>

#include "tools/cep/devices.h"

namespace tools {

struct RunRequest {
  std::string plan;                    // file or text
  std::string certificate;             // of the plan; empty: it is proved first
  std::vector<std::string> fallbacks;  // plans, or "alone": the workload on each device of the plan in turn
  bool isolate = false;                // every shim in a process of its own
  cep::RunOptions options;
};

// The shim's name, with "@process" behind it where every shim is to run apart.
[[nodiscard]] std::string isolated(const std::string& shim, bool isolate);

// Looks through the certificate that is given, proves what has none, loads the shims, and runs. Where a plan's documents do not lie beside it
// they are asked of the shims, and proofs wait for that. `ran` becomes the plan that gave the result.
//
// Errors   CEP-EXEC-1 the certificate is of something else; CEP-CHECK-1 a plan is for another workload; CEP-CHECK-n the certificate does not
//          hold; a plan that is not proved, by its first finding; CEP-INPUT-1 there is nothing to fall back to; those of run_with_fallback.
// Spec     CEP 8.1, CEP 8.4.
[[nodiscard]] acp::Result<cep::RunResult> run_attempts(const RunRequest& request,
                                                       const cep::Workload& workload,
                                                       const std::vector<cep::TensorBytes>& inputs,
                                                       cep::Plan& ran);

}  // namespace tools
