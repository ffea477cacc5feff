#include "wire/fields.h"

#include <algorithm>

namespace cep::wire {

static_assert(static_cast<int>(schema::Dtype::BOOL) == static_cast<int>(Dtype::kBool));
static_assert(static_cast<int>(schema::Grade::BITWISE) == static_cast<int>(Grade::kBitwise));

void refuse_value(std::string_view what) {
  throw Refusal{acp::invalid("CEP-WIRE-4", "", "out of range: " + std::string(what))};
}

void refuse_size(std::string_view what) {
  throw Refusal{acp::over_limit("CEP-WIRE-5", "", "over its limit: " + std::string(what))};
}

std::string read_text(capnp::Text::Reader text, std::size_t max_bytes) {
  if (text.size() > max_bytes) refuse_size("the bytes of a text");
  return {text.begin(), text.end()};
}

acp::Digest read_digest(capnp::Data::Reader data) {
  acp::Digest digest;
  if (data.size() == 0) return digest;
  require_value(data.size() == digest.bytes.size(), "a digest has 32 bytes");
  std::copy(data.begin(), data.end(), digest.bytes.begin());
  return digest;
}

std::int64_t read_magnitude(std::int64_t value) {
  require_value(limits::magnitude_ok(value), "a number beyond 2^48");
  return value;
}

TensorType read_type(schema::TensorType::Reader type) {
  TensorType value{read_enum(type.getDtype(), Dtype::kF32, Dtype::kBool),
                   read_numbers<std::int64_t>(type.getDims(), limits::kMaxRank)};
  require_value(limits::type_ok(value), "the dimensions of a tensor");
  return value;
}

Box read_box(schema::Box::Reader box) {
  Box value{read_numbers<std::int64_t>(box.getLo(), limits::kMaxRank),
            read_numbers<std::int64_t>(box.getHi(), limits::kMaxRank)};
  require_value(limits::box_ok(value), "the bounds of a box");
  return value;
}

View read_view(schema::View::Reader view) {
  View value{view.getBuffer(), view.getOffsetBytes(),
             read_numbers<std::int64_t>(view.getDims(), limits::kMaxRank),
             read_numbers<std::int64_t>(view.getStrides(), limits::kMaxRank)};
  require_value(limits::view_ok(value), "the dimensions, strides or offset of a view");
  return value;
}

Slice read_slice(schema::Slice::Reader slice) {
  return {slice.getTensor(), read_box(slice.getBox()), read_view(slice.getView())};
}

KRange read_range(schema::KRange::Reader range) {
  const KRange value{read_magnitude(range.getBegin()), read_magnitude(range.getEnd())};
  require_value(value.begin >= 0 && value.begin <= value.end, "a range of k");
  return value;
}

void write_type(schema::TensorType::Builder out, const TensorType& type) {
  out.setDtype(wire_enum<schema::Dtype>(type.dtype));
  write_numbers(type.dims, [&](unsigned n) { return out.initDims(n); });
}

void write_box(schema::Box::Builder out, const Box& box) {
  write_numbers(box.lo, [&](unsigned n) { return out.initLo(n); });
  write_numbers(box.hi, [&](unsigned n) { return out.initHi(n); });
}

void write_view(schema::View::Builder out, const View& view) {
  out.setBuffer(view.buffer);
  out.setOffsetBytes(view.offset_bytes);
  write_numbers(view.dims, [&](unsigned n) { return out.initDims(n); });
  write_numbers(view.strides, [&](unsigned n) { return out.initStrides(n); });
}

void write_slice(schema::Slice::Builder out, const Slice& slice) {
  out.setTensor(slice.tensor);
  write_box(out.initBox(), slice.box);
  write_view(out.initView(), slice.view);
}

void write_range(schema::KRange::Builder out, const KRange& range) {
  out.setBegin(range.begin);
  out.setEnd(range.end);
}

}  // namespace cep::wire
