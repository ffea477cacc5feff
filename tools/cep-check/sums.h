// Sums: which part of a reduction a step or a join yields, by the rules fold.*, tree.*, index_order.*, sum.* and semilattice.*.
//
// Each function gives every part it can justify, the one that says least (an unordered sum) first; empty: none.
#pragma once

#include <optional>
#include <vector>

#include "cep/certificate.h"

namespace cep_check {

using Parts = std::vector<cep::Part>;

struct Reduction {
  cep::SplitReduction split;
  std::uint64_t init_bits = 0;  // where the init is a constant
  bool init_constant = false;

  [[nodiscard]] bool sums() const {
    return split.combiner == ACP_COMBINE_FMA || split.combiner == ACP_COMBINE_ADD;
  }
};

// A run over k that starts as the node says: from its init at k = 0, from +0 (sums) or its first element elsewhere.
[[nodiscard]] Parts run_alone(const Reduction& reduction, cep::KRange k);
// A run over k that continues from `seed`.
[[nodiscard]] Parts run_from(const Reduction& reduction, const cep::Part& seed, cep::KRange k);
// The empty sum an accumulator filled with this constant holds; nothing when it is no zero of a sum.
[[nodiscard]] std::optional<cep::Part> constant_start(const Reduction& reduction, std::uint64_t bits,
                                                      cep::Dtype dtype);
// Two parts joined by one addition, maximum or minimum.
[[nodiscard]] Parts join(const Reduction& reduction, const Parts& a, const Parts& b);
// What a fact's part may be taken for.
[[nodiscard]] Parts readings(const Reduction& reduction, const cep::Part& part);

// The grade at which `claimed` follows from one of `parts`; nothing when it does not.
[[nodiscard]] std::optional<cep::Grade> follows(const Reduction& reduction, const Parts& parts,
                                                const cep::Part& claimed);

}  // namespace cep_check
