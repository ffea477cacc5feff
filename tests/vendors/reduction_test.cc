// The canonical orders against their definitions, written out as plain loops over plain numbers.
#include <cmath>
#include <functional>
#include <limits>

#include "vendors/launch.h"

namespace vendors_test {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

float one_nan(float x) { return std::isnan(x) ? std::bit_cast<float>(0x7fc00000u) : x; }
float add(float a, float b) { return one_nan(a + b); }
float maximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return one_nan(NAN);
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

// y[i] = reduction over k of x[i, k] in `order`, from the optional init z[i].
struct RowReduction {
  std::uint8_t combiner = ACP_COMBINE_ADD;
  std::uint8_t order = ACP_ORDER_CHAIN;
  std::uint32_t block = 0;
  bool init = false;
  std::int64_t rows = 3;
  std::int64_t length = 0;
};

Maker region_of(const RowReduction& r) {
  Maker maker;
  const auto x = maker.input(ACP_F32, {r.rows, r.length});
  const auto z = maker.input(ACP_F32, {r.rows});
  const auto y = maker.output(ACP_F32, {r.rows});
  const auto i = maker.iter(0), k = maker.iter(1);
  const auto a = maker.arg(x, {i, k});
  const auto start = maker.arg(z, {i});
  const bool fma = r.combiner == ACP_COMBINE_FMA;
  maker.nest({.parallel = {r.rows},
              .reduce = {r.length},
              .combiner = r.combiner,
              .order = r.order,
              .block = r.block,
              .init = r.init ? start : ACP_NONE,
              .body_a = a,
              .body_b = fma ? maker.f32(0.7f) : ACP_NONE,
              .writes = {{y, maker.acc(ACP_F32), {i}}}});
  return maker;
}

// Both shims against `expected`, one row at a time; with many rows, so that strips are full, partial and single.
void expect_rows(RowReduction r, const std::function<float(std::vector<float> row, float init)>& expected) {
  for (const std::int64_t rows : {1, 3, 70}) {
    r.rows = rows;
    for (const bool nasty : {false, true}) {
      const auto seed = static_cast<std::uint32_t>(r.length * 31 + rows);
      const auto count = static_cast<std::size_t>(rows * r.length);
      const auto x = nasty ? nasty_floats(count, seed) : plain_floats(count, seed);
      const auto z = plain_floats(static_cast<std::size_t>(rows), seed + 1);
      std::vector<float> want;
      for (std::int64_t i = 0; i < rows; ++i) {
        want.push_back(expected({x.begin() + i * r.length, x.begin() + (i + 1) * r.length},
                                z[static_cast<std::size_t>(i)]));
      }
      for (const char* name : shims()) {
        const auto out = run(name, region_of(r), {bytes_of(x), bytes_of(z)}, {Bytes(want.size() * 4)});
        EXPECT_EQ(elements_of<std::uint32_t>(out[0]), bits_of(want))
            << name << ": length " << r.length << ", rows " << rows << ", nasty " << nasty << ", init "
            << r.init;
      }
    }
  }
}

TEST(Reduction, chain_takes_its_first_element) {
  for (const std::int64_t length : {1, 2, 33, 300}) {
    expect_rows({.length = length}, [](const std::vector<float>& row, float) {
      float acc = row[0];
      for (std::size_t k = 1; k < row.size(); ++k) acc = add(acc, row[k]);
      return acc;
    });
    expect_rows({.init = true, .length = length}, [](const std::vector<float>& row, float init) {
      for (const float x : row) init = add(init, x);
      return init;
    });
  }
}

TEST(Reduction, fma_chain_starts_at_plus_zero_or_at_the_init) {
  for (const bool init : {false, true}) {
    for (const std::int64_t length : {1, 5, 100}) {
      expect_rows({.combiner = ACP_COMBINE_FMA, .init = init, .length = length},
                  [init](const std::vector<float>& row, float start) {
                    float acc = init ? start : 0.0f;
                    for (const float x : row) acc = one_nan(std::fma(x, 0.7f, acc));
                    return acc;
                  });
    }
  }
}

// The tree for one to eight blocks, spelled out.
float tree(const std::vector<float>& s) {
  switch (s.size()) {
    case 1: return s[0];
    case 2: return add(s[0], s[1]);
    case 3: return add(add(s[0], s[1]), s[2]);
    case 5: return add(add(add(s[0], s[1]), add(s[2], s[3])), s[4]);
    case 6: return add(add(add(s[0], s[1]), add(s[2], s[3])), add(s[4], s[5]));
    case 7: return add(add(add(s[0], s[1]), add(s[2], s[3])), add(add(s[4], s[5]), s[6]));
    case 8: return add(add(add(s[0], s[1]), add(s[2], s[3])), add(add(s[4], s[5]), add(s[6], s[7])));
    default: ADD_FAILURE(); return 0;
  }
}

std::vector<float> block_sums(const std::vector<float>& row, std::size_t block, bool has_init, float init) {
  std::vector<float> sums;
  for (std::size_t begin = 0; begin < row.size(); begin += block) {
    float acc = begin == 0 ? (has_init ? add(init, row[0]) : row[0]) : add(0.0f, row[begin]);
    for (std::size_t k = begin + 1; k < std::min(begin + block, row.size()); ++k) acc = add(acc, row[k]);
    sums.push_back(acc);
  }
  return sums;
}

TEST(Reduction, blocked_tree_of_1_2_3_5_6_7_8_blocks) {
  const std::uint32_t block = 5;
  for (const std::int64_t length : {1, 4, 5, 6, 10, 13, 15, 21, 25, 30, 34, 35, 40}) {
    const std::int64_t blocks = (length + block - 1) / block;
    if (blocks == 4) continue;
    for (const bool init : {false, true}) {
      expect_rows({.order = ACP_ORDER_BLOCKED_TREE, .block = block, .init = init, .length = length},
                  [&](const std::vector<float>& row, float start) {
                    return tree(block_sums(row, block, init, start));
                  });
    }
  }
}

TEST(Reduction, blocked_index_is_a_left_fold_of_block_sums) {
  for (const std::int64_t length : {1, 7, 8, 50}) {
    for (const bool init : {false, true}) {
      expect_rows({.order = ACP_ORDER_BLOCKED_INDEX, .block = 7, .init = init, .length = length},
                  [init](const std::vector<float>& row, float start) {
                    const auto sums = block_sums(row, 7, init, start);
                    float total = sums[0];
                    for (std::size_t b = 1; b < sums.size(); ++b) total = add(total, sums[b]);
                    return total;
                  });
    }
  }
}

TEST(Reduction, blocked_fma_with_a_block_longer_than_the_row) {
  expect_rows({.combiner = ACP_COMBINE_FMA, .order = ACP_ORDER_BLOCKED_TREE, .block = 256, .length = 100},
              [](const std::vector<float>& row, float) {
                float acc = 0.0f;
                for (const float x : row) acc = one_nan(std::fma(x, 0.7f, acc));
                return acc;
              });
}

// One piece of lanes32: element j to lane j mod 32, then 16, 8, 4, 2, 1.
float lanes32(const std::vector<float>& row, float (*join)(float, float) = add) {
  std::vector<float> lane(row.begin(),
                          row.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(32, row.size())));
  for (std::size_t j = 32; j < row.size(); ++j) lane[j % 32] = join(lane[j % 32], row[j]);
  for (const std::size_t width : {16, 8, 4, 2, 1}) {
    for (std::size_t j = 0; j + width < lane.size() && j < width; ++j)
      lane[j] = join(lane[j], lane[j + width]);
  }
  return lane[0];
}

