// Envelopes: bytes, what they are, and who signs for them. DSSE v1 with Ed25519, so existing tools can check them.
//
// The payload is signed as it stands and never re-encoded. A signature says nothing about whether its signer is to be believed:
// whoever verifies brings the public keys that it trusts.
//
// Spec     ACP 3.2 and 3.3, ACP-KEY-1, ACP-SIG-1 to ACP-SIG-4.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"

namespace acp {

// The payload type of an ACP document in its wire form.
inline constexpr std::string_view kDocumentPayloadType = "application/vnd.acp.document+flatbuffers";

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

// An Ed25519 seed. Its memory is wiped at the end of its life.
class SecretKey {
 public:
  explicit SecretKey(std::span<const std::uint8_t, 32> seed);
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();
  [[nodiscard]] const std::array<std::uint8_t, 32>& seed() const { return seed_; }

 private:
  std::array<std::uint8_t, 32> seed_{};
};

// A new key from the system's random numbers.
//
// Errors   environment: there are none.
// Spec     ACP 3.2.
[[nodiscard]] Result<SecretKey> generate_key();
[[nodiscard]] PublicKey public_key_of(const SecretKey& key);

// How envelopes name a key: the hexadecimal SHA-256 of its 32 bytes.
[[nodiscard]] std::string key_id(const PublicKey& key);

// Text forms: "ed25519:" or "ed25519-secret:" and 64 digits 0-9a-f.
[[nodiscard]] std::string to_string(const PublicKey& key);
[[nodiscard]] std::string secret_text(const SecretKey& key);

// Errors   ACP-KEY-1 not the text form.
// Spec     ACP 3.2, ACP-KEY-1.
[[nodiscard]] Result<PublicKey> parse_public_key(std::string_view text);
[[nodiscard]] Result<SecretKey> parse_secret_key(std::string_view text);

// A plain Ed25519 signature (RFC 8032) of some bytes.
using SignatureBytes = std::array<std::uint8_t, 64>;
[[nodiscard]] SignatureBytes sign_bytes(std::span<const std::byte> bytes, const SecretKey& key);
enum class SignatureCheck : std::uint8_t { kBad, kGood };
[[nodiscard]] SignatureCheck check_signature(std::span<const std::byte> bytes,
                                             const SignatureBytes& signature, const PublicKey& key);

struct Signature {
  std::string key_id;  // a hint; no decision rests on it
  SignatureBytes bytes{};
  bool operator==(const Signature&) const = default;
};

struct Envelope {
  std::string payload_type;
  std::vector<std::byte> payload;
  std::vector<Signature> signatures;
  bool operator==(const Envelope&) const = default;
};

// What is really signed: "DSSEv1", then type and payload, each after its length.
[[nodiscard]] std::vector<std::byte> pre_authentication(std::string_view payload_type,
                                                        std::span<const std::byte> payload);

[[nodiscard]] Envelope sign(std::string payload_type, std::vector<std::byte> payload, const SecretKey& key);
// Another signer for the same payload.
void add_signature(Envelope& envelope, const SecretKey& key);

// The trusted keys that signed the envelope, at least one, each once.
//
// Errors   ACP-SIG-2 over the limit on signatures; ACP-SIG-3 not the payload type asked for; ACP-SIG-4 no trusted signer.
// Cost     one check for each signature and trusted key.
// Spec     ACP 3.3.
[[nodiscard]] Result<std::vector<PublicKey>> verify(const Envelope& envelope, std::string_view payload_type,
                                                    std::span<const PublicKey> trusted);

// The JSON form of DSSE.
[[nodiscard]] std::string to_json(const Envelope& envelope);

// Errors   ACP-SIG-1 not an envelope; ACP-SIG-2 over a limit. (Reading is not verifying.)
// Spec     ACP 3.3, ACP-SIG-1, ACP-SIG-2.
[[nodiscard]] Result<Envelope> parse_envelope(std::string_view text);

}  // namespace acp
