// Digest: the SHA-256 of some bytes; what documents, plans, workloads and weights call each other by.
//
// The text form is "sha256:" and 64 lower-case hexadecimal digits, so that one digest has one text.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "acp/result.h"

namespace acp {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;
};

// Cost     one pass, no allocation.
[[nodiscard]] Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] Digest sha256(std::string_view text);

// The digest of bytes that arrive in pieces; finish() may be called again after more pieces (it does not
// disturb the state).
//
// Threads  one object per thread, or lock.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  [[nodiscard]] Digest finish() const;

 private:
  // Why      the hash library's header stays out of ours; digest.cc asserts that its state fits.
  alignas(8) std::array<std::byte, 128> state_{};
};

// "ba7816bf..." : 64 digits.
[[nodiscard]] std::string to_hex(const Digest& digest);
// "sha256:ba7816bf..."
[[nodiscard]] std::string to_string(const Digest& digest);

// Reads the text form.
//
// Errors   ACP-DIG-1 not "sha256:" followed by exactly 64 digits 0-9a-f.
// Spec     ACP 3.1, ACP-DIG-1.
[[nodiscard]] Result<Digest> parse_digest(std::string_view text);

}  // namespace acp
