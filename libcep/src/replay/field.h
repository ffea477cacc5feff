// The prime field of p = 2^61 - 1, and the random functions on it: numbers a replay finds differences with.
//
// Sums and products are exact and associative, so a partition that only reassociates gives the same numbers, and one that is wrong gives
// others. A function no polynomial describes (exp, sigmoid, 1/sqrt) is a fixed random function: equal operands give equal results, and
// nothing else is known about it. Two different plans agree by chance with probability about 2^-61 an element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cep/logical.h"
#include "replay/numbers.h"

namespace cep::logical::oracle {

using Scalar = std::uint64_t;  // 0 .. kPrime - 1
inline constexpr Scalar kPrime = (std::uint64_t{1} << 61) - 1;
__extension__ using Wide = unsigned __int128;

[[nodiscard]] constexpr Scalar add(Scalar a, Scalar b) {
  const Scalar sum = a + b;
  return sum >= kPrime ? sum - kPrime : sum;
}
[[nodiscard]] constexpr Scalar negate(Scalar a) { return a == 0 ? 0 : kPrime - a; }
[[nodiscard]] constexpr Scalar subtract(Scalar a, Scalar b) { return add(a, negate(b)); }
[[nodiscard]] constexpr Scalar multiply(Scalar a, Scalar b) {
  const Wide product = static_cast<Wide>(a) * b;
  return add(static_cast<Scalar>(product) & kPrime, static_cast<Scalar>(product >> 61));
}
[[nodiscard]] Scalar power(Scalar base, std::uint64_t exponent);
// 0 for 0, which no correct program divides by but with probability 2^-61.
[[nodiscard]] Scalar inverse(Scalar a);

[[nodiscard]] Scalar from_integer(std::int64_t value);
// A finite double is m * 2^e, and so is its image: sums and products of constants are those of the field. Infinities and NaN have an
// arbitrary image each.
[[nodiscard]] Scalar from_double(double value);

enum class Function : std::uint8_t {
  kRsqrt,
  kRsqrtSlope,
  kExp,
  kSigmoid,
  kSigmoidSlope,
  kRound,
  kMasked,
  kRoot
};
[[nodiscard]] inline Scalar random_function(Function function, Scalar x) {
  return hash(static_cast<std::uint64_t>(function), x) % kPrime;
}
// As representable in `element`: for narrow ones a random function that is the identity on its own results, on 0 and on small integers.
[[nodiscard]] Scalar round_to(Element element, Scalar value);

[[nodiscard]] inline Scalar rsqrt(Scalar x) { return random_function(Function::kRsqrt, x); }
[[nodiscard]] inline Scalar rsqrt_slope(Scalar x) { return random_function(Function::kRsqrtSlope, x); }
[[nodiscard]] inline Scalar exponential(Scalar x) { return random_function(Function::kExp, x); }
[[nodiscard]] inline Scalar sigmoid(Scalar x) { return random_function(Function::kSigmoid, x); }
[[nodiscard]] inline Scalar sigmoid_slope(Scalar x) { return random_function(Function::kSigmoidSlope, x); }

template <>
struct Numbers<Scalar> {
  [[nodiscard]] static Scalar of(std::int64_t value) { return from_integer(value); }
  [[nodiscard]] static Scalar of(double value) { return from_double(value); }
  [[nodiscard]] static std::optional<std::int64_t> integer(Scalar value) {
    return static_cast<std::int64_t>(value);
  }
  [[nodiscard]] static bool exists(Scalar) { return true; }
  // From 64 random bits.
  [[nodiscard]] static Scalar drawn(std::uint64_t bits, std::uint64_t /*seed*/) { return bits % kPrime; }
  [[nodiscard]] static bool zero(Scalar value) { return value == 0; }
  [[nodiscard]] static Scalar masked() { return random_function(Function::kMasked, 0); }
  [[nodiscard]] static Scalar power(Scalar x, double exponent);
  [[nodiscard]] static Scalar power_slope(Scalar x, double exponent);
  [[nodiscard]] static std::optional<Scalar> score(const std::string& function, Scalar logit);
  [[nodiscard]] static Scalar score_slope(const std::string& function, Scalar logit);
  [[nodiscard]] static Scalar larger(Scalar a, Scalar b) { return a < b ? b : a; }
  [[nodiscard]] static bool less(Scalar a, Scalar b) { return a < b; }
  [[nodiscard]] static bool certainly_not_less(Scalar, Scalar) { return true; }
  [[nodiscard]] static bool certainly_differ(Scalar a, Scalar b) { return a != b; }
};

}  // namespace cep::logical::oracle
