// Whether a proved logical plan gives the reference's very bits, when every sum is taken as a tree.
//
// Tree order: the terms of a sum stand in a row; a row of even length is the sum of its first half and its second half, a row of odd length is added
// from left to right. A cut of the row into 2^k equal pieces is then always a cut along nodes of the tree, whatever k is.
//
// Spec     CEP 11.10.
#pragma once

#include <optional>

#include "cep/logical.h"
#include "cep/logical_certificate.h"

namespace cep::logical {

// Nothing: in tree order every delivered element has the bits of the reference's. Requires a certificate that was checked against this very
// document: by certify(), which made it, or by cep-check.
//
// Errors   CEP-TREE-1 a value computed by other operators, or from operands in another order, than any of the reference's; CEP-TREE-2 parts of
//          a sum that are added, and are no sibling nodes of its tree, or not in order; CEP-TREE-3 parts of an output likewise.
//          The finding is the first line on the way to what is delivered; other lines may have the same fault.
// Cost     linear in lines; one look-up each.
// Spec     CEP 11.10, CEP-TREE-1 to CEP-TREE-3.
[[nodiscard]] std::optional<Finding> find_other_order(const Document& document,
                                                      const LogicalCertificate& certificate);

}  // namespace cep::logical
