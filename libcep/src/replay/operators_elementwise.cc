// Operators that work element by element, and those that move nothing.
#include <algorithm>

#include "replay/operator_rows.h"
#include "replay/operators.h"

namespace cep::logical::oracle {
namespace {

template <typename N>
std::string same(const CallOf<N>& call, std::size_t first_operand) {
  for (std::size_t i = first_operand; i < call.in.size(); ++i) {
    if (call.in[i]->shape != call.in.front()->shape) return "operands of different shapes";
  }
  for (const ArrayOf<N>& result : call.out) {
    if (result.shape != call.in.front()->shape) return "the result has another shape";
  }
  return {};
}

// One operand and its results, or a gradient and what it is the gradient of, element by element.
template <typename N, typename Body>
std::string map(const CallOf<N>& call, Body body) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  for (std::size_t i = 0; i < call.out.front().scalars.size(); ++i) call.out.front().scalars[i] = body(i);
  return {};
}

template <typename N>
std::string copy(const CallOf<N>& call) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  for (ArrayOf<N>& result : call.out) {
    if (width(result.element) != width(call.in[0]->element)) return "another kind of element";
    result.scalars = call.in[0]->scalars;
  }
  return {};
}
template <typename N>
std::string pass_gradient(const CallOf<N>& call) {
  return copy<N>({call.operation, call.in.first(1), call.out, call.met});
}

template <typename N>
std::string sum(const CallOf<N>& call) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  ArrayOf<N>& result = call.out[0];
  for (const ArrayOf<N>* operand : call.in) {
    if (operand->scalars.size() != result.scalars.size()) return "another kind of element";
  }
  result.scalars = call.in[0]->scalars;
  for (const ArrayOf<N>* operand : call.in.subspan(1)) {
    for (std::size_t i = 0; i < result.scalars.size(); ++i)
      result.scalars[i] = add(result.scalars[i], operand->scalars[i]);
  }
  return {};
}

template <typename N>
std::string cast(const CallOf<N>& call) {
  constexpr std::string_view kNames[] = {"f32", "f64", "f16", "bf16", "c64", "i64", "i32", "bool"};
  const auto to = word(call.operation, "to");
  if (!to || *to != kNames[static_cast<std::size_t>(call.out[0].element)])
    return "the result has another element than cast to";
  if (is_float(call.in[0]->element) != is_float(call.out[0].element)) return "not between floats";
  return copy(call);
}

template <typename N>
std::string power_forward(const CallOf<N>& call) {
  const auto exponent = real(call.operation, "exponent");
  if (!exponent) return "no exponent";
  if (!small_integer(*exponent)) call.met |= kFreePower;
  return map(call, [&](std::size_t i) {
    const N x = call.in[0]->scalars[i];
    if (*exponent < 0 && Numbers<N>::zero(x)) call.met |= kFreeDivision;
    return Numbers<N>::power(x, *exponent);
  });
}
template <typename N>
std::string power_backward(const CallOf<N>& call) {
  const auto exponent = real(call.operation, "exponent");
  if (!exponent) return "no exponent";
  if (!small_integer(*exponent - 1)) call.met |= kFreePower;
  return map(call, [&](std::size_t i) {
    const N x = call.in[1]->scalars[i];
    if (*exponent < 1 && *exponent != 0 && Numbers<N>::zero(x)) call.met |= kFreeDivision;
    return multiply(call.in[0]->scalars[i], Numbers<N>::power_slope(x, *exponent));
  });
}

template <typename N>
std::string rsqrt_forward(const CallOf<N>& call) {
  return map(call, [&](std::size_t i) { return rsqrt(call.in[0]->scalars[i]); });
}
template <typename N>
std::string rsqrt_backward(const CallOf<N>& call) {
  return map(call, [&](std::size_t i) {
    return multiply(call.in[0]->scalars[i], rsqrt_slope(call.in[1]->scalars[i]));
  });
}

template <typename N>
std::string silu_forward(const CallOf<N>& call) {
  return map(call, [&](std::size_t i) {
    const N x = call.in[0]->scalars[i];
    return multiply(x, sigmoid(x));
  });
}
template <typename N>
std::string silu_backward(const CallOf<N>& call) {
  return map(call, [&](std::size_t i) {
    const N x = call.in[1]->scalars[i];
    const N bend = multiply(x, sigmoid_slope(x));
    return multiply(call.in[0]->scalars[i], add(sigmoid(x), bend));
  });
}

