// The checker of logical certificates: accepts one only if every line of the plan follows from the facts of the lines before it.
//
// What operators mean it takes from the table of forms (cep/logical_forms.h), as the prover does, and shares nothing else with it. The
// certificate names what every tensor holds, and the node of the reference that a line repeats; the checker looks whether that is so. It
// relies on check_logical() for what it says: ids, single assignment, complete communications.
//
// Spec     CEP 11.8 (certificate), CEP-LCHK-1 to CEP-LCHK-12.
#pragma once

#include "acp/result.h"
#include "cep/logical_certificate.h"

namespace cep_check::logical {

// ok: the plan delivers the reference's outputs, over the reals, for all inputs. check_logical() must have accepted the document;
// `digest` is its digest. Of the certificate nothing is believed.
//
// Errors   CEP-LCHK-1 not of this document, or a number that points nowhere; CEP-LCHK-2 a value; CEP-LCHK-3 a tensor of the reference;
//          CEP-LCHK-4 a fact that does not fit its tensor; CEP-LCHK-5 a bound tensor; CEP-LCHK-6 an operator; CEP-LCHK-7 a view or a
//          sum; CEP-LCHK-8 a communication; CEP-LCHK-9 used before it is there; CEP-LCHK-10 a delivery; CEP-LCHK-11 coverage;
//          CEP-LCHK-12 over a limit.
// Cost     linear in lines, and in the members of every communication.
// Spec     CEP 11.8.
[[nodiscard]] acp::Status check(const cep::logical::Document& document,
                                const cep::logical::LogicalCertificate& certificate,
                                const acp::Digest& digest);

}  // namespace cep_check::logical
