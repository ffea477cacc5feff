// What a run says about each claim: the cases whose names begin so are about it.
#include "conformance/runner/run.h"

namespace conformance {
namespace {

// Which cases are about a claim.
struct About {
  std::string_view kind;         // how their names begin
  std::string_view ending = {};  // and end
};

ClaimFinding about(const Report& report, std::string claim, const std::vector<About>& which,
                   Finding otherwise) {
  ClaimFinding found{std::move(claim), Finding::kUnverifiable, 0, ""};
  bool wrong = false;
  for (const Entry& entry : report.entries) {
    const std::string& name = entry.query.name;
    bool named = false;
    for (const About& row : which)
      named = named || (name.starts_with(row.kind) && name.ends_with(row.ending));
    if (!named) continue;
    ++found.cases;
    const Outcome& outcome = entry.outcome;
    if (!is_conformant(outcome.verdict)) {
      if (!wrong) found.observed = std::string(word_of(outcome.verdict)) + ": " + outcome.words;
      found.finding = otherwise;
      wrong = true;
    } else if (!wrong) {
      found.finding = Finding::kConfirmed;
      if (found.observed.empty()) found.observed = outcome.words;
    }
  }
  return found;
}

// One row of the descriptor: an operator, or every region program.
ClaimFinding about_row(const Report& report, const acp::OpSupport& row) {
  const std::string claim = "ops: " + row.op + " " + std::to_string(row.version);
  const std::string ending = "." + row.op.substr(row.op.rfind(':') + 1);
  std::vector<About> which = {{"num.op.", ending}, {"num.exact.op.", ending}};
  if (row.op == acp::kRegionOp) which = {{"num."}};
  ClaimFinding found = about(report, claim, which, Finding::kOverstated);
  if (found.finding == Finding::kConfirmed)
    found.observed.clear();  // what single cases saw says nothing here
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
  const Claims claims = claims_of(document);
  std::vector<ClaimFinding> found;
  for (const acp::OpSupport& row : document.ops) found.push_back(about_row(*this, row));
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
    const std::string kind = "num.detect." + std::string(name) + ".";
    found.push_back(
        about(*this, std::string(name) + ": " + std::string(value), {{kind}}, Finding::kOverstated));
  }
  for (const std::string& order : contract.exact_orders) {
    const std::string ending = "." + order;
    found.push_back(about(*this, "exact_orders: " + order, {{"num.reduce.", ending}}, Finding::kOverstated));
  }
  for (const std::string& dtype : claims.dtypes) {
    const std::string ending = "." + dtype;
    found.push_back(about(*this, "dtypes: " + dtype, {{"num.scalar.", ending}, {"num.exact.", ending}},
                          Finding::kOverstated));
  }
  // What is not claimed must be refused.
  for (const char* dtype : {"f32", "i32", "i64", "bool"}) {
    if (claims.has(dtype)) continue;
    found.push_back(about(*this, std::string("dtypes without ") + dtype, {{"canary.dtype.", dtype}},
                          Finding::kUnderstated));
  }
  return found;
}

}  // namespace conformance
