#include "conformance/runner/case.h"

#include <nlohmann/json.hpp>

#include "acp/match.h"

namespace conformance {

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "pass";
    case Verdict::kFail: return "fail";
    case Verdict::kUnsupported: return "unsupported";
    case Verdict::kCrash: return "crash";
    case Verdict::kHang: return "hang";
    case Verdict::kDeviceLost: return "device-lost";
    case Verdict::kHarnessError: return "harness-error";
  }
  return "harness-error";
}

Outcome pass(std::string words) { return {Verdict::kPass, "", std::move(words), "", ""}; }

Outcome fail(std::string requirement, std::string words, std::string expected, std::string got) {
  return {Verdict::kFail, std::move(requirement), std::move(words), std::move(expected), std::move(got)};
}

Outcome unexpected(const acp::Device& device, std::string_view what, const acp::Error& error) {
  Outcome outcome = fail(error.requirement, std::string(what) + ": " + acp::to_string(error));
  const auto state = device.state();
  if (error.family == acp::Family::kEnvironment && state && state->healthy == 0) {
    outcome.verdict = Verdict::kDeviceLost;
    outcome.requirement = "ACP-CONF-15";
  }
  return outcome;
}

std::string to_json(const Outcome& outcome) {
  const nlohmann::ordered_json json = {{"verdict", word_of(outcome.verdict)},
                                       {"requirement", outcome.requirement},
                                       {"words", outcome.words},
                                       {"expected", outcome.expected},
                                       {"got", outcome.got}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

acp::Result<Outcome> parse_outcome(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto bad = [](const char* path) { return acp::malformed("ACP-CONF-2", path, "not an outcome"); };
  if (!json.is_object()) return bad("");
  Outcome outcome;
  std::string verdict;
  const std::pair<const char*, std::string*> fields[] = {{"verdict", &verdict},
                                                         {"requirement", &outcome.requirement},
                                                         {"words", &outcome.words},
                                                         {"expected", &outcome.expected},
                                                         {"got", &outcome.got}};
  for (const auto& [key, field] : fields) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return bad(key);
    *field = found->get<std::string>();
  }
  for (const Verdict known : kVerdicts) {
    if (word_of(known) == verdict) {
      outcome.verdict = known;
      return outcome;
    }
  }
  return bad("verdict");
}

bool Claims::exact(std::string_view order) const {
  return regions && acp::check_exact(contract, order).has_value();
}

std::string_view word_of(Tier tier) { return tier == Tier::kFull ? "full" : "quick"; }

std::vector<std::string> about(const Kind& kind, const Query& query) {
  if (kind.about_case != nullptr) return {std::string(kind.about_case(query))};
  return {kind.about.begin(), kind.about.end()};
}

Claims claims_of(const acp::Class& document) {
  Claims claims;
  claims.document = document;
  for (const acp::OpSupport& row : document.ops) {
    if (row.op != acp::kRegionOp || row.version != ACP_REGION_VERSION) continue;
    const auto found = acp::find_op_support(document, {.op = std::string(acp::kRegionOp),
                                                       .version = ACP_REGION_VERSION,
                                                       .dtypes = row.dtypes,
                                                       .region_version = ACP_REGION_VERSION,
                                                       .role = acp::Role::kVerifier,
                                                       .known_extensions = {}});
    if (!found) continue;
    claims.regions = true;
    claims.dtypes.insert(row.dtypes.begin(), row.dtypes.end());
    claims.contract = document.contracts[found->contract];
    break;  // the row that matching finds first
  }
  return claims;
}

const Kind* kind_of(const Suite& suite, const Query& query) {
  for (const Kind& kind : suite) {
    if (query.name == kind.name || query.name.starts_with(std::string(kind.name) + ".")) return &kind;
  }
  return nullptr;
}

}  // namespace conformance
