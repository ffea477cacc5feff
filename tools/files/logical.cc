#include "tools/files/logical.h"

#include <algorithm>
#include <array>

#include "cep/distgraph.h"
#include "cep/logical_wire.h"
#include "tools/cli/cli.h"
#include "tools/files/files.h"

namespace tools {

LogicalForm logical_form(std::span<const std::byte> bytes) {
  constexpr std::array kZstandard = {std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}};
  if (cep::logical::is_logical(bytes)) return LogicalForm::kBytes;
  if (bytes.size() >= kZstandard.size() && std::equal(kZstandard.begin(), kZstandard.end(), bytes.begin())) {
    return LogicalForm::kCompressed;
  }
  // A header's format stands early in its line; workload JSON has no such word.
  const std::string start = text_of(bytes.first(std::min<std::size_t>(bytes.size(), 256)));
  return start.find("\"distgraph-jsonl\"") == std::string::npos ? LogicalForm::kNone : LogicalForm::kText;
}

acp::Result<cep::logical::Document> parse_logical(std::span<const std::byte> bytes) {
  const auto read = [&]() -> acp::Result<cep::logical::Document> {
    switch (logical_form(bytes)) {
      case LogicalForm::kBytes: return cep::logical::decode_logical(bytes);
      case LogicalForm::kCompressed: return cep::logical::read_distgraph_zst(bytes);
      default:
        return cep::logical::read_distgraph({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  };
  auto document = read();
  if (!document) return unusable(std::move(document).error());
  return document;
}

}  // namespace tools
