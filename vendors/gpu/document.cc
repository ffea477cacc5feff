#include "document.h"

#include <algorithm>

#include "text.h"

namespace acp_gpu {
namespace {

// Printable ASCII only, as documents are; never empty.
std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (const char letter : text.substr(0, 200)) {
    if (letter == '"' || letter == '\\') made += '\\';
    if (letter >= 0x20 && letter <= 0x7e) made += letter;
  }
  return made.size() == 1 ? "\"unknown\"" : made + "\"";
}

// The largest power of two in `number`, 8 at least: the size of the largest element.
std::int64_t alignment(std::uint64_t number) {
  std::int64_t made = 8;
  while (made < 4096 && number % (static_cast<std::uint64_t>(made) * 2) == 0) made *= 2;
  return made;
}

}  // namespace

std::string class_document(const Facts& facts) {
  // A device that flushes subnormals is described as what it is, and no reader takes it for exact (ACP-MATCH-5).
  const char* const subnormals = facts.keeps_subnormals ? "kept" : "flushed";
  const auto bytes = [](std::uint64_t size) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(size, INT64_MAX));
  };
  return joined(
      R"({"acp": 1, "kind": "class", "identity": {"vendor": )", quoted(facts.vendor), R"(, "product": )",
      quoted(facts.name), R"(, "stepping": )", quoted(facts.version), R"(, "version": )",
      quoted(facts.platform + " " + facts.driver), R"(}, "memories": [{"name": "global", "size_bytes": )",
      bytes(facts.memory_bytes), R"(, "alignment_bytes": )", alignment(facts.alignment_bytes),
      R"(}], "links": [{"from": "host", "to": "global"}, {"from": "global", "to": "host"}],)",
      R"( "queues": [{"name": "compute", "count": 16}],)",
      R"( "contracts": [{"id": "exact", "rounding": "nearest_even", "subnormals": ")", subnormals,
      R"(", "nan": "canonical", "contraction": "fma",)",
      R"( "exact_orders": ["chain", "blocked_tree", "blocked_index", "lanes32"]}],)",
      R"( "ops": [{"op": "cep:region", "version": 1, "dtypes": ["f32", "i32", "i64", "bool"], "contract": "exact"}],)",
      R"( "limits": {"max_rank": 8, "max_operand_bytes": )", bytes(facts.allocation_bytes),
      R"(, "max_region_nodes": )", bytes(kMostNodes), "}}");
}

}  // namespace acp_gpu
