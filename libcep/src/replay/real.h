// Real numbers of a replay: intervals that hold them. Where two are apart, the numbers differ, whatever was rounded.
//
// Every operation rounds outward. The ends may be infinite, for numbers that a double cannot hold. What does not exist (1/0, the root of a
// negative number), or is not known to, has no ends, and neither has anything made of it.
//
// Why      the witness of a refutation must hold for the real functions, and no tolerance has to be argued about (decision 0014).
// Spec     CEP 11.9.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "cep/logical.h"
#include "replay/numbers.h"

namespace cep::logical::oracle {

struct Real {
  double low = 0, high = 0;
  auto operator<=>(const Real&) const = default;
};

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Real kUnknown{std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::quiet_NaN()};

// Four times what one rounding to nearest, or a division behind a root, can be off; and more than any underflow.
inline constexpr double kStep = 0x1p-51, kTiny = 0x1p-1000;
// The elementary functions of the C library are trusted to be this close.
inline constexpr double kFunctionStep = 0x1p-48;

// With an end that is infinite, or none.
[[nodiscard]] Real outward_from_infinity(double low, double high);
[[nodiscard]] inline Real outward(double low, double high, double step = kStep) {
  const double below = low - (std::fabs(low) * step + kTiny);
  const double above = high + (std::fabs(high) * step + kTiny);
  if (std::fabs(below) < kInfinity && std::fabs(above) < kInfinity) [[likely]]
    return {below, above};
  return outward_from_infinity(low, high);
}

[[nodiscard]] inline Real negate(Real a) { return {-a.high, -a.low}; }
[[nodiscard]] inline Real add(Real a, Real b) { return outward(a.low + b.low, a.high + b.high); }
[[nodiscard]] inline Real subtract(Real a, Real b) { return add(a, negate(b)); }
[[nodiscard]] inline Real multiply(Real a, Real b) {
  const double p = a.low * b.low, q = a.low * b.high, r = a.high * b.low, s = a.high * b.high;
  if (std::isnan(p + q + r + s)) return kUnknown;
  return outward(std::min(std::min(p, q), std::min(r, s)), std::max(std::max(p, q), std::max(r, s)));
}
[[nodiscard]] Real inverse(Real a);
[[nodiscard]] Real rsqrt(Real x);
[[nodiscard]] Real rsqrt_slope(Real x);
[[nodiscard]] Real exponential(Real x);
[[nodiscard]] Real sigmoid(Real x);
[[nodiscard]] Real sigmoid_slope(Real x);
// To nearest, ties to even, in the type's precision and range; complex numbers and integers as they are.
[[nodiscard]] Real round_to(Element element, Real value);

template <>
struct Numbers<Real> {
  // Doubles are what they are; integers are below 2^53.
  [[nodiscard]] static Real of(std::int64_t value) {
    return {static_cast<double>(value), static_cast<double>(value)};
  }
  [[nodiscard]] static Real of(double value) { return {value, value}; }
  [[nodiscard]] static std::optional<std::int64_t> integer(Real value);
  [[nodiscard]] static bool exists(Real value) { return !std::isnan(value.low); }
  // From 64 random bits: what root_value() promises.
  [[nodiscard]] static Real drawn(std::uint64_t bits, std::uint64_t seed);
  [[nodiscard]] static bool zero(Real value) { return value.low <= 0 && value.high >= 0; }
  [[nodiscard]] static Real masked() { return {-kInfinity, -std::numeric_limits<double>::max()}; }
  [[nodiscard]] static Real power(Real x, double exponent);
  [[nodiscard]] static Real power_slope(Real x, double exponent);
  // Up to a factor that is the same for all experts of a row: only ratios are used. Nothing for a function without a known meaning.
  [[nodiscard]] static std::optional<Real> score(const std::string& function, Real logit);
  [[nodiscard]] static Real score_slope(const std::string& function, Real logit);
  [[nodiscard]] static Real larger(Real a, Real b) {
    return {std::max(a.low, b.low), std::max(a.high, b.high)};
  }
  [[nodiscard]] static bool less(Real a, Real b) { return a.low < b.low; }
  [[nodiscard]] static bool certainly_not_less(Real a, Real b) { return a.low > b.high; }
  // Both exist, and are apart.
  [[nodiscard]] static bool certainly_differ(Real a, Real b) {
    const bool known = a.low > -kInfinity && a.high < kInfinity && b.low > -kInfinity && b.high < kInfinity;
    return known && (a.high < b.low || b.high < a.low);
  }
};

}  // namespace cep::logical::oracle
