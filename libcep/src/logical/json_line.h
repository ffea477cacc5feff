// One line of JSON: its fields by name, each read as what it must be.
//
// Errors   everything here throws Refusal, which never leaves the reader: CEP-DIST-4 a field that is missing, twice, of another kind, or
//          out of range.
// Spec     CEP 11.4.
#pragma once

#include <simdjson.h>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

struct Refusal {
  acp::Error error;
};

// Where a value lies, "line 17.out[0]"; spelled out only when something is wrong there.
struct Path {
  std::size_t line = 0;
  const Path* parent = nullptr;
  std::string_view key = {};
  std::int64_t index = -1;

  [[nodiscard]] Path operator/(std::string_view field) const { return {line, this, field, -1}; }
  [[nodiscard]] Path operator[](std::size_t item) const {
    return {line, this, {}, static_cast<std::int64_t>(item)};
  }
  [[nodiscard]] std::string text() const;
};

using Json = simdjson::dom::element;

[[noreturn]] void refuse_value(const Path& path, std::string message);  // CEP-DIST-4

[[nodiscard]] std::int64_t integer_of(Json value, std::int64_t low, std::int64_t high, const Path& path);
[[nodiscard]] double real_of(Json value, const Path& path);  // a whole number that is one, or the nearest
[[nodiscard]] std::string_view text_of(Json value, const Path& path);
[[nodiscard]] bool truth_of(Json value, const Path& path);
[[nodiscard]] simdjson::dom::array list_of(Json value, const Path& path);
[[nodiscard]] simdjson::dom::object object_of(Json value, const Path& path);
[[nodiscard]] std::vector<std::int64_t> integers_of(Json value, std::int64_t low, std::int64_t high,
                                                    std::size_t max_count, const Path& path);
// A number, or {"c": constant, "NAME": coefficient of that variable}.
[[nodiscard]] Affine affine_of(Json value, std::span<const Variable> variables, const Path& path);

// The fields of one object that somebody asks for, by position in `names`; others are passed over unread.
class Fields {
 public:
  static constexpr std::size_t kMax = 16;
  Fields(Json object, std::span<const std::string_view> names, const Path& path);

  [[nodiscard]] bool has(std::size_t name) const { return (found_ >> name & 1u) != 0; }
  [[nodiscard]] Json operator[](std::size_t name) const;
  [[nodiscard]] Path path(std::size_t name) const { return *path_ / names_[name]; }

 private:
  std::span<const std::string_view> names_;
  const Path* path_;
  std::array<Json, kMax> values_;
  std::uint32_t found_ = 0;
};

}  // namespace cep::logical
