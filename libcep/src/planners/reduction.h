// A reduction in blocked tree order, shared out: parts that are nodes of its tree, and the joins that make them the root.
// Why      a join of nodes that are no siblings has other bits: (S0 + S1) + (S2 + S3) is not ((S0 + S1) + S2) + S3.
// Spec     CEP 5.8; CEP 6 (rules tree.*).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cep/plan.h"

namespace cep::planners {

struct ReductionCut {
  std::vector<KRange> parts;  // in order of k; each one node of the tree
  // Each joins values level by level, pairs (2t, 2t+1), an odd last one passing up. Part i is value i, the result of join j value
  // parts.size() + j; that of the last join is the root.
  std::vector<std::vector<std::uint32_t>> joins;
};

// The whole blocks of [0, length), the last one short where they do not fit.
[[nodiscard]] std::int64_t blocks_of(std::int64_t length, std::int64_t block);

// `count` parts: the node that holds most is halved until there are enough. Needs as many blocks as parts.
// Cost     count squared.
[[nodiscard]] ReductionCut cut_reduction(std::int64_t length, std::int64_t block, std::size_t count);

}  // namespace cep::planners
