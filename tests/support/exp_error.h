// The scalar program of exp, run by the interpreter, and how far its results are from e^x.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cep/interp.h"
#include "cep/op.h"

namespace cep::testing {

// y = exp(x) over `count` elements.
inline Region exp_region(std::int64_t count) {
  RegionBuilder r;
  const TensorType type{Dtype::kF32, {count}};
  const auto x = r.input(type);
  const auto y = r.output(type);
  r.begin_nest(type.dims, {});
  r.write(y, r.iters(), build_exp(r, r.arg(r.read(x, r.iters()))));
  r.end_nest();
  return std::move(r).finish();
}

inline std::vector<std::uint32_t> exp_of(const std::vector<std::uint32_t>& x) {
  const Region region = exp_region(static_cast<std::int64_t>(x.size()));
  Elements in(x.size()), out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) in[i] = {x[i], Value::kConcrete};
  ACP_ASSERT(interpret(region, Domain::kBits, {&in, &out}).has_value());
  std::vector<std::uint32_t> y;
  for (const Value& value : out) y.push_back(static_cast<std::uint32_t>(value.lo));
  return y;
}

// Distance of y from e^x in units of the spacing of binary32 around e^x; 2^128 stands for infinity, as rounding has it. NaN: 0 when y is
// the canonical NaN.
inline double exp_error_ulp(std::uint32_t x_bits, std::uint32_t y_bits) {
  const float x = std::bit_cast<float>(x_bits), y = std::bit_cast<float>(y_bits);
  if (std::isnan(x)) return y_bits == 0x7fc00000 ? 0 : INFINITY;
  if (std::isnan(y) || std::signbit(y)) return INFINITY;
  const long double exact = std::exp(static_cast<long double>(x));
  const long double top = 0x1p128L;
  if (exact >= top)
    return std::isinf(y) ? 0 : static_cast<double>((top - static_cast<long double>(y)) / 0x1p104L);
  int exponent = 0;
  std::frexp(exact, &exponent);
  const long double spacing = std::ldexp(1.0L, std::max(exponent - 24, -149));
  const long double given = std::isinf(y) ? top : static_cast<long double>(y);
  return static_cast<double>(std::fabs(given - exact) / spacing);
}

struct ExpErrors {
  std::uint64_t compared = 0;
  double worst_ulp = 0;
  std::uint32_t worst_at = 0;
};
// Inputs first, first + step, ... below 2^32, at most `count` of them.
struct ExpInputs {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t step = 1;
};
inline ExpErrors exp_errors(const ExpInputs& inputs) {
  constexpr std::size_t kBatch = 1 << 14;
  ExpErrors errors;
  std::vector<std::uint32_t> x;
  const auto flush = [&] {
    const std::vector<std::uint32_t> y = exp_of(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = exp_error_ulp(x[i], y[i]);
      ++errors.compared;
      if (error > errors.worst_ulp) {
        errors.worst_ulp = error;
        errors.worst_at = x[i];
      }
    }
    x.clear();
  };
  for (std::uint64_t i = 0, bits = inputs.first; i < inputs.count && bits < std::uint64_t{1} << 32;
       ++i, bits += inputs.step) {
    x.push_back(static_cast<std::uint32_t>(bits));
    if (x.size() == kBatch) flush();
  }
  if (!x.empty()) flush();
  return errors;
}

}  // namespace cep::testing
