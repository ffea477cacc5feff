#include "replay/terms.h"

#include <algorithm>
#include <bit>

namespace cep::logical::oracle {
namespace {

enum Operator : std::uint64_t {
  kSum = 1,
  kNegation,
  kProduct,
  kInverse,
  kRoot,
  kRootSlope,
  kExponential,
  kSigmoid,
  kSigmoidSlope,
  kRounding,
  kInteger,
  kReal,
  kMask,
  kPower,
  kPowerSlope,
  kScore,
  kScoreSlope
};

// The same for both orders: x + y is y + x, and x y is y x.
Terms pair(Operator key, const Terms& a, const Terms& b) {
  return {.digest = hash(hash(key, std::min(a.digest, b.digest)), std::max(a.digest, b.digest))};
}
Terms function_of(std::uint64_t key, const Terms& x) { return {.digest = hash(key, x.digest)}; }

std::uint64_t key_of(Operator key, const std::string& name) {
  std::uint64_t digest = key;
  for (const char letter : name) digest = hash(digest, static_cast<std::uint64_t>(letter));
  return digest;
}

}  // namespace

Terms add(const Terms& a, const Terms& b) {
  if (a.digest == 0 || b.digest == 0) return {.digest = a.digest | b.digest};
  return pair(kSum, a, b);
}
Terms negate(const Terms& a) { return function_of(kNegation, a); }
Terms subtract(const Terms& a, const Terms& b) { return add(a, negate(b)); }
Terms multiply(const Terms& a, const Terms& b) { return pair(kProduct, a, b); }
Terms inverse(const Terms& a) { return function_of(kInverse, a); }
Terms rsqrt(const Terms& x) { return function_of(kRoot, x); }
Terms rsqrt_slope(const Terms& x) { return function_of(kRootSlope, x); }
Terms exponential(const Terms& x) { return function_of(kExponential, x); }
Terms sigmoid(const Terms& x) { return function_of(kSigmoid, x); }
Terms sigmoid_slope(const Terms& x) { return function_of(kSigmoidSlope, x); }
// Rounding twice is rounding once only where it was the same; a term that is representable need not be known to be.
Terms round_to(Element element, const Terms& value) {
  return function_of(hash(kRounding, static_cast<std::uint64_t>(element)), value);
}

Terms Numbers<Terms>::of(std::int64_t value) {
  return {.digest = hash(kInteger, static_cast<std::uint64_t>(value)), .integer = value};
}
Terms Numbers<Terms>::of(double value) {
  return {.digest = hash(kReal, std::bit_cast<std::uint64_t>(value))};
}
Terms Numbers<Terms>::masked() { return {.digest = hash(kMask, 0)}; }
Terms Numbers<Terms>::power(const Terms& x, double exponent) {
  return function_of(hash(kPower, std::bit_cast<std::uint64_t>(exponent)), x);
}
Terms Numbers<Terms>::power_slope(const Terms& x, double exponent) {
  return function_of(hash(kPowerSlope, std::bit_cast<std::uint64_t>(exponent)), x);
}
std::optional<Terms> Numbers<Terms>::score(const std::string& function, const Terms& logit) {
  return function_of(key_of(kScore, function), logit);
}
Terms Numbers<Terms>::score_slope(const std::string& function, const Terms& logit) {
  return function_of(key_of(kScoreSlope, function), logit);
}

}  // namespace cep::logical::oracle