template <typename N>
std::string div_any(const CallOf<N>& call) {
  const auto constant = number<N>(call.operation, "constant");
  if (!constant || Numbers<N>::zero(*constant)) return "no constant to divide by";
  const DivisorOf<N> by(*constant);
  return map(call, [&](std::size_t i) { return by.divide(call.in[0]->scalars[i]); });
}

// Both operands stretched to the result.
template <typename N, typename Body>
std::string zip(const ArrayOf<N>& a, const ArrayOf<N>& b, ArrayOf<N>& result, Body body) {
  const auto from_a = stretch(a.shape, result.shape);
  const auto from_b = stretch(b.shape, result.shape);
  if (!from_a || !from_b) return "operands do not stretch to the result";
  for (std::size_t d = 0; d < result.shape.size(); ++d) {  // no dimension longer than both
    const auto length = [&](const ArrayOf<N>& operand) {
      const std::size_t skip = result.shape.size() - operand.shape.size();
      return d < skip ? 1 : operand.shape[d - skip];
    };
    if (std::max(length(a), length(b)) != result.shape[d] && result.shape[d] != 0)
      return "the result is too long";
  }
  for (std::size_t i = 0; i < result.scalars.size(); ++i)
    result.scalars[i] = body(a.scalars[(*from_a)[i]], b.scalars[(*from_b)[i]]);
  return {};
}
// The gradient of a stretched operand: everything its elements were copied to, added up.
template <typename N, typename Body>
std::string gather_gradient(const ArrayOf<N>& gradient, ArrayOf<N>& result, Body body) {
  const auto to = stretch(result.shape, gradient.shape);
  if (!to) return "a gradient of another shape";
  TensorSums<N> sums(result.scalars.size());
  for (std::size_t i = 0; i < gradient.scalars.size(); ++i) sums[(*to)[i]].take(body(i));
  put_sums(sums, result.scalars);
  return {};
}

// One times x is x.
template <typename N>
N times(const std::optional<double>& alpha, const N& x) {
  return alpha.value_or(1) == 1 ? x : multiply(Numbers<N>::of(*alpha), x);
}
template <typename N>
std::string add_forward(const CallOf<N>& call) {
  const auto alpha = real(call.operation, "alpha");
  if (call.in.size() == 1) {
    const auto constant = number<N>(call.operation, "constant");
    if (!constant) return "one operand and no constant";
    const N shift = times(alpha, *constant);
    return map(call, [&](std::size_t i) { return add(call.in[0]->scalars[i], shift); });
  }
  if (call.in.size() != 2 || number<N>(call.operation, "constant")) return "operands";
  return zip(*call.in[0], *call.in[1], call.out[0],
             [&](const N& a, const N& b) { return add(a, times(alpha, b)); });
}
template <typename N>
std::string add_backward(const CallOf<N>& call) {
  const auto alpha = real(call.operation, "alpha");
  const ArrayOf<N>& gradient = *call.in[0];
  const bool constant = number<N>(call.operation, "constant").has_value();
  if (call.in.size() != (constant ? 2 : 3) || call.out.size() + 1 != call.in.size()) return "operands";
  for (std::size_t i = 0; i < call.out.size(); ++i) {
    if (call.out[i].shape != call.in[i + 1]->shape) return "a gradient unlike its operand";
    const auto body = [&](std::size_t e) {
      return i == 0 ? gradient.scalars[e] : times(alpha, gradient.scalars[e]);
    };
    if (std::string fault = gather_gradient(gradient, call.out[i], body); !fault.empty()) return fault;
  }
  return {};
}

template <typename N>
std::string mul_forward(const CallOf<N>& call) {
  return zip(*call.in[0], *call.in[1], call.out[0], [](const N& a, const N& b) { return multiply(a, b); });
}
template <typename N>
std::string mul_backward(const CallOf<N>& call) {
  const ArrayOf<N>& gradient = *call.in[0];
  for (std::size_t i = 0; i < 2; ++i) {
    const ArrayOf<N>& other = *call.in[2 - i];
    if (call.out[i].shape != call.in[i + 1]->shape) return "a gradient unlike its operand";
    const auto from = stretch(other.shape, gradient.shape);
    if (!from) return "a gradient of another shape";
    const auto body = [&](std::size_t e) { return multiply(gradient.scalars[e], other.scalars[(*from)[e]]); };
    if (std::string fault = gather_gradient(gradient, call.out[i], body); !fault.empty()) return fault;
  }
  return {};
}

