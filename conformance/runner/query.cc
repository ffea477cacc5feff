#include "conformance/runner/query.h"

#include <algorithm>
#include <charconv>

namespace conformance {
namespace {

bool is_word(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

template <typename Number>
bool read_number(std::string_view text, Number& number, int base) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return fault == std::errc{} && end == text.data() + text.size();
}

// What a number in a query may be called; all other values are words.
bool is_number_key(std::string_view key) {
  return key == "k" || key == "n" || key == "case" || key == "block";
}

acp::Status add_parameter(Query& query, std::string_view part) {
  const std::size_t equals = part.find('=');
  const std::string_view key = part.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
  if (!is_word(key) || !is_word(value)) {
    return acp::malformed("ACP-CONF-1", std::string(part), "not key=value");
  }
  for (const auto& [known, unused] : query.parameters) {
    if (known == key) return acp::malformed("ACP-CONF-1", std::string(key), "stands there twice");
  }
  std::int64_t number = 0;
  std::uint64_t seed = 0;
  if ((is_number_key(key) && (!read_number(value, number, 10) || number < 0)) ||
      (key == "seed" && !read_number(value, seed, 16))) {
    return acp::malformed("ACP-CONF-1", std::string(key), "not a number");
  }
  query.parameters.emplace_back(key, value);
  return acp::ok();
}

}  // namespace

std::string Query::text(std::string_view key, std::string_view otherwise) const {
  for (const auto& [known, value] : parameters) {
    if (known == key) return value;
  }
  return std::string(otherwise);
}

std::int64_t Query::number(std::string_view key, std::int64_t otherwise) const {
  std::int64_t number = 0;
  return read_number(text(key), number, 10) ? number : otherwise;
}

std::uint64_t Query::seed() const {
  std::uint64_t number = 0;
  return read_number(text("seed"), number, 16) ? number : 0;
}

Query Query::with(std::string_view key, std::string_view value) const {
  Query changed = *this;
  for (auto& [known, old] : changed.parameters) {
    if (known == key) {
      old = value;
      return changed;
    }
  }
  changed.parameters.emplace_back(key, value);
  return changed;
}

std::vector<std::string> Query::words_behind(std::string_view kind) const {
  std::vector<std::string> words;
  std::string_view rest = std::string_view(name).substr(std::min(name.size(), kind.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the dot
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    words.emplace_back(rest.substr(0, dot));
    rest.remove_prefix(dot);
  }
  return words;
}

std::string to_string(const Query& query) {
  std::string text = query.name;
  char separator = ':';
  for (const auto& [key, value] : query.parameters) {
    text += separator;
    text.append(key).append("=").append(value);
    separator = ',';
  }
  return text;
}

acp::Result<Query> parse_query(std::string_view text) {
  const std::size_t colon = text.find(':');
  Query query{std::string(text.substr(0, colon)), {}};
  if (!is_word(query.name)) return acp::malformed("ACP-CONF-1", std::string(text), "not the name of a case");
  if (colon == std::string_view::npos) return query;
  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    ACP_CHECK(add_parameter(query, rest.substr(0, comma)));
    if (comma == rest.size()) return query;
    rest.remove_prefix(comma + 1);
  }
}

std::string to_string(const Shard& shard) {
  return std::to_string(shard.index) + "/" + std::to_string(shard.count);
}

acp::Result<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  Shard shard;
  if (slash == std::string_view::npos || !read_number(text.substr(0, slash), shard.index, 10) ||
      !read_number(text.substr(slash + 1), shard.count, 10) || shard.index >= shard.count) {
    return acp::malformed("ACP-CONF-3", std::string(text), "a shard is i/n with 0 <= i < n");
  }
  return shard;
}

}  // namespace conformance
