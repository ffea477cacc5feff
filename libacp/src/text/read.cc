#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "acp/text.h"
#include "document/fields.h"
#include "text/hex.h"

namespace acp {
namespace {

using Json = nlohmann::json;

// A hostile text must not make a reader allocate without bound.
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
// Far above the deepest document; a parsed value is walked and destroyed by recursion.
constexpr std::size_t kMaxDepth = 16;

Error wrong_type(std::string_view expected) {
  return malformed("ACP-TEXT-4", "", "expected " + std::string(expected));
}

template <Record T>
Status read_object(const Json& json, T& record, std::set<std::string> allowed = {});

Status read(const Json& json, std::string& text) {
  if (!json.is_string()) return wrong_type("a string");
  text = json.get_ref<const std::string&>();
  return ok();
}

Status read(const Json& json, Digest& digest) {
  std::string text;
  ACP_CHECK(read(json, text));
  ACP_TRY(digest, parse_digest(text));
  return ok();
}

Status read(const Json& json, std::vector<std::byte>& payload) {
  std::string text;
  ACP_CHECK(read(json, text));
  auto bytes = bytes_of_hex(text);
  if (!bytes) return wrong_type("pairs of digits 0-9a-f");
  payload = std::move(*bytes);
  return ok();
}

template <Number T>
Status read(const Json& json, T& number) {
  // Integers above 64 bits, fractions and exponents are floating point to the parser: never accepted.
  if (!json.is_number_unsigned()) return wrong_type("an integer that is not negative");
  const auto value = json.get<std::uint64_t>();
  if (value > std::numeric_limits<T>::max())
    return malformed("ACP-TEXT-4", "", "the number does not fit its field");
  number = static_cast<T>(value);
  return ok();
}

template <Number T>
Status read(const Json& json, std::optional<T>& number) {
  return read(json, number.emplace());
}

template <Enumeration E>
Status read(const Json& json, E& value) {
  std::string text;
  ACP_CHECK(read(json, text));
  const auto& words = Words<E>::kWords;
  const auto word =
      std::find(words.begin() + 1, words.end(), text);  // word 0 is written by leaving the key out
  if (word == words.end()) return malformed("ACP-TEXT-5", "", "unknown word");
  value = static_cast<E>(word - words.begin());
  return ok();
}

template <Record T>
Status read(const Json& json, T& record) {
  return read_object(json, record);
}

template <typename T>
Status read(const Json& json, std::vector<T>& list) {
  if (!json.is_array()) return wrong_type("a list");
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (Status status = read(json[i], list.emplace_back()); !status) {
      return at("[" + std::to_string(i) + "]", std::move(status).error());
    }
  }
  return ok();
}

// Reads each field that is there, and remembers which keys were asked for.
struct Reader {
  const Json& object;
  std::set<std::string> known;
  Status status = ok();

  template <typename T>
  void operator()(int /*number*/, std::string_view name, T& member) {
    const std::string key(name);
    known.insert(key);
    const auto found = object.find(key);
    if (!status || found == object.end()) return;
    status = read(*found, member);
    if (!status) status = at(name, std::move(status).error());
  }
};

template <Record T>
Status read_object(const Json& json, T& record, std::set<std::string> allowed) {
  if (!json.is_object()) return wrong_type("an object");
  Reader reader{json, std::move(allowed)};
  visit_fields(reader, record);
  ACP_CHECK(std::move(reader.status));
  for (const auto& [key, value] : json.items()) {
    if (!reader.known.contains(key)) return malformed("ACP-TEXT-3", key, "no field of this name");
  }
  return ok();
}

// The whole text as a value.
Result<Json> parse_text(std::string_view text) {
  ACP_CHECK(check_json(text, kMaxDepth));
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

template <Record T>
Result<Document> read_body(const Json& json) {
  T body;
  ACP_CHECK(read_object(json, body, {"acp", "kind"}));
  Document document = std::move(body);
  ACP_CHECK(check(document));
  return document;
}

template <Record T>
Result<T> only(Result<Document> document) {
  if (!document) return std::move(document).error();
  if (!std::holds_alternative<T>(*document))
    return invalid("ACP-TEXT-6", "kind", "a document of another kind");
  return std::get<T>(std::move(*document));
}

}  // namespace

Result<Document> parse_json(std::string_view text) {
  if (text.size() > kMaxTextBytes) return over_limit("ACP-TEXT-2", "", "the text is over 4 MiB");
  ACP_TRY(const Json json, parse_text(text));
  if (!json.is_object()) return wrong_type("an object");
  const auto version = json.find("acp");
  if (version == json.end() || !version->is_number_unsigned())
    return malformed("ACP-TEXT-6", "acp", "no schema version");
  if (*version != kDocumentVersion) return unsupported("ACP-TEXT-6", "acp", "another schema version");
  const auto kind = json.find("kind");
  if (kind != json.end() && *kind == "class") return read_body<Class>(json);
  if (kind != json.end() && *kind == "instance") return read_body<Instance>(json);
  return malformed("ACP-TEXT-6", "kind", "neither \"class\" nor \"instance\"");
}

Result<Class> parse_class_json(std::string_view text) { return only<Class>(parse_json(text)); }
Result<Instance> parse_instance_json(std::string_view text) { return only<Instance>(parse_json(text)); }

}  // namespace acp
