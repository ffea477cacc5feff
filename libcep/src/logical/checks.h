// The checks behind check_logical, each relying on those before it.
//
// Spec     CEP 11.2.
#pragma once

#include <string>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// Errors   CEP-LOGICAL-1 an id or a number out of range; CEP-LOGICAL-5 over a limit; CEP-LOGICAL-9 a value twice in a table, or a rank in two places.
// Spec     CEP 11.2.
[[nodiscard]] acp::Status check_ids(const Document& document);
// Errors   CEP-LOGICAL-2 made twice, never, or after its use; CEP-LOGICAL-3 an operand of another rank.
// Spec     CEP 11.2.
[[nodiscard]] acp::Status check_assignment(const Document& document);
// Errors   CEP-LOGICAL-6 a bind or yield that does not fit.
// Spec     CEP 11.2.
[[nodiscard]] acp::Status check_claims(const Document& document);
// Errors   CEP-LOGICAL-4 a communication that is incomplete or inconsistent.
// Spec     CEP 11.2.
[[nodiscard]] acp::Status check_communications(const Plan& plan);
// Errors   CEP-LOGICAL-7 calls that do not match; CEP-LOGICAL-8 a deadlock.
// Spec     CEP 11.2.
[[nodiscard]] acp::Status check_schedule(const Plan& plan);

// "plan.nodes[7]", and what a person finds it by in the file.
[[nodiscard]] std::string node_path(Id node);
[[nodiscard]] std::string line_of(const Node& node);

}  // namespace cep::logical
