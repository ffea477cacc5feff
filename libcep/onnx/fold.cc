// Arithmetic on shapes, which exporters write as nodes: done here, over integers that are known at import.
#include <algorithm>
#include <limits>

#include "values.h"

namespace cep::onnx_room {
namespace {

using Numbers = std::vector<std::int64_t>;
using Folded = std::optional<Value>;

Folded known_value(Dtype dtype, Dims dims, Numbers numbers) {
  if (numbers.size() > kMaxKnown || static_cast<std::int64_t>(numbers.size()) != volume(dims))
    return std::nullopt;
  for (const std::int64_t n : numbers) {
    // 32-bit arithmetic that overflows stays a node: nothing here decides how it wraps.
    const bool fits =
        n >= std::numeric_limits<std::int32_t>::min() && n <= std::numeric_limits<std::int32_t>::max();
    if (dtype == Dtype::kI32 && !fits) return std::nullopt;
  }
  Value value;
  value.type = {dtype, std::move(dims)};
  value.known = std::move(numbers);
  return value;
}

Folded same(const Draft& node) {
  const Value& x = *node.inputs[0];
  return known_value(x.type.dtype, x.type.dims, *x.known);
}

Folded cast(const Draft& node) {
  const Value& x = *node.inputs[0];
  const Dtype to = dtype_of(static_cast<std::int32_t>(node.int_attribute("to", 0)));
  if (to != Dtype::kI64 && to != Dtype::kI32 && to != Dtype::kBool) return std::nullopt;
  Numbers numbers = *x.known;
  if (to == Dtype::kBool) {
    for (std::int64_t& n : numbers) n = n != 0 ? 1 : 0;
  }
  return known_value(to, x.type.dims, std::move(numbers));
}

Folded gather(const Draft& node) {
  const Value& data = *node.inputs[0];
  const Value& indices = *node.inputs[1];
  const std::int64_t axis = node.int_attribute("axis", 0);
  if (data.type.dims.size() != 1 || (axis != 0 && axis != -1)) return std::nullopt;
  const std::int64_t extent = data.type.dims[0];
  Numbers out;
  out.reserve(indices.known->size());
  for (std::int64_t i : *indices.known) {
    if (i < 0) i += extent;
    if (i < 0 || i >= extent) return std::nullopt;
    out.push_back((*data.known)[static_cast<std::size_t>(i)]);
  }
  return known_value(data.type.dtype, indices.type.dims, std::move(out));
}

// The axes of a Squeeze or Unsqueeze, by input or by attribute, made positive and sorted.
std::optional<Numbers> axes_of(const Draft& node, std::size_t rank) {
  Numbers axes;
  if (const auto given = node.ints_attribute("axes")) {
    axes = *given;
  } else if (const Value* input = node.input(1)) {
    axes = *input->known;
  }
  for (std::int64_t& axis : axes) {
    const auto normal = normal_axis(axis, rank);
    if (!normal) return std::nullopt;
    axis = static_cast<std::int64_t>(*normal);
  }
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) return std::nullopt;
  return axes;
}

Folded unsqueeze(const Draft& node) {
  const Value& x = *node.inputs[0];
  const std::size_t added = node.ints_attribute("axes") ? node.ints_attribute("axes")->size()
                            : node.input(1) != nullptr  ? node.input(1)->known->size()
                                                        : 0;
  if (added > ACP_MAX_RANK) return std::nullopt;
  const auto axes = axes_of(node, x.type.dims.size() + added);
  if (!axes) return std::nullopt;
  Dims dims = x.type.dims;
  for (const std::int64_t axis : *axes) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  return known_value(x.type.dtype, std::move(dims), *x.known);
}

Folded squeeze(const Draft& node) {
  const Value& x = *node.inputs[0];
  const auto axes = axes_of(node, x.type.dims.size());
  if (!axes) return std::nullopt;
  Dims dims;
  for (std::size_t d = 0; d < x.type.dims.size(); ++d) {
    const bool named = std::binary_search(axes->begin(), axes->end(), static_cast<std::int64_t>(d));
    if (named && x.type.dims[d] != 1) return std::nullopt;
    if (!named && !(axes->empty() && x.type.dims[d] == 1)) dims.push_back(x.type.dims[d]);
  }
  return known_value(x.type.dtype, std::move(dims), *x.known);
}

Folded reshape(const Draft& node) {
  const Value& x = *node.inputs[0];
  Dims dims = *node.inputs[1]->known;
  if (node.int_attribute("allowzero", 0) != 0 || dims.size() > ACP_MAX_RANK) return std::nullopt;
  std::int64_t rest = static_cast<std::int64_t>(x.known->size());
  std::int64_t* open = nullptr;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 0 && d < x.type.dims.size()) dims[d] = x.type.dims[d];
    if (dims[d] == -1 && open == nullptr) {
      open = &dims[d];
      continue;
    }
    if (dims[d] <= 0 || rest % dims[d] != 0) return std::nullopt;
    rest /= dims[d];
  }
  if (open != nullptr) *open = rest;
  return known_value(x.type.dtype, std::move(dims), *x.known);
}

