// The strict reader (ACP 2.3). It computes with positions in the bytes, never with pointers into them, checks
// each position before it looks, and pays for every byte it reaches; at the end the canonical writer must
// give the same bytes back.
#include <algorithm>
#include <limits>
#include <string>

#include "acp/wire.h"
#include "document/fields.h"
#include "wire/layout.h"

namespace acp {
namespace {

using Position = std::size_t;

Error broken(std::string message) { return malformed("ACP-WIRE-3", "", std::move(message)); }

// The bytes of one document, and how many of them may still be reached.
class Source {
 public:
  // Why      no honest reference leads where another one leads, so all that is reached fits in the bytes;
  // without this bound
  //          900,000 references to one table cost 900,000 tables.
  explicit Source(std::span<const std::byte> bytes) : bytes_(bytes), unreached_(bytes.size()) {}

  template <typename T>
  [[nodiscard]] Result<T> load(Position position) const {
    if (position > bytes_.size() || bytes_.size() - position < sizeof(T))
      return broken("a position past the end");
    std::uint64_t value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
      value = value << 8 | std::to_integer<std::uint64_t>(bytes_[position + i]);
    return static_cast<T>(value);
  }

  // The position that the reference at `position` leads to.
  [[nodiscard]] Result<Position> follow(Position position) const {
    ACP_TRY(const auto distance, load<std::uint32_t>(position));
    return position + distance;
  }

  [[nodiscard]] Status reach(std::size_t size) {
    if (size > unreached_) return malformed("ACP-WIRE-4", "", "more content is reached than there are bytes");
    unreached_ -= size;
    return ok();
  }

  // The elements of the vector at `position`, each of `size` bytes, and `tail` bytes after them.
  [[nodiscard]] Result<std::span<const std::byte>> vector(Position position, std::size_t size,
                                                          std::size_t tail = 0) {
    ACP_TRY(const auto count, load<std::uint32_t>(position));
    const std::uint64_t total = std::uint64_t{count} * size;
    if (bytes_.size() - position - 4 < total + tail) return broken("a vector past the end");
    ACP_CHECK(reach(4 + total + tail));
    return bytes_.subspan(position + 4, total);
  }

  [[nodiscard]] Position position_of(std::span<const std::byte> part) const {
    return static_cast<Position>(part.data() - bytes_.data());
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t unreached_;
};

// A table and its vtable, both inside the bytes.
class Table {
 public:
  [[nodiscard]] static Result<Table> open(Source& source, Position position) {
    ACP_TRY(const auto back, source.load<std::int32_t>(position));
    ACP_CHECK(source.reach(4));
    const std::int64_t vtable = static_cast<std::int64_t>(position) - back;
    if (vtable < 0) return broken("a vtable before the start");
    Table table;
    table.position_ = position;
    table.vtable_ = static_cast<Position>(vtable);
    ACP_TRY(table.vtable_size_, source.load<std::uint16_t>(table.vtable_));
    return table;
  }

  // Where field `number` is stored; 0 when it is absent.
  [[nodiscard]] Result<Position> slot(const Source& source, int number) const {
    const std::uint16_t slot = slot_offset(number);
    if (slot >= vtable_size_) return Position{0};
    ACP_TRY(const auto offset, source.load<std::uint16_t>(vtable_ + slot));
    return offset == 0 ? Position{0} : position_ + offset;
  }

