#include "tools/documents/input.h"

#include "acp/text.h"
#include "acp/wire.h"
#include "tools/cli/cli.h"

namespace tools {
namespace {

bool looks_like_text(std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    const char c = static_cast<char>(byte);
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c == '{' || c == '[' || c == '"';
  }
  return false;
}

acp::Result<Input> read_envelope(const acp::Envelope& envelope) {
  if (envelope.payload_type != acp::kDocumentPayloadType) {
    return acp::invalid("ACP-SIG-3", "payloadType", "the envelope does not hold an ACP document");
  }
  ACP_TRY(acp::Document document, acp::decode(envelope.payload));
  return Input{"envelope", std::move(document), envelope.payload};
}

// A key file is one line.
acp::Result<std::string> read_line(const std::string& path) {
  ACP_TRY(const auto bytes, read_file(path));
  std::string text = text_of(bytes);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

acp::Result<Input> read_input(const std::string& path) {
  ACP_TRY(auto bytes, read_file(path));
  return input_in(std::move(bytes));
}

acp::Result<Input> input_in(std::vector<std::byte> bytes) {
  if (!looks_like_text(bytes)) {
    ACP_TRY(acp::Document document, acp::decode(bytes));
    return Input{"wire", std::move(document), std::move(bytes)};
  }
  const std::string text = text_of(bytes);
  if (const auto envelope = acp::parse_envelope(text)) return read_envelope(*envelope);
  ACP_TRY(acp::Document document, acp::parse_json(text));
  ACP_TRY(auto wire, acp::encode(document));
  return Input{"text", std::move(document), std::move(wire)};
}

acp::Result<acp::PublicKey> read_public_key(const std::string& path) {
  ACP_TRY(const std::string text, read_line(path));
  auto key = acp::parse_public_key(text);
  if (!key) return acp::at(path, std::move(key).error());
  return key;
}

acp::Result<acp::SecretKey> read_secret_key(const std::string& path) {
  ACP_TRY(const std::string text, read_line(path));
  auto key = acp::parse_secret_key(text);
  if (!key) return acp::at(path, std::move(key).error());
  return key;
}

std::string_view kind_of(const acp::Document& document) {
  return std::holds_alternative<acp::Class>(document) ? "class" : "instance";
}

}  // namespace tools
