// The digest of a rule table: what a rule computes and what it claims, but not its prose.
//
// Spec     CEP 9.4.
#pragma once

#include <span>

#include "acp/digest.h"
#include "cep/rule.h"

namespace cep::wire {

// Changes with every id, schema, name, guard, output, variable, hypothesis, conclusion and node, and with their order.
[[nodiscard]] acp::Digest digest_of_rules(std::span<const Rule> rules);

}  // namespace cep::wire
