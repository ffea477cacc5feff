// Run: a suite put to one testee. Claims select the cases; each case costs at most its time, whatever the shim does.
//
// Spec     ACP 7.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "acp/statement.h"
#include "conformance/runner/case.h"
#include "conformance/runner/journal.h"
#include "conformance/testee/testee.h"

namespace conformance {

inline constexpr std::string_view kSuiteVersion = "0.2";

struct Options {
  Tier tier = Tier::kQuick;
  Shard shard;
  std::string nonce;   // hexadecimal
  std::string folder;  // of the journal; empty: none
  Resume resume = Resume::kNo;
  std::chrono::milliseconds limit{20'000};  // of one case
  // Called after each case, for progress; may be empty.
  std::function<void(std::size_t done, std::size_t total, const Entry& entry)> progress;
};

// What the testee says of itself, asked before anything else.
struct Described {
  acp::Class document;
  std::string document_digest;
  std::string binary_digest;  // of the file the shim's code lies in
};

// What came of one claim of the device: a term of its contract, an order, its element types.
enum class Finding : std::uint8_t {
  kConfirmed,     // every case about it passed
  kOverstated,    // the device does less
  kUnderstated,   // the device does more than it says
  kUnverifiable,  // no case was about it
};
[[nodiscard]] std::string_view word_of(Finding finding);
struct ClaimFinding {
  std::string claim;  // "exact_orders: chain"
  Finding finding = Finding::kUnverifiable;
  std::size_t cases = 0;  // about it
  std::string observed;   // of the first case that says otherwise, else what the cases saw
};

struct Report {
  Header header;
  acp::Class document;
  std::string seed;
  Tier tier = Tier::kQuick;
  std::vector<std::string> shards;        // "3/16" and the others that were merged
  std::vector<std::string> environments;  // where they ran, each once
  std::vector<Entry> entries;             // in the order of the suite
  std::size_t missing = 0;                // cases that the claims select, but no shard here has run

  [[nodiscard]] std::map<Verdict, std::size_t> counts() const;
  [[nodiscard]] std::vector<ClaimFinding> findings() const;
  // Of every sentence that some case was about, by id.
  [[nodiscard]] std::vector<acp::RequirementVerdict> requirements(const Suite& suite) const;
  // Every case here passed, or was not claimed and rightly refused; and there was at least one.
  [[nodiscard]] bool conformant() const;
};
[[nodiscard]] bool is_conformant(Verdict verdict);

// Errors   the shim's own refusal to be opened or described (its Class may be invalid: ACP-DOC-n); environment, when it crashed or
//          hung on that.
// Spec     ACP 7.2.
[[nodiscard]] acp::Result<Described> describe(const Testee& testee, std::chrono::milliseconds limit);

// Whether a case that fails is made smaller before it is reported: it takes longer.
enum class Minimise : std::uint8_t { kNo, kYes };

// One case, by its query.
//
// Errors   ACP-CONF-1 no such case.
// Spec     ACP 7.2, ACP-CONF-1.
[[nodiscard]] acp::Result<Entry> run_case(const Suite& suite, const Testee& testee, const Query& query,
                                          std::chrono::milliseconds limit, Minimise minimise);

// The queries of a run, in the order in which they are run: every kind's, with the seeds that follow from descriptor and nonce.
[[nodiscard]] std::vector<Query> queries_of(const Suite& suite, const Claims& claims, Tier tier,
                                            const std::string& seed);

// Of its version, the values it expects, and the list of its cases for these claims.
[[nodiscard]] acp::Digest suite_digest(const Suite& suite, const Claims& claims, Tier tier);

// Errors   ACP-CONF-2 the journal in the folder is none; ACP-CONF-4 the nonce is not hexadecimal; environment; as describe.
// Spec     ACP 7.4, ACP-CONF-2, ACP-CONF-4.
[[nodiscard]] acp::Result<Report> run(const Suite& suite, const Testee& testee, const Options& options);

// The report of a run whose shards wrote these journals.
//
// Errors   ACP-CONF-18 they are not of one run, or of another suite than this one; ACP-CONF-1, ACP-DIG-1 and ACP-TEXT-n, a header
//          that was changed.
// Spec     ACP 7.4, ACP-CONF-18 and 19.
[[nodiscard]] acp::Result<Report> merge(const Suite& suite, const std::vector<Journal>& journals);

}  // namespace conformance
