// Operators that contract, gather or move whole rows.
#include <algorithm>
#include <utility>

#include "replay/operator_rows.h"

namespace cep::logical::oracle {
namespace {

template <typename N>
struct Matrix {  // of a batch: elements at base + row * row_step + column * column_step
  const N* base;
  std::size_t row_step, column_step;
};
// result[rows, columns] = a[rows, inner] * b[inner, columns]
template <typename N>
void put_product(const Matrix<N>& a, const Matrix<N>& b, N* result, std::size_t rows, std::size_t inner,
                 std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      SumOf<N> total;
      for (std::size_t k = 0; k < inner; ++k)
        total.take(
            multiply(a.base[r * a.row_step + k * a.column_step], b.base[k * b.row_step + c * b.column_step]));
      result[r * columns + c] = total.value();
    }
  }
}

struct LinearSizes {
  std::size_t rows = 0, in = 0, out = 0;
};
template <typename N>
std::optional<LinearSizes> linear_sizes(const ArrayOf<N>& x, const ArrayOf<N>& w, const ArrayOf<N>& y) {
  if (w.shape.size() != 2 || x.shape.empty() || x.shape.back() != w.shape[1]) return std::nullopt;
  Shape expected = x.shape;
  expected.back() = w.shape[0];
  if (y.shape != expected) return std::nullopt;
  LinearSizes sizes{
      .rows = 1, .in = static_cast<std::size_t>(w.shape[1]), .out = static_cast<std::size_t>(w.shape[0])};
  for (std::size_t d = 0; d + 1 < x.shape.size(); ++d) sizes.rows *= static_cast<std::size_t>(x.shape[d]);
  return sizes;
}
template <typename N>
std::string linear_forward(const CallOf<N>& call) {
  const ArrayOf<N>& x = *call.in[0];
  const ArrayOf<N>& w = *call.in[1];
  const auto n = linear_sizes(x, w, call.out[0]);
  if (!n) return "shapes";
  put_product<N>({x.scalars.data(), n->in, 1}, {w.scalars.data(), 1, n->in}, call.out[0].scalars.data(),
                 n->rows, n->in, n->out);
  return {};
}
template <typename N>
std::string linear_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const ArrayOf<N>& x = *call.in[1];
  const ArrayOf<N>& w = *call.in[2];
  const auto n = linear_sizes(x, w, g);
  if (!n || call.out[0].shape != x.shape || call.out[1].shape != w.shape) return "shapes";
  put_product<N>({g.scalars.data(), n->out, 1}, {w.scalars.data(), n->in, 1}, call.out[0].scalars.data(),
                 n->rows, n->out, n->in);
  put_product<N>({g.scalars.data(), 1, n->out}, {x.scalars.data(), n->in, 1}, call.out[1].scalars.data(),
                 n->out, n->rows, n->in);
  return {};
}

struct MatmulSizes {
  std::size_t batch = 1, rows = 0, inner = 0, columns = 0;
};
template <typename N>
std::optional<MatmulSizes> matmul_sizes(const ArrayOf<N>& a, const ArrayOf<N>& b, const ArrayOf<N>& y) {
  const std::size_t rank = a.shape.size();
  if (rank < 2 || b.shape.size() != rank || y.shape.size() != rank) return std::nullopt;
  MatmulSizes sizes;
  for (std::size_t d = 0; d + 2 < rank; ++d) {
    if (a.shape[d] != b.shape[d] || a.shape[d] != y.shape[d]) return std::nullopt;
    sizes.batch *= static_cast<std::size_t>(a.shape[d]);
  }
  if (a.shape[rank - 1] != b.shape[rank - 2] || y.shape[rank - 2] != a.shape[rank - 2] ||
      y.shape[rank - 1] != b.shape[rank - 1])
    return std::nullopt;
  sizes.rows = static_cast<std::size_t>(a.shape[rank - 2]);
  sizes.inner = static_cast<std::size_t>(a.shape[rank - 1]);
  sizes.columns = static_cast<std::size_t>(b.shape[rank - 1]);
  return sizes;
}
template <typename N>
std::string matmul_forward(const CallOf<N>& call) {
  const auto n = matmul_sizes(*call.in[0], *call.in[1], call.out[0]);
  if (!n) return "shapes";
  for (std::size_t i = 0; i < n->batch; ++i) {
    put_product<N>({call.in[0]->scalars.data() + i * n->rows * n->inner, n->inner, 1},
                   {call.in[1]->scalars.data() + i * n->inner * n->columns, n->columns, 1},
                   call.out[0].scalars.data() + i * n->rows * n->columns, n->rows, n->inner, n->columns);
  }
  return {};
}
template <typename N>
std::string matmul_backward(const CallOf<N>& call) {
  const auto n = matmul_sizes(*call.in[1], *call.in[2], *call.in[0]);
  if (!n || call.out[0].shape != call.in[1]->shape || call.out[1].shape != call.in[2]->shape) return "shapes";
  for (std::size_t i = 0; i < n->batch; ++i) {
    const N* g = call.in[0]->scalars.data() + i * n->rows * n->columns;
    const N* a = call.in[1]->scalars.data() + i * n->rows * n->inner;
    const N* b = call.in[2]->scalars.data() + i * n->inner * n->columns;
    put_product<N>({g, n->columns, 1}, {b, 1, n->columns},
                   call.out[0].scalars.data() + i * n->rows * n->inner, n->rows, n->columns, n->inner);
    put_product<N>({a, 1, n->inner}, {g, n->columns, 1},
                   call.out[1].scalars.data() + i * n->inner * n->columns, n->inner, n->rows, n->columns);
  }
  return {};
}

