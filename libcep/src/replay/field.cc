#include "replay/field.h"

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

Scalar round_to(Element element, Scalar value) {
  constexpr Scalar kSmall = 256;
  if (value <= kSmall || value >= kPrime - kSmall) return value;
  const auto tag = static_cast<Scalar>(element) + 1;
  if ((value & 0xff) == tag) return value;
  // Below 2^60, so that setting the low byte stays in the field.
  const std::uint64_t drawn = hash(static_cast<std::uint64_t>(Function::kRound) + (tag << 8), value) >> 4;
  return (drawn & ~std::uint64_t{0xff}) | tag;
}

Scalar Numbers<Scalar>::power(Scalar x, double exponent) {
  if (!small_integer(exponent)) return hash(from_double(exponent), x) % kPrime;
  const Scalar size = oracle::power(x, static_cast<std::uint64_t>(std::fabs(exponent)));
  return exponent < 0 ? inverse(size) : size;
}
Scalar Numbers<Scalar>::power_slope(Scalar x, double exponent) {
  if (!small_integer(exponent)) return hash(~from_double(exponent), x) % kPrime;
  return exponent == 0 ? 0 : multiply(from_double(exponent), power(x, exponent - 1));
}

namespace {
// A function for each name.
std::uint64_t key_of(const std::string& function) {
  std::uint64_t key = 0x5c07e;
  for (const char letter : function) key = hash(key, static_cast<std::uint64_t>(letter));
  return key;
}
}  // namespace

std::optional<Scalar> Numbers<Scalar>::score(const std::string& function, Scalar logit) {
  return hash(key_of(function), logit) % kPrime;
}
Scalar Numbers<Scalar>::score_slope(const std::string& function, Scalar logit) {
  return hash(~key_of(function), logit) % kPrime;
}

}  // namespace cep::logical::oracle
