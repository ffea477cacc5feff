#include "conformance/runner/journal.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

namespace conformance {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path path_in(const std::string& folder) {
  return std::filesystem::path(folder) / "journal.jsonl";
}

std::string line_of(const Header& header) {
  return Json{{"suite", header.suite}, {"digest", header.digest}, {"nonce", header.nonce}}.dump();
}

std::string line_of(const Entry& entry) {
  return Json{{"query", to_string(entry.query)},
              {"outcome", Json::parse(to_json(entry.outcome))},
              {"minimised", entry.minimised},
              {"milliseconds", entry.took.count()}}
      .dump();
}

std::optional<Header> header_of(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Header header;
  for (const auto& [key, field] : {std::pair{"suite", &header.suite}, std::pair{"digest", &header.digest},
                                   std::pair{"nonce", &header.nonce}}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    *field = found->get<std::string>();
  }
  return header;
}

std::optional<Entry> entry_of(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("query") || !json["query"].is_string() ||
      !json.contains("outcome") || !json.contains("minimised") || !json["minimised"].is_string() ||
      !json.contains("milliseconds") || !json["milliseconds"].is_number_integer()) {
    return std::nullopt;
  }
  auto query = parse_query(json["query"].get<std::string>());
  auto outcome = parse_outcome(json["outcome"].dump());
  if (!query || !outcome) return std::nullopt;
  return Entry{*std::move(query), *std::move(outcome), json["minimised"].get<std::string>(),
               std::chrono::milliseconds(json["milliseconds"].get<std::int64_t>())};
}

}  // namespace

acp::Result<Journal> Journal::open(const std::string& folder, const Header& header) {
  Journal journal;
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) return acp::environment(folder, fault.message());
  std::ifstream before(path_in(folder));
  std::string line;
  if (std::getline(before, line)) {
    const auto known = header_of(line);
    if (!known) return acp::malformed("ACP-CONF-2", path_in(folder).string(), "line 1 is no journal's");
    if (*known == header) {
      while (std::getline(before, line)) {
        auto entry = entry_of(line);
        if (!entry) break;  // cut off: this case and what follows are run again
        std::string query = to_string(entry->query);
        journal.entries_.insert_or_assign(std::move(query), *std::move(entry));
      }
    }
  }
  before.close();
  // Written anew, so that a line that was cut off doesn't swallow the next one.
  journal.file_.open(path_in(folder), std::ios::trunc);
  journal.file_ << line_of(header) << '\n';
  for (const auto& [unused, entry] : journal.entries_) journal.file_ << line_of(entry) << '\n';
  journal.file_.flush();
  if (!journal.file_) return acp::environment(path_in(folder).string(), "cannot be written");
  return journal;
}

const Entry* Journal::find(const Query& query) const {
  const auto found = entries_.find(to_string(query));
  return found == entries_.end() ? nullptr : &found->second;
}

acp::Status Journal::add(const Entry& entry) {
  entries_.insert_or_assign(to_string(entry.query), entry);
  if (!file_.is_open()) return acp::ok();
  file_ << line_of(entry) << '\n';
  file_.flush();
  return file_ ? acp::ok() : acp::environment("journal.jsonl", "cannot be written");
}

std::string nonce_of_journal(const std::string& folder) {
  std::ifstream file(path_in(folder));
  std::string line;
  if (!std::getline(file, line)) return "";
  const auto header = header_of(line);
  return header ? header->nonce : "";
}

}  // namespace conformance
