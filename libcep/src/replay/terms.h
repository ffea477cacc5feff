// Free terms: numbers that remember how they were computed. Equal terms are equal bits in any arithmetic whose sums are trees.
//
// A number is a 64-bit digest of the tree that made it. Nothing, which a window or a routing leaves out of a sum, is 0, and changes no sum.
//
// Spec     CEP 11.10.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "cep/logical.h"
#include "replay/numbers.h"

namespace cep::logical::oracle {

struct Terms {
  std::uint64_t digest = 0;
  std::optional<std::int64_t> integer = {};  // an index
  auto operator<=>(const Terms&) const = default;
};

// The same for both orders, as x + y is y + x.
[[nodiscard]] Terms add(const Terms& a, const Terms& b);
[[nodiscard]] Terms negate(const Terms& a);
[[nodiscard]] Terms subtract(const Terms& a, const Terms& b);
[[nodiscard]] Terms multiply(const Terms& a, const Terms& b);
[[nodiscard]] Terms inverse(const Terms& a);
[[nodiscard]] Terms rsqrt(const Terms& x);
[[nodiscard]] Terms rsqrt_slope(const Terms& x);
[[nodiscard]] Terms exponential(const Terms& x);
[[nodiscard]] Terms sigmoid(const Terms& x);
[[nodiscard]] Terms sigmoid_slope(const Terms& x);
[[nodiscard]] Terms round_to(Element element, const Terms& value);

template <>
struct Numbers<Terms> {
  static constexpr bool kOrdered = true;
  [[nodiscard]] static Terms of(std::int64_t value);
  [[nodiscard]] static Terms of(double value);
  [[nodiscard]] static std::optional<std::int64_t> integer(const Terms& value) { return value.integer; }
  [[nodiscard]] static bool exists(const Terms& /*value*/) { return true; }
  [[nodiscard]] static Terms drawn(std::uint64_t bits, std::uint64_t seed) {
    return {.digest = hash(seed, bits)};
  }
  [[nodiscard]] static bool zero(const Terms& value) { return value.digest == 0; }
  [[nodiscard]] static Terms masked();
  [[nodiscard]] static Terms power(const Terms& x, double exponent);
  [[nodiscard]] static Terms power_slope(const Terms& x, double exponent);
  [[nodiscard]] static std::optional<Terms> score(const std::string& function, const Terms& logit);
  [[nodiscard]] static Terms score_slope(const std::string& function, const Terms& logit);
  [[nodiscard]] static Terms larger(const Terms& a, const Terms& b) { return less(a, b) ? b : a; }
  [[nodiscard]] static bool less(const Terms& a, const Terms& b) { return a.digest < b.digest; }
  [[nodiscard]] static bool certainly_not_less(const Terms& a, const Terms& b) { return !less(a, b); }
  [[nodiscard]] static bool certainly_differ(const Terms& a, const Terms& b) { return a.digest != b.digest; }
};

}  // namespace cep::logical::oracle
