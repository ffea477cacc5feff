// The canonical writer (ACP 2.2): what it produces is the one byte string of a content.
#include <flatbuffers/flatbuffers.h>

#include <array>
#include <string>

#include "acp/wire.h"
#include "document/fields.h"
#include "wire/layout.h"

namespace acp {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
// Where something was written; 0: nowhere, the field is absent.
using Place = flatbuffers::uoffset_t;
using Reference = flatbuffers::Offset<void>;

constexpr std::size_t kMaxFields = 16;

template <Record T>
Place write(Builder& builder, const T& record);

Place write(Builder& builder, const std::string& text) { return builder.CreateString(text).o; }

Place write(Builder& builder, const std::vector<std::byte>& payload) {
  return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()).o;
}

Place write(Builder& builder, const Digest& digest) {
  return builder.CreateVector(digest.bytes.data(), digest.bytes.size()).o;
}

template <Enumeration E>
Place write(Builder& builder, const std::vector<E>& list) {
  static_assert(sizeof(E) == 1);
  return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(list.data()), list.size()).o;
}

template <typename T>
Place write(Builder& builder, const std::vector<T>& list) {
  std::vector<Reference> places;
  places.reserve(list.size());
  for (const T& element : list) places.emplace_back(write(builder, element));
  return builder.CreateVector(places).o;
}

// First pass over a record: what its table refers to.
struct ChildWriter {
  Builder& builder;
  std::array<Place, kMaxFields> places{};

  template <typename T>
  void operator()(int number, std::string_view /*name*/, const T& member) {
    if constexpr (!kInline<T>) {
      if (member != T{}) places.at(static_cast<std::size_t>(number)) = write(builder, member);
    }
  }
};

// Second pass: the table itself.
struct SlotWriter {
  Builder& builder;
  const std::array<Place, kMaxFields>& places;

  template <typename T>
  void operator()(int number, std::string_view /*name*/, const T& member) {
    const std::uint16_t slot = slot_offset(number);
    if constexpr (!kInline<T>) {
      builder.AddOffset(slot, Reference(places.at(static_cast<std::size_t>(number))));
    } else if (member != T{}) {
      add(slot, member);
    }
  }

 private:
  template <Number T>
  void add(std::uint16_t slot, T number) {
    builder.AddElement(slot, number);
  }
  template <Number T>
  void add(std::uint16_t slot, const std::optional<T>& number) {
    builder.AddElement(slot, *number);
  }
  template <Enumeration E>
  void add(std::uint16_t slot, E word) {
    builder.AddElement(slot, static_cast<std::uint8_t>(word));
  }
};

template <Record T>
Place write(Builder& builder, const T& record) {
  ChildWriter children{builder};
  visit_fields(children, record);
  const Place start = builder.StartTable();
  SlotWriter slots{builder, children.places};
  visit_fields(slots, record);
  return builder.EndTable(start);
}

int field_of(const Class& /*body*/) { return kClassField; }
int field_of(const Instance& /*body*/) { return kInstanceField; }

}  // namespace

Result<std::vector<std::byte>> encode(const Document& document) {
  ACP_CHECK(check(document));
  Builder builder;
  std::visit(
      [&](const auto& body) {
        const Place place = write(builder, body);
        const Place start = builder.StartTable();
        builder.AddElement(slot_offset(kVersionField), kDocumentVersion);
        builder.AddOffset(slot_offset(field_of(body)), Reference(place));
        builder.Finish(Reference(builder.EndTable(start)), std::string(kFileIdentifier).c_str());
      },
      document);
  if (builder.GetSize() > kMaxDocumentBytes)
    return over_limit("ACP-WIRE-1", "", "the document would exceed 1 MiB");
  const auto* first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return std::vector<std::byte>(first, first + builder.GetSize());
}

}  // namespace acp