Folded concat(const Draft& node) {
  const std::int64_t axis = node.int_attribute("axis", 0);
  Numbers out;
  for (const Value* x : node.inputs) {
    if (x == nullptr || x->type.dims.size() != 1 || x->type.dtype != node.inputs[0]->type.dtype)
      return std::nullopt;
    out.insert(out.end(), x->known->begin(), x->known->end());
  }
  if (axis != 0 && axis != -1) return std::nullopt;
  const auto count = static_cast<std::int64_t>(out.size());
  return known_value(node.inputs[0]->type.dtype, {count}, std::move(out));
}

// One number of input i, or of an attribute that is a list of one.
std::optional<std::int64_t> only(const Draft& node, std::size_t i, std::string_view attribute,
                                 std::int64_t otherwise) {
  if (const auto given = node.ints_attribute(attribute))
    return given->size() == 1 ? std::optional(given->front()) : std::nullopt;
  const Value* input = node.input(i);
  if (input == nullptr) return otherwise;
  return input->known->size() == 1 ? std::optional(input->known->front()) : std::nullopt;
}

Folded slice(const Draft& node) {
  const Value& x = *node.inputs[0];
  if (x.type.dims.size() != 1) return std::nullopt;
  const std::int64_t extent = x.type.dims[0];
  const auto start = only(node, 1, "starts", 0), end = only(node, 2, "ends", extent);
  const auto axis = only(node, 3, "axes", 0), step = only(node, 4, "", 1);
  if (!start || !end || !axis || !step || (*axis != 0 && *axis != -1) || *step != 1) return std::nullopt;
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -extent) + extent : at, 0, extent);
  };
  const std::int64_t lo = bound(*start), hi = std::max(lo, bound(*end));
  return known_value(x.type.dtype, {hi - lo}, Numbers(x.known->begin() + lo, x.known->begin() + hi));
}

template <typename Combine>  // false: the result is not a number here
Folded pairwise(const Draft& node, Dtype dtype, Combine combine) {
  const Value& a = *node.inputs[0];
  const Value& b = *node.inputs[1];
  if (a.type.dtype != b.type.dtype) return std::nullopt;
  const bool spread_a = a.known->size() == 1 && a.type.dims.size() <= b.type.dims.size();
  const bool spread_b = b.known->size() == 1 && b.type.dims.size() <= a.type.dims.size();
  if (!spread_a && !spread_b && a.type.dims != b.type.dims) return std::nullopt;
  const Value& longer = spread_b ? a : b;
  Numbers out(longer.known->size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!combine((*a.known)[a.known->size() == 1 ? 0 : i], (*b.known)[b.known->size() == 1 ? 0 : i], out[i]))
      return std::nullopt;
  }
  return known_value(dtype, longer.type.dims, std::move(out));
}

using Int = std::int64_t;
Folded add(const Draft& n) {
  return pairwise(n, n.inputs[0]->type.dtype,
                  [](Int a, Int b, Int& c) { return !__builtin_add_overflow(a, b, &c); });
}
Folded sub(const Draft& n) {
  return pairwise(n, n.inputs[0]->type.dtype,
                  [](Int a, Int b, Int& c) { return !__builtin_sub_overflow(a, b, &c); });
}
Folded mul(const Draft& n) {
  return pairwise(n, n.inputs[0]->type.dtype,
                  [](Int a, Int b, Int& c) { return !__builtin_mul_overflow(a, b, &c); });
}
Folded div(const Draft& n) {
  return pairwise(n, n.inputs[0]->type.dtype, [](Int a, Int b, Int& c) {
    if (b == 0 || b == -1) return false;
    c = a / b;
    return true;
  });
}
Folded equal(const Draft& n) {
  return pairwise(n, Dtype::kBool, [](Int a, Int b, Int& c) {
    c = a == b ? 1 : 0;
    return true;
  });
}

