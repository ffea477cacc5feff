// Numbers as unrounded sums of two binary32 numbers, inside a scalar program: what functions need that must stay accurate behind a
// cancellation or a large factor.
//
// Life     node ids of one RegionBuilder.
// Spec     numerics, "Numbers in two parts".
#pragma once

#include "cep/op.h"

namespace cep::functions {

using Id = RegionBuilder::Id;

// high + low; |low| is at most a few units in the last place of high.
struct Pair {
  Id high;
  Id low;
};

// a + b without rounding, where |a| >= |b| or a is zero.
[[nodiscard]] Pair ordered_sum(RegionBuilder& b, Id larger, Id smaller);
// A pair of the same sum whose high part is the sum rounded.
[[nodiscard]] Pair settled(RegionBuilder& b, Pair sum);
// numerator / denominator, rounded from a quotient that is accurate to far below the last place.
[[nodiscard]] Id quotient(RegionBuilder& b, Pair numerator, Pair denominator);

// e^(x.high + x.low) = (high + low) * 2^exponent. x.high lies within -104 and 89 or is a NaN; exponent is i32.
struct Power {
  Pair value;
  Id exponent;
};
[[nodiscard]] Power exp_of(RegionBuilder& b, Pair x);
// value * 2^exponent with at most one rounding, -300 <= exponent <= 250. The value has a magnitude from 1/4 to 4.
[[nodiscard]] Id scaled(RegionBuilder& b, Id value, Id exponent);
// 2^exponent, -126 <= exponent <= 127.
[[nodiscard]] Id power_of_two(RegionBuilder& b, Id exponent);

// ln x for positive finite x; anything for other x.
[[nodiscard]] Pair log_of(RegionBuilder& b, Id x);

// Coefficients, highest power first, as binary32 bits.
[[nodiscard]] Id polynomial(RegionBuilder& b, std::span<const std::uint32_t> coefficients, Id x);

// y with the sign of x where y is not negative; a NaN y stays the NaN of arithmetic.
[[nodiscard]] Id with_sign_of(RegionBuilder& b, Id y, Id x);

}  // namespace cep::functions
