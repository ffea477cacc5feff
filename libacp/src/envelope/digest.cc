#include "acp/digest.h"

#include <sodium.h>

#include <cstring>
#include <type_traits>

namespace acp {
namespace {

using State = crypto_hash_sha256_state;
static_assert(std::is_trivially_copyable_v<State>);

constexpr std::string_view kPrefix = "sha256:";
constexpr std::string_view kDigits = "0123456789abcdef";

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Digest sha256(std::span<const std::byte> bytes) {
  Digest digest;
  crypto_hash_sha256(digest.bytes.data(), raw(bytes), bytes.size());
  return digest;
}

Digest sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

Sha256::Sha256() {
  static_assert(sizeof(State) <= sizeof(state_));
  State state;
  crypto_hash_sha256_init(&state);
  std::memcpy(state_.data(), &state, sizeof(state));
}

void Sha256::update(std::span<const std::byte> bytes) {
  State state;
  std::memcpy(&state, state_.data(), sizeof(state));
  crypto_hash_sha256_update(&state, raw(bytes), bytes.size());
  std::memcpy(state_.data(), &state, sizeof(state));
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

Digest Sha256::finish() const {
  State state;
  std::memcpy(&state, state_.data(), sizeof(state));
  Digest digest;
  crypto_hash_sha256_final(&state, digest.bytes.data());
  return digest;
}

std::string to_hex(const Digest& digest) {
  std::string text;
  text.reserve(2 * digest.bytes.size());
  for (const std::uint8_t byte : digest.bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string to_string(const Digest& digest) { return std::string(kPrefix) + to_hex(digest); }

Result<Digest> parse_digest(std::string_view text) {
  Digest digest;
  const bool shaped = text.starts_with(kPrefix) && text.size() == kPrefix.size() + 2 * digest.bytes.size();
  if (!shaped || text.find_first_not_of(kDigits, kPrefix.size()) != std::string_view::npos) {
    return malformed("ACP-DIG-1", "", "a digest is \"sha256:\" and 64 digits 0-9a-f");
  }
  const std::string_view digits = text.substr(kPrefix.size());
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const std::size_t high = kDigits.find(digits[2 * i]);
    const std::size_t low = kDigits.find(digits[2 * i + 1]);
    digest.bytes[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return digest;
}

}  // namespace acp
