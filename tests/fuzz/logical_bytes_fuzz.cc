// Any bytes into the reader of logical plans: nothing crashes, what is read encodes to the bytes it came from, and what the checks accept can be
// written as text and read again, and run on numbers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cep/distgraph.h"
#include "cep/logical_text.h"
#include "cep/logical_wire.h"
#include "cep/replay.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cep::logical;
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto document = decode_logical(bytes);
  if (!document) return 0;
  const auto again = encode(*document);
  ACP_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  if (!check_logical(*document)) return 0;
  // What is run stays within its limits.
  (void)replay(*document,
               {.inputs = 1, .max_lines = 1 << 8, .max_elements = 1 << 12, .max_operations = 1 << 16});
  ACP_ASSERT(!to_text(*document).empty());
  // Text knows only operators that exist, and names that are UTF-8.
  (void)read_distgraph(write_distgraph(*document)).has_value();
  return 0;
}
