// Frame: sixteen bytes in front of a canonical message, that say what it is and how long it is.
//
// Bytes 0 to 7 name the kind, bytes 8 to 15 are the number of 8-byte words that follow, little-endian; nothing follows those.
// Spec     CEP 9.1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acp/result.h"
#include "wire/capnp.h"

namespace cep::wire {

// Eight bytes each. A plan must not be read as a workload.
inline constexpr std::string_view kWorkloadMagic = "cep-wkl1";
inline constexpr std::string_view kPlanMagic = "cep-pln1";
inline constexpr std::string_view kCertificateMagic = "cep-crt1";

// 512 MiB: a file that claims more must be refused before memory is set aside for it.
inline constexpr std::uint64_t kMaxWords = std::uint64_t{1} << 26;
// A hostile message must not overflow the stack of a recursive reader.
inline constexpr int kMaxNesting = 64;

// Readers below throw it; it never leaves decode_frame.
struct Refusal {
  acp::Error error;
};

// Errors   CEP-WIRE-1 the frame; CEP-WIRE-5 more than kMaxWords.
// Spec     CEP 9.1.
[[nodiscard]] acp::Result<kj::Array<capnp::word>> unframe(std::string_view magic,
                                                          std::span<const std::byte> bytes);
[[nodiscard]] std::vector<std::byte> frame(std::string_view magic, kj::ArrayPtr<const capnp::word> canonical);

[[nodiscard]] capnp::ReaderOptions reader_options(std::size_t words);
[[nodiscard]] acp::Error unreadable(const kj::Exception& fault);
[[nodiscard]] acp::Error not_canonical();

// Reads a frame whole: every field is read and checked before the value is given out, and the value's own encoding must be the bytes.
// read: Value(Root::Reader), may throw Refusal. encode: bytes(const Value&).
//
// Errors   CEP-WIRE-1 to CEP-WIRE-5.
// Spec     CEP 9.2.
template <typename Root, typename Read, typename Encode>
auto decode_frame(std::string_view magic, std::span<const std::byte> bytes, Read read, Encode encode)
    -> acp::Result<decltype(read(std::declval<typename Root::Reader>()))> {
  ACP_TRY(const kj::Array<capnp::word> words, unframe(magic, bytes));
  try {
    const kj::ArrayPtr<const capnp::word> segments[] = {words.asPtr()};
    capnp::SegmentArrayMessageReader message(segments, reader_options(words.size()));
    auto value = read(message.getRoot<Root>());
    const std::vector<std::byte> again = encode(value);
    if (!std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) return not_canonical();
    return value;
  } catch (Refusal& refusal) {
    return std::move(refusal.error);
  } catch (const kj::Exception& fault) {
    return unreadable(fault);
  }
}

// write: void(Root::Builder).
template <typename Root, typename Write>
std::vector<std::byte> encode_frame(std::string_view magic, Write write) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<Root>();
  write(root);
  return frame(magic, capnp::canonicalize(root.asReader()));
}

}  // namespace cep::wire
