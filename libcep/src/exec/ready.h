// Ready: a plan prepared, with its weights and constants written, to run again and again.
//
// Life     as Prepared; it also keeps the weights that every run writes again.
#pragma once

#include "exec/host_data.h"

namespace cep::exec {

struct Ready {
  Prepared prepared;
  std::vector<std::vector<std::byte>> again;  // by tensor: weights whose bytes a step uses for something else
  bool constants_again = false;
};

// Errors   those of prepare; the device's own.
// Spec     CEP 8.1.
[[nodiscard]] acp::Result<Ready> make_ready(const Workload& workload, const Plan& plan,
                                            const std::vector<acp::Device*>& devices,
                                            const HostBytes& weights);
// After an error what its memory and timelines hold is not known.
//
// Errors   those of run_lanes; the device's own.
// Spec     CEP 8.1.
[[nodiscard]] acp::Result<RunResult> run_ready(const Workload& workload, const Plan& plan, Ready& ready,
                                               HostBytes inputs, const RunOptions& options);

}  // namespace cep::exec
