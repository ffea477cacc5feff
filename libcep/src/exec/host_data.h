// What a run checks before it starts, and what the host writes and reads around it.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "exec/prepared.h"

namespace cep::exec {

// The whole comparison: cep::check_certificate(), and the documents that the devices present now.
//
// Errors   CEP-EXEC-1; a device's own.
// Spec     CEP 8.1, CEP-EXEC-1.
[[nodiscard]] acp::Status check_devices(const Workload& workload, const Plan& plan,
                                        const Certificate& certificate,
                                        const std::vector<acp::Device*>& devices);

// The bytes of the tensors of some kinds, in order of id, borrowed; empty for all others.
//
// Errors   CEP-RUN-1.
// Spec     CEP 8.1, CEP-RUN-1.
using HostBytes = std::vector<std::span<const std::byte>>;  // by tensor
[[nodiscard]] acp::Result<HostBytes> host_bytes(const Workload& workload,
                                                std::initializer_list<TensorKind> kinds,
                                                const std::vector<TensorBytes>& inputs);

// Writes the plan's input slices of which `bytes` has something; write_constants those that the workload itself holds.
//
// Errors   the device's own.
// Spec     CEP 8.1.
[[nodiscard]] acp::Status write_slices(const Workload& workload, const Plan& plan, const Prepared& prepared,
                                       const HostBytes& bytes);
[[nodiscard]] acp::Status write_constants(const Workload& workload, const Plan& plan,
                                          const Prepared& prepared);
[[nodiscard]] acp::Result<std::vector<TensorBytes>> read_outputs(const Workload& workload, const Plan& plan,
                                                                 const Prepared& prepared);

}  // namespace cep::exec
