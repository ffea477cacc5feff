// The canonical orders as OpenCL C: leaves the accumulator of one parallel point in `acc`.
#pragma once

#include "expression.h"

namespace acp_gpu {

struct Reduction {
  const acp_nest* nest = nullptr;
  const Space* space = nullptr;
  std::uint8_t dtype = 0;
  std::string statements;  // of the body, evaluated for every k
  std::string body_a, body_b;
};

// `acc` is declared and holds the init where there is one.
void write_reduction(const Reduction& reduction, Text& text);

}  // namespace acp_gpu
