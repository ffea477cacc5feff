// Matching: does a device's Class say that it runs this, and what does it promise about the bits?
//
// Spec     ACP 4, ACP-MATCH-1 to ACP-MATCH-5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "acp/document.h"
#include "acp/result.h"

namespace acp {

// What a reader wants run.
struct OpQuery {
  std::string op;  // "ai.onnx:MatMul", or kRegionOp
  std::uint32_t version = 0;
  std::vector<std::string> dtypes;   // of every operand, result and intermediate value
  std::uint32_t region_version = 1;  // of the region program that means the op (ACP_REGION_VERSION)
  Role role = Role::kVerifier;       // of the reader
  std::vector<std::string> known_extensions;
};

// The row found and its contract: positions in Class::ops and Class::contracts.
struct OpMatch {
  std::size_t row = 0;
  std::size_t contract = 0;
};

// The row that supports the query: the first that names the operator itself, else the first that takes any region program.
// A Class that check() accepts is assumed.
//
// Errors   family unsupported: ACP-MATCH-1 no row for the operator; ACP-MATCH-2 none of its version; ACP-MATCH-3 none with all
//          dtypes; ACP-MATCH-4 an unknown extension critical for the role. The path is that of the row that came nearest.
// Cost     rows times dtypes.
// Spec     ACP 4.1.
[[nodiscard]] Result<OpMatch> find_op_support(const Class& document, const OpQuery& query);

// Whether results under this contract have exactly the canonical bits for the reduction order. "" (no reduction) and
// "any" (of maximum and minimum, whose result does not depend on order) need no promise.
//
// Errors   ACP-MATCH-5, with the path of the first term that falls short ("rounding", "exact_orders").
// Spec     ACP 4.2.
[[nodiscard]] Status check_exact(const NumericContract& contract, std::string_view order);

}  // namespace acp
