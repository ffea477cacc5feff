#include <sodium.h>

#include <algorithm>

#include "acp/envelope.h"

namespace acp {
namespace {

constexpr std::string_view kPublicPrefix = "ed25519:";
constexpr std::string_view kSecretPrefix = "ed25519-secret:";

// The 64-byte form of the library: seed and public key.
struct Expanded {
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  PublicKey public_key;

  explicit Expanded(const SecretKey& key) {
    crypto_sign_seed_keypair(public_key.bytes.data(), secret.data(), key.seed().data());
  }
  Expanded(const Expanded&) = delete;
  Expanded& operator=(const Expanded&) = delete;
  ~Expanded() { sodium_memzero(secret.data(), secret.size()); }
};

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// 32 bytes are written and read as a digest's are.
Result<std::array<std::uint8_t, 32>> parse_bytes(std::string_view prefix, std::string_view text) {
  const std::string_view digits = text.substr(std::min(prefix.size(), text.size()));
  auto bytes = parse_digest("sha256:" + std::string(digits));
  if (!text.starts_with(prefix) || !bytes) {
    return malformed("ACP-KEY-1", "", "a key is \"" + std::string(prefix) + "\" and 64 digits 0-9a-f");
  }
  return bytes->bytes;
}

}  // namespace

SecretKey::SecretKey(std::span<const std::uint8_t, 32> seed) {
  std::copy(seed.begin(), seed.end(), seed_.begin());
}
SecretKey::~SecretKey() { sodium_memzero(seed_.data(), seed_.size()); }

Result<SecretKey> generate_key() {
  if (sodium_init() < 0) return environment("", "the system has no random numbers");
  std::array<std::uint8_t, 32> seed{};
  randombytes_buf(seed.data(), seed.size());
  SecretKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

PublicKey public_key_of(const SecretKey& key) { return Expanded(key).public_key; }

std::string key_id(const PublicKey& key) { return to_hex(sha256(std::as_bytes(std::span(key.bytes)))); }

std::string to_string(const PublicKey& key) { return std::string(kPublicPrefix) + to_hex(Digest{key.bytes}); }
std::string secret_text(const SecretKey& key) {
  return std::string(kSecretPrefix) + to_hex(Digest{key.seed()});
}

Result<PublicKey> parse_public_key(std::string_view text) {
  ACP_TRY(const auto bytes, parse_bytes(kPublicPrefix, text));
  return PublicKey{bytes};
}

Result<SecretKey> parse_secret_key(std::string_view text) {
  ACP_TRY(const auto bytes, parse_bytes(kSecretPrefix, text));
  return SecretKey(bytes);
}

SignatureBytes sign_bytes(std::span<const std::byte> bytes, const SecretKey& key) {
  const Expanded expanded(key);
  SignatureBytes signature{};
  crypto_sign_detached(signature.data(), nullptr, raw(bytes), bytes.size(), expanded.secret.data());
  return signature;
}

SignatureCheck check_signature(std::span<const std::byte> bytes, const SignatureBytes& signature,
                               const PublicKey& key) {
  const int answer =
      crypto_sign_verify_detached(signature.data(), raw(bytes), bytes.size(), key.bytes.data());
  return answer == 0 ? SignatureCheck::kGood : SignatureCheck::kBad;
}

}  // namespace acp
