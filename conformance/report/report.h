// Report: what a run found, as JSON for programs, as one HTML page for people, as a Statement for whoever must rely on it.
//
// Spec     ACP 7.7, ACP 8.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "acp/statement.h"
#include "conformance/runner/run.h"

namespace conformance {

[[nodiscard]] nlohmann::ordered_json json_of(const Entry& entry);
[[nodiscard]] nlohmann::ordered_json json_of(const Suite& suite, const Report& report);

// Errors   ACP-CONF-19 a case of the run's list has no result; ACP-DIG-1.
// Spec     ACP 7.4, ACP-CONF-19, ACP 8.1.
[[nodiscard]] acp::Result<acp::Statement> statement_of(const Suite& suite, const Report& report,
                                                       const std::string& issued);

// Who vouches for a report's statement.
struct Attestation {
  std::string issued;
  std::string signer;  // a key id; empty: nobody
};
// One file without references to others: it can be read without network, in light and dark, on a small screen.
[[nodiscard]] std::string html_of(const Suite& suite, const Report& report, const Attestation& attestation);

// How often each operator was run, and how often it gave what it must: one row an operator of the table.
struct OperatorCoverage {
  std::string name;
  struct Cell {
    std::size_t passed = 0;
    std::size_t cases = 0;
  };
  // By reduction order; "" where the operator has no reduction of its own, "exact" for probes whatever the contract.
  std::map<std::string, Cell> by_order;
};
[[nodiscard]] std::vector<OperatorCoverage> operator_coverage(const Report& report);

}  // namespace conformance
