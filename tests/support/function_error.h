// Scalar programs of elementary functions, run by a shim, and how far their results are from the function.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "cep/op.h"
#include "vendors/launch.h"

namespace cep::testing {

using Bits = std::vector<std::uint32_t>;

// y[i] = f(arguments[0][i], arguments[1][i], ...), all f32.
template <typename Build>
Region function_region(std::size_t arguments, std::int64_t count, const Build& build) {
  RegionBuilder r;
  const TensorType type{Dtype::kF32, {count}};
  std::vector<RegionBuilder::Id> inputs;
  for (std::size_t i = 0; i < arguments; ++i) inputs.push_back(r.input(type));
  const auto y = r.output(type);
  r.begin_nest(type.dims, {});
  std::vector<RegionBuilder::Id> values;
  for (const RegionBuilder::Id input : inputs) values.push_back(r.arg(r.read(input, r.iters())));
  r.write(y, r.iters(), build(r, values));
  r.end_nest();
  return std::move(r).finish();
}

template <typename Build>
Bits function_on(const acp::Device& device, const std::vector<Bits>& arguments, const Build& build) {
  const Region region =
      function_region(arguments.size(), static_cast<std::int64_t>(arguments[0].size()), build);
  std::vector<vendors_test::Bytes> inputs;
  for (const Bits& argument : arguments) inputs.push_back(vendors_test::bytes_of(argument));
  const std::vector<vendors_test::Bytes> before = {vendors_test::Bytes(inputs[0].size())};
  const auto outputs = vendors_test::launch(device, region.view(), inputs, before);
  if (!outputs) {
    ADD_FAILURE() << acp::to_string(outputs.error());
    return Bits(arguments[0].size());
  }
  return vendors_test::elements_of<std::uint32_t>((*outputs)[0]);
}

// Distance of y from the exact value, in units of the spacing of binary32 around it; 2^128 stands for infinity, as rounding has it. A
// NaN is expected to be the canonical one; signs, of zeros too, have to be right.
inline double error_ulp(double exact, std::uint32_t y_bits) {
  const float y = std::bit_cast<float>(y_bits);
  if (std::isnan(exact)) return y_bits == 0x7fc00000 ? 0 : INFINITY;
  if (std::isnan(y) || std::signbit(y) != std::signbit(exact)) return INFINITY;
  const double size = std::fabs(exact), top = 0x1p128;
  const double given = std::isinf(y) ? top : std::fabs(static_cast<double>(y));
  if (size >= top) return (top - given) / 0x1p104;
  const auto exponent = static_cast<int>(std::bit_cast<std::uint64_t>(size) >> 52) - 1023;
  const auto spacing = static_cast<std::uint64_t>(std::max(exponent - 23, -149) + 1023) << 52;
  return std::fabs(given - size) / std::bit_cast<double>(spacing);
}

struct Errors {
  std::uint64_t compared = 0;
  double worst_ulp = 0;
  std::vector<std::uint32_t> worst_at;
};

// exact: the function in double precision, whose own error is some 2^-29 of these units.
template <typename Exact>
void add_errors(Errors& errors, const std::vector<Bits>& arguments, const Bits& y, const Exact& exact) {
  for (std::size_t i = 0; i < y.size(); ++i) {
    double values[2] = {};
    for (std::size_t a = 0; a < arguments.size(); ++a) values[a] = std::bit_cast<float>(arguments[a][i]);
    const double error = error_ulp(exact(values), y[i]);
    ++errors.compared;
    if (error > errors.worst_ulp) {
      errors.worst_ulp = error;
      errors.worst_at.clear();
      for (const Bits& argument : arguments) errors.worst_at.push_back(argument[i]);
    }
  }
}

inline std::string to_string(const Errors& errors) {
  char text[80] = {};
  std::string where;
  for (const std::uint32_t bits : errors.worst_at) {
    std::snprintf(text, sizeof text, " 0x%08x", bits);
    where += text;
  }
  std::snprintf(text, sizeof text, "%.4f ulp over %llu arguments, worst at", errors.worst_ulp,
                static_cast<unsigned long long>(errors.compared));
  return text + where;
}

// A function of one argument, what builds it, and what it is in double precision.
struct UnaryFunction {
  const char* name;
  RegionBuilder::Id (*build)(RegionBuilder& builder, RegionBuilder::Id x);
  double (*exact)(double x);
};
inline constexpr UnaryFunction kUnaryFunctions[] = {
    {.name = "exp", .build = build_exp, .exact = [](double x) { return std::exp(x); }},
    {.name = "log", .build = build_log, .exact = [](double x) { return std::log(x); }},
    {.name = "tanh", .build = build_tanh, .exact = [](double x) { return std::tanh(x); }},
    {.name = "erf", .build = build_erf, .exact = [](double x) { return std::erf(x); }},
    {.name = "sigmoid",
     .build = build_sigmoid,
     .exact =
         [](double x) {
           const double power = std::exp(-std::fabs(x));
           return (x < 0 ? power : 1) / (1 + power);
         }},
};

// Inputs first, first + step, ... below 2^32, at most `count` of them.
struct BitRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t step = 1;
};
inline Errors errors_of(const UnaryFunction& function, const acp::Device& device, const BitRange& inputs) {
  constexpr std::size_t kBatch = 1 << 18;
  Errors errors;
  std::vector<Bits> x(1);
  const auto flush = [&] {
    if (x[0].empty()) return;
    const Bits y = function_on(device, x, [&](RegionBuilder& r, const std::vector<RegionBuilder::Id>& v) {
      return function.build(r, v[0]);
    });
    add_errors(errors, x, y, [&](const double* v) { return function.exact(v[0]); });
    x[0].clear();
  };
  for (std::uint64_t i = 0, bits = inputs.first; i < inputs.count && bits < std::uint64_t{1} << 32;
       ++i, bits += inputs.step) {
    x[0].push_back(static_cast<std::uint32_t>(bits));
    if (x[0].size() == kBatch) flush();
  }
  flush();
  return errors;
}

}  // namespace cep::testing
