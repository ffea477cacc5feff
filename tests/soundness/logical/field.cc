#include "soundness/logical/field.h"

#include <bit>
#include <cmath>

namespace cep::logical::oracle {

Scalar power(Scalar base, std::uint64_t exponent) {
  Scalar result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

Scalar inverse(Scalar a) { return power(a, kPrime - 2); }

Scalar from_integer(std::int64_t value) {
  const auto modulus = static_cast<std::int64_t>(kPrime);
  const std::int64_t rest = value % modulus;
  return static_cast<Scalar>(rest < 0 ? rest + modulus : rest);
}

Scalar from_double(double value) {
  if (!std::isfinite(value)) return hash(0xd0b1e, std::bit_cast<std::uint64_t>(value)) % kPrime;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  const Scalar integer = from_integer(static_cast<std::int64_t>(std::ldexp(mantissa, 53)));
  // 2^61 = 1 in this field: only the exponent's remainder counts.
  const int shift = (exponent - 53) % 61;
  return multiply(integer, Scalar{1} << (shift < 0 ? shift + 61 : shift));
}

std::uint64_t hash(std::uint64_t key, std::uint64_t x) {
  const auto mix = [](std::uint64_t z) {  // the finaliser of SplitMix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  };
  return mix(mix(x + 0x9e3779b97f4a7c15ULL) ^ mix((key + 1) * 0xd1342543de82ef95ULL));
}

}  // namespace cep::logical::oracle
