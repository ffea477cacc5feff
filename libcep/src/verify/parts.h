// The algebra of partial results: what a part of a reduction is, how parts join, and when they are the whole.
#pragma once

#include <optional>
#include <string>

#include "cep/verify.h"

namespace cep {

// A refusal in words, or nothing.
using Refusal = std::optional<std::string>;

// The reduction of one node, as far as parts need to know it.
class Reduction {
 public:
  explicit Reduction(const SplitReduction& split);

  // What running [from, to) without a seed yields.
  [[nodiscard]] Part start(KRange k) const;
  // What continuing from `seed` over [from, to) yields. Refuses a k that would count twice.
  [[nodiscard]] Refusal append(const Part& seed, KRange k, Part& out) const;
  // What joining two parts yields. Refuses a k, or an init, that would count twice.
  [[nodiscard]] Refusal join(const Part& a, const Part& b, Part& out) const;
  // Whether the part is the whole reduction over the reals, and whether it has the canonical bits too.
  [[nodiscard]] bool is_whole(const Part& part) const;
  [[nodiscard]] bool is_canonical(const Part& part) const;
  // What a seed of constant elements stands for: the state before k = 0 when it is the init itself.
  [[nodiscard]] Part from_constant(std::uint64_t bits) const;

  [[nodiscard]] bool joins_with(CombineOp op) const;
  [[nodiscard]] bool is_extremum() const;

 private:
  [[nodiscard]] std::int64_t blocks() const;
  void set_state(Part& part, KRange k) const;
  void set_joined_state(const Part& a, const Part& b, Part& out) const;
  void pass_up(Part& part) const;
  [[nodiscard]] Refusal merge(const std::vector<KRange>& a, const std::vector<KRange>& b,
                              std::vector<KRange>& out) const;

  SplitReduction split_;
};

[[nodiscard]] std::string to_string(const Part& part);

}  // namespace cep
