// From bytes to ONNX messages, counted first.
#include <limits>

#include "proto.h"

namespace cep::onnx_room {
namespace {

// Which fields of a message hold messages, and which; all others are numbers, texts or bytes. From onnx.proto.
enum class Message : std::uint8_t {
  kNone,
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kValueInfo,
  kType,
  kTensorType,
  kShape,
  kOther,  // a small message whose fields are counted, but not entered
};
struct Child {
  Message parent;
  std::uint32_t field;
  Message child;
};
constexpr Child kChildren[] = {
    {Message::kModel, 7, Message::kGraph},      {Message::kModel, 8, Message::kOther},
    {Message::kModel, 14, Message::kOther},     {Message::kModel, 20, Message::kOther},
    {Message::kModel, 25, Message::kOther},     {Message::kGraph, 1, Message::kNode},
    {Message::kGraph, 5, Message::kTensor},     {Message::kGraph, 11, Message::kValueInfo},
    {Message::kGraph, 12, Message::kValueInfo}, {Message::kGraph, 13, Message::kValueInfo},
    {Message::kGraph, 14, Message::kOther},     {Message::kGraph, 15, Message::kOther},
    {Message::kNode, 5, Message::kAttribute},   {Message::kAttribute, 5, Message::kTensor},
    {Message::kAttribute, 6, Message::kGraph},  {Message::kAttribute, 10, Message::kTensor},
    {Message::kAttribute, 11, Message::kGraph}, {Message::kAttribute, 14, Message::kType},
    {Message::kAttribute, 15, Message::kType},  {Message::kAttribute, 22, Message::kOther},
    {Message::kAttribute, 23, Message::kOther}, {Message::kTensor, 3, Message::kOther},
    {Message::kTensor, 13, Message::kOther},    {Message::kValueInfo, 2, Message::kType},
    {Message::kType, 1, Message::kTensorType},  {Message::kType, 4, Message::kOther},
    {Message::kType, 5, Message::kOther},       {Message::kType, 8, Message::kOther},
    {Message::kType, 9, Message::kOther},       {Message::kTensorType, 2, Message::kShape},
    {Message::kShape, 1, Message::kOther},
};

// About 200 bytes of memory a field at most: a gigabyte and a half, whatever the file holds.
constexpr std::uint64_t kMaxFields = std::uint64_t{1} << 23;
// Messages in messages must not overflow the stack of a recursive reader.
constexpr int kMaxDepth = 40;

class Counter {
 public:
  explicit Counter(std::span<const std::byte> bytes) : bytes_(bytes) {}

  acp::Status count(std::size_t begin, std::size_t end, Message message, int depth) {
    if (depth > kMaxDepth) return acp::over_limit("CEP-ONNX-2", "", "messages nested over 40 deep");
    at_ = begin;
    while (at_ < end) {
      if (++fields_ > kMaxFields) return acp::over_limit("CEP-ONNX-2", "", "over 2^23 fields");
      std::uint64_t tag = 0;
      if (!varint(end, tag) || (tag >> 3) == 0 || (tag >> 3) > (1u << 29)) return broken();
      ACP_CHECK(field(end, static_cast<std::uint32_t>(tag >> 3), static_cast<int>(tag & 7), message, depth));
    }
    return acp::ok();
  }

 private:
  static acp::Error broken() { return acp::malformed("CEP-ONNX-1", "", "not the encoding of protobuf"); }

  bool varint(std::size_t end, std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70 && at_ < end; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(bytes_[at_++]);
      if (shift < 64) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  acp::Status field(std::size_t end, std::uint32_t number, int wire_type, Message message, int depth) {
    std::uint64_t value = 0;
    switch (wire_type) {
      case 0: return varint(end, value) ? acp::ok() : broken();
      case 1: return skip(end, 8);
      case 5: return skip(end, 4);
      case 2: break;
      default: return broken();  // groups stand in no message of ONNX
    }
    if (!varint(end, value) || value > end - at_) return broken();
    const std::size_t stop = at_ + static_cast<std::size_t>(value);
    const Message child = child_of(message, number);
    if (child == Message::kNone) {
      at_ = stop;
      return acp::ok();
    }
    // What is not entered is charged as if every two bytes were a field of their own.
    if (child == Message::kOther) {
      fields_ += value / 2;
      at_ = stop;
      return acp::ok();
    }
    return count(at_, stop, child, depth + 1);
  }

  acp::Status skip(std::size_t end, std::size_t size) {
    if (size > end - at_) return broken();
    at_ += size;
    return acp::ok();
  }

  static Message child_of(Message parent, std::uint32_t field) {
    for (const Child& row : kChildren) {
      if (row.parent == parent && row.field == field) return row.child;
    }
    return Message::kNone;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t fields_ = 0;
};

}  // namespace

acp::Status check_wire(std::span<const std::byte> bytes, Root root) {
  if (bytes.size() > std::size_t{std::numeric_limits<std::int32_t>::max()})
    return acp::over_limit("CEP-ONNX-2", "", "over 2 GiB, the most protobuf reads");
  return Counter(bytes).count(0, bytes.size(), root == Root::kModel ? Message::kModel : Message::kTensor, 0);
}

acp::Result<onnx::ModelProto> parse_model(std::span<const std::byte> bytes) {
  ACP_CHECK(check_wire(bytes, Root::kModel));
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
    return acp::malformed("CEP-ONNX-1", "", "not an ONNX model");
  return model;
}

}  // namespace cep::onnx_room