template <typename N>
std::string causal_mask(const CallOf<N>& call) {
  const Shape& tokens = call.in[0]->shape;
  if (tokens.size() != 2 || call.out[0].shape != Shape{1, 1, tokens[1], tokens[1]}) return "shapes";
  const auto length = static_cast<std::size_t>(tokens[1]);
  const N masked = Numbers<N>::masked();
  for (std::size_t row = 0; row < length; ++row) {
    for (std::size_t column = row + 1; column < length; ++column)
      call.out[0].scalars[row * length + column] = masked;
  }
  return {};
}
// What of the result comes from the new rows, and what from the cache: two boxes beside it.
template <typename N>
std::string cache_update(const CallOf<N>& call) {
  const ArrayOf<N>&cache = *call.in[0], &fresh = *call.in[1];
  ArrayOf<N>& result = call.out[0];
  const auto position = integer(call.operation, "position");
  if (cache.shape.size() != 4 || fresh.shape.size() != 4 || result.shape != cache.shape || !position)
    return "shapes";
  if (fresh.element != cache.element || result.element != cache.element) return "elements";
  const Piece rows{.begin = {0, 0, *position, 0}, .size = fresh.shape};
  if (fresh.shape[0] != cache.shape[0] || fresh.shape[1] != cache.shape[1] ||
      fresh.shape[3] != cache.shape[3] || !inside(rows, cache.shape))
    return "the new rows are no rows of the cache";
  result.scalars = cache.scalars;
  for_each_element(cache.shape, rows, [&](std::int64_t whole, std::int64_t part) {
    result.scalars[static_cast<std::size_t>(whole)] = fresh.scalars[static_cast<std::size_t>(part)];
  });
  return {};
}
template <typename N>
std::string cache_mask(const CallOf<N>& call) {
  ArrayOf<N>& mask = call.out[0];
  const auto position = integer(call.operation, "position");
  if (mask.shape.size() != 4 || mask.shape[0] != 1 || mask.shape[1] != 1 || !position) return "shapes";
  if (mask.element != call.in[0]->element) return "another element than its operand";
  const std::int64_t rows = mask.shape[2], columns = mask.shape[3];
  if (*position < 0 || *position + rows > columns) return "positions beyond the cache";
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const bool later = i % columns > *position + i / columns;
    mask.scalars[static_cast<std::size_t>(i)] = later ? Numbers<N>::masked() : N{};
  }
  return {};
}
template <typename N>
std::string add_mask(const CallOf<N>& call) {
  const Shape& x = call.in[0]->shape;
  const Shape& mask = call.in[1]->shape;
  if (x.size() != 4 || mask != Shape{1, 1, x[2], x[3]} || call.out[0].shape != x) return "shapes";
  return zip(*call.in[0], *call.in[1], call.out[0], [](const N& a, const N& b) { return add(a, b); });
}

template <typename N>
constexpr OperatorRowOf<N> kRows[] = {
    {"copy", 1, 0, copy<N>, 0, 0, nullptr},
    {"sum", 0, 1, sum<N>, 0, 0, nullptr},
    {"identity", 1, 1, copy<N>, 0, 1, pass_gradient<N>},
    {"cast", 1, 1, cast<N>, 2, 1, pass_gradient<N>},
    {"power", 1, 1, power_forward<N>, 2, 1, power_backward<N>},
    {"rsqrt", 1, 1, rsqrt_forward<N>, 2, 1, rsqrt_backward<N>, kFreeRsqrt},
    {"silu", 1, 1, silu_forward<N>, 2, 1, silu_backward<N>, kFreeSigmoid},
    {"div", 1, 1, div_any<N>, 2, 1, div_any<N>},
    {"add", 0, 1, add_forward<N>, 0, 0, add_backward<N>},
    {"mul", 2, 1, mul_forward<N>, 3, 2, mul_backward<N>},
    {"causal_mask", 2, 1, causal_mask<N>, 0, 0, nullptr, kFreeMask},
    {"cache_update", 2, 1, cache_update<N>, 0, 0, nullptr},
    {"cache_mask", 1, 1, cache_mask<N>, 0, 0, nullptr, kFreeMask},
    {"add_mask", 2, 1, add_mask<N>, 3, 1, pass_gradient<N>},
};

}  // namespace

template <typename N>
std::span<const OperatorRowOf<N>> elementwise_rows() {
  return kRows<N>;
}
template std::span<const OperatorRowOf<Scalar>> elementwise_rows();
template std::span<const OperatorRowOf<Real>> elementwise_rows();
template std::span<const OperatorRowOf<Terms>> elementwise_rows();
template std::span<const OperatorRowOf<Rounded>> elementwise_rows();

}  // namespace cep::logical::oracle
