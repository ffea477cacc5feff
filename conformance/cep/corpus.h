// The corpus of documents that must be refused, conformance/cep/documents: right ones, each beside what one change makes of it.
//
// A folder has documents that are right, and for each reader they are put to a file READER.rows.json: which file is what, and the rows.
// A row is one change of one text, and the id of the requirement that the changed document breaks. Bytes are written as hexadecimal text,
// in files *.hex, so that a change of bytes is one of text too.
//
// Life     plain values; files are read when they are asked for.
// Spec     ACP 7.6.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "acp/result.h"

namespace conformance::documents {

// In `file`, where `find` stands once, `put` stands instead.
struct Row {
  std::string name;
  std::string id;         // of the first fault that is named
  std::string condition;  // of a verifier's answer, which CEP-VER-n it is; may be empty
  std::string what;
  std::string file, find, put;
};

struct Subject {
  std::string folder;
  std::string reader;
  std::map<std::string, std::vector<std::string>> files;  // by role: "plan" -> {"plan.txt"}
  std::vector<Row> rows;
};

// All subjects, ascending by folder and reader.
//
// Errors   environment: a file that cannot be read; malformed: an index that is not as README.md says, or names an unknown reader.
// Spec     conformance/cep/documents/README.md.
[[nodiscard]] acp::Result<std::vector<Subject>> read_corpus(const std::string& corpus);

// The texts of a subject's files, by name.
using Texts = std::map<std::string, std::string>;
// Errors   environment.
// Spec     conformance/cep/documents/README.md.
[[nodiscard]] acp::Result<Texts> read_texts(const std::string& corpus, const Subject& subject);

// The texts after the row's change, and nothing else changed but digests of what it changed.
//
// Errors   malformed: what the row looks for does not stand there exactly once.
// Spec     conformance/cep/documents/README.md.
[[nodiscard]] acp::Result<Texts> changed(const Subject& subject, const Texts& texts, const Row& row);

}  // namespace conformance::documents
