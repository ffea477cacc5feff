// From a pattern to the plan it stands for.
#pragma once

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// The same plan without variables: one line, tensor, bind and yield per point of the variables' domain, the variables' values put in. Members
// of a communication follow each other. Only for documents that check_logical() accepts.
//
// Errors   CEP-GEN-11 more than 2^24 lines or 2^26 tensors and operands (limit).
// Cost     linear in the lines of the result.
// Spec     CEP 12.5, CEP-GEN-11.
[[nodiscard]] acp::Result<Document> expand(const Document& document);

}  // namespace cep::logical