TEST(Reduction, lanes32_of_1_31_32_33_100_elements) {
  for (const std::int64_t length : {1, 2, 3, 17, 31, 32, 33, 64, 100}) {
    expect_rows({.order = ACP_ORDER_LANES32, .length = length},
                [](const std::vector<float>& row, float) { return lanes32(row); });
    expect_rows({.order = ACP_ORDER_LANES32, .init = true, .length = length},
                [](const std::vector<float>& row, float init) { return add(init, lanes32(row)); });
    expect_rows({.combiner = ACP_COMBINE_MAX, .order = ACP_ORDER_LANES32, .length = length},
                [](const std::vector<float>& row, float) { return lanes32(row, maximum); });
  }
}

TEST(Reduction, lanes32_beyond_4096_joins_pieces_by_levels) {
  for (const std::int64_t length : {4096, 4097, 5000, 4096 * 2 + 40}) {
    expect_rows({.order = ACP_ORDER_LANES32, .length = length}, [](const std::vector<float>& row, float) {
      std::vector<float> sums;
      for (std::size_t begin = 0; begin < row.size(); begin += 4096) {
        const auto end = std::min<std::size_t>(begin + 4096, row.size());
        sums.push_back(lanes32({row.begin() + static_cast<std::ptrdiff_t>(begin),
                                row.begin() + static_cast<std::ptrdiff_t>(end)}));
      }
      return tree(sums);
    });
  }
}

