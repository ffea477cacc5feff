// Any text into the reader of distgraph files, as it is and as compressed bytes: nothing crashes, and what the checks accept can be written,
// printed and read again.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cep/distgraph.h"
#include "cep/logical_text.h"
#include "cep/logical_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cep::logical;
  (void)read_distgraph_zst({reinterpret_cast<const std::byte*>(data), size}).has_value();
  const auto document = read_distgraph({reinterpret_cast<const char*>(data), size});
  if (!document || !check_logical(*document)) return 0;
  const std::string text = write_distgraph(*document);
  const auto again = read_distgraph(text);
  ACP_ASSERT(again.has_value());
  ACP_ASSERT(check_logical(*again).has_value());
  ACP_ASSERT(write_distgraph(*again) == text);
  ACP_ASSERT(!to_text(*document).empty());
  ACP_ASSERT(decode_logical(encode(*document)).has_value());
  return 0;
}
