// Numbers of the machine: after every sum, product, quotient and function rounded to the element that is made, to nearest, ties to even.
//
// A number that is no element of a tensor (a constant, a count) has no element yet, and is rounded to that of the number it meets. Results are
// taken in binary64 and then rounded; of operands with at most 24 digits that is the nearest number. Integers are below 2^53.
//
// Spec     CEP 11.10; exp, sigmoid and pow are those of numerics, "Elementary functions".
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "cep/logical.h"
#include "replay/numbers.h"
#include "replay/sums.h"

namespace cep::logical::oracle {

struct Rounded {
  double value = 0;
  std::optional<Element> element = {};  // a float's; complex numbers are two of kF32
  auto operator<=>(const Rounded&) const = default;
};

// The element in which the scalars of a tensor are computed; nothing for integers.
[[nodiscard]] std::optional<Element> arithmetic_of(Element element);

[[nodiscard]] Rounded add(const Rounded& a, const Rounded& b);
[[nodiscard]] Rounded negate(const Rounded& a);
[[nodiscard]] Rounded subtract(const Rounded& a, const Rounded& b);
[[nodiscard]] Rounded multiply(const Rounded& a, const Rounded& b);
[[nodiscard]] Rounded quotient(const Rounded& a, const Rounded& b);
[[nodiscard]] Rounded inverse(const Rounded& a);
[[nodiscard]] Rounded rsqrt(const Rounded& x);  // 1 / sqrt(x), both rounded
[[nodiscard]] Rounded rsqrt_slope(const Rounded& x);
[[nodiscard]] Rounded exponential(const Rounded& x);
[[nodiscard]] Rounded sigmoid(const Rounded& x);
[[nodiscard]] Rounded sigmoid_slope(const Rounded& x);
[[nodiscard]] Rounded round_to(Element element, const Rounded& value);
// Pattern in hexadecimal, as many digits as the element has.
[[nodiscard]] std::string bits_of(const Rounded& value);

template <>
class DivisorOf<Rounded> {
 public:
  explicit DivisorOf(const Rounded& by) : by_(by) {}
  [[nodiscard]] Rounded divide(const Rounded& x) const { return quotient(x, by_); }

 private:
  Rounded by_;
};

template <>
struct Numbers<Rounded> {
  static constexpr bool kOrdered = true;
  [[nodiscard]] static Rounded of(std::int64_t value) { return {.value = static_cast<double>(value)}; }
  [[nodiscard]] static Rounded of(double value) { return {.value = value}; }
  [[nodiscard]] static std::optional<std::int64_t> integer(const Rounded& value);
  [[nodiscard]] static bool exists(const Rounded& value) { return !std::isnan(value.value); }
  // The numbers that a run over the reals draws, which have at most 21 digits.
  [[nodiscard]] static Rounded drawn(std::uint64_t bits, std::uint64_t seed);
  [[nodiscard]] static bool zero(const Rounded& value) { return value.value == 0; }
  [[nodiscard]] static Rounded masked() { return {.value = -HUGE_VAL}; }
  [[nodiscard]] static Rounded power(Rounded x, double exponent);
  [[nodiscard]] static Rounded power_slope(const Rounded& x, double exponent);
  [[nodiscard]] static std::optional<Rounded> score(const std::string& function, const Rounded& logit);
  [[nodiscard]] static Rounded score_slope(const std::string& function, const Rounded& logit);
  [[nodiscard]] static Rounded larger(const Rounded& a, const Rounded& b) { return less(a, b) ? b : a; }
  [[nodiscard]] static bool less(const Rounded& a, const Rounded& b) { return a.value < b.value; }
  [[nodiscard]] static bool certainly_not_less(const Rounded& /*a*/, const Rounded& /*b*/) { return true; }
  // Other bits, save the payloads of NaN.
  [[nodiscard]] static bool certainly_differ(const Rounded& a, const Rounded& b);
  // As a tensor of this element holds it.
  [[nodiscard]] static Rounded stored(const Rounded& value, Element element);
  // To be computed with in another element, unrounded.
  [[nodiscard]] static Rounded computed_in(const Rounded& value, std::optional<Element> element) {
    return {.value = value.value, .element = element};
  }
};

}  // namespace cep::logical::oracle
