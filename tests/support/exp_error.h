// The scalar program of exp, run by the interpreter.
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

}  // namespace cep::testing
