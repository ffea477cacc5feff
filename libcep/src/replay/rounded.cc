#include "replay/rounded.h"

#include <array>
#include <bit>
#include <cstdio>

#include "replay/functions.h"
#include "replay/real.h"

namespace cep::logical::oracle {
namespace {

std::optional<Element> meeting(const Rounded& a, const Rounded& b) {
  return a.element ? a.element : b.element;
}
// A constant, as the element has it.
double taken(const Rounded& x, std::optional<Element> element) {
  return x.element || !element ? x.value : nearest(*element, x.value);
}
Rounded made(double value, std::optional<Element> element) {
  return {.value = element ? nearest(*element, value) : value, .element = element};
}

// A function of binary32, or of binary64: what is narrower is computed in binary32.
template <typename Narrow, typename Wide>
Rounded function_of(const Rounded& x, Narrow narrow, Wide wide) {
  if (!x.element || *x.element == Element::kF64) return made(wide(x.value), x.element);
  return made(double{narrow(static_cast<float>(x.value))}, x.element);
}

std::uint32_t half_bits(double value) {
  const std::uint32_t sign = std::signbit(value) ? 0x8000u : 0u;
  const double size = std::fabs(value);
  if (std::isnan(value)) return 0x7e00u;
  if (std::isinf(value)) return sign | 0x7c00u;
  if (size < 0x1p-14) return sign | static_cast<std::uint32_t>(size * 0x1p24);
  int exponent = 0;
  const double mantissa = std::frexp(size, &exponent);  // [1/2, 1)
  return sign | static_cast<std::uint32_t>(exponent + 14) << 10 |
         (static_cast<std::uint32_t>(mantissa * 0x1p11) & 0x3ffu);
}

}  // namespace

std::optional<Element> arithmetic_of(Element element) {
  switch (element) {
    case Element::kC64: return Element::kF32;
    case Element::kI64:
    case Element::kI32:
    case Element::kBool: return std::nullopt;
    default: return element;
  }
}

Rounded add(const Rounded& a, const Rounded& b) {
  const auto element = meeting(a, b);
  return made(taken(a, element) + taken(b, element), element);
}
Rounded negate(const Rounded& a) { return {.value = -a.value, .element = a.element}; }
Rounded subtract(const Rounded& a, const Rounded& b) { return add(a, negate(b)); }
Rounded multiply(const Rounded& a, const Rounded& b) {
  const auto element = meeting(a, b);
  return made(taken(a, element) * taken(b, element), element);
}
Rounded quotient(const Rounded& a, const Rounded& b) {
  const auto element = meeting(a, b);
  return made(taken(a, element) / taken(b, element), element);
}
Rounded inverse(const Rounded& a) { return quotient({.value = 1}, a); }
Rounded rsqrt(const Rounded& x) { return inverse(made(std::sqrt(x.value), x.element)); }
Rounded rsqrt_slope(const Rounded& x) {
  const Rounded root = rsqrt(x);
  return multiply({.value = -0.5}, multiply(root, multiply(root, root)));
}
Rounded exponential(const Rounded& x) {
  return function_of(x, exp_of_binary32, [](double wide) { return std::exp(wide); });
}
Rounded sigmoid(const Rounded& x) {
  return function_of(x, sigmoid_of_binary32, [](double wide) { return 1 / (1 + std::exp(-wide)); });
}
Rounded sigmoid_slope(const Rounded& x) {
  const Rounded y = sigmoid(x);
  return multiply(y, subtract({.value = 1}, y));
}
Rounded round_to(Element element, const Rounded& value) { return Numbers<Rounded>::stored(value, element); }

std::string bits_of(const Rounded& value) {
  std::array<char, 24> text{};
  const auto print = [&](int digits, std::uint64_t bits) {
    std::snprintf(text.data(), text.size(), "0x%0*llx", digits, static_cast<unsigned long long>(bits));
    return std::string(text.data());
  };
  const auto narrow = [&] {
    return std::isnan(value.value) ? 0x7fc00000u
                                   : std::bit_cast<std::uint32_t>(static_cast<float>(value.value));
  };
  if (!value.element) return std::to_string(static_cast<std::int64_t>(value.value));
  switch (*value.element) {
    case Element::kF32: return print(8, narrow());
    case Element::kBf16: return print(4, narrow() >> 16);
    case Element::kF16: return print(4, half_bits(value.value));
    default: return print(16, std::bit_cast<std::uint64_t>(value.value));
  }
}

std::optional<std::int64_t> Numbers<Rounded>::integer(const Rounded& value) {
  return Numbers<Real>::integer({value.value, value.value});
}
Rounded Numbers<Rounded>::drawn(std::uint64_t bits, std::uint64_t seed) {
  return {.value = Numbers<Real>::drawn(bits, seed).low};
}
Rounded Numbers<Rounded>::power(Rounded x, double exponent) {
  if (!small_integer(exponent)) {
    const auto narrow = [&](float base) { return pow_of_binary32(base, static_cast<float>(exponent)); };
    return function_of(x, narrow, [&](double base) { return std::pow(base, exponent); });
  }
  Rounded result{.value = 1, .element = x.element};
  for (auto left = static_cast<unsigned>(std::fabs(exponent)); left != 0; left >>= 1) {
    if ((left & 1) != 0) result = multiply(result, x);
    if (left > 1) x = multiply(x, x);
  }
  return exponent < 0 ? inverse(result) : result;
}
Rounded Numbers<Rounded>::power_slope(const Rounded& x, double exponent) {
  if (exponent == 0) return {.value = 0, .element = x.element};
  return multiply(of(exponent), power(x, exponent - 1));
}
std::optional<Rounded> Numbers<Rounded>::score(const std::string& function, const Rounded& logit) {
  if (function == "sigmoid") return sigmoid(logit);
  if (function == "softmax") return exponential(logit);
  return std::nullopt;
}
Rounded Numbers<Rounded>::score_slope(const std::string& function, const Rounded& logit) {
  return function == "sigmoid" ? sigmoid_slope(logit) : exponential(logit);
}
bool Numbers<Rounded>::certainly_differ(const Rounded& a, const Rounded& b) {
  if (std::isnan(a.value) || std::isnan(b.value)) return std::isnan(a.value) != std::isnan(b.value);
  return std::bit_cast<std::uint64_t>(a.value) != std::bit_cast<std::uint64_t>(b.value);
}
Rounded Numbers<Rounded>::stored(const Rounded& value, Element element) {
  return made(value.value, arithmetic_of(element));
}

}  // namespace cep::logical::oracle
