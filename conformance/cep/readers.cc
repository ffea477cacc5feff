#include "conformance/cep/readers.h"

#include <algorithm>

#include "acp/text.h"
#include "acp/wire.h"
#include "cep/certificate.h"
#include "tools/files/workload_json.h"

namespace conformance::documents {
namespace {

constexpr Reader kReaders[] = {
    {"workload", "a workload: read", put_to_workload_reader},
    {"verify", "a workload, a plan and its devices' documents: read and verified", put_to_verifier},
    {"check", "the same, and a certificate: checked", put_to_checker},
    {"execute", "a workload, a plan, and runs: opened as a session, and run", put_to_executor},
    {"match", "a device's documents and a query: read and matched", put_to_matcher},
    {"plan", "a workload, targets and a placement: read and planned", put_to_planner},
    {"prove", "a logical plan: read, checked and proved", put_to_prover},
    {"tree", "a logical plan: proved in tree order", put_to_tree_order},
    {"batch", "a logical plan, and where its samples stand: proved at every batch", put_to_batches},
    {"replay", "a logical plan: run on numbers", put_to_replay},
    {"replay-plan", "a workload, a plan and its devices' documents: run on numbers", put_to_plan_replay},
    {"check-logical", "a logical plan and a certificate: checked", put_to_logical_checker},
    {"generate", "a request for a logical plan or a model: generated", put_to_generator},
    {"wire", "bytes of a workload, a plan, a certificate, or a logical plan: read", put_to_wire},
    {"weights", "a workload and its weights: read", put_to_weights},
    {"npy", "a tensor's file: read", put_to_npy},
    {"run", "a workload and its one input: run", put_to_interpreter},
    {"onnx", "a model: imported", put_to_onnx},
};

int nibble(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

// Pairs of hexadecimal digits; blanks, and what stands behind a #, mean nothing.
acp::Result<std::vector<std::byte>> bytes_of_hex(const std::string& text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  int high = -1;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (comment || c == ' ' || c == '\n') continue;
    const int digit = nibble(c);
    if (digit < 0) return acp::malformed("", "hexadecimal text", std::string("has a \"") + c + "\"");
    if (high >= 0) bytes.push_back(static_cast<std::byte>(high * 16 + digit));
    high = high < 0 ? digit : -1;
  }
  if (high >= 0) return acp::malformed("", "hexadecimal text", "has half a byte");
  return bytes;
}

}  // namespace

std::span<const Reader> readers() { return kReaders; }

const Reader* reader_named(std::string_view name) {
  const auto found =
      std::ranges::find_if(kReaders, [&](const Reader& reader) { return reader.name == name; });
  return found == std::end(kReaders) ? nullptr : found;
}

Answer refused(const acp::Error& error) { return {error.requirement, {}, acp::to_string(error)}; }
Answer refused(const acp::Status& status) { return status ? Answer{} : refused(status.error()); }

acp::Result<std::string> Files::text_of(const std::string& name) const {
  const auto found = texts_.find(name);
  if (found == texts_.end()) return acp::malformed("", name, "is no file of the subject");
  return found->second;
}

acp::Result<std::vector<std::string>> Files::list(const std::string& role) const {
  const auto names = subject_->files.find(role);
  if (names == subject_->files.end())
    return acp::malformed("", subject_->folder, subject_->reader + " needs \"" + role + "\"");
  std::vector<std::string> texts;
  texts.reserve(names->second.size());
  for (const std::string& name : names->second) {
    ACP_TRY(std::string text, text_of(name));
    texts.push_back(std::move(text));
  }
  return texts;
}

acp::Result<std::string> Files::text(const std::string& role) const {
  ACP_TRY(std::vector<std::string> texts, list(role));
  if (texts.size() != 1)
    return acp::malformed("", subject_->folder, "one file is wanted for \"" + role + "\"");
  return std::move(texts.front());
}

bool Files::is_bytes(const std::string& role) const {
  return has(role) && subject_->files.at(role).front().ends_with(".hex");
}

acp::Result<std::vector<std::byte>> Files::bytes(const std::string& role) const {
  ACP_TRY(const std::string text, this->text(role));
  return bytes_of_hex(text);
}

std::string digest_of_text(const std::string& name, const std::string& text) {
  if (!name.ends_with(".json")) return "";
  if (const auto workload = tools::parse_workload_json(text))
    return acp::to_string(cep::digest_of(*workload));
  const auto document = acp::parse_class_json(text);
  if (!document) return "";
  const auto bytes = acp::encode(*document);
  return bytes ? acp::to_string(acp::sha256(*bytes)) : "";
}

acp::Result<Answer> put_right(const Subject& subject, const Texts& texts) {
  const Files right(subject, texts);
  return reader_named(subject.reader)->put(right, right);
}

acp::Result<Answer> put_row(const Subject& subject, const Texts& texts, const Row& row) {
  ACP_TRY(Texts after, changed(subject, texts, row));
  return reader_named(subject.reader)->put(Files(subject, texts), Files(subject, std::move(after)));
}

bool for_its_reason(const Row& row, const Answer& answer) {
  return !answer.accepted() && answer.id == row.id &&
         (row.condition.empty() || answer.conditions.contains(row.condition));
}

}  // namespace conformance::documents
