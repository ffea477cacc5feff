// Large logical plans made small enough for the oracle: every dimension is mapped, the same way in the reference and in the plan.
//
// It is no step of a proof (what holds at one size need not at another), only a way to run plans of real sizes on numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cep/logical.h"

namespace cep::logical::oracle {

// A length and what it becomes; others stay. It is looked up for the reference's inputs, parameters, buffers and seeds, and for the factors
// that a reshape cuts a dimension into. All else follows from the operators.
using Lengths = std::map<std::int64_t, std::int64_t>;

struct Scaled {
  Document document;
  std::string fault;  // where a division is not exact, or a shape does not fit; empty: none
};
// Expanded plans that check_logical() accepts. Boxes, ranges of tables and shapes are divided as the tensors they speak of; each division is exact or a fault.
// `given`: shapes of reference tensors without a producer, where a length alone does not say what it is the length of.
[[nodiscard]] Scaled scale_down(const Document& document, const Lengths& lengths,
                                const std::map<Id, Shape>& given = {});

}  // namespace cep::logical::oracle
