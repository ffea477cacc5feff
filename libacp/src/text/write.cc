#include <nlohmann/json.hpp>

#include "acp/text.h"
#include "document/fields.h"
#include "text/hex.h"

namespace acp {
namespace {

using Json = nlohmann::ordered_json;

template <Record T>
Json object_of(const T& record);

Json value_of(const std::string& text) { return text; }
Json value_of(const Digest& digest) { return to_string(digest); }
Json value_of(const std::vector<std::byte>& payload) { return hex_of(payload); }
template <Number T>
Json value_of(T number) {
  return number;
}
template <Number T>
Json value_of(const std::optional<T>& number) {
  return *number;
}
template <Enumeration E>
Json value_of(E word) {
  return word_of(word);
}
template <Record T>
Json value_of(const T& record) {
  return object_of(record);
}
template <typename T>
Json value_of(const std::vector<T>& list) {
  Json array = Json::array();
  for (const T& element : list) array.push_back(value_of(element));
  return array;
}

// Writes every field that says something.
struct Writer {
  Json object = Json::object();

  template <typename T>
  void operator()(int /*number*/, std::string_view name, const T& member) {
    if (member != T{}) object[std::string(name)] = value_of(member);
  }
};

template <Record T>
Json object_of(const T& record) {
  Writer writer;
  visit_fields(writer, record);
  return std::move(writer.object);
}

struct KindOf {
  std::string_view operator()(const Class& /*body*/) const { return "class"; }
  std::string_view operator()(const Instance& /*body*/) const { return "instance"; }
};

}  // namespace

std::string to_json(const Document& document) {
  Writer writer;
  writer.object["acp"] = kDocumentVersion;
  writer.object["kind"] = std::visit(KindOf{}, document);
  std::visit([&](const auto& body) { visit_fields(writer, body); }, document);
  // A value that check() refuses may hold text that is not UTF-8; it must not make the writer throw.
  return writer.object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace acp
