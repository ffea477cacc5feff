// Query: one line that names a case and everything it depends on, "num.reduce.fma.f32.chain:k=4096,seed=9f3c".
//
// A name is a kind ("num.reduce") and what it is about ("fma", "f32", "chain"); parameters follow behind a colon.
// Spec     ACP 7.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acp/result.h"

namespace conformance {

struct Query {
  std::string name;
  std::vector<std::pair<std::string, std::string>> parameters;

  // The value, or `otherwise` when the query does not state it.
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = "") const;
  [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  // Hexadecimal; 0 when it is not stated.
  [[nodiscard]] std::uint64_t seed() const;
  // This query with one value changed or added.
  [[nodiscard]] Query with(std::string_view key, std::string_view value) const;
  // The dot-separated words of the name behind `kind`.
  [[nodiscard]] std::vector<std::string> words_behind(std::string_view kind) const;
  bool operator==(const Query&) const = default;
};

[[nodiscard]] std::string to_string(const Query& query);

// Errors   ACP-CONF-1 not a name, or not a list of key=value behind the colon, or a key twice, or a number that is none.
// Spec     ACP 7.2, ACP-CONF-1.
[[nodiscard]] acp::Result<Query> parse_query(std::string_view text);

// "3/16": the cases whose number leaves 3 when divided by 16.
struct Shard {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
};
[[nodiscard]] std::string to_string(const Shard& shard);
// Errors   ACP-CONF-3 not i/n with 0 <= i < n.
// Spec     ACP 7.4, ACP-CONF-3.
[[nodiscard]] acp::Result<Shard> parse_shard(std::string_view text);

}  // namespace conformance
