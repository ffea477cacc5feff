#include "tools/conformance/mutants.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "conformance/acp/suite.h"
#include "conformance/cep/readers.h"
#include "conformance/mutants/forgeries.h"
#include "conformance/mutants/misfits.h"

namespace tools {
namespace {

namespace documents = conformance::documents;

// What came of one mutant.
struct Line {
  std::string name, breaks, what;
  std::string killed_by;  // empty: it survives
  bool for_its_reason = false;
  std::string words;
  std::vector<std::string> failed = {};
};

class Table {
 public:
  explicit Table(const MutantHunt& hunt) : hunt_(hunt) {
    text_ = fmt::format("{:<24} {:<13} {:<34} {}\n", "mutant", "breaks", "killed by", "verdict");
    json_ = {{"base", hunt.shim}, {"mutants", Json::array()}};
  }
  [[nodiscard]] bool wants(std::string_view name) const { return hunt_.one.empty() || hunt_.one == name; }
  [[nodiscard]] bool empty() const { return json_["mutants"].empty(); }

  void add(const Line& line) {
    if (!line.for_its_reason) ++survivors_;
    text_ += fmt::format("{:<24} {:<13} {:<34} {}\n", line.name, line.breaks,
                         line.killed_by.empty() ? "-" : line.killed_by,
                         line.for_its_reason      ? "killed: " + line.words
                         : line.killed_by.empty() ? "SURVIVES " + line.words
                                                  : "KILLED FOR ANOTHER REASON: " + line.words);
    json_["mutants"].push_back({{"name", line.name},
                                {"breaks", line.breaks},
                                {"what", line.what},
                                {"killed_by", line.killed_by},
                                {"for_its_reason", line.for_its_reason},
                                {"words", line.words},
                                {"failed", line.failed}});
  }

  [[nodiscard]] Exit print_as(Format format) {
    json_["survivors"] = survivors_;
    print(format,
          text_ + fmt::format("{} mutants, {} not killed for their reason\n", json_["mutants"].size(),
                              survivors_),
          json_);
    return survivors_ == 0 ? Exit::kYes : Exit::kNo;
  }

 private:
  const MutantHunt& hunt_;
  std::string text_;
  Json json_;
  std::size_t survivors_ = 0;
};

acp::Status hunt_shims(const MutantHunt& hunt, Table& table) {
  const conformance::Suite suite = conformance::acp_suite();
  const conformance::Testee base = conformance::testee_of(hunt.shim);
  for (const conformance::Mutant& mutant : conformance::mutants()) {
    if (!table.wants(mutant.name)) continue;
    ACP_TRY(const conformance::Kill kill, conformance::hunt(suite, base, mutant, hunt.how, hunt.limit));
    table.add({std::string(mutant.name), std::string(mutant.breaks), std::string(mutant.what), kill.killed_by,
               kill.for_its_reason, kill.words, kill.failed});
  }
  return acp::ok();
}

Line line_of(std::string_view name, std::string_view breaks, std::string_view what, const char* check,
             const acp::Status& refused) {
  Line line{std::string(name), std::string(breaks), std::string(what), "", false, "accepted"};
  if (refused) return line;
  line.killed_by = check;
  line.for_its_reason = refused.error().requirement == breaks;
  line.words = acp::to_string(refused.error());
  return line;
}

// The documents as they lie there are no mutants, but a row means nothing unless its own is accepted.
acp::Status put_subject(const std::string& corpus, const documents::Subject& subject, Table& table) {
  const auto wanted = [&](const documents::Row& row) { return table.wants(subject.folder + "." + row.name); };
  if (std::ranges::none_of(subject.rows, wanted)) return acp::ok();
  ACP_TRY(const documents::Texts texts, documents::read_texts(corpus, subject));
  ACP_TRY(const documents::Answer right, documents::put_right(subject, texts));
  for (const documents::Row& row : subject.rows) {
    if (!wanted(row)) continue;
    ACP_TRY(const documents::Answer answer, documents::put_row(subject, texts, row));
    Line line{subject.folder + "." + row.name,
              row.id,
              row.what,
              answer.accepted() ? "" : subject.reader,
              right.accepted() && documents::for_its_reason(row, answer),
              answer.accepted() ? "accepted" : answer.words};
    if (!right.accepted()) line.words = "the document without the change is refused too: " + right.words;
    table.add(line);
  }
  return acp::ok();
}

acp::Status put_documents(const std::string& corpus, Table& table) {
  ACP_TRY(const std::vector<documents::Subject> subjects, documents::read_corpus(corpus));
  for (const documents::Subject& subject : subjects) ACP_CHECK(put_subject(corpus, subject, table));
  return acp::ok();
}

}  // namespace

acp::Result<Exit> run_mutants(const MutantHunt& hunt, Format format) {
  Table table(hunt);
  ACP_CHECK(hunt_shims(hunt, table));
  for (const conformance::Forgery& forgery : conformance::forgeries()) {
    if (!table.wants(forgery.name)) continue;
    table.add(line_of(forgery.name, forgery.breaks, forgery.what, "check of evidence",
                      forgery.attempt(conformance::true_evidence())));
  }
  for (const conformance::Misfit& misfit : conformance::misfits()) {
    if (!table.wants(misfit.name)) continue;
    table.add(line_of(misfit.name, misfit.breaks, misfit.what, "check of a workload", misfit.attempt()));
  }
  ACP_CHECK(put_documents(hunt.documents, table));
  if (!hunt.one.empty() && table.empty())
    return acp::malformed("ACP-CONF-1", hunt.one, "there is no such mutant");
  return table.print_as(format);
}

}  // namespace tools