// The row of w that a token stands for, or nothing when another piece of the vocabulary has it.
struct Rows {
  std::int64_t start = 0, stop = 0;
  std::size_t length = 0;
};
template <typename N>
std::optional<Rows> rows_of(const CallOf<N>& call, const ArrayOf<N>& ids, const ArrayOf<N>& w,
                            const ArrayOf<N>& y) {
  const auto start = integer(call.operation, "start");
  const auto stop = integer(call.operation, "stop");
  if (!start || !stop || w.shape.size() != 2 || !is_integer(ids.element)) return std::nullopt;
  if (*start < 0 || *stop < *start || *stop - *start > w.shape[0]) return std::nullopt;
  Shape expected = ids.shape;
  expected.push_back(w.shape[1]);
  if (y.shape != expected) return std::nullopt;
  return Rows{.start = *start, .stop = *stop, .length = static_cast<std::size_t>(w.shape[1])};
}
template <typename N>
std::string embedding_forward(const CallOf<N>& call) {
  const auto rows = rows_of(call, *call.in[0], *call.in[1], call.out[0]);
  if (!rows) return "shapes or range";
  for (std::size_t i = 0; i < call.in[0]->scalars.size(); ++i) {
    const auto token = Numbers<N>::integer(call.in[0]->scalars[i]);
    if (!token) return kNoInteger;
    if (*token < rows->start || *token >= rows->stop) continue;
    const std::size_t from = static_cast<std::size_t>(*token - rows->start) * rows->length;
    for (std::size_t c = 0; c < rows->length; ++c) {
      SumOf<N> chosen;
      chosen.take(call.in[1]->scalars[from + c]);
      if (rows->stop - rows->start > 1) chosen.take_nothing();  // the other rows
      call.out[0].scalars[i * rows->length + c] = chosen.value();
    }
  }
  return {};
}
template <typename N>
std::string embedding_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const auto rows = rows_of(call, *call.in[1], *call.in[2], g);
  if (!rows || call.out[0].shape != call.in[2]->shape) return "shapes or range";
  TensorSums<N> sums(call.out[0].scalars.size());
  for (std::size_t i = 0; i < call.in[1]->scalars.size(); ++i) {
    const auto token = Numbers<N>::integer(call.in[1]->scalars[i]);
    if (!token) return kNoInteger;
    if constexpr (Ordered<N>) {  // the other rows' terms of this token
      for (std::size_t v = 0; v < sums.size(); ++v) {
        if (static_cast<std::int64_t>(v / rows->length) != *token - rows->start) sums[v].take_nothing();
      }
    }
    if (*token < rows->start || *token >= rows->stop) continue;
    const std::size_t to = static_cast<std::size_t>(*token - rows->start) * rows->length;
    for (std::size_t c = 0; c < rows->length; ++c) sums[to + c].take(g.scalars[i * rows->length + c]);
  }
  put_sums(sums, call.out[0].scalars);
  return {};
}

template <typename N>
std::string reshape_any(const CallOf<N>& call) {
  if (call.out[0].scalars.size() != call.in[0]->scalars.size()) return "another number of elements";
  if (call.operation.backward && call.out[0].shape != call.in[1]->shape)
    return "a gradient unlike its operand";
  call.out[0].scalars = call.in[0]->scalars;
  return {};
}

