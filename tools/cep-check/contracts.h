// Contracts: what the devices' documents promise, and that the certificate lists whom it relies on.
#pragma once

#include <vector>

#include "cep/certificate.h"

namespace cep_check {

// Every step that computes is one its device's document has a row for. Per step: whether the contract of that row keeps the
// canonical bits. The certificate's assumptions name each device that does anything, with the document it was judged by.
//
// Errors   CEP-CHECK-16, with the requirement of the document's that was missed in the message.
// Spec     CEP 7.2.
[[nodiscard]] acp::Result<std::vector<bool>> check_contracts(const cep::Workload& workload,
                                                             const cep::Plan& plan, const cep::Proved& proof,
                                                             const cep::Context& context);

}  // namespace cep_check
