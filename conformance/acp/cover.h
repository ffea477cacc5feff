// Cover: which cases of which operators the rows of a descriptor cover. Operators come from the table, never by name.
//
// Spec     ACP 4.1, ACP 7.2.
#pragma once

#include <functional>
#include <string_view>

#include "cep/op.h"
#include "conformance/acp/program.h"
#include "conformance/runner/case.h"

namespace conformance {

// A valid case of an operator, in one reduction order, that some row of the descriptor covers.
struct Covered {
  const cep::OpDef& op;
  std::size_t number;  // of the case
  const cep::OpCase& op_case;
  cep::Order order;  // kNone where the operator has no reduction of its own
  const cep::Region& region;
  bool exact;  // whether the contract of that row promises the canonical bits
};
void for_each_covered(const Claims& claims, const std::function<void(const Covered&)>& visit);

// The case that "kind.Operator:case=3,order=chain" names.
struct ChosenCase {
  cep::OpCase op_case;
  cep::Region region;
};
// Errors   ACP-CONF-1 there is no such operator or case; as cep::build_region.
// Spec     ACP 7.2, ACP-CONF-1.
[[nodiscard]] acp::Result<ChosenCase> op_case_of(const Query& query, std::string_view kind);

// A case brings the contents of constant inputs along: they replace what stands in the tensors.
void put_known(const cep::OpCase& op_case, Tensors& tensors);

[[nodiscard]] std::string_view name_of(cep::OrderKind order);

}  // namespace conformance
