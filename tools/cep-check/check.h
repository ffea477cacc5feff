// The independent checker: accepts a certificate only if every line of it follows, by code that is not the verifier's.
//
// It takes nothing on trust but what CAVEATS lists: lower, the region programs' hulls and the rule table. It searches for nothing:
// the certificate says in which order the steps were run and which facts each one used, and the checker looks whether that is so.
//
// Spec     CEP 7 (certificates), CEP-CHECK-1 to CEP-CHECK-17.
#pragma once

#include "acp/result.h"
#include "cep/certificate.h"

namespace cep_check {

// ok: the plan computes the workload with the certificate's guarantee, in every execution its timelines allow.
// Errors   CEP-CHECK-n, at the first thing that does not follow; CEP-LOWER-n a step that means nothing; CEP-GRAPH-n the workload.
// Cost     near linear in steps and facts, for a bounded number of queues.
// Spec     CEP 7.2.
[[nodiscard]] acp::Status check(const cep::Workload& workload, const cep::Plan& plan,
                                const cep::Certificate& certificate, const cep::Context& context);

}  // namespace cep_check
