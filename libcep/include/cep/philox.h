// Philox 4x32-10: random numbers by counter. What a block is depends on key and counter alone, never on who draws it or when, so no
// placement can change it.
//
// Spec     numerics; CEP 10.3.
#pragma once

#include <array>
#include <cstdint>

namespace cep {

using PhiloxBlock = std::array<std::uint32_t, 4>;

// One block of four words: ten rounds.
[[nodiscard]] PhiloxBlock philox(std::uint64_t key, PhiloxBlock counter);

}  // namespace cep
