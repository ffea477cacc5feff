// Any bytes into the readers of ACP documents and envelopes: nothing crashes, and what is accepted is canonical and loss-free.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "acp/envelope.h"
#include "acp/text.h"
#include "acp/wire.h"

namespace {

void fuzz_wire(std::span<const std::byte> bytes) {
  const auto document = acp::decode(bytes);
  if (!document) return;
  const auto again = acp::encode(*document);
  ACP_ASSERT(again.has_value());
  ACP_ASSERT(std::equal(again->begin(), again->end(), bytes.begin(), bytes.end()));
  const auto text = acp::parse_json(acp::to_json(*document));
  ACP_ASSERT(text.has_value());
  ACP_ASSERT(*text == *document);
}

void fuzz_text(std::string_view text) {
  const auto document = acp::parse_json(text);
  if (!document) return;
  const auto wire = acp::encode(*document);
  // A text of up to 4 MiB may describe a document over the limit of the wire form; nothing else may stop it.
  ACP_ASSERT(wire.has_value() || wire.error().requirement == "ACP-WIRE-1");
  if (!wire) return;
  const auto back = acp::decode(*wire);
  ACP_ASSERT(back.has_value());
  ACP_ASSERT(*back == *document);
}

void fuzz_envelope(std::string_view text) {
  const auto envelope = acp::parse_envelope(text);
  if (!envelope) return;
  ACP_ASSERT(!acp::verify(*envelope, envelope->payload_type, {}).has_value());
  const auto again = acp::parse_envelope(acp::to_json(*envelope));
  ACP_ASSERT(again.has_value());
  ACP_ASSERT(*again == *envelope);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz_wire(bytes);
  fuzz_text(text);
  fuzz_envelope(text);
  return 0;
}
