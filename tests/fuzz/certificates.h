// What fuzzers over the reject corpus share: its cases, plans by the digest by which a certificate names its own, and reading back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "acp/digest.h"
#include "acp/result.h"
#include "conformance/reject_corpus.h"
#include "fuzz/mutator.h"

namespace fuzz {

// The cases of the reject corpus, each given to `take`.
template <typename Take>
void for_each_case(const Take& take) {
  const auto index = conformance::reject::read_index(REJECT_CORPUS);
  ACP_ASSERT(index.has_value());
  for (const auto& entry : index->cases) {
    const auto read = conformance::reject::read_case(REJECT_CORPUS, entry);
    ACP_ASSERT(read.has_value());
    take(entry, *read);
  }
}

// A plan, right or wrong, with a certificate that somebody might show for it.
template <typename Subject>
class ByDigest {
 public:
  void add(const acp::Digest& digest, Subject subject) { all_.emplace(digest, std::move(subject)); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Subject* of(const acp::Digest& digest) const {
    const auto at = all_.find(digest);
    return at == all_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] const Subject& any(Random& random) const {
    return std::next(all_.begin(), static_cast<std::ptrdiff_t>(random() % all_.size()))->second;
  }

 private:
  std::map<acp::Digest, Subject> all_;
};

// What is read encodes to the bytes it came from; nothing when it is not read.
template <typename Decode>
auto read_back(const std::uint8_t* data, std::size_t size, const Decode& decode) {
  const auto bytes = std::as_bytes(std::span(data, size));
  auto value = decode(bytes);
  if (value) {
    const auto again = encode(*value);
    ACP_ASSERT(std::ranges::equal(again, bytes));
  }
  return value;
}

}  // namespace fuzz
