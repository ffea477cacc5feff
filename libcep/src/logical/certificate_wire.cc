// Logical certificates on the wire.
#include "cep/logical_certificate.h"
#include "logical/limits.h"
#include "wire/fields.h"

#include "logical.capnp.h"

namespace cep::logical {
namespace {

using wire::read_list;
using wire::read_numbers;
using wire::require_value;
using wire::write_list;
using wire::write_numbers;

using Certificate = LogicalCertificate;
using Axes = std::vector<std::vector<std::uint16_t>>;

constexpr std::string_view kMagic = "cep-lgt1";
// Axes of a value: no dimension of 2^48 elements has more factors.
constexpr std::size_t kMaxAxes = 48 * (limits::kMaxRank + 1);
constexpr std::size_t kMaxDigits = 24;  // of a variable of 2^24 points
constexpr std::size_t kMaxParts = 16;   // operands of an operator that is linear in them

// One field of every item, as a list.
template <typename Number, typename Items, typename Field, typename Init>
void write_field(const Items& items, Field field, Init init) {
  std::vector<Number> numbers;
  numbers.reserve(items.size());
  for (const auto& item : items) numbers.push_back(item.*field);
  write_numbers(numbers, init);
}
template <typename Lists, typename Init>
void write_lists(const Lists& lists, Init init) {
  if (lists.empty()) return;
  auto outer = init(static_cast<unsigned>(lists.size()));
  for (unsigned i = 0; i < lists.size(); ++i)
    write_numbers(lists[i], [&](unsigned n) { return outer.init(i, n); });
}

void write_pieces(schema::Certificate::Builder out, const Certificate& certificate) {
  write_field<std::int64_t>(certificate.begins, &Certificate::Begin::constant,
                            [&](unsigned n) { return out.initBeginConstants(n); });
  write_field<std::uint32_t>(certificate.begins, &Certificate::Begin::linear,
                             [&](unsigned n) { return out.initBeginLinears(n); });
  write_field<std::uint32_t>(certificate.pieces, &Certificate::Piece::pattern,
                             [&](unsigned n) { return out.initPiecePatterns(n); });
  write_field<std::uint32_t>(certificate.pieces, &Certificate::Piece::first_begin,
                             [&](unsigned n) { return out.initPieceBegins(n); });
  write_field<std::uint32_t>(certificate.facts, &Certificate::Fact::first_piece,
                             [&](unsigned n) { return out.initFactPieces(n); });
  write_field<std::uint32_t>(certificate.facts, &Certificate::Fact::pieces,
                             [&](unsigned n) { return out.initFactCounts(n); });
}

void write_certificate(schema::Certificate::Builder out, const Certificate& certificate) {
  wire::write_digest(certificate.document, [&](auto data) { out.setDocument(data); });
  write_list(
      certificate.values, [&](unsigned n) { return out.initValues(n); },
      [](schema::Value::Builder to, const Certificate::Value& value) {
        to.setTensor(value.tensor);
        to.setCoordinates(value.coordinates);
        write_numbers(value.extents, [&](unsigned n) { return to.initExtents(n); });
        write_list(
            value.parts, [&](unsigned n) { return to.initParts(n); },
            [](schema::Part::Builder part_to, const Certificate::Value::Part& part) {
              part_to.setOperand(part.operand);
              part_to.setValue(part.value);
              write_lists(part.dims, [&](unsigned n) { return part_to.initDims(n); });
            });
        to.setApart(value.apart);
      });
  write_list(
      certificate.views, [&](unsigned n) { return out.initViews(n); },
      [](schema::View::Builder to, const Certificate::View& view) {
        to.setValue(view.value);
        to.setNumerator(view.numerator);
        to.setDenominator(view.denominator);
        write_lists(view.dims, [&](unsigned n) { return to.initDims(n); });
      });
  write_lists(certificate.linears, [&](unsigned n) { return out.initLinears(n); });
  write_list(
      certificate.patterns, [&](unsigned n) { return out.initPatterns(n); },
      [](schema::Pattern::Builder to, const Certificate::Pattern& pattern) {
        to.setValue(pattern.value);
        to.setNumerator(pattern.numerator);
        to.setDenominator(pattern.denominator);
        write_numbers(pattern.sizes, [&](unsigned n) { return to.initSizes(n); });
        write_lists(pattern.dims, [&](unsigned n) { return to.initDims(n); });
      });
  write_pieces(out, certificate);
  write_numbers(certificate.repeats, [&](unsigned n) { return out.initRepeats(n); });
  write_lists(certificate.digits, [&](unsigned n) { return out.initDigits(n); });
}

// ---- Reading ----

Axes read_axes(capnp::List<capnp::List<std::uint16_t>>::Reader dims) {
  return read_list(
      "dims", dims,
      [](capnp::List<std::uint16_t>::Reader axes) { return read_numbers<std::uint16_t>(axes, kMaxAxes); },
      limits::kMaxRank);
}

// Items from the lists of their two fields.
template <typename Item, typename First, typename Second>
std::vector<Item> read_pairs(First first, Second second, std::size_t max_items) {
  if (first.size() > max_items) wire::refuse_size("a list");
  require_value(first.size() == second.size(), "two fields of one list, not equally long");
  std::vector<Item> items;
  items.reserve(first.size());
  for (unsigned i = 0; i < first.size(); ++i) items.push_back({first[i], second[i]});
  return items;
}

Certificate read_certificate(schema::Certificate::Reader in) {
  Certificate value;
  value.document = wire::read_digest(in.getDocument());
  value.values = read_list(
      "values", in.getValues(),
      [](schema::Value::Reader from) {
        return Certificate::Value{from.getTensor(), from.getCoordinates(),
                                  read_numbers<std::int64_t>(from.getExtents(), kMaxAxes),
                                  read_list(
                                      "parts", from.getParts(),
                                      [](schema::Part::Reader part) {
                                        return Certificate::Value::Part{part.getOperand(), part.getValue(),
                                                                        read_axes(part.getDims())};
                                      },
                                      kMaxParts),
                                  from.getApart()};
      },
      limits::kMaxItems);
  value.views = read_list(
      "views", in.getViews(),
      [](schema::View::Reader from) {
        return Certificate::View{from.getValue(), from.getNumerator(), from.getDenominator(),
                                 read_axes(from.getDims())};
      },
      limits::kMaxItems);
  value.linears = read_list(
      "linears", in.getLinears(),
      [](capnp::List<std::int64_t>::Reader form) {
        return read_numbers<std::int64_t>(form, limits::kMaxVariables * kMaxDigits);
      },
      limits::kMaxItems);
  value.patterns = read_list(
      "patterns", in.getPatterns(),
      [](schema::Pattern::Reader from) {
        return Certificate::Pattern{from.getValue(), from.getNumerator(), from.getDenominator(),
                                    read_numbers<std::int64_t>(from.getSizes(), kMaxAxes),
                                    read_axes(from.getDims())};
      },
      limits::kMaxItems);
  value.begins =
      read_pairs<Certificate::Begin>(in.getBeginConstants(), in.getBeginLinears(), limits::kMaxOperands);
  value.pieces =
      read_pairs<Certificate::Piece>(in.getPiecePatterns(), in.getPieceBegins(), limits::kMaxOperands);
  value.facts = read_pairs<Certificate::Fact>(in.getFactPieces(), in.getFactCounts(), limits::kMaxItems);
  value.repeats = read_numbers<Id>(in.getRepeats(), limits::kMaxItems);
  value.digits = read_list(
      "digits", in.getDigits(),
      [](capnp::List<std::int64_t>::Reader radices) {
        return read_numbers<std::int64_t>(radices, kMaxDigits);
      },
      limits::kMaxVariables);
  return value;
}

}  // namespace

std::vector<std::byte> encode(const LogicalCertificate& certificate) {
  return wire::encode_frame<schema::Certificate>(
      kMagic, [&](schema::Certificate::Builder root) { write_certificate(root, certificate); });
}

acp::Result<LogicalCertificate> decode_logical_certificate(std::span<const std::byte> bytes) {
  return wire::decode_frame<schema::Certificate>(
      kMagic, bytes, read_certificate, [](const LogicalCertificate& value) { return encode(value); });
}

}  // namespace cep::logical
