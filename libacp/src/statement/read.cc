#include <algorithm>
#include <nlohmann/json.hpp>

#include "acp/statement.h"

namespace acp {
namespace {

using Json = nlohmann::ordered_json;

// A hostile statement must not make a reader allocate without bound, nor its parser recurse.
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxRows = 4096;
constexpr int kMaxDepth = 8;

// A part of the text, the path to it, and the first thing found wrong. Once something is wrong, everything read is empty.
class Reader {
 public:
  Reader(const Json* json, std::string path, Status* status)
      : json_(json), path_(std::move(path)), status_(status) {}

  [[nodiscard]] Reader member(const std::string& key) const {
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (json_ == nullptr || !json_->is_object() || !json_->contains(key)) return lost(path, "is not there");
    return {&(*json_)[key], path, status_};
  }
  [[nodiscard]] std::vector<Reader> items() const {
    std::vector<Reader> found;
    if (json_ == nullptr) return found;
    if (!json_->is_array()) {
      static_cast<void>(lost(path_, "is not a list"));
      return found;
    }
    if (json_->size() > kMaxRows) {
      if (*status_) *status_ = over_limit("ACP-STMT-9", path_, "more than 4096 rows");
      return found;
    }
    found.reserve(json_->size());
    for (std::size_t i = 0; i < json_->size(); ++i)
      found.emplace_back(&(*json_)[i], path_ + "[" + std::to_string(i) + "]", status_);
    return found;
  }
  [[nodiscard]] std::vector<std::pair<std::string, Reader>> members() const {
    std::vector<std::pair<std::string, Reader>> found;
    if (json_ == nullptr) return found;
    if (!json_->is_object()) {
      static_cast<void>(lost(path_, "is not an object"));
      return found;
    }
    if (json_->size() > kMaxRows) {
      if (*status_) *status_ = over_limit("ACP-STMT-9", path_, "more than 4096 rows");
      return found;
    }
    found.reserve(json_->size());
    for (const auto& [key, value] : json_->items())
      found.emplace_back(key, Reader(&value, path_ + "." + key, status_));
    return found;
  }
  [[nodiscard]] std::string text() const {
    if (json_ != nullptr && json_->is_string()) return json_->get<std::string>();
    static_cast<void>(lost(path_, "is not a string"));
    return {};
  }
  [[nodiscard]] std::uint64_t number() const {
    if (json_ != nullptr && json_->is_number_unsigned()) return json_->get<std::uint64_t>();
    static_cast<void>(lost(path_, "is not a count"));
    return 0;
  }
  [[nodiscard]] bool truth() const {
    if (json_ != nullptr && json_->is_boolean()) return json_->get<bool>();
    static_cast<void>(lost(path_, "is neither true nor false"));
    return false;
  }
  [[nodiscard]] Digest digest(const std::string& prefix) const {
    auto found = parse_digest(prefix + text());
    if (found) return *found;
    if (*status_) *status_ = at(path_, std::move(found).error());
    return {};
  }
  void expect(std::string_view wanted) const {
    if (text() != wanted) static_cast<void>(lost(path_, "is not " + std::string(wanted)));
  }

 private:
  [[nodiscard]] Reader lost(const std::string& path, const std::string& what) const {
    if (*status_) *status_ = malformed("ACP-STMT-1", path, what);
    return {nullptr, path, status_};
  }

  const Json* json_;
  std::string path_;
  Status* status_;
};

// How deep brackets nest outside of strings. The library's own callback would make long lists cost their square.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside && c == '\\') {
      ++i;
    } else if (c == '"') {
      inside = !inside;
    } else if (!inside && (c == '{' || c == '[')) {
      deepest = std::max(deepest, ++depth);
    } else if (!inside && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return deepest;
}

void read_rows(const Reader& predicate, Statement& statement) {
  const Reader counts = predicate.member("counts");
  for (std::size_t i = 0; i < kCaseVerdicts.size(); ++i)
    statement.counts[i] = counts.member(std::string(kCaseVerdicts[i])).number();
  for (const Reader& row : predicate.member("requirements").items()) {
    statement.requirements.push_back(
        {row.member("id").text(), row.member("verdict").text(), row.member("cases").number()});
  }
  for (const Reader& row : predicate.member("claims").items()) {
    statement.claims.push_back(
        {row.member("claim").text(), row.member("finding").text(), row.member("observed").text()});
  }
  for (const auto& [name, value] : predicate.member("environment").members())
    statement.environment.emplace_back(name, value.text());
}

Statement read(const Reader& top) {
  Statement statement;
  top.member("_type").expect(kStatementType);
  top.member("predicateType").expect(kConformancePredicate);
  const std::pair<const char*, Digest*> subjects[] = {{"descriptor", &statement.descriptor},
                                                      {"shim", &statement.shim}};
  std::size_t at = 0;
  for (const Reader& subject : top.member("subject").items()) {
    if (at == std::size(subjects)) break;  // too many: then the text is not the one that would be written
    subject.member("name").expect(subjects[at].first);
    *subjects[at++].second = subject.member("digest").member("sha256").digest("sha256:");
  }
  const Reader predicate = top.member("predicate");
  const Reader suite = predicate.member("suite");
  statement.suite_version = suite.member("version").text();
  statement.suite = suite.member("digest").digest("");
  statement.tier = suite.member("tier").text();
  statement.nonce = predicate.member("nonce").text();
  statement.seed = predicate.member("seed").text();
  statement.issued = predicate.member("issued").text();
  statement.conformant = predicate.member("conformant").truth();
  read_rows(predicate, statement);
  return statement;
}

}  // namespace

Result<Statement> parse_statement(std::string_view text) {
  if (text.size() > kMaxTextBytes) return over_limit("ACP-STMT-9", "", "more than 1 MiB of text");
  if (depth_of(text) > kMaxDepth) return malformed("ACP-STMT-1", "", "nested deeper than a statement");
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return malformed("ACP-STMT-1", "", "not the JSON of a statement");
  Status status = ok();
  Statement statement = read(Reader(&json, "", &status));
  ACP_CHECK(std::move(status));
  if (to_json(statement) != text) {
    return malformed("ACP-STMT-2", "", "not the text of what it says: other keys, another order, or blanks");
  }
  ACP_CHECK(check(statement));
  return statement;
}

}  // namespace acp
