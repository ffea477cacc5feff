// Run: a suite put to one testee. Claims select the cases; each case costs at most its time, whatever the shim does.
//
// Spec     ACP 7.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "conformance/runner/case.h"
#include "conformance/runner/journal.h"
#include "conformance/testee/testee.h"

namespace conformance {

inline constexpr std::string_view kSuiteVersion = "0.1";

struct Options {
  Tier tier = Tier::kQuick;
  Shard shard;
  std::string nonce;                        // hexadecimal
  std::string folder;                       // of the journal; empty: none
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
  std::string observed;  // of the first case that says otherwise
};

struct Report {
  std::string testee;
  Described described;
  Header header;
  std::string seed;
  Tier tier = Tier::kQuick;
  Shard shard;
  std::vector<Entry> entries;

  [[nodiscard]] std::map<Verdict, std::size_t> counts() const;
  [[nodiscard]] std::vector<ClaimFinding> findings() const;
  // Every case passed, or was not claimed and rightly refused; and there was at least one.
  [[nodiscard]] bool conformant() const;
};

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

// Errors   ACP-CONF-2 the journal in the folder is none; ACP-CONF-4 the nonce is not hexadecimal; environment; as describe.
// Spec     ACP 7.4, ACP-CONF-2, ACP-CONF-4.
[[nodiscard]] acp::Result<Report> run(const Suite& suite, const Testee& testee, const Options& options);

}  // namespace conformance
