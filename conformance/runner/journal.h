// Journal: what a run has found so far, one JSON line a case, written as it goes. A run that was interrupted takes up its journal.
//
// Life     open() reads what is there; add() appends a line and flushes it. The first line says what the run is about.
// Spec     ACP 7.4.
#pragma once

#include <chrono>
#include <fstream>
#include <map>
#include <string>

#include "conformance/runner/case.h"

namespace conformance {

// One finished case.
struct Entry {
  Query query;
  Outcome outcome;
  std::string minimised;  // the smallest query that ends the same way; empty when there is none smaller
  std::chrono::milliseconds took{0};
};

// What must agree for results to be of one run.
struct Header {
  std::string suite;   // version of the suite
  std::string digest;  // of the device's document, the shim's binary and the suite
  std::string nonce;
  bool operator==(const Header&) const = default;
};

class Journal {
 public:
  // A journal that lives only as long as this object.
  Journal() = default;

  // Opens folder/journal.jsonl. Entries of a journal with the same header are kept, another header begins anew. A last line that
  // was cut off is dropped.
  //
  // Errors   ACP-CONF-2 the file is not a journal: it is left alone; environment it can't be written.
  // Spec     ACP 7.4, ACP-CONF-2.
  [[nodiscard]] static acp::Result<Journal> open(const std::string& folder, const Header& header);

  [[nodiscard]] const Entry* find(const Query& query) const;
  // Errors   environment: it can't be written.
  // Spec     ACP 7.4.
  [[nodiscard]] acp::Status add(const Entry& entry);

 private:
  std::map<std::string, Entry> entries_;
  std::ofstream file_;
};

// The nonce of the journal in the folder, or "" when there is none.
[[nodiscard]] std::string nonce_of_journal(const std::string& folder);

}  // namespace conformance
