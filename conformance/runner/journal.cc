#include "conformance/runner/journal.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

namespace conformance {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path path_in(const std::string& folder) { return folder + kJournalFile; }

// The keys of the first line, in their order.
constexpr std::pair<const char*, std::string Header::*> kFields[] = {
    {"suite", &Header::suite},
    {"suite_digest", &Header::suite_digest},
    {"document_digest", &Header::document_digest},
    {"binary_digest", &Header::binary_digest},
    {"tier", &Header::tier},
    {"nonce", &Header::nonce},
    {"testee", &Header::testee},
    {"document", &Header::document},
    {"environment", &Header::environment},
    {"shard", &Header::shard}};
constexpr std::size_t kOfOneRun = 6;

std::string line_of(const Header& header) {
  Json json;
  for (const auto& [key, field] : kFields) json[key] = header.*field;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
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
  for (const auto& [key, field] : kFields) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    header.*field = found->get<std::string>();
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

bool same_run(const Header& a, const Header& b) {
  return std::all_of(std::begin(kFields), std::begin(kFields) + kOfOneRun,
                     [&](const auto& field) { return a.*field.second == b.*field.second; });
}

acp::Result<Journal> Journal::read(const std::string& folder) {
  Journal journal;
  const std::filesystem::path path = path_in(folder);
  std::error_code fault;
  // A journal of every case of every kind has a few MiB; a device, or what else never ends, has none.
  constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 30;
  if (!std::filesystem::is_regular_file(path, fault))
    return acp::environment(path.string(), "there is no journal");
  if (std::filesystem::file_size(path, fault) > kMaxBytes)
    return acp::environment(path.string(), "a journal of more than 1 GiB");
  std::ifstream file(path);
  std::string line;
  if (!file) return acp::environment(path.string(), "the journal cannot be read");
  const auto header = std::getline(file, line) ? header_of(line) : std::nullopt;
  if (!header) return acp::malformed("ACP-CONF-2", path_in(folder).string(), "line 1 is no journal's");
  journal.header_ = *header;
  while (std::getline(file, line)) {
    auto entry = entry_of(line);
    if (!entry) break;  // cut off: this case and what follows are run again
    std::string query = to_string(entry->query);
    journal.entries_.insert_or_assign(std::move(query), *std::move(entry));
  }
  return journal;
}

acp::Result<Journal> Journal::open(const std::string& folder, const Header& header, Resume resume) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) return acp::environment(folder, fault.message());
  Journal journal;
  if (std::filesystem::exists(path_in(folder), fault) &&
      std::filesystem::file_size(path_in(folder), fault) > 0) {
    ACP_TRY(journal, read(folder));
    if (resume == Resume::kNo || !same_run(journal.header_, header)) journal.entries_.clear();
  }
  journal.header_ = header;
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
  const auto journal = Journal::read(folder);
  return journal ? journal->header().nonce : "";
}

}  // namespace conformance
