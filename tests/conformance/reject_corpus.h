// The reject corpus, conformance/cep/reject: real bugs as plans beside their correct twins, one line apart.
//
// A case is a physical plan (CEP 5) for a workload, or a logical plan (CEP 11) with its reference. What a verifier says to either is put
// into the same few words.
//
// Life     a Case owns what was read of its folder.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"
#include "cep/verify.h"

namespace conformance::reject {

// One row of index.json.
struct Entry {
  int bug = 0;
  std::string folder, family, title, source;
  std::string verdict;    // "refuted", "undecided"; of a logical plan "not proved", "refused"
  std::string id;         // of the first finding
  std::string at;         // its step; of a logical plan the first result of its line
  std::string condition;  // the one it breaks; of a logical plan "equivalence" or "program"
};
// A bug that has no case of its own: another one's is the same fault, or none can be written.
struct Without {
  int bug = 0;
  std::string family, title, source;
  int same_as = 0;  // 0: not covered
  std::string why;
};
struct Index {
  std::vector<Entry> cases;
  std::vector<Without> without;
};
[[nodiscard]] acp::Result<Index> read_index(const std::string& corpus);
// The folders that lie in the corpus, ascending.
[[nodiscard]] std::vector<std::string> folders(const std::string& corpus);

enum class Which { kPlan, kTwin };
struct Physical {
  cep::Workload workload;
  cep::Plan plan, twin;
};
struct Logical {
  cep::logical::Document plan, twin;
};
struct Case {
  std::string plan_text, twin_text;
  std::variant<Physical, Logical> of;
};
// A folder with workload.json is a physical case; one with plan.jsonl a logical one, as distgraph; any other a logical one, as text.
[[nodiscard]] acp::Result<Case> read_case(const std::string& corpus, const Entry& entry);

// How two texts differ, when it is one line that was changed, added, left out or moved; nothing when it is more, or nothing at all.
[[nodiscard]] std::optional<std::string> one_line_apart(const std::string& twin, const std::string& plan);

// What a verifier says: an entry's words, or "proved bitwise", "proved real".
struct Answer {
  std::string verdict, id, at;
  std::vector<std::string> conditions;  // of all findings, each once
  std::string text;                     // all of it, for a person
};
[[nodiscard]] Answer answer(const Case& made, Which which);
[[nodiscard]] Answer answer(const cep::Workload& workload, const cep::Plan& plan,
                            const cep::VerifyOptions& options = {});
// `text`: where the document was read from, for the names of its lines.
[[nodiscard]] Answer answer(const cep::logical::Document& document, const std::string& text);
// Only whether it is equivalent, not whether its ranks' programs fit together.
[[nodiscard]] Answer answer_of_equivalence(const cep::logical::Document& document, const std::string& text);

// The table of README.md, between its two marks; times in microseconds, the least of several.
[[nodiscard]] std::string table(const std::string& corpus, const Index& index);
// A table's text without its last column, the times.
[[nodiscard]] std::string without_times(const std::string& table);
// What stands between the marks.
[[nodiscard]] std::string table_in(const std::string& readme);

}  // namespace conformance::reject
