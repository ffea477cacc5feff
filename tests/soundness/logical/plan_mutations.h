// Random changes to logical plans, of the kind programs that write plans get wrong.
//
// Most make a plan wrong, some do not, some make it ill-formed: which, the oracle says. The reference is never touched.
#pragma once

#include <random>
#include <span>
#include <string_view>

#include "cep/logical.h"

namespace cep::logical::oracle {

using Random = std::mt19937_64;

struct Mutation {
  std::string_view name;
  bool (*apply)(Plan& plan, const Reference& reference,
                Random& random);  // false: nothing to change, and nothing changed
};
[[nodiscard]] std::span<const Mutation> mutations();
[[nodiscard]] const Mutation& find_mutation(std::string_view name);  // which must be one

// Applies one of them, to a pattern also one of what moves with its variables; its name, or nothing when the plan offers no place for any it
// tried.
std::string_view mutate(Document& document, Random& random);

}  // namespace cep::logical::oracle
