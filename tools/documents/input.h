// A document from a file, in whichever form it stands there.
#pragma once

#include <string>
#include <vector>

#include "acp/document.h"
#include "acp/envelope.h"

namespace tools {

struct Input {
  std::string form;  // "wire", "text" or "envelope"
  acp::Document document;
  std::vector<std::byte> wire;  // its canonical bytes: what is signed and hashed
};

// Reads FlatBuffers, JSON, or the payload of an envelope (whose signatures are then not looked at).
//
// Errors   environment; those of decode, parse_json and parse_envelope; ACP-SIG-3 the envelope holds something else.
// Spec     ACP 1 to 3.
[[nodiscard]] acp::Result<Input> read_input(const std::string& path);
// The same of what was read: a pipe can be read once.
//
// Errors   those of decode, parse_json and parse_envelope; ACP-SIG-3 the envelope holds something else.
// Spec     ACP 1 to 3.
[[nodiscard]] acp::Result<Input> input_in(std::vector<std::byte> bytes);

[[nodiscard]] acp::Result<acp::PublicKey> read_public_key(const std::string& path);
[[nodiscard]] acp::Result<acp::SecretKey> read_secret_key(const std::string& path);

[[nodiscard]] std::string_view kind_of(const acp::Document& document);

}  // namespace tools