Folded where(const Draft& node) {
  const Value& condition = *node.inputs[0];
  const Value& yes = *node.inputs[1];
  const Value& no = *node.inputs[2];
  if (yes.type.dtype != no.type.dtype) return std::nullopt;
  for (const Value* side : {&yes, &no}) {
    if (side->type.dims != condition.type.dims && side->known->size() != 1) return std::nullopt;
  }
  if (yes.type.dims.size() > condition.type.dims.size() || no.type.dims.size() > condition.type.dims.size())
    return std::nullopt;
  Numbers out(condition.known->size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Value& side = (*condition.known)[i] != 0 ? yes : no;
    out[i] = (*side.known)[side.known->size() == 1 ? 0 : i];
  }
  return known_value(yes.type.dtype, condition.type.dims, std::move(out));
}

Folded constant_of_shape(const Draft& node) {
  // Its value stands in a tensor attribute, which the importer puts behind the shape.
  const Dims& dims = *node.inputs[0]->known;
  const Value* fill = node.input(1);
  if (fill == nullptr || fill->known->empty() || dims.size() > ACP_MAX_RANK) return std::nullopt;
  std::int64_t count = 1;
  for (const std::int64_t extent : dims) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count) || count > std::int64_t{kMaxKnown})
      return std::nullopt;
  }
  return known_value(fill->type.dtype, dims, Numbers(static_cast<std::size_t>(count), fill->known->front()));
}

Folded range(const Draft& node) {
  const std::int64_t start = node.inputs[0]->known->front(), limit = node.inputs[1]->known->front();
  const std::int64_t step = node.inputs[2]->known->front();
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  const auto far = [](std::int64_t n) { return n < -kFar || n > kFar; };
  if (step == 0 || far(start) || far(limit) || far(step)) return std::nullopt;
  Numbers out;
  for (std::int64_t at = start; step > 0 ? at < limit : at > limit; at += step) {
    if (out.size() == kMaxKnown) return std::nullopt;
    out.push_back(at);
  }
  const auto count = static_cast<std::int64_t>(out.size());
  return known_value(node.inputs[0]->type.dtype, {count}, std::move(out));
}

Folded product(const Draft& node) {
  const Value& x = *node.inputs[0];
  if (x.type.dims.size() != 1 || node.inputs.size() > 1) return std::nullopt;
  const auto axes = node.ints_attribute("axes");
  if (axes && *axes != Numbers{0} && *axes != Numbers{-1}) return std::nullopt;
  std::int64_t all = 1;
  for (const std::int64_t n : *x.known) {
    if (__builtin_mul_overflow(all, n, &all)) return std::nullopt;
  }
  return known_value(x.type.dtype, node.int_attribute("keepdims", 1) != 0 ? Dims{1} : Dims{}, {all});
}

constexpr struct {
  std::string_view op;
  std::size_t min_inputs, max_inputs;
  Folded (*fold)(const Draft& node);
} kFolds[] = {
    {"Add", 2, 2, add},
    {"Cast", 1, 1, cast},
    {"Concat", 1, kMaxKnown, concat},
    {"ConstantOfShape", 2, 2, constant_of_shape},
    {"Div", 2, 2, div},
    {"Equal", 2, 2, equal},
    {"Gather", 2, 2, gather},
    {"Identity", 1, 1, same},
    {"Mul", 2, 2, mul},
    {"Range", 3, 3, range},
    {"ReduceProd", 1, 1, product},
    {"Reshape", 2, 2, reshape},
    {"Slice", 1, 5, slice},
    {"Squeeze", 1, 2, squeeze},
    {"Sub", 2, 2, sub},
    {"Unsqueeze", 1, 2, unsqueeze},
    {"Where", 3, 3, where},
};

}  // namespace

bool folds(std::string_view op) {
  return std::any_of(std::begin(kFolds), std::end(kFolds), [&](const auto& row) { return row.op == op; });
}

std::optional<Value> fold(const Draft& node) {
  const auto row =
      std::find_if(std::begin(kFolds), std::end(kFolds), [&](const auto& r) { return r.op == node.op; });
  if (row == std::end(kFolds)) return std::nullopt;
  if (node.inputs.size() < row->min_inputs || node.inputs.size() > row->max_inputs) return std::nullopt;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Value* input = node.inputs[i];
    if (input == nullptr ? i < row->min_inputs : !input->known) return std::nullopt;
  }
  if (node.op == "Range") {
    for (const Value* input : node.inputs) {
      if (input->known->size() != 1) return std::nullopt;
    }
  }
  return row->fold(node);
}

}  // namespace cep::onnx_room
