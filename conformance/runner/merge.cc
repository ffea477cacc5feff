// Merge: one report from the journals of all shards, made again without the shim.
#include <algorithm>

#include "acp/text.h"
#include "conformance/runner/run.h"

namespace conformance {
namespace {

// From good to bad: of several verdicts about one thing, the last counts.
constexpr Verdict kWorsening[] = {Verdict::kUnsupported, Verdict::kPass, Verdict::kFail,
                                  Verdict::kDeviceLost,  Verdict::kHang, Verdict::kCrash,
                                  Verdict::kHarnessError};

std::size_t badness(Verdict verdict) {
  return static_cast<std::size_t>(std::find(std::begin(kWorsening), std::end(kWorsening), verdict) -
                                  std::begin(kWorsening));
}

acp::Error not_one_run(std::string path, std::string message) {
  return acp::invalid("ACP-CONF-18", std::move(path), std::move(message));
}

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

// Of two results for one case, the worse: a case that fails now and then fails.
const Entry* worst_of(const std::vector<Journal>& journals, const Query& query) {
  const Entry* worst = nullptr;
  for (const Journal& journal : journals) {
    const Entry* entry = journal.find(query);
    if (entry == nullptr) continue;
    if (worst == nullptr || badness(entry->outcome.verdict) > badness(worst->outcome.verdict)) worst = entry;
  }
  return worst;
}

}  // namespace

acp::Result<std::string> seed_of(const Header& header) {
  ACP_TRY(const acp::Digest document, acp::parse_digest(header.document_digest));
  ACP_TRY(const acp::Digest binary, acp::parse_digest(header.binary_digest));
  ACP_TRY(const acp::Digest suite, acp::parse_digest(header.suite_digest));
  return acp::statement_seed(document, binary, suite, header.nonce);
}

acp::Result<Report> merge(const Suite& suite, const std::vector<Journal>& journals) {
  if (journals.empty()) return not_one_run("", "no journal");
  Report report;
  report.header = journals.front().header();
  report.tier = report.header.tier == word_of(Tier::kFull) ? Tier::kFull : Tier::kQuick;
  for (std::size_t i = 0; i < journals.size(); ++i) {
    const Header& header = journals[i].header();
    if (!same_run(header, report.header))
      return not_one_run("journals[" + std::to_string(i) + "]",
                         "another suite, document, shim, tier or nonce");
    add_once(report.shards, header.shard);
    add_once(report.environments, header.environment);
  }
  ACP_TRY(report.document, acp::parse_class_json(report.header.document));
  ACP_TRY(report.seed, seed_of(report.header));
  const Claims claims = claims_of(report.document);
  if (acp::to_string(suite_digest(suite, claims, report.tier)) != report.header.suite_digest)
    return not_one_run("suite_digest", "the journal is of another suite than this one");
  for (const Query& query : queries_of(suite, claims, report.tier, report.seed)) {
    const Entry* entry = worst_of(journals, query);
    if (entry == nullptr) {
      ++report.missing;
    } else {
      report.entries.push_back(*entry);
    }
  }
  return report;
}

bool is_conformant(Verdict verdict) { return verdict == Verdict::kPass || verdict == Verdict::kUnsupported; }

std::map<Verdict, std::size_t> Report::counts() const {
  std::map<Verdict, std::size_t> counts;
  for (const Entry& entry : entries) ++counts[entry.outcome.verdict];
  return counts;
}

bool Report::conformant() const {
  return !entries.empty() && std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return is_conformant(entry.outcome.verdict);
  });
}

std::vector<acp::RequirementVerdict> Report::requirements(const Suite& suite) const {
  struct Found {
    Verdict verdict = Verdict::kUnsupported;
    std::uint64_t cases = 0;
  };
  std::map<std::string, Found> found;
  for (const Entry& entry : entries) {
    const Kind* kind = kind_of(suite, entry.query);
    std::vector<std::string> ids = kind == nullptr ? std::vector<std::string>{} : about(*kind, entry.query);
    if (!entry.outcome.requirement.empty()) add_once(ids, entry.outcome.requirement);
    for (const std::string& id : ids) {
      Found& row = found[id];
      ++row.cases;
      if (badness(entry.outcome.verdict) > badness(row.verdict)) row.verdict = entry.outcome.verdict;
    }
  }
  std::vector<acp::RequirementVerdict> rows;
  rows.reserve(found.size());
  for (const auto& [id, row] : found) rows.push_back({id, std::string(word_of(row.verdict)), row.cases});
  return rows;
}

}  // namespace conformance
