// The reject corpus, conformance/cep/reject: real bugs as plans beside their correct twins, one line apart.
//
// Life     a Case owns what was read of its folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acp/result.h"
#include "cep/verify.h"

namespace conformance::reject {

// One row of index.json.
struct Entry {
  int bug = 0;
  std::string folder, family, title, source;
  std::string verdict;    // "refuted" or "undecided"
  std::string id;         // of the first finding
  std::string at;         // its step
  std::string condition;  // the one it breaks
};
struct Index {
  std::vector<Entry> cases;
};
[[nodiscard]] acp::Result<Index> read_index(const std::string& corpus);
// The folders that lie in the corpus, ascending.
[[nodiscard]] std::vector<std::string> folders(const std::string& corpus);

struct Case {
  cep::Workload workload;
  std::string plan_text, twin_text;
  cep::Plan plan, twin;
};
[[nodiscard]] acp::Result<Case> read_case(const std::string& corpus, const Entry& entry);

// How two texts differ, when it is one line that was changed, added, left out or moved; nothing when it is more, or nothing at all.
[[nodiscard]] std::optional<std::string> one_line_apart(const std::string& twin, const std::string& plan);

// What a verifier says to the plan: "refuted", "undecided", or "proved bitwise", "proved real"; id and step of the first finding.
struct Answer {
  std::string verdict, id, at, condition;
  std::vector<std::string> conditions;  // of all findings, each once
  std::string text;                     // all of it, for a person
};
[[nodiscard]] Answer answer(const cep::Workload& workload, const cep::Plan& plan,
                            const cep::VerifyOptions& options = {});

// The table of README.md, between its two marks; times in microseconds, the least of several.
[[nodiscard]] std::string table(const std::string& corpus, const Index& index);
// A table's text without its last column, the times.
[[nodiscard]] std::string without_times(const std::string& table);
// What stands between the marks.
[[nodiscard]] std::string table_in(const std::string& readme);

}  // namespace conformance::reject
