#include "replay/real.h"

namespace cep::logical::oracle {
namespace {

// 1 / (1 + exp(-x)) of a number, not an interval.
Real sigmoid_at(double x) { return inverse(add({1, 1}, exponential({-x, -x}))); }

// To `digits` binary digits, none below 2^smallest, and infinite above `largest`.
double nearest(double value, int digits, int smallest, double largest) {
  if (value == 0 || !std::isfinite(value)) return value;
  int exponent = 0;
  static_cast<void>(std::frexp(value, &exponent));
  const int quantum = std::max(exponent - digits, smallest);
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -quantum)), quantum);
  return std::fabs(rounded) > largest ? std::copysign(kInfinity, value) : rounded;
}

}  // namespace

double nearest(Element element, double value) {
  switch (element) {
    case Element::kF32:
      // Halfway between the largest float and 2^128, to even.
      if (std::fabs(value) >= 0x1.ffffffp127) return std::copysign(kInfinity, value);
      return double{static_cast<float>(value)};
    case Element::kF16: return nearest(value, 11, -24, 65504);
    case Element::kBf16: return nearest(value, 8, -133, 0x1.fep127);
    default: return value;
  }
}

Real outward_from_infinity(double low, double high) {
  if (std::isnan(low) || std::isnan(high)) return kUnknown;
  // What overflowed is large, not infinite.
  constexpr double kLargest = std::numeric_limits<double>::max();
  const double below = low == kInfinity ? kLargest : low - std::fabs(low) * kFunctionStep;
  const double above = high == -kInfinity ? -kLargest : high + std::fabs(high) * kFunctionStep;
  return {std::isnan(below) ? -kInfinity : below, std::isnan(above) ? kInfinity : above};
}

Real inverse(Real a) {
  if (a.low <= 0 && a.high >= 0) return kUnknown;
  return outward(1 / a.high, 1 / a.low);
}

Real rsqrt(Real x) {
  if (x.low <= 0) return kUnknown;
  return outward(1 / std::sqrt(x.high), 1 / std::sqrt(x.low));
}
Real rsqrt_slope(Real x) {
  const Real root = rsqrt(x);
  return multiply({-0.5, -0.5}, multiply(root, multiply(root, root)));
}

Real exponential(Real x) {
  const Real wide = outward(std::exp(x.low), std::exp(x.high), kFunctionStep);
  return {std::max(wide.low, 0.0), wide.high};
}

Real sigmoid(Real x) { return {std::max(sigmoid_at(x.low).low, 0.0), sigmoid_at(x.high).high}; }
Real sigmoid_slope(Real x) {
  const Real y = sigmoid(x);
  return multiply(y, subtract({1, 1}, y));
}

Real round_to(Element element, Real value) {
  const Real rounded{nearest(element, value.low), nearest(element, value.high)};
  // An end that overflowed is no number of the type.
  return std::isinf(rounded.low) || std::isinf(rounded.high) ? kUnknown : rounded;
}

std::optional<std::int64_t> Numbers<Real>::integer(Real value) {
  constexpr double kLargest = 0x1p53;
  if (value.low != value.high || std::fabs(value.low) > kLargest || value.low != std::nearbyint(value.low))
    return std::nullopt;
  return static_cast<std::int64_t>(value.low);
}

Real Numbers<Real>::drawn(std::uint64_t bits, std::uint64_t seed) {
  const double unit = std::ldexp(static_cast<double>(bits >> 44), -20);  // [0, 1), in steps of 2^-20
  const double value = seed % 2 == 0 ? unit + 0.25 : 2 * unit - 1;
  return {value, value};
}

Real Numbers<Real>::power(Real x, double exponent) {
  if (!exists(x)) return kUnknown;
  if (small_integer(exponent)) {
    Real result{1, 1};
    for (auto left = static_cast<unsigned>(std::fabs(exponent)); left != 0; left >>= 1) {
      if ((left & 1) != 0) result = multiply(result, x);
      if (left > 1) x = multiply(x, x);
    }
    return exponent < 0 ? inverse(result) : result;
  }
  if (x.low <= 0) return kUnknown;
  const double at_low = std::pow(x.low, exponent);
  const double at_high = std::pow(x.high, exponent);
  return outward(std::min(at_low, at_high), std::max(at_low, at_high), kFunctionStep);
}
Real Numbers<Real>::power_slope(Real x, double exponent) {
  if (!exists(x)) return kUnknown;
  return exponent == 0 ? Real{} : multiply({exponent, exponent}, power(x, exponent - 1));
}

std::optional<Real> Numbers<Real>::score(const std::string& function, Real logit) {
  if (function == "sigmoid") return sigmoid(logit);
  if (function == "softmax") return exponential(logit);
  return std::nullopt;
}
Real Numbers<Real>::score_slope(const std::string& function, Real logit) {
  return function == "sigmoid" ? sigmoid_slope(logit) : exponential(logit);
}

}  // namespace cep::logical::oracle
