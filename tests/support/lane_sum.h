// The lanes32 sum of up to 4,096 elements, taking first elements (CEP 3.3, "Orders"), written from its sentences.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cep::testing {

inline float lane_sum(const std::vector<float>& x) {
  std::vector<std::optional<float>> lanes(32);
  const auto join = [](std::optional<float>& a, std::optional<float> b) {
    if (b) a = a ? *a + *b : *b;
  };
  for (std::size_t i = 0; i < x.size(); ++i) join(lanes[i % 32], x[i]);
  for (const std::size_t w : {16UL, 8UL, 4UL, 2UL, 1UL}) {
    for (std::size_t l = 0; l < w; ++l) join(lanes[l], lanes[l + w]);
  }
  return lanes[0].value_or(0.0f);
}

}  // namespace cep::testing
