// What a replay needs of a kind of number beside add, multiply, inverse and the functions by name; one specialisation each.
#pragma once

#include <cmath>
#include <cstdint>

#include "cep/logical.h"

namespace cep::logical::oracle {

template <typename N>
struct Numbers;

// Uniform for each (key, x), and fixed for ever.
[[nodiscard]] std::uint64_t hash(std::uint64_t key, std::uint64_t x);

// To nearest, ties to even, among the numbers of a float type; complex numbers and integers as they are.
[[nodiscard]] double nearest(Element element, double value);

// Powers by multiplication; others are functions by themselves.
inline constexpr double kLargestPower = 1000;
[[nodiscard]] inline bool small_integer(double exponent) {
  return std::fabs(exponent) <= kLargestPower && exponent == std::nearbyint(exponent);
}

}  // namespace cep::logical::oracle
