// Fields: what workloads, plans and certificates have in common, to and from Cap'n Proto.
//
// Errors   readers throw Refusal: CEP-WIRE-4 value out of range, CEP-WIRE-5 over a limit.
// Why      null stands for empty: a list or text added by a later version leaves the bytes of older values as they were.
// Spec     CEP 9.2, CEP 9.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "acp/digest.h"
#include "cep/plan.h"
#include "plan/limits.h"
#include "wire/frame.h"

#include "cep.capnp.h"

namespace cep::wire {

[[noreturn]] void refuse_value(std::string_view what);  // CEP-WIRE-4
[[noreturn]] void refuse_size(std::string_view what);   // CEP-WIRE-5
inline void require_value(bool holds, std::string_view what) {
  if (!holds) refuse_value(what);
}

// Bytes of an attribute's string: longer ones do not belong in a workload.
inline constexpr std::size_t kMaxStringBytes = std::size_t{1} << 16;

// ---- Reading ----

[[nodiscard]] std::string read_text(capnp::Text::Reader text, std::size_t max_bytes = limits::kMaxNameBytes);
[[nodiscard]] acp::Digest read_digest(capnp::Data::Reader data);
[[nodiscard]] std::int64_t read_magnitude(std::int64_t value);
[[nodiscard]] TensorType read_type(schema::TensorType::Reader type);
[[nodiscard]] Box read_box(schema::Box::Reader box);
[[nodiscard]] View read_view(schema::View::Reader view);
[[nodiscard]] Slice read_slice(schema::Slice::Reader slice);
[[nodiscard]] KRange read_range(schema::KRange::Reader range);

// Enums carry the same numbers here and there; first and last are those a value may have.
template <typename Enum, typename Wire>
[[nodiscard]] Enum read_enum(Wire value, Enum first, Enum last) {
  const auto number = static_cast<std::uint16_t>(value);
  require_value(number >= static_cast<std::uint16_t>(first) && number <= static_cast<std::uint16_t>(last),
                "an unknown number of an enum");
  return static_cast<Enum>(number);
}
[[nodiscard]] inline Grade read_grade(schema::Grade grade) {
  return read_enum(grade, Grade::kReal, Grade::kBitwise);
}

// Numbers as they are; the vector's size is checked before anything is allocated.
template <typename Number, typename List>
[[nodiscard]] std::vector<Number> read_numbers(List list, std::size_t max_items = limits::kMaxItems) {
  if (list.size() > max_items) refuse_size("a list");
  std::vector<Number> numbers;
  numbers.reserve(list.size());
  for (const Number number : list) numbers.push_back(number);
  return numbers;
}

// A list of anything; the path of what `read` refuses gains "name[i]".
template <typename List, typename Read>
auto read_list(std::string_view name, List list, Read read, std::size_t max_items = limits::kMaxItems) {
  std::vector<decltype(read(list[0]))> items;
  std::size_t i = 0;
  try {
    if (list.size() > max_items) refuse_size("a list");
    items.reserve(list.size());
    for (; i < list.size(); ++i) items.push_back(read(list[static_cast<unsigned>(i)]));
  } catch (Refusal& refusal) {
    refusal.error = acp::at(std::string(name) + "[" + std::to_string(i) + "]", std::move(refusal.error));
    throw;
  }
  return items;
}

// ---- Writing ----

template <typename Wire, typename Enum>
[[nodiscard]] Wire wire_enum(Enum value) {
  return static_cast<Wire>(static_cast<std::uint16_t>(value));
}
[[nodiscard]] inline capnp::Text::Reader wire_text(const std::string& text) {
  return {text.c_str(), text.size()};
}
[[nodiscard]] inline capnp::Data::Reader wire_data(const acp::Digest& digest) {
  return {digest.bytes.data(), digest.bytes.size()};
}

// set(text) unless it is empty, set(data) unless it is all zero.
template <typename Set>
void write_text(const std::string& text, Set set) {
  if (!text.empty()) set(wire_text(text));
}
template <typename Set>
void write_digest(const acp::Digest& digest, Set set) {
  if (digest != acp::Digest{}) set(wire_data(digest));
}
// init(n) makes the list.
template <typename Numbers, typename Init>
void write_numbers(const Numbers& numbers, Init init) {
  if (numbers.empty()) return;
  auto list = init(static_cast<unsigned>(numbers.size()));
  for (unsigned i = 0; i < numbers.size(); ++i) list.set(i, numbers[i]);
}
template <typename Items, typename Init, typename Write>
void write_list(const Items& items, Init init, Write write) {
  if (items.empty()) return;
  auto list = init(static_cast<unsigned>(items.size()));
  for (unsigned i = 0; i < items.size(); ++i) write(list[i], items[i]);
}

void write_type(schema::TensorType::Builder out, const TensorType& type);
void write_box(schema::Box::Builder out, const Box& box);
void write_view(schema::View::Builder out, const View& view);
void write_slice(schema::Slice::Builder out, const Slice& slice);
void write_range(schema::KRange::Builder out, const KRange& range);

}  // namespace cep::wire
