// Numbers of the oracle: the prime field of p = 2^61 - 1, and the random functions on it.
//
// Sums and products are exact and associative, so a partition that only reassociates gives the same numbers, and one that is wrong gives
// others. A function no polynomial describes (exp, sigmoid, 1/sqrt) is a fixed random function: equal operands give equal results, and
// nothing else is known about it. Two different plans agree by chance with probability about 2^-61 an element.
#pragma once

#include <cstdint>

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

// Uniform for each (key, x), and fixed for ever.
[[nodiscard]] std::uint64_t hash(std::uint64_t key, std::uint64_t x);

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

}  // namespace cep::logical::oracle