TEST(Reduction, max_and_min_in_any_order) {
  for (const std::int64_t length : {1, 2, 40}) {
    expect_rows({.combiner = ACP_COMBINE_MAX, .order = ACP_ORDER_ANY, .length = length},
                [](const std::vector<float>& row, float) {
                  float acc = row[0];
                  for (std::size_t k = 1; k < row.size(); ++k) acc = maximum(acc, row[k]);
                  return acc;
                });
    expect_rows({.combiner = ACP_COMBINE_MIN, .order = ACP_ORDER_ANY, .length = length},
                [](const std::vector<float>& row, float) {
                  float acc = row[0];
                  for (std::size_t k = 1; k < row.size(); ++k) {
                    // minimum(a, b) = -maximum(-a, -b), but for the NaN's sign.
                    acc = one_nan(-maximum(-acc, -row[k]));
                  }
                  return acc;
                });
  }
}

TEST(Reduction, over_nothing_yields_the_init_or_the_neutral_element) {
  const struct {
    std::uint8_t combiner;
    float neutral;
  } rows[] = {
      {ACP_COMBINE_ADD, 0.0f}, {ACP_COMBINE_FMA, 0.0f}, {ACP_COMBINE_MAX, -kInf}, {ACP_COMBINE_MIN, kInf}};
  for (const auto& row : rows) {
    for (const std::uint8_t order :
         {ACP_ORDER_CHAIN, ACP_ORDER_BLOCKED_TREE, ACP_ORDER_BLOCKED_INDEX, ACP_ORDER_LANES32}) {
      for (const bool init : {false, true}) {
        expect_rows({.combiner = row.combiner, .order = order, .block = 4, .init = init, .length = 0},
                    [&](const std::vector<float>&, float start) { return init ? start : row.neutral; });
      }
    }
  }
}

template <typename Integer>
void expect_integer_matmul(std::uint8_t dtype, std::uint8_t order) {
  const std::int64_t m = 3, n = 70, depth = 41;
  Maker maker;
  const auto a = maker.input(dtype, {m, depth}), b = maker.input(dtype, {depth, n}),
             y = maker.output(dtype, {m, n});
  const auto i = maker.iter(0), j = maker.iter(1), k = maker.iter(2);
  maker.nest({.parallel = {m, n},
              .reduce = {depth},
              .combiner = ACP_COMBINE_FMA,
              .order = order,
              .block = 8,
              .body_a = maker.arg(a, {i, k}),
              .body_b = maker.arg(b, {k, j}),
              .writes = {{y, maker.acc(dtype), {i, j}}}});
  std::vector<Integer> x(static_cast<std::size_t>(m * depth)), w(static_cast<std::size_t>(depth * n)), want;
  using Wide = std::make_unsigned_t<Integer>;
  for (std::size_t e = 0; e < x.size(); ++e) x[e] = static_cast<Integer>(Wide(e) * Wide(0x9e3779b97f4a7c15u));
  for (std::size_t e = 0; e < w.size(); ++e)
    w[e] = static_cast<Integer>(Wide(e + 7) * Wide(0xc2b2ae3d27d4eb4fu));
  for (std::int64_t r = 0; r < m; ++r) {
    for (std::int64_t c = 0; c < n; ++c) {
      Wide sum = 0;
      for (std::int64_t d = 0; d < depth; ++d) {
        sum +=
            Wide(x[static_cast<std::size_t>(r * depth + d)]) * Wide(w[static_cast<std::size_t>(d * n + c)]);
      }
      want.push_back(static_cast<Integer>(sum));
    }
  }
  for (const char* name : shims()) {
    const auto out = run(name, maker, {bytes_of(x), bytes_of(w)}, {Bytes(want.size() * sizeof(Integer))});
    EXPECT_EQ(elements_of<Integer>(out[0]), want) << name << ", order " << int{order};
  }
}

