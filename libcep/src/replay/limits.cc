#include "replay/limits.h"

#include <algorithm>
#include <string>
#include <utility>

#include "replay/instantiate.h"
#include "replay/shrink.h"

namespace cep::logical::oracle {
namespace {

// At smaller lengths; nothing where none can be found.
std::optional<Runnable> shrunk(const Document& document, const ReplayOptions& options, Places places) {
  const Cost cost = cost_of(document, places);
  // A run over all lines for each length that is tried.
  constexpr std::uint64_t kMostLines = std::uint64_t{1} << 17;
  if (cost.lines > std::min(options.max_lines, kMostLines) || cost.items > 16 * kMostLines)
    return std::nullopt;
  std::optional<Shrunk> small = shrink(instantiate(document));
  if (!small || over_limit(small->document, options, places)) return std::nullopt;
  Runnable made{.document = std::move(small->document), .scaled = {}, .too_large = {}};
  made.scaled.reserve(small->lengths.size());
  for (const auto& [own, now] : small->lengths) made.scaled.push_back({own, now});
  return made;
}

}  // namespace

std::optional<acp::Error> over_limit(const Document& document, const ReplayOptions& options, Places places) {
  const Cost cost = cost_of(document, places);
  const auto refuse = [](std::uint64_t found, std::uint64_t limit, const std::string& of) {
    return acp::over_limit(
        "CEP-REPLAY-1", "document",
        "to run it takes " + std::to_string(found) + " " + of + ", the limit is " + std::to_string(limit));
  };
  if (cost.lines > options.max_lines) return refuse(cost.lines, options.max_lines, "lines");
  // Each takes some bytes before any element is set aside.
  constexpr std::uint64_t kItemsPerLine = 16;
  if (cost.items / kItemsPerLine > options.max_lines)
    return refuse(cost.items, kItemsPerLine * options.max_lines, "tensors, operands and members");
  if (cost.elements > options.max_elements) return refuse(cost.elements, options.max_elements, "elements");
  if (cost.operations > options.max_operations)
    return refuse(cost.operations, options.max_operations, "operations");
  return std::nullopt;
}

acp::Result<Runnable> make_runnable(const Document& document, const ReplayOptions& options, Places places) {
  auto error = over_limit(document, options, places);
  if (!error) return Runnable{.document = instantiate(document), .scaled = {}, .too_large = {}};
  if (auto small = shrunk(document, options, places)) {
    small->too_large = std::move(error);
    return *std::move(small);
  }
  return *std::move(error);
}

}  // namespace cep::logical::oracle