 private:
  Position position_ = 0;
  Position vtable_ = 0;
  std::uint16_t vtable_size_ = 0;
};

template <Record T>
Status read(Source& source, Position position, T& record);

Status read(Source& source, Position position, std::string& text) {
  ACP_TRY(const auto bytes, source.vector(position, 1, 1));
  text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return ok();
}

Status read(Source& source, Position position, std::vector<std::byte>& payload) {
  ACP_TRY(const auto bytes, source.vector(position, 1));
  payload.assign(bytes.begin(), bytes.end());
  return ok();
}

Status read(Source& source, Position position, Digest& digest) {
  ACP_TRY(const auto bytes, source.vector(position, 1));
  if (bytes.size() != digest.bytes.size()) return broken("a digest that is not 32 bytes long");
  std::transform(bytes.begin(), bytes.end(), digest.bytes.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return ok();
}

template <Enumeration E>
Status read_word(std::uint8_t number, E& word) {
  if (number >= Words<E>::kWords.size()) return unsupported("ACP-WIRE-5", "", "unknown enum number");
  word = static_cast<E>(number);
  return ok();
}

template <Enumeration E>
Status read(Source& source, Position position, std::vector<E>& list) {
  ACP_TRY(const auto bytes, source.vector(position, 1));
  for (const std::byte byte : bytes)
    ACP_CHECK(read_word(std::to_integer<std::uint8_t>(byte), list.emplace_back()));
  return ok();
}

template <typename T>
Status read(Source& source, Position position, std::vector<T>& list) {
  ACP_TRY(const auto references, source.vector(position, 4));
  const Position first = source.position_of(references);
  for (std::size_t i = 0; 4 * i < references.size(); ++i) {
    ACP_TRY(const Position element, source.follow(first + 4 * i));
    if (Status status = read(source, element, list.emplace_back()); !status) {
      return at("[" + std::to_string(i) + "]", std::move(status).error());
    }
  }
  return ok();
}

// Reads each field of a table that is there.
class FieldReader {
 public:
  FieldReader(Source& source, const Table& table) : source_(source), table_(table) {}

  template <typename T>
  void operator()(int number, std::string_view name, T& member) {
    if (!status_) return;
    status_ = field(number, member);
    if (!status_) status_ = at(name, std::move(status_).error());
  }

  [[nodiscard]] Status finish() && { return std::move(status_); }

 private:
  template <typename T>
  Status field(int number, T& member) {
    ACP_TRY(const Position slot, table_.slot(source_, number));
    if (slot == 0) return ok();
    if constexpr (kInline<T>) {
      return load(slot, member);
    } else {
      ACP_CHECK(source_.reach(4));
      ACP_TRY(const Position target, source_.follow(slot));
      return read(source_, target, member);
    }
  }

  template <Number T>
  Status load(Position slot, T& number) {
    ACP_CHECK(source_.reach(sizeof(T)));
    ACP_TRY(number, source_.load<T>(slot));
    return ok();
  }
  template <Number T>
  Status load(Position slot, std::optional<T>& number) {
    return load(slot, number.emplace());
  }
  template <Enumeration E>
  Status load(Position slot, E& word) {
    ACP_CHECK(source_.reach(1));
    ACP_TRY(const auto number, source_.load<std::uint8_t>(slot));
    return read_word(number, word);
  }

  Source& source_;
  const Table& table_;
  Status status_ = ok();
};

template <Record T>
Status read(Source& source, Position position, T& record) {
  ACP_TRY(const Table table, Table::open(source, position));
  FieldReader fields(source, table);
  visit_fields(fields, record);
  return std::move(fields).finish();
}

template <Record T>
Result<Document> read_body(Source& source, Position slot) {
  ACP_CHECK(source.reach(4));
  ACP_TRY(const Position position, source.follow(slot));
  T body;
  ACP_CHECK(read(source, position, body));
  return Document(std::move(body));
}

Result<Document> read_root(std::span<const std::byte> bytes) {
  Source source(bytes);
  ACP_TRY(const Position position, source.follow(0));
  ACP_TRY(const Table root, Table::open(source, position));
  ACP_TRY(const Position version_slot, root.slot(source, kVersionField));
  if (version_slot == 0) return malformed("ACP-WIRE-2", "version", "no schema version");
  ACP_TRY(const auto version, source.load<std::uint32_t>(version_slot));
  if (version > kDocumentVersion) return unsupported("ACP-WIRE-6", "version", "written for a newer schema");
  ACP_TRY(const Position class_slot, root.slot(source, kClassField));
  ACP_TRY(const Position instance_slot, root.slot(source, kInstanceField));
  if ((class_slot == 0) == (instance_slot == 0)) return malformed("ACP-WIRE-2", "", "not exactly one body");
  return class_slot != 0 ? read_body<Class>(source, class_slot) : read_body<Instance>(source, instance_slot);
}

bool has_identifier(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && std::equal(kFileIdentifier.begin(), kFileIdentifier.end(), bytes.begin() + 4,
                                         [](char c, std::byte b) { return static_cast<std::byte>(c) == b; });
}

template <Record T>
Result<T> only(Result<Document> document) {
  if (!document) return std::move(document).error();
  if (!std::holds_alternative<T>(*document)) return invalid("ACP-WIRE-2", "", "a document of another kind");
  return std::get<T>(std::move(*document));
}

}  // namespace

Result<Document> decode(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxDocumentBytes) return over_limit("ACP-WIRE-1", "", "the document exceeds 1 MiB");
  if (!has_identifier(bytes)) return malformed("ACP-WIRE-2", "", "not an ACP document");
  ACP_TRY(Document document, read_root(bytes));
  ACP_TRY(const auto canonical, encode(document));
  if (!std::equal(canonical.begin(), canonical.end(), bytes.begin(), bytes.end())) {
    return malformed("ACP-WIRE-7", "", "not the canonical bytes of its content");
  }
  return document;
}

Result<Class> decode_class(std::span<const std::byte> bytes) { return only<Class>(decode(bytes)); }
Result<Instance> decode_instance(std::span<const std::byte> bytes) { return only<Instance>(decode(bytes)); }

}  // namespace acp
