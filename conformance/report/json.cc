#include <algorithm>
#include <nlohmann/json.hpp>

#include "cep/op.h"
#include "conformance/report/report.h"

namespace conformance {
namespace {

using Json = nlohmann::ordered_json;

Json claims_json(const Report& report) {
  Json rows = Json::array();
  for (const ClaimFinding& found : report.findings()) {
    rows.push_back({{"claim", found.claim},
                    {"finding", word_of(found.finding)},
                    {"cases", found.cases},
                    {"observed", found.observed}});
  }
  return rows;
}

Json coverage_json(const Report& report) {
  Json rows = Json::object();
  for (const OperatorCoverage& row : operator_coverage(report)) {
    std::size_t cases = 0, passed = 0;
    for (const auto& [unused, cell] : row.by_order) cases += cell.cases, passed += cell.passed;
    rows[row.name] = {{"cases", cases}, {"passed", passed}};
  }
  return rows;
}

}  // namespace

std::vector<OperatorCoverage> operator_coverage(const Report& report) {
  std::vector<OperatorCoverage> rows;
  rows.reserve(cep::op_table().size());
  for (const cep::OpDef* op : cep::op_table()) rows.push_back({std::string(op->name), {}});
  for (const Entry& entry : report.entries) {
    const bool exact = entry.query.name.starts_with("num.exact.op.");
    if (!exact && !entry.query.name.starts_with("num.op.")) continue;
    const std::string name = entry.query.name.substr(entry.query.name.rfind('.') + 1);
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const OperatorCoverage& known) { return known.name == name; });
    if (row == rows.end()) continue;
    OperatorCoverage::Cell& cell = row->by_order[exact ? "exact" : entry.query.text("order")];
    ++cell.cases;
    if (is_conformant(entry.outcome.verdict)) ++cell.passed;
  }
  return rows;
}

Json json_of(const Entry& entry) {
  return {{"query", to_string(entry.query)},
          {"verdict", word_of(entry.outcome.verdict)},
          {"requirement", entry.outcome.requirement},
          {"words", entry.outcome.words},
          {"expected", entry.outcome.expected},
          {"got", entry.outcome.got},
          {"minimised", entry.minimised},
          {"milliseconds", entry.took.count()}};
}

Json json_of(const Suite& suite, const Report& report) {
  Json json = {{"conformant", report.conformant()},
               {"complete", report.missing == 0},
               {"missing", report.missing},
               {"shim", report.header.testee},
               {"suite", report.header.suite},
               {"suite_digest", report.header.suite_digest},
               {"tier", report.header.tier},
               {"shards", report.shards},
               {"document_digest", report.header.document_digest},
               {"binary_digest", report.header.binary_digest},
               {"nonce", report.header.nonce},
               {"seed", report.seed},
               {"environments", report.environments}};
  const auto counts = report.counts();
  for (const Verdict verdict : kVerdicts) {
    const auto found = counts.find(verdict);
    json["counts"][std::string(word_of(verdict))] = found == counts.end() ? 0 : found->second;
  }
  json["claims"] = claims_json(report);
  json["requirements"] = Json::array();
  for (const acp::RequirementVerdict& row : report.requirements(suite))
    json["requirements"].push_back({{"id", row.id}, {"verdict", row.verdict}, {"cases", row.cases}});
  json["operators"] = coverage_json(report);
  json["cases"] = Json::array();
  for (const Entry& entry : report.entries) json["cases"].push_back(json_of(entry));
  return json;
}

acp::Result<acp::Statement> statement_of(const Suite& suite, const Report& report,
                                         const std::string& issued) {
  if (report.missing > 0) {
    return acp::invalid("ACP-CONF-19", "journal",
                        std::to_string(report.missing) + " cases have no result: merge all shards first");
  }
  acp::Statement statement;
  ACP_TRY(statement.descriptor, acp::parse_digest(report.header.document_digest));
  ACP_TRY(statement.shim, acp::parse_digest(report.header.binary_digest));
  ACP_TRY(statement.suite, acp::parse_digest(report.header.suite_digest));
  statement.suite_version = report.header.suite;
  statement.tier = report.header.tier;
  statement.nonce = report.header.nonce;
  statement.seed = report.seed;
  statement.issued = issued;
  for (std::size_t i = 0; i < report.environments.size(); ++i)
    statement.environment.emplace_back("host " + std::to_string(i), report.environments[i]);
  statement.environment.emplace_back("shards", std::to_string(report.shards.size()));
  statement.conformant = report.conformant();
  for (const auto& [verdict, count] : report.counts()) {
    const auto place = std::find(acp::kCaseVerdicts.begin(), acp::kCaseVerdicts.end(), word_of(verdict));
    statement.counts[static_cast<std::size_t>(place - acp::kCaseVerdicts.begin())] = count;
  }
  statement.requirements = report.requirements(suite);
  for (const ClaimFinding& found : report.findings())
    statement.claims.push_back({found.claim, std::string(word_of(found.finding)), found.observed});
  return statement;
}

}  // namespace conformance
