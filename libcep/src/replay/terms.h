// Free terms in tree order: numbers that remember how they were computed. Equal terms are equal bits in any arithmetic whose sums are trees.
//
// A number is a row of terms that are still to be added, each a 64-bit digest of its tree; add() joins rows, everything else adds its
// operands' rows up first, and so does a tensor's element when it is made. A sum begins as an empty row.
//
// Spec     CEP 11.10.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cep/logical.h"
#include "replay/numbers.h"

namespace cep::logical::oracle {

struct Terms {
  std::vector<std::uint64_t> row = {};
  std::optional<std::int64_t> integer = {};  // an index
  auto operator<=>(const Terms&) const = default;
};

// The row, added up: by halves while its length is even, an odd one from left to right.
[[nodiscard]] std::uint64_t digest_of(const Terms& x);
[[nodiscard]] Terms term(std::uint64_t digest);
[[nodiscard]] Terms function_of(std::uint64_t key, const Terms& x);

[[nodiscard]] Terms add(Terms a, const Terms& b);
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
  [[nodiscard]] static Terms of(std::int64_t value);
  [[nodiscard]] static Terms of(double value);
  [[nodiscard]] static std::optional<std::int64_t> integer(const Terms& value) { return value.integer; }
  [[nodiscard]] static bool exists(const Terms& /*value*/) { return true; }
  [[nodiscard]] static Terms drawn(std::uint64_t bits, std::uint64_t seed) { return term(hash(seed, bits)); }
  [[nodiscard]] static bool zero(const Terms& value) { return value.row.empty(); }
  [[nodiscard]] static Terms masked();
  [[nodiscard]] static Terms power(const Terms& x, double exponent);
  [[nodiscard]] static Terms power_slope(const Terms& x, double exponent);
  [[nodiscard]] static std::optional<Terms> score(const std::string& function, const Terms& logit);
  [[nodiscard]] static Terms score_slope(const std::string& function, const Terms& logit);
  [[nodiscard]] static Terms larger(const Terms& a, const Terms& b) { return less(a, b) ? b : a; }
  [[nodiscard]] static bool less(const Terms& a, const Terms& b) { return digest_of(a) < digest_of(b); }
  [[nodiscard]] static bool certainly_not_less(const Terms& a, const Terms& b) { return !less(a, b); }
  [[nodiscard]] static bool certainly_differ(const Terms& a, const Terms& b) {
    return zero(a) != zero(b) || digest_of(a) != digest_of(b);
  }
  // A term that is 0: it has a place in the row, and adds nothing.
  [[nodiscard]] static Terms nothing() { return term(0); }
  // As an element of a tensor holds it.
  [[nodiscard]] static Terms settled(const Terms& value);
};

}  // namespace cep::logical::oracle
