#include "logical/json_line.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "logical/limits.h"

namespace cep::logical {

std::string Path::text() const {
  if (parent == nullptr) return "line " + std::to_string(line);
  std::string text = parent->text();
  if (index >= 0) return text + "[" + std::to_string(index) + "]";
  return text + "." + std::string(key);
}

void refuse_value(const Path& path, std::string message) {
  throw Refusal{acp::malformed("CEP-DIST-4", path.text(), std::move(message))};
}

std::int64_t integer_of(Json value, std::int64_t low, std::int64_t high, const Path& path) {
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) refuse_value(path, "not an integer");
  if (number < low || number > high) {
    refuse_value(
        path, std::to_string(number) + " is not in " + std::to_string(low) + " .. " + std::to_string(high));
  }
  return number;
}

namespace {

// Of whole numbers, those of which the highest bit that is set and the lowest are at most 53 apart.
bool double_holds(Json whole) {
  const bool negative = whole.is_int64() && whole.get_int64().value() < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(whole.get_int64().value()) : whole.get_uint64().value();
  return size == 0 || std::bit_width(size) - std::countr_zero(size) <= 53;
}

}  // namespace

double real_of(Json value, const Path& path) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS || !std::isfinite(number)) refuse_value(path, "not a number");
  // What has a fraction or an exponent means the nearest number; a whole number means itself.
  if (value.type() != simdjson::dom::element_type::DOUBLE && !double_holds(value))
    refuse_value(path, "a whole number that no 64-bit real is: of more than 53 bits");
  return number;
}

std::string_view text_of(Json value, const Path& path) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) refuse_value(path, "not a text");
  return text;
}

bool truth_of(Json value, const Path& path) {
  bool truth = false;
  if (value.get(truth) != simdjson::SUCCESS) refuse_value(path, "neither true nor false");
  return truth;
}

simdjson::dom::array list_of(Json value, const Path& path) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) refuse_value(path, "not a list");
  return list;
}

simdjson::dom::object object_of(Json value, const Path& path) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) refuse_value(path, "not an object");
  return object;
}

std::vector<std::int64_t> integers_of(Json value, std::int64_t low, std::int64_t high, std::size_t max_count,
                                      const Path& path) {
  const simdjson::dom::array list = list_of(value, path);
  if (list.size() > max_count) refuse_value(path, "more than " + std::to_string(max_count) + " items");
  std::vector<std::int64_t> numbers;
  numbers.reserve(list.size());
  for (const Json item : list) numbers.push_back(integer_of(item, low, high, path[numbers.size()]));
  return numbers;
}

Affine affine_of(Json value, std::span<const Variable> variables, const Path& path) {
  constexpr std::int64_t kMost = limits::kMaxMagnitude;
  Affine affine;
  if (!value.is_object()) {
    affine.constant = integer_of(value, -kMost, kMost, path);
    return affine;
  }
  affine.by_variable.resize(variables.size());
  std::uint32_t seen = 0;
  for (const auto field : object_of(value, path)) {
    const auto at = std::ranges::find(variables, field.key, &Variable::name);
    const auto position = static_cast<std::size_t>(at - variables.begin());
    const bool constant = field.key == "c";
    if (!constant && position == variables.size()) refuse_value(path / field.key, "no such variable");
    const std::uint32_t bit = constant ? 1 : 2u << position;
    if ((seen & bit) != 0) refuse_value(path / field.key, "stands twice");
    seen |= bit;
    (constant ? affine.constant : affine.by_variable[position]) =
        integer_of(field.value, -kMost, kMost, path / field.key);
  }
  while (!affine.by_variable.empty() && affine.by_variable.back() == 0) affine.by_variable.pop_back();
  return affine;
}

Fields::Fields(Json object, std::span<const std::string_view> names, const Path& path)
    : names_(names), path_(&path) {
  ACP_ASSERT(names.size() <= kMax);
  // Writers keep their fields in one order: the next name to look for is most often the next in the table.
  std::size_t next = 0;
  for (const auto field : object_of(object, path)) {
    for (std::size_t tried = 0; tried < names.size(); ++tried) {
      const std::size_t name = next + tried < names.size() ? next + tried : next + tried - names.size();
      if (field.key != names[name]) continue;
      if (has(name)) refuse_value(path / names[name], "stands twice");
      values_[name] = field.value;
      found_ |= 1u << name;
      next = name + 1 == names.size() ? 0 : name + 1;
      break;
    }
  }
}

Json Fields::operator[](std::size_t name) const {
  if (!has(name)) refuse_value(path(name), "is missing");
  return values_[name];
}

}  // namespace cep::logical
