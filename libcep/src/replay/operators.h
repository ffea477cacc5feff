// The operators of a logical program, forward and backward, over every kind of number.
//
// Written from the operators' meanings (CEP 11.3), by brute force and with nothing of the library behind it but the model's types.
//
// exact       embedding, copy, sum, identity, power with an integer exponent, mean, add, mul, div, linear, matmul, reshape, transpose,
//             rotary, sum_all, all_reduce and the like, and their derivatives
// free        over the field a random function each, and one for its derivative: rsqrt, exp (inside softmax), sigmoid (inside silu and
//             router), other powers; softmax = exp / sum of exp, silu = x * sigmoid, and their derivatives are the true formulas over those
// masks       minus infinity is one element m of the field, added as any other number; exp(x + m) is not 0
// router      over the field scores are ordered as integers 0 .. p - 1, ties by the lower expert; which experts are chosen has no derivative
// sums        in the order of CEP 11.10, where it matters to the numbers; a row of softmax has its largest element taken off first there
// dtypes      a result narrower than the widest operand is rounded: over the field a random function that keeps what it gave before; wider is exact
#pragma once

#include <span>
#include <string>

#include "replay/array.h"
#include "replay/free.h"

namespace cep::logical::oracle {

// Fills `results`, which have their declared shapes and elements, and adds to `met` what the field knows nothing about. Returns what is
// wrong, or nothing.
[[nodiscard]] std::string apply(const Operation& operation, std::span<const Array* const> operands,
                                std::span<Array> results, Free* met = nullptr);
[[nodiscard]] std::string apply(const Operation& operation, std::span<const ArrayOf<Real>* const> operands,
                                std::span<ArrayOf<Real>> results, Free* met = nullptr);
[[nodiscard]] std::string apply(const Operation& operation, std::span<const ArrayOf<Terms>* const> operands,
                                std::span<ArrayOf<Terms>> results, Free* met = nullptr);
[[nodiscard]] std::string apply(const Operation& operation, std::span<const ArrayOf<Rounded>* const> operands,
                                std::span<ArrayOf<Rounded>> results, Free* met = nullptr);

}  // namespace cep::logical::oracle
