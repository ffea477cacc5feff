// Operators that work element by element, and those that move nothing.
#include <algorithm>

#include "soundness/logical/operator_rows.h"
#include "soundness/logical/operators.h"

namespace cep::logical::oracle {
namespace {

std::string same(const Call& call, std::size_t first_operand) {
  for (std::size_t i = first_operand; i < call.in.size(); ++i) {
    if (call.in[i]->shape != call.in.front()->shape) return "operands of different shapes";
  }
  for (const Array& result : call.out) {
    if (result.shape != call.in.front()->shape) return "the result has another shape";
  }
  return {};
}

// One operand and its results, or a gradient and what it is the gradient of, element by element.
template <typename Body>
std::string map(const Call& call, Body body) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  for (std::size_t i = 0; i < call.out.front().scalars.size(); ++i) call.out.front().scalars[i] = body(i);
  return {};
}

std::string copy(const Call& call) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  for (Array& result : call.out) {
    if (width(result.element) != width(call.in[0]->element)) return "another kind of element";
    result.scalars = call.in[0]->scalars;
  }
  return {};
}
std::string pass_gradient(const Call& call) { return copy({call.operation, call.in.first(1), call.out}); }

std::string sum(const Call& call) {
  if (std::string fault = same(call, 0); !fault.empty()) return fault;
  Array& result = call.out[0];
  for (const Array* operand : call.in) {
    if (operand->scalars.size() != result.scalars.size()) return "another kind of element";
    for (std::size_t i = 0; i < result.scalars.size(); ++i)
      result.scalars[i] = add(result.scalars[i], operand->scalars[i]);
  }
  return {};
}

std::string cast(const Call& call) {
  constexpr std::string_view kNames[] = {"f32", "f64", "f16", "bf16", "c64", "i64", "i32", "bool"};
  const auto to = word(call.operation, "to");
  if (!to || *to != kNames[static_cast<std::size_t>(call.out[0].element)])
    return "the result has another element than cast to";
  if (is_float(call.in[0]->element) != is_float(call.out[0].element)) return "not between floats";
  return copy(call);
}

std::string power_forward(const Call& call) {
  const auto exponent = number(call.operation, "exponent");
  if (!exponent) return "no exponent";
  // An integer exponent, negative ones below p, or a random function for any other.
  return map(call, [&](std::size_t i) {
    const Scalar x = call.in[0]->scalars[i];
    const bool negative = *exponent > kPrime / 2;
    const Scalar size = negative ? negate(*exponent) : *exponent;
    if (size > 1000) return hash(*exponent, x) % kPrime;
    return negative ? inverse(power(x, size)) : power(x, size);
  });
}
std::string power_backward(const Call& call) {
  const auto exponent = number(call.operation, "exponent");
  if (!exponent) return "no exponent";
  return map(call, [&](std::size_t i) {
    const Scalar x = call.in[1]->scalars[i];
    const bool negative = *exponent > kPrime / 2;
    const Scalar size = negative ? negate(*exponent) : *exponent;
    Scalar slope = 0;
    if (size > 1000) {
      slope = hash(~*exponent, x) % kPrime;
    } else if (size != 0) {
      slope = multiply(*exponent, negative ? inverse(power(x, size + 1)) : power(x, size - 1));
    }
    return multiply(call.in[0]->scalars[i], slope);
  });
}

std::string rsqrt_forward(const Call& call) {
  return map(call, [&](std::size_t i) { return random_function(Function::kRsqrt, call.in[0]->scalars[i]); });
}
std::string rsqrt_backward(const Call& call) {
  return map(call, [&](std::size_t i) {
    return multiply(call.in[0]->scalars[i], random_function(Function::kRsqrtSlope, call.in[1]->scalars[i]));
  });
}

std::string silu_forward(const Call& call) {
  return map(call, [&](std::size_t i) {
    const Scalar x = call.in[0]->scalars[i];
    return multiply(x, random_function(Function::kSigmoid, x));
  });
}
std::string silu_backward(const Call& call) {
  return map(call, [&](std::size_t i) {
    const Scalar x = call.in[1]->scalars[i];
    const Scalar bend = multiply(x, random_function(Function::kSigmoidSlope, x));
    return multiply(call.in[0]->scalars[i], add(random_function(Function::kSigmoid, x), bend));
  });
}

std::string div_any(const Call& call) {
  const auto constant = number(call.operation, "constant");
  if (!constant || *constant == 0) return "no constant to divide by";
  const Scalar factor = inverse(*constant);
  return map(call, [&](std::size_t i) { return multiply(call.in[0]->scalars[i], factor); });
}