template <typename N>
std::string transpose_any(const CallOf<N>& call) {
  const ArrayOf<N>& x = *call.in[0];
  const auto dim0 = dimension(call.operation, "dim0", x.shape.size());
  const auto dim1 = dimension(call.operation, "dim1", x.shape.size());
  if (!dim0 || !dim1) return "dimensions";
  ArrayOf<N>& result = call.out[0];
  Shape expected = x.shape;
  std::swap(expected[*dim0], expected[*dim1]);
  if (result.shape != expected || width(result.element) != width(x.element)) return "shapes";
  if (call.operation.backward && result.shape != call.in[1]->shape) return "a gradient unlike its operand";
  const auto wide = static_cast<std::ptrdiff_t>(width(x.element));
  std::vector<std::int64_t> at(x.shape.size(), 0);
  for (std::int64_t flat = 0; flat < count(x.shape); ++flat) {
    std::swap(at[*dim0], at[*dim1]);
    std::int64_t to = 0;
    for (std::size_t d = 0; d < at.size(); ++d) to = to * expected[d] + at[d];
    std::swap(at[*dim0], at[*dim1]);
    std::copy_n(x.scalars.begin() + flat * wide, wide, result.scalars.begin() + to * wide);
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < x.shape[d]) break;
      at[d] = 0;
    }
  }
  return {};
}

// Pairs (2j, 2j+1) of the last dimension times f[s, j], or times its conjugate.
template <typename N>
std::string turn(const ArrayOf<N>& x, const ArrayOf<N>& f, ArrayOf<N>& result, bool conjugate) {
  if (x.shape.size() != 4 || result.shape != x.shape || f.element != Element::kC64 ||
      x.element == Element::kC64 || result.element == Element::kC64 ||
      f.shape != Shape{x.shape[1], x.shape[3] / 2} || x.shape[3] % 2 != 0)
    return "shapes";
  const auto positions = static_cast<std::size_t>(x.shape[1]);
  const auto heads = static_cast<std::size_t>(x.shape[2]);
  const auto pairs = static_cast<std::size_t>(x.shape[3]) / 2;
  for (std::size_t i = 0; i < x.scalars.size() / 2; ++i) {
    const std::size_t position = i / pairs / heads % positions;
    const N* factor = f.scalars.data() + 2 * (position * pairs + i % pairs);
    const N along = factor[0];
    const N across = conjugate ? negate(factor[1]) : factor[1];
    const N a = x.scalars[2 * i];
    const N b = x.scalars[2 * i + 1];
    result.scalars[2 * i] = subtract(multiply(a, along), multiply(b, across));
    result.scalars[2 * i + 1] = add(multiply(a, across), multiply(b, along));
  }
  return {};
}
template <typename N>
std::string rotary_any(const CallOf<N>& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (call.operation.backward && call.in[i]->shape != call.in[i + 2]->shape)
      return "a gradient unlike its operand";
    if (std::string fault = turn(*call.in[i], *call.in.back(), call.out[i], call.operation.backward);
        !fault.empty())
      return fault;
  }
  return {};
}

// x's shape with the named dimensions of length 1, and how many elements of x meet in one.
template <typename N>
std::optional<std::pair<Shape, std::int64_t>> mean_shape(const CallOf<N>& call, const Shape& x) {
  Shape shape = x;
  std::int64_t together = 1;
  for (std::int64_t dim : integers(call.operation, "dims")) {
    if (dim < 0) dim += static_cast<std::int64_t>(x.size());
    if (dim < 0 || dim >= static_cast<std::int64_t>(x.size())) return std::nullopt;
    shape[static_cast<std::size_t>(dim)] = 1;
  }
  for (std::size_t d = 0; d < x.size(); ++d) together *= x[d] / std::max<std::int64_t>(shape[d], 1);
  return std::pair(shape, together);
}
template <typename N>
std::string mean_forward(const CallOf<N>& call) {
  const ArrayOf<N>& x = *call.in[0];
  const auto expected = mean_shape(call, x.shape);
  ArrayOf<N>& result = call.out[0];
  if (!expected || result.shape != expected->first) return "shapes";
  const auto to = stretch(result.shape, x.shape);
  TensorSums<N> sums(result.scalars.size());
  for (std::size_t i = 0; i < x.scalars.size(); ++i) sums[(*to)[i]].take(x.scalars[i]);
  const DivisorOf<N> together(Numbers<N>::of(std::int64_t{expected->second}));
  for (std::size_t i = 0; i < sums.size(); ++i) result.scalars[i] = together.divide(sums[i].value());
  return {};
}
template <typename N>
std::string mean_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  ArrayOf<N>& result = call.out[0];
  const auto expected = mean_shape(call, call.in[1]->shape);
  if (!expected || g.shape != expected->first || result.shape != call.in[1]->shape) return "shapes";
  const auto from = stretch(g.shape, result.shape);
  const DivisorOf<N> together(Numbers<N>::of(std::int64_t{expected->second}));
  for (std::size_t i = 0; i < result.scalars.size(); ++i)
    result.scalars[i] = together.divide(g.scalars[(*from)[i]]);
  return {};
}

