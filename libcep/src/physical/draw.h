// One set of inputs: every element a function of seed, tensor and position alone, so that none has to be kept.
#pragma once

#include <cstdint>

#include "cep/graph.h"
#include "cep/interp.h"

namespace cep::physical {

class Draw {
 public:
  // Numbers by seed mod 4: 1: whole, 1 to 4; 2: of 24 bits, in [1/4, 4); 3: whole, -4 to 4; 0: of 24 bits, in [1/8, 2) and the negative ones.
  // Integers are below `below`, as positions are.
  Draw(const Workload& workload, std::uint64_t seed, std::uint64_t below)
      : workload_(workload), seed_(seed), below_(below) {}

  // An element of a tensor that no node makes, by its row-major position.
  [[nodiscard]] Value element(TensorId tensor, std::int64_t position) const;
  [[nodiscard]] Elements elements(TensorId tensor) const;
  // What may stand where nobody has written: numbers and integers no input has.
  [[nodiscard]] Value noise(std::uint32_t place, std::int64_t position, Dtype dtype) const;

  [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
  [[nodiscard]] std::uint64_t bits(std::uint32_t space, std::uint32_t of, std::int64_t position) const;
  [[nodiscard]] float number(std::uint64_t bits) const;

  const Workload& workload_;
  std::uint64_t seed_;
  std::uint64_t below_;
};

}  // namespace cep::physical