TEST(Reduction, integers_wrap_in_every_order) {
  for (const std::uint8_t order :
       {ACP_ORDER_CHAIN, ACP_ORDER_BLOCKED_TREE, ACP_ORDER_BLOCKED_INDEX, ACP_ORDER_LANES32}) {
    expect_integer_matmul<std::int32_t>(ACP_I32, order);
    expect_integer_matmul<std::int64_t>(ACP_I64, order);
  }
}

// y = a * b over k_begin .. k_end-1, from the seed; the windows hold only that part of k.
Maker matmul_part(std::int64_t m, std::int64_t n, std::int64_t depth, std::int64_t begin, std::int64_t end,
                  bool seed) {
  Maker maker;
  const auto a = maker.input(ACP_F32, {m, depth}), b = maker.input(ACP_F32, {depth, n});
  const auto z = seed ? maker.input(ACP_F32, {m, n}) : ACP_NONE;
  const auto y = maker.output(ACP_F32, {m, n});
  const auto i = maker.iter(0), j = maker.iter(1), k = maker.iter(2);
  maker.operands[a].origin[1] = maker.operands[b].origin[0] = begin;
  maker.operands[a].held[1] = maker.operands[b].held[0] = end - begin;
  maker.operands[a].stride[0] = end - begin;
  const auto init = seed ? maker.arg(z, {i, j}) : ACP_NONE;
  maker.nest({.parallel = {m, n},
              .reduce = {depth},
              .combiner = ACP_COMBINE_FMA,
              .order = ACP_ORDER_CHAIN,
              .init = init,
              .body_a = maker.arg(a, {i, k}),
              .body_b = maker.arg(b, {k, j}),
              .writes = {{y, maker.acc(ACP_F32), {i, j}}},
              .k_begin = begin,
              .k_end = end});
  return maker;
}

TEST(Reduction, a_carried_accumulator_splits_k_without_changing_bits) {
  const std::int64_t m = 5, n = 83, depth = 37, cut = 14;
  const auto a = plain_floats(static_cast<std::size_t>(m * depth), 1),
             b = nasty_floats(static_cast<std::size_t>(depth * n), 2);
  std::vector<float> want(static_cast<std::size_t>(m * n));
  for (std::int64_t e = 0; e < m * n; ++e) {
    float acc = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      acc = one_nan(std::fma(a[static_cast<std::size_t>(e / n * depth + k)],
                             b[static_cast<std::size_t>(k * n + e % n)], acc));
    }
    want[static_cast<std::size_t>(e)] = acc;
  }
  const auto columns = [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> part;
    for (std::int64_t i = 0; i < m; ++i)
      part.insert(part.end(), a.begin() + i * depth + begin, a.begin() + i * depth + end);
    return bytes_of(part);
  };
  const auto rows = [&](std::int64_t begin, std::int64_t end) {
    return bytes_of(std::vector<float>(b.begin() + begin * n, b.begin() + end * n));
  };
  const Bytes empty(want.size() * 4);
  for (const char* first : shims()) {
    for (const char* second : shims()) {
      const auto part =
          run(first, matmul_part(m, n, depth, 0, cut, false), {columns(0, cut), rows(0, cut)}, {empty});
      const auto whole = run(second, matmul_part(m, n, depth, cut, depth, true),
                             {columns(cut, depth), rows(cut, depth), part[0]}, {empty});
      EXPECT_EQ(elements_of<std::uint32_t>(whole[0]), bits_of(want)) << first << " then " << second;
    }
  }
}

}  // namespace
}  // namespace vendors_test
