// What a replay over the field knows nothing about but that equal operands give equal results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cep::logical::oracle {

// Bits of a set. A value without any is a rational function of the inputs, with rational coefficients.
using Free = std::uint16_t;
inline constexpr Free kFreeRsqrt = 1, kFreeExp = 2, kFreeSigmoid = 4, kFreeScore = 8, kFreePower = 16,
                      kFreeRounding = 32, kFreeMask = 64, kFreeDivision = 128;
[[nodiscard]] inline std::vector<std::string> names_of(Free set) {
  constexpr const char* kNames[] = {"1/sqrt",
                                    "exp",
                                    "1/(1+exp(-x))",
                                    "the router's score",
                                    "a power that is no small whole number",
                                    "rounding to a narrower type",
                                    "the mask's minus infinity",
                                    "division by zero"};
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((set >> bit & 1u) != 0) names.emplace_back(kNames[bit]);
  }
  return names;
}

}  // namespace cep::logical::oracle
