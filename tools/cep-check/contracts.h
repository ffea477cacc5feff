// Contracts: what the devices' documents promise, and that the certificate lists whom it relies on.
#pragma once

#include <optional>

#include "cep/certificate.h"

namespace cep_check {

// What a step runs on its device: its program; none for signals, waits, and copies between two devices, which the host makes.
struct Contract {
  std::optional<cep::Region> program;
  bool exact = true;  // its device keeps the canonical bits
};
// The device's document has a row for the step's program, and links for its copy.
//
// Errors   CEP-CHECK-16, with the requirement of the document's that was missed in the message; CEP-LOWER-n the step means nothing.
// Spec     CEP 7.2.
[[nodiscard]] acp::Result<Contract> contract_of(const cep::Workload& workload, const cep::Plan& plan,
                                                const cep::Context& context, const cep::Step& step);

// The certificate's assumptions name each device that does anything, with the document it was judged by.
//
// Errors   CEP-CHECK-16.
// Spec     CEP 7.2.
[[nodiscard]] acp::Status check_assumptions(const cep::Plan& plan, const cep::Proved& proof,
                                            const cep::Context& context);

}  // namespace cep_check
