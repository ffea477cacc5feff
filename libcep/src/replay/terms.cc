#include "replay/terms.h"

#include <algorithm>
#include <span>

namespace cep::logical::oracle {
namespace {

enum Operator : std::uint64_t {
  kZero = 1,
  kSum,
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
std::uint64_t pair(Operator key, std::uint64_t a, std::uint64_t b) {
  return hash(hash(key, std::min(a, b)), std::max(a, b));
}

// 0: nothing.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return a | b;
  return pair(kSum, a, b);
}

std::uint64_t tree(std::span<const std::uint64_t> row) {
  if (row.size() % 2 == 0) return sum(tree(row.first(row.size() / 2)), tree(row.last(row.size() / 2)));
  std::uint64_t total = row[0];
  for (const std::uint64_t next : row.subspan(1)) total = sum(total, next);
  return total;
}

std::uint64_t key_of(Operator key, const std::string& name) {
  std::uint64_t digest = key;
  for (const char letter : name) digest = hash(digest, static_cast<std::uint64_t>(letter));
  return digest;
}

}  // namespace

std::uint64_t digest_of(const Terms& x) { return x.row.empty() ? kZero : tree(x.row); }
Terms term(std::uint64_t digest) { return {.row = {digest}}; }
Terms function_of(std::uint64_t key, const Terms& x) { return term(hash(key, digest_of(x))); }

Terms add(Terms a, const Terms& b) {
  a.row.insert(a.row.end(), b.row.begin(), b.row.end());
  a.integer.reset();
  return a;
}
Terms negate(const Terms& a) { return function_of(kNegation, a); }
Terms subtract(const Terms& a, const Terms& b) { return add(a, negate(b)); }
Terms multiply(const Terms& a, const Terms& b) { return term(pair(kProduct, digest_of(a), digest_of(b))); }
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
  return {.row = {hash(kInteger, static_cast<std::uint64_t>(value))}, .integer = value};
}
Terms Numbers<Terms>::of(double value) { return term(hash(kReal, std::bit_cast<std::uint64_t>(value))); }
Terms Numbers<Terms>::masked() { return term(kMask); }
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
Terms Numbers<Terms>::settled(const Terms& value) {
  if (value.row.size() < 2) return value;
  return term(digest_of(value));
}

}  // namespace cep::logical::oracle
