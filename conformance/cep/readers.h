// Readers: what a document of the corpus is put to, each a public function of a library, or a few of them one behind another.
//
// Spec     conformance/cep/documents/README.md.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "conformance/cep/corpus.h"

namespace conformance::documents {

// What a reader says of a document.
struct Answer {
  std::string id;  // of the first fault; empty: accepted
  std::set<std::string>
      conditions;     // of a verifier: CEP-VER-n of the first finding; CEP-VER-0 when it is undecided
  std::string words;  // for a person
  [[nodiscard]] bool accepted() const { return id.empty() && words.empty(); }
};
[[nodiscard]] Answer refused(const acp::Error& error);
[[nodiscard]] Answer refused(const acp::Status& status);  // or accepted

// A subject's files as they are to be read: the right ones, or those after a change.
class Files {
 public:
  Files(const Subject& subject, Texts texts) : subject_(&subject), texts_(std::move(texts)) {}
  [[nodiscard]] bool has(const std::string& role) const { return subject_->files.contains(role); }
  // The text of the one file of a role; of one that is missing, an error.
  // Errors   malformed.
  // Spec     conformance/cep/documents/README.md.
  [[nodiscard]] acp::Result<std::string> text(const std::string& role) const;
  // All files of a role.
  // Errors   malformed.
  // Spec     conformance/cep/documents/README.md.
  [[nodiscard]] acp::Result<std::vector<std::string>> list(const std::string& role) const;
  // Whether the one file of a role is one of bytes, *.hex.
  [[nodiscard]] bool is_bytes(const std::string& role) const;
  // Of a file *.hex, the bytes it writes.
  // Errors   malformed: no hexadecimal text.
  // Spec     conformance/cep/documents/README.md.
  [[nodiscard]] acp::Result<std::vector<std::byte>> bytes(const std::string& role) const;

 private:
  [[nodiscard]] acp::Result<std::string> text_of(const std::string& name) const;
  const Subject* subject_;
  Texts texts_;
};

// `right` is the subject as it lies there, `given` what is to be answered for: a checker is given the certificate of the one for the
// other. An error is a fault of the corpus: the files are not those that the reader needs.
using Put = acp::Result<Answer> (*)(const Files& right, const Files& given);
struct Reader {
  std::string_view name;
  std::string_view what;
  Put put;
};
[[nodiscard]] std::span<const Reader> readers();
[[nodiscard]] const Reader* reader_named(std::string_view name);  // null: there is none

// What the reader says of a subject as it lies there, and of a row.
//
// Errors   as changed(), as the reader.
// Spec     conformance/cep/documents/README.md.
[[nodiscard]] acp::Result<Answer> put_right(const Subject& subject, const Texts& texts);
[[nodiscard]] acp::Result<Answer> put_row(const Subject& subject, const Texts& texts, const Row& row);
// Whether a row is refused for its reason.
[[nodiscard]] bool for_its_reason(const Row& row, const Answer& answer);

// The digest by which other documents name a text, as they write it; empty when it is no document that has one.
[[nodiscard]] std::string digest_of_text(const std::string& name, const std::string& text);

// Of each room one function a reader.
[[nodiscard]] acp::Result<Answer> put_to_workload_reader(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_verifier(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_checker(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_executor(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_matcher(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_planner(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_prover(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_tree_order(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_batches(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_replay(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_plan_replay(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_logical_checker(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_generator(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_wire(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_weights(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_npy(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_interpreter(const Files& right, const Files& given);
[[nodiscard]] acp::Result<Answer> put_to_onnx(const Files& right, const Files& given);

}  // namespace conformance::documents
