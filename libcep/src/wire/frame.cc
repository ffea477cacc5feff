#include "wire/frame.h"

#include <cstring>

namespace cep::wire {
namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kWordBytes = sizeof(capnp::word);

std::uint64_t little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

}  // namespace

acp::Result<kj::Array<capnp::word>> unframe(std::string_view magic, std::span<const std::byte> bytes) {
  if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), magic.data(), kMagicBytes) != 0) {
    return acp::malformed("CEP-WIRE-1", "", "the frame does not begin with " + std::string(magic));
  }
  const std::uint64_t count = little_endian(bytes.subspan(kMagicBytes, 8));
  if (count > kMaxWords) return acp::over_limit("CEP-WIRE-5", "", "a message of more than 2^26 words");
  const std::span<const std::byte> body = bytes.subspan(kHeaderBytes);
  if (count == 0 || body.size() != count * kWordBytes) {
    return acp::malformed("CEP-WIRE-1", "",
                          "the frame announces " + std::to_string(count) + " words, " +
                              std::to_string(body.size()) + " bytes follow");
  }
  // Copied: the caller's bytes need not be aligned.
  auto words = kj::heapArray<capnp::word>(count);
  std::memcpy(words.begin(), body.data(), body.size());
  return words;
}

std::vector<std::byte> frame(std::string_view magic, kj::ArrayPtr<const capnp::word> canonical) {
  std::vector<std::byte> bytes(kHeaderBytes + canonical.size() * kWordBytes);
  std::memcpy(bytes.data(), magic.data(), kMagicBytes);
  for (std::size_t i = 0; i < 8; ++i)
    bytes[kMagicBytes + i] = static_cast<std::byte>(canonical.size() >> (8 * i));
  std::memcpy(bytes.data() + kHeaderBytes, canonical.begin(), canonical.size() * kWordBytes);
  return bytes;
}

capnp::ReaderOptions reader_options(std::size_t words) {
  capnp::ReaderOptions options;
  // A message is read once, word by word; structs whose fields are all zero take no room, hence the factor. One that shares or
  // repeats its parts to look small is cut off.
  options.traversalLimitInWords = 8 * words + 4096;
  options.nestingLimit = kMaxNesting;
  return options;
}

acp::Error unreadable(const kj::Exception& fault) {
  return acp::malformed("CEP-WIRE-2", "",
                        "not a readable message: " + std::string(fault.getDescription().cStr()));
}

acp::Error not_canonical() {
  return acp::malformed("CEP-WIRE-3", "", "the bytes are not the canonical form of what they say");
}

}  // namespace cep::wire
