// Random right plans for a reference: every node is cut along the axes of a mesh (replicas, tensor-parallel ranks, micro-batches) in some way its
// operator allows, stages of a pipeline share the nodes, and values are exchanged where the next node wants them cut otherwise.
//
// Nothing here knows a named scheme: column and row parallel products, sequence and expert parallelism, sharded vocabularies and gradients
// reduced late or never come out of the options of operators.
#pragma once

#include <cstdint>
#include <optional>

#include "soundness/logical/random_reference.h"

namespace cep::logical::oracle {

struct Mesh {
  std::int64_t replicas = 1, tensor = 1, stages = 1, micro_batches = 1;
};
[[nodiscard]] Mesh random_mesh(Random& random);

// A sum of which every rank has an addend can be copied, added to, and laid out otherwise before it is reduced. Any operator that is linear in
// it will do, too: products, means, derivatives. Refusing these is counted, and is no fault.
enum class Sums : std::uint8_t { kReducedFirst, kCarriedOn };

// Nothing when the dice left a node without a way to compute it.
[[nodiscard]] std::optional<Document> partition(RandomReference reference, const Mesh& mesh, Sums sums,
                                                Random& random);

// A reference and a right plan for it.
[[nodiscard]] Document random_document(Random& random, Sums sums = Sums::kReducedFirst);

}  // namespace cep::logical::oracle
