// Elementary functions of binary32, with the bits that every device that runs region programs gives.
//
// Threads  use from many.
// Cost     some microseconds each: the interpreter runs them.
// Spec     numerics, "Elementary functions".
#pragma once

namespace cep::logical::oracle {

[[nodiscard]] float exp_of_binary32(float x);
[[nodiscard]] float sigmoid_of_binary32(float x);
[[nodiscard]] float pow_of_binary32(float x, float y);

}  // namespace cep::logical::oracle