// Both operands stretched to the result.
template <typename Body>
std::string zip(const Array& a, const Array& b, Array& result, Body body) {
  const auto from_a = stretch(a.shape, result.shape);
  const auto from_b = stretch(b.shape, result.shape);
  if (!from_a || !from_b) return "operands do not stretch to the result";
  for (std::size_t d = 0; d < result.shape.size(); ++d) {  // no dimension longer than both
    const auto length = [&](const Array& operand) {
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
template <typename Body>
std::string gather_gradient(const Array& gradient, Array& result, Body body) {
  const auto to = stretch(result.shape, gradient.shape);
  if (!to) return "a gradient of another shape";
  for (std::size_t i = 0; i < gradient.scalars.size(); ++i)
    result.scalars[(*to)[i]] = add(result.scalars[(*to)[i]], body(i));
  return {};
}

std::string add_forward(const Call& call) {
  const Scalar alpha = number(call.operation, "alpha").value_or(1);
  if (call.in.size() == 1) {
    const auto constant = number(call.operation, "constant");
    if (!constant) return "one operand and no constant";
    const Scalar shift = multiply(alpha, *constant);
    return map(call, [&](std::size_t i) { return add(call.in[0]->scalars[i], shift); });
  }
  if (call.in.size() != 2 || number(call.operation, "constant")) return "operands";
  return zip(*call.in[0], *call.in[1], call.out[0],
             [&](Scalar a, Scalar b) { return add(a, multiply(alpha, b)); });
}
std::string add_backward(const Call& call) {
  const Scalar alpha = number(call.operation, "alpha").value_or(1);
  const Array& gradient = *call.in[0];
  const bool constant = number(call.operation, "constant").has_value();
  if (call.in.size() != (constant ? 2 : 3) || call.out.size() + 1 != call.in.size()) return "operands";
  for (std::size_t i = 0; i < call.out.size(); ++i) {
    if (call.out[i].shape != call.in[i + 1]->shape) return "a gradient unlike its operand";
    const Scalar factor = i == 0 ? 1 : alpha;
    if (std::string fault = gather_gradient(
            gradient, call.out[i], [&](std::size_t e) { return multiply(gradient.scalars[e], factor); });
        !fault.empty())
      return fault;
  }
  return {};
}

std::string mul_forward(const Call& call) {
  return zip(*call.in[0], *call.in[1], call.out[0], [](Scalar a, Scalar b) { return multiply(a, b); });
}
std::string mul_backward(const Call& call) {
  const Array& gradient = *call.in[0];
  for (std::size_t i = 0; i < 2; ++i) {
    const Array& other = *call.in[2 - i];
    if (call.out[i].shape != call.in[i + 1]->shape) return "a gradient unlike its operand";
    const auto from = stretch(other.shape, gradient.shape);
    if (!from) return "a gradient of another shape";
    const auto body = [&](std::size_t e) { return multiply(gradient.scalars[e], other.scalars[(*from)[e]]); };
    if (std::string fault = gather_gradient(gradient, call.out[i], body); !fault.empty()) return fault;
  }
  return {};
}

std::string causal_mask(const Call& call) {
  const Shape& tokens = call.in[0]->shape;
  if (tokens.size() != 2 || call.out[0].shape != Shape{1, 1, tokens[1], tokens[1]}) return "shapes";
  const auto length = static_cast<std::size_t>(tokens[1]);
  const Scalar masked = random_function(Function::kMasked, 0);
  for (std::size_t row = 0; row < length; ++row) {
    for (std::size_t column = row + 1; column < length; ++column)
      call.out[0].scalars[row * length + column] = masked;
  }
  return {};
}
// What of the result comes from the new rows, and what from the cache: two boxes beside it.
std::string cache_update(const Call& call) {
  const Array &cache = *call.in[0], &fresh = *call.in[1];
  Array& result = call.out[0];
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
std::string cache_mask(const Call& call) {
  Array& mask = call.out[0];
  const auto position = integer(call.operation, "position");
  if (mask.shape.size() != 4 || mask.shape[0] != 1 || mask.shape[1] != 1 || !position) return "shapes";
  if (mask.element != call.in[0]->element) return "another element than its operand";
  const std::int64_t rows = mask.shape[2], columns = mask.shape[3];
  if (*position < 0 || *position + rows > columns) return "positions beyond the cache";
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const bool later = i % columns > *position + i / columns;
    mask.scalars[static_cast<std::size_t>(i)] = later ? random_function(Function::kMasked, 0) : 0;
  }
  return {};
}
std::string add_mask(const Call& call) {
  const Shape& x = call.in[0]->shape;
  const Shape& mask = call.in[1]->shape;
  if (x.size() != 4 || mask != Shape{1, 1, x[2], x[3]} || call.out[0].shape != x) return "shapes";
  return zip(*call.in[0], *call.in[1], call.out[0], [](Scalar a, Scalar b) { return add(a, b); });
}

constexpr OperatorRow kRows[] = {
    {"copy", 1, 0, copy, 0, 0, nullptr},
    {"sum", 0, 1, sum, 0, 0, nullptr},
    {"identity", 1, 1, copy, 0, 1, pass_gradient},
    {"cast", 1, 1, cast, 2, 1, pass_gradient},
    {"power", 1, 1, power_forward, 2, 1, power_backward},
    {"rsqrt", 1, 1, rsqrt_forward, 2, 1, rsqrt_backward},
    {"silu", 1, 1, silu_forward, 2, 1, silu_backward},
    {"div", 1, 1, div_any, 2, 1, div_any},
    {"add", 0, 1, add_forward, 0, 0, add_backward},
    {"mul", 2, 1, mul_forward, 3, 2, mul_backward},
    {"causal_mask", 2, 1, causal_mask, 0, 0, nullptr},
    {"cache_update", 2, 1, cache_update, 0, 0, nullptr},
    {"cache_mask", 1, 1, cache_mask, 0, 0, nullptr},
    {"add_mask", 2, 1, add_mask, 3, 1, pass_gradient},
};

}  // namespace

std::span<const OperatorRow> elementwise_rows() { return kRows; }

}  // namespace cep::logical::oracle
