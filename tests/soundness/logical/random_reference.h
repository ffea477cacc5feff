// Random small training steps: an embedding or a given input, blocks (product pairs, attention, experts) with norms and residuals, a sum as loss,
// and the backward program, written as single-device programs write it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "soundness/logical/document_writer.h"

namespace cep::logical::oracle {

using Random = std::mt19937_64;

struct RandomReference {
  DocumentWriter writer;  // the plan is empty
  std::vector<std::size_t>
      position;  // by node: where in the forward program it, or what it is the derivative of, stands
  std::size_t forward_nodes = 0;
};
[[nodiscard]] RandomReference random_reference(Random& random);

}  // namespace cep::logical::oracle
