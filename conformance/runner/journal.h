// Journal: what a run has found so far, one JSON line a case, written as it goes. A run that was interrupted takes up its journal.
//
// Life     open() reads what is there; add() appends a line and flushes it. The first line says what the run is about.
// Spec     ACP 7.4.
#pragma once

#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "conformance/runner/case.h"

namespace conformance {

// One finished case.
struct Entry {
  Query query;
  Outcome outcome;
  std::string minimised;  // the smallest query that ends the same way; empty when there is none smaller
  std::chrono::milliseconds took{0};
};

// What a run is about: enough to make its report again without the shim.
struct Header {
  std::string suite;            // version of the suite
  std::string suite_digest;     // of version, expected values and list of cases
  std::string document_digest;  // of the wire form of the Class
  std::string binary_digest;    // of the file that the shim's code lies in
  std::string tier;
  std::string nonce;
  // Results of one run may differ in what follows.
  std::string testee;       // how the shim was named
  std::string document;     // the Class as JSON
  std::string environment;  // "Linux 6.1 x86_64, 2 x ..."
  std::string shard;        // "3/16"
};
// Whether results under both headers are of one run: all but testee, environment and shard agree.
[[nodiscard]] bool same_run(const Header& a, const Header& b);

// Within the folder of a run.
inline constexpr const char* kJournalFile = "/journal.jsonl";

// Whether the entries of a journal that is already there count.
enum class Resume : std::uint8_t { kNo, kYes };

class Journal {
 public:
  // A journal that lives only as long as this object.
  explicit Journal(Header header = {}) : header_(std::move(header)) {}

  // Opens folder/journal.jsonl. To resume: entries of a journal of the same run are kept, one of another run begins anew. A last
  // line that was cut off is dropped.
  //
  // Errors   ACP-CONF-2 the file is not a journal: it is left alone; environment it can't be written.
  // Spec     ACP 7.4, ACP-CONF-2.
  [[nodiscard]] static acp::Result<Journal> open(const std::string& folder, const Header& header,
                                                 Resume resume);

  // Reads folder/journal.jsonl and leaves it alone. Entries can't be added.
  //
  // Errors   ACP-CONF-2 the file is not a journal; environment there is none.
  // Spec     ACP 7.4, ACP-CONF-2.
  [[nodiscard]] static acp::Result<Journal> read(const std::string& folder);

  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] const std::map<std::string, Entry>& entries() const { return entries_; }

  [[nodiscard]] const Entry* find(const Query& query) const;
  // Errors   environment: it can't be written.
  // Spec     ACP 7.4.
  [[nodiscard]] acp::Status add(const Entry& entry);

 private:
  Header header_;
  std::map<std::string, Entry> entries_;  // by query
  std::ofstream file_;
};

// The seed of a run: what its digests and its nonce give (ACP-STMT-4).
//
// Errors   ACP-DIG-1 a digest is none.
// Spec     ACP 7.2.
[[nodiscard]] acp::Result<std::string> seed_of(const Header& header);

// The nonce of the journal in the folder, or "" when there is none.
[[nodiscard]] std::string nonce_of_journal(const std::string& folder);

}  // namespace conformance
