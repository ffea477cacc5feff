#include <nlohmann/json.hpp>

#include "acp/statement.h"

namespace acp {
namespace {

using Json = nlohmann::ordered_json;

Json subject_of(const char* name, const Digest& digest) {
  return {{"name", name}, {"digest", {{"sha256", to_hex(digest)}}}};
}

Json requirements_of(const Statement& statement) {
  Json rows = Json::array();
  for (const RequirementVerdict& row : statement.requirements)
    rows.push_back({{"id", row.id}, {"verdict", row.verdict}, {"cases", row.cases}});
  return rows;
}

Json claims_of(const Statement& statement) {
  Json rows = Json::array();
  for (const ClaimVerdict& row : statement.claims)
    rows.push_back({{"claim", row.claim}, {"finding", row.finding}, {"observed", row.observed}});
  return rows;
}

}  // namespace

std::string statement_seed(const Digest& descriptor, const Digest& shim, const Digest& suite,
                           std::string_view nonce) {
  return to_hex(sha256(to_string(descriptor) + to_string(shim) + to_string(suite) + std::string(nonce)))
      .substr(0, 16);
}

std::string to_json(const Statement& statement) {
  Json environment = Json::object();
  for (const auto& [name, value] : statement.environment) environment[name] = value;
  Json counts = Json::object();
  for (std::size_t i = 0; i < kCaseVerdicts.size(); ++i)
    counts[std::string(kCaseVerdicts[i])] = statement.counts[i];
  const Json json = {{"_type", kStatementType},
                     {"subject", Json::array({subject_of("descriptor", statement.descriptor),
                                              subject_of("shim", statement.shim)})},
                     {"predicateType", kConformancePredicate},
                     {"predicate",
                      {{"suite",
                        {{"version", statement.suite_version},
                         {"digest", to_string(statement.suite)},
                         {"tier", statement.tier}}},
                       {"nonce", statement.nonce},
                       {"seed", statement.seed},
                       {"issued", statement.issued},
                       {"environment", std::move(environment)},
                       {"conformant", statement.conformant},
                       {"counts", std::move(counts)},
                       {"requirements", requirements_of(statement)},
                       {"claims", claims_of(statement)}}}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace acp
