// Digits of a pattern's variables. Four ranks that hold two by two heads lie at rank div 2 of one axis and rank mod 2 of another: no linear
// forms of the rank, but of its two digits.
//
// Spec     CEP 11.5 (over a variable).
#pragma once

#include "number.h"
#include "reference.h"

namespace cep::logical::calculus {

// Radices that the axes of the reference's dimensions suggest; none where they suggest no more than the variables themselves. A hint: a
// proof holds whatever they are, their products being the variables' sizes.
[[nodiscard]] Radices radices_of(const Plan& plan, const ReferenceValues& values);

}  // namespace cep::logical::calculus
