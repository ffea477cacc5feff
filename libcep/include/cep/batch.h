// Whether what is proved of a logical plan at one batch holds at every multiple of it.
//
// A family: every sample of the document's batch becomes `times` samples, side by side. Where each sample is computed by itself, and sums over
// samples stay sums, the larger plan is the smaller one, once for each of the `times` shares of its input, and a proof of one proves all.
//
// Life     plain values, of the one document they were made for.
// Threads  every function from many.
// Spec     CEP 11.11.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

// A dimension of a tensor that is given from outside, of the reference: sample after sample, each `run` elements long.
struct BatchAxis {
  Id tensor = 0;
  std::uint8_t dim = 0;
  std::int64_t run = 1;
};

// What a tensor of the larger document is, beside that of the smaller one.
struct Batched {
  enum class Kind : std::uint8_t {
    kFixed,  // the same
    kRows,  // longer: every `run` elements of `dim` become `run` elements of each share, one share behind another
    kSum,  // as large, and the sum of what the smaller document makes of each share
  };
  Kind kind = Kind::kFixed;
  std::uint8_t dim = 0;
  std::int64_t run = 1;
  auto operator<=>(const Batched&) const = default;
};

struct BatchFamily {
  std::vector<Batched> reference, plan;  // per tensor
                                         // Whether some tensor is a kSum: another batch adds more terms.
  [[nodiscard]] bool sums() const;
};

// Requires check_logical() to have accepted the document. What is proved of it over the reals (prove()) then holds for every with_batch() of it; what is
// proved to the bit (find_other_order()) does where sums() is false.
//
// Errors   as a finding: CEP-BATCH-1 a line, or a node of the reference, in which a sample meets another one, other than to be added up; CEP-BATCH-2 a
//          sum over samples meets an operator that is not linear in it, or what is no such sum; CEP-BATCH-3 a box or a cut between two
//          elements of one sample, members of a communication that do not hold alike, or an output that is delivered as something else than
//          the reference makes; CEP-BATCH-4 no such dimension, or not a whole number of
//          samples in it; or a document too large.
// Cost     linear in lines; a look-up each, and reasoning for each distinct application of an operator.
// Spec     CEP 11.11, CEP-BATCH-1 to CEP-BATCH-4.
[[nodiscard]] std::variant<BatchFamily, Finding> follow_batch(const Document& document,
                                                              std::span<const BatchAxis> axes);

// The document with `times` samples for each. Requires a family that follow_batch() gave for this document.
// Errors   CEP-BATCH-4 times is not positive, or a length leaves the limits of CEP 11.2.
// Spec     CEP 11.11.
[[nodiscard]] acp::Result<Document> with_batch(const Document& document, const BatchFamily& family,
                                               std::int64_t times);

}  // namespace cep::logical