template <typename N>
std::string sum_all_forward(const CallOf<N>& call) {
  if (call.out[0].shape != Shape{1}) return "shapes";
  SumOf<N> total;
  for (const N& scalar : call.in[0]->scalars) total.take(scalar);
  call.out[0].scalars[0] = total.value();
  return {};
}
template <typename N>
std::string sum_all_backward(const CallOf<N>& call) {
  if (call.in[0]->shape != Shape{1} || call.out[0].shape != call.in[1]->shape) return "shapes";
  std::fill(call.out[0].scalars.begin(), call.out[0].scalars.end(), call.in[0]->scalars[0]);
  return {};
}

// Calls row(first, step) for each row along `dim`.
template <typename Row>
void for_each_row(const Shape& shape, std::size_t dim, Row row) {
  std::size_t step = 1;
  for (std::size_t d = dim + 1; d < shape.size(); ++d) step *= static_cast<std::size_t>(shape[d]);
  const auto length = static_cast<std::size_t>(shape[dim]);
  const auto total = static_cast<std::size_t>(count(shape));
  for (std::size_t outer = 0; outer < total; outer += step * length) {
    for (std::size_t inner = 0; inner < step; ++inner) row(outer + inner, step, length);
  }
}
template <typename N>
void softmax_rows(const ArrayOf<N>& x, std::size_t dim, std::vector<N>& y) {
  y.resize(x.scalars.size());
  for_each_row(x.shape, dim, [&](std::size_t first, std::size_t step, std::size_t length) {
    [[maybe_unused]] N most{};  // taken off all: a law of exp, which the field does not know
    if constexpr (Ordered<N>) {
      most = x.scalars[first];
      for (std::size_t i = 1; i < length; ++i) most = Numbers<N>::larger(most, x.scalars[first + i * step]);
    }
    SumOf<N> total;
    for (std::size_t i = 0; i < length; ++i) {
      const N& here = x.scalars[first + i * step];
      N& power = y[first + i * step];
      if constexpr (Ordered<N>) {
        power = exponential(subtract(here, most));
      } else {
        power = exponential(here);
      }
      total.take(power);
    }
    const DivisorOf<N> by(total.value());
    for (std::size_t i = 0; i < length; ++i) y[first + i * step] = by.divide(y[first + i * step]);
  });
}
template <typename N>
std::string softmax_forward(const CallOf<N>& call) {
  const ArrayOf<N>& x = *call.in[0];
  const auto dim = dimension(call.operation, "dim", x.shape.size());
  if (!dim || call.out[0].shape != x.shape) return "shapes";
  softmax_rows(x, *dim, call.out[0].scalars);
  return {};
}
template <typename N>
std::string softmax_backward(const CallOf<N>& call) {
  const ArrayOf<N>& g = *call.in[0];
  const ArrayOf<N>& x = *call.in[1];
  const auto dim = dimension(call.operation, "dim", x.shape.size());
  if (!dim || g.shape != x.shape || call.out[0].shape != x.shape) return "shapes";
  std::vector<N> y;
  softmax_rows(x, *dim, y);
  for_each_row(x.shape, *dim, [&](std::size_t first, std::size_t step, std::size_t length) {
    SumOf<N> products;
    for (std::size_t i = 0; i < length; ++i)
      products.take(multiply(g.scalars[first + i * step], y[first + i * step]));
    const N common = products.value();
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t at = first + i * step;
      call.out[0].scalars[at] = multiply(y[at], subtract(g.scalars[at], common));
    }
  });
  return {};
}

template <typename N>
constexpr OperatorRowOf<N> kRows[] = {
    {"embedding", 2, 1, embedding_forward<N>, 3, 1, embedding_backward<N>},
    {"linear", 2, 1, linear_forward<N>, 3, 2, linear_backward<N>},
    {"matmul", 2, 1, matmul_forward<N>, 3, 2, matmul_backward<N>},
    {"reshape", 1, 1, reshape_any<N>, 2, 1, reshape_any<N>},
    {"transpose", 1, 1, transpose_any<N>, 2, 1, transpose_any<N>},
    {"rotary", 3, 2, rotary_any<N>, 5, 2, rotary_any<N>},
    {"mean", 1, 1, mean_forward<N>, 2, 1, mean_backward<N>},
    {"sum_all", 1, 1, sum_all_forward<N>, 2, 1, sum_all_backward<N>},
    {"softmax", 1, 1, softmax_forward<N>, 2, 1, softmax_backward<N>, kFreeExp},
};

}  // namespace

template <typename N>
std::span<const OperatorRowOf<N>> linear_rows() {
  return kRows<N>;
}
template std::span<const OperatorRowOf<Scalar>> linear_rows();
template std::span<const OperatorRowOf<Real>> linear_rows();
template std::span<const OperatorRowOf<Terms>> linear_rows();
template std::span<const OperatorRowOf<Rounded>> linear_rows();

}  // namespace cep::logical::oracle
