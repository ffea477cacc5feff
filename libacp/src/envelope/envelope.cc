#include "acp/envelope.h"

#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace acp {
namespace {

using Json = nlohmann::json;

// A hostile envelope must not make a reader allocate, or check signatures, without bound.
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxSignatures = 16;

std::string base64(std::span<const std::byte> bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // the terminating zero
  return text;
}

// DSSE lets a writer choose between the two alphabets.
std::optional<std::vector<std::byte>> bytes_of_base64(const std::string& text) {
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  if (bytes.empty())
    return text.empty() ? std::optional(bytes) : std::nullopt;  // four characters are the least
  for (const int variant : {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_URLSAFE}) {
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, variant) == 0) {
      bytes.resize(size);
      return bytes;
    }
  }
  return std::nullopt;
}

Error not_an_envelope(std::string path, std::string message) {
  return malformed("ACP-SIG-1", std::move(path), std::move(message));
}

Result<std::string> string_field(const Json& object, const char* key) {
  const auto field = object.find(key);
  if (field == object.end() || !field->is_string()) return not_an_envelope(key, "not a string");
  return field->get<std::string>();
}

Result<std::vector<std::byte>> base64_field(const Json& object, const char* key) {
  ACP_TRY(const std::string text, string_field(object, key));
  auto bytes = bytes_of_base64(text);
  if (!bytes) return not_an_envelope(key, "not base64");
  return std::move(*bytes);
}

Result<Signature> parse_signature(const Json& json) {
  if (!json.is_object()) return not_an_envelope("", "not an object");
  Signature signature;
  if (json.contains("keyid")) {
    ACP_TRY(signature.key_id, string_field(json, "keyid"));
  }
  ACP_TRY(const auto bytes, base64_field(json, "sig"));
  if (bytes.size() != signature.bytes.size()) return not_an_envelope("sig", "not 64 bytes long");
  std::transform(bytes.begin(), bytes.end(), signature.bytes.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return signature;
}

}  // namespace

std::vector<std::byte> pre_authentication(std::string_view payload_type, std::span<const std::byte> payload) {
  const std::string head = "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) +
                           " " + std::to_string(payload.size()) + " ";
  const auto head_bytes = std::as_bytes(std::span(head));
  std::vector<std::byte> bytes(head_bytes.begin(), head_bytes.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Envelope sign(std::string payload_type, std::vector<std::byte> payload, const SecretKey& key) {
  Envelope envelope{std::move(payload_type), std::move(payload), {}};
  add_signature(envelope, key);
  return envelope;
}

void add_signature(Envelope& envelope, const SecretKey& key) {
  const auto bytes = pre_authentication(envelope.payload_type, envelope.payload);
  envelope.signatures.push_back({key_id(public_key_of(key)), sign_bytes(bytes, key)});
}

Result<std::vector<PublicKey>> verify(const Envelope& envelope, std::string_view payload_type,
                                      std::span<const PublicKey> trusted) {
  if (envelope.signatures.size() > kMaxSignatures)
    return over_limit("ACP-SIG-2", "signatures", "over 16 signatures");
  if (envelope.payload_type != payload_type) {
    return invalid("ACP-SIG-3", "payloadType", "expected " + std::string(payload_type));
  }
  const auto bytes = pre_authentication(envelope.payload_type, envelope.payload);
  std::vector<PublicKey> signers;
  for (const PublicKey& key : trusted) {
    const bool known = std::find(signers.begin(), signers.end(), key) != signers.end();
    const auto by_this_key = [&](const Signature& signature) {
      return check_signature(bytes, signature.bytes, key) == SignatureCheck::kGood;
    };
    if (!known && std::any_of(envelope.signatures.begin(), envelope.signatures.end(), by_this_key))
      signers.push_back(key);
  }
  if (signers.empty()) return invalid("ACP-SIG-4", "signatures", "none is by a trusted key");
  return signers;
}

std::string to_json(const Envelope& envelope) {
  nlohmann::ordered_json json;
  json["payloadType"] = envelope.payload_type;
  json["payload"] = base64(envelope.payload);
  json["signatures"] = nlohmann::ordered_json::array();
  for (const Signature& signature : envelope.signatures) {
    json["signatures"].push_back(
        {{"keyid", signature.key_id}, {"sig", base64(std::as_bytes(std::span(signature.bytes)))}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<Envelope> parse_envelope(std::string_view text) {
  if (text.size() > kMaxTextBytes) return over_limit("ACP-SIG-2", "", "the text is over 4 MiB");
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return not_an_envelope("", "not a JSON object");
  Envelope envelope;
  ACP_TRY(envelope.payload_type, string_field(json, "payloadType"));
  ACP_TRY(envelope.payload, base64_field(json, "payload"));
  const auto signatures = json.find("signatures");
  if (signatures == json.end() || !signatures->is_array() || signatures->empty()) {
    return not_an_envelope("signatures", "not a list of at least one");
  }
  if (signatures->size() > kMaxSignatures) return over_limit("ACP-SIG-2", "signatures", "over 16 signatures");
  for (std::size_t i = 0; i < signatures->size(); ++i) {
    auto signature = parse_signature((*signatures)[i]);
    if (!signature) return at("signatures[" + std::to_string(i) + "]", std::move(signature).error());
    envelope.signatures.push_back(std::move(*signature));
  }
  return envelope;
}

}  // namespace acp
