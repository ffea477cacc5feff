// What values come apart into, for a certificate.
#pragma once

#include "cep/logical_certificate.h"

namespace cep::logical::calculus {

// Says of every value of the certificate by which operand it comes apart towards the certificate's shares, adds the shares that appear on the
// way, and those of the operands that a sum stretches, and numbers all values so that each comes behind what it is made of and what it comes
// apart into. Where there are neither shares nor such sums, nothing changes.
//
// Spec     CEP 11.8, CEP-LCHK-3.
void put_apart(const Reference& reference, LogicalCertificate& certificate);

}  // namespace cep::logical::calculus
