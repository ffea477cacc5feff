// What a run says about each claim: the cases whose names begin so are about it.
#include "conformance/runner/run.h"

namespace conformance {
namespace {

ClaimFinding about(const Report& report, std::string claim, std::string_view kind, std::string_view ending,
                   Finding otherwise) {
  ClaimFinding found{std::move(claim), Finding::kUnverifiable, ""};
  for (const Entry& entry : report.entries) {
    if (!entry.query.name.starts_with(kind) || !entry.query.name.ends_with(ending)) continue;
    const Verdict verdict = entry.outcome.verdict;
    if (verdict != Verdict::kPass && verdict != Verdict::kUnsupported)
      return {std::move(found.claim), otherwise, std::string(word_of(verdict)) + ": " + entry.outcome.words};
    found.finding = Finding::kConfirmed;
  }
  return found;
}

}  // namespace

std::string_view word_of(Finding finding) {
  switch (finding) {
    case Finding::kConfirmed: return "confirmed";
    case Finding::kOverstated: return "overstated";
    case Finding::kUnderstated: return "understated";
    case Finding::kUnverifiable: return "unverifiable";
  }
  return "unverifiable";
}

std::vector<ClaimFinding> Report::findings() const {
  const Claims claims = claims_of(described.document);
  std::vector<ClaimFinding> found;
  if (!claims.regions) return found;
  const acp::NumericContract& contract = claims.contract;
  const struct {
    std::string_view name;
    std::string_view value;
  } terms[] = {{"rounding", word_of(contract.rounding)},
               {"subnormals", word_of(contract.subnormals)},
               {"nan", word_of(contract.nan)},
               {"contraction", word_of(contract.contraction)}};
  for (const auto& [name, value] : terms) {
    found.push_back(about(*this, std::string(name) + ": " + std::string(value),
                          "num.detect." + std::string(name) + ".", "", Finding::kOverstated));
  }
  for (const std::string& order : contract.exact_orders) {
    found.push_back(about(*this, "exact_orders: " + order, "num.reduce.", "." + order, Finding::kOverstated));
  }
  for (const std::string& dtype : claims.dtypes) {
    found.push_back(about(*this, "dtypes: " + dtype, "num.scalar.", "." + dtype, Finding::kOverstated));
  }
  // What is not claimed must be refused.
  for (const char* dtype : {"f32", "i32", "i64", "bool"}) {
    if (claims.has(dtype)) continue;
    found.push_back(
        about(*this, std::string("dtypes without ") + dtype, "canary.dtype.", dtype, Finding::kUnderstated));
  }
  return found;
}

}  // namespace conformance
