#include "conformance/cep/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "conformance/cep/readers.h"

namespace conformance::documents {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".rows.json";

acp::Result<std::string> text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return acp::environment(path.string(), "cannot be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A text, or a list of lines.
std::string lines(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  std::string text;
  for (const Json& line : json) text += line.get<std::string>() + "\n";
  return text;
}

void expect_keys(const Json& json, const std::vector<std::string>& known) {
  for (const auto& [key, value] : json.items()) {
    if (std::ranges::find(known, key) == known.end()) throw Json::other_error::create(501, key, &json);
  }
}

Row row_of(const Json& json) {
  expect_keys(json, {"name", "id", "condition", "what", "file", "find", "put", "times"});
  Row row{json.at("name"),
          json.at("id"),
          json.value("condition", ""),
          json.at("what"),
          json.at("file"),
          lines(json.at("find")),
          ""};
  const std::string put = lines(json.at("put"));
  // A text over a limit is told, not written out.
  const std::size_t times = json.value("times", std::size_t{1});
  row.put.reserve(put.size() * times);
  for (std::size_t i = 0; i < times; ++i) row.put += put;
  return row;
}

Subject subject_of(const Json& json, const std::string& folder, const std::string& reader) {
  expect_keys(json, {"documents", "says", "files", "rows"});
  if (json.at("documents") != 1) throw Json::other_error::create(501, "not of this version", &json);
  Subject subject{folder, reader, {}, {}};
  for (const auto& [role, names] : json.at("files").items()) {
    subject.files[role] =
        names.is_string() ? std::vector{names.get<std::string>()} : names.get<std::vector<std::string>>();
  }
  for (const Json& row : json.at("rows")) subject.rows.push_back(row_of(row));
  return subject;
}

acp::Result<Subject> read_subject(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string reader = name.substr(0, name.size() - kEnding.size());
  const std::string folder = path.parent_path().filename().string();
  if (reader_named(reader) == nullptr) return acp::malformed("", path.string(), "no reader has this name");
  ACP_TRY(const std::string text, text_of(path));
  try {
    return subject_of(Json::parse(text), folder, reader);
  } catch (const Json::exception& fault) {
    return acp::malformed("", path.string(), fault.what());
  }
}

std::size_t count(const std::string& text, const std::string& find) {
  std::size_t found = 0;
  for (std::size_t at = text.find(find); at != std::string::npos; at = text.find(find, at + 1)) ++found;
  return found;
}

}  // namespace

acp::Result<std::vector<Subject>> read_corpus(const std::string& corpus) {
  std::vector<fs::path> paths;
  std::error_code failed;
  for (auto at = fs::recursive_directory_iterator(corpus, failed);
       !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (at->path().filename().string().ends_with(kEnding)) paths.push_back(at->path());
  }
  if (failed) return acp::environment(corpus, failed.message());
  std::sort(paths.begin(), paths.end());
  std::vector<Subject> subjects;
  subjects.reserve(paths.size());
  for (const fs::path& path : paths) {
    ACP_TRY(Subject subject, read_subject(path));
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

acp::Result<Texts> read_texts(const std::string& corpus, const Subject& subject) {
  Texts texts;
  for (const auto& [role, names] : subject.files) {
    for (const std::string& name : names) {
      ACP_TRY(texts[name], text_of(fs::path(corpus) / subject.folder / name));
    }
  }
  return texts;
}

acp::Result<Texts> changed(const Subject& subject, const Texts& texts, const Row& row) {
  const std::string where = subject.folder + "/" + subject.reader + "/" + row.name;
  const auto file = texts.find(row.file);
  if (file == texts.end()) return acp::malformed("", where, row.file + " is no file of the subject");
  const std::size_t found = row.find.empty() ? 0 : count(file->second, row.find);
  if (found != 1)
    return acp::malformed("", where,
                          "what it changes stands in " + row.file + " " + std::to_string(found) + " times");
  Texts after = texts;
  std::string& text = after[row.file];
  text.replace(text.find(row.find), row.find.size(), row.put);
  // Who names the document by its digest names what it is now.
  const std::string was = digest_of_text(row.file, file->second);
  const std::string is = digest_of_text(row.file, text);
  if (was.empty() || is.empty()) return after;
  for (auto& [name, other] : after) {
    for (std::size_t at = other.find(was); at != std::string::npos; at = other.find(was, at + 1))
      other.replace(at, was.size(), is);
  }
  return after;
}

}  // namespace conformance::documents
