// Every scalar operation on values that go wrong, against what the standard's text says, written with other means.
#include <cmath>
#include <functional>
#include <limits>

#include "vendors/launch.h"

namespace vendors_test {
namespace {

// y[i] = op(a[i], b[i], c[i]) over all triples of `values`, on both shims; the results' bits.
template <typename Result, typename Element>
std::vector<Result> apply_all(const char* shim, std::uint8_t op, std::uint8_t result, std::uint8_t dtype,
                              int operands, const std::vector<Element>& a, const std::vector<Element>& b,
                              const std::vector<Element>& c) {
  const auto count = static_cast<std::int64_t>(a.size());
  Maker maker;
  const auto i = maker.iter(0);
  std::uint32_t args[3] = {};
  for (std::uint32_t& arg : args) arg = maker.arg(maker.input(dtype, {count}), {i});
  const auto y = maker.output(result, {count});
  const auto value =
      maker.scalar(op, result, args[0], operands > 1 ? args[1] : 0, operands > 2 ? args[2] : 0);
  maker.nest({.parallel = {count}, .writes = {{y, value, {i}}}});
  return elements_of<Result>(
      run(shim, maker, {bytes_of(a), bytes_of(b), bytes_of(c)}, {Bytes(a.size() * sizeof(Result))})[0]);
}

template <typename Element>
struct Triples {
  std::vector<Element> a, b, c;
  explicit Triples(const std::vector<Element>& values) {
    for (const Element x : values) {
      for (const Element y : values) {
        for (const Element z : values) a.push_back(x), b.push_back(y), c.push_back(z);
      }
    }
  }
};

const std::vector<std::uint32_t> kFloats = {0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000,
                                            0x3f800000, 0xbf800001, 0x3fc00000, 0x40200000, 0x7f7fffff,
                                            0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345,
                                            0x7f812345, 0x4effffff, 0xcf000000};

float f(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t arithmetic(double exact) {
  const auto rounded = static_cast<float>(exact);
  return std::isnan(rounded) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(rounded);
}
bool is_nan(std::uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u; }
// A total order of all numbers: -0 below +0.
std::int64_t rank(std::uint32_t bits) {
  return (bits >> 31) != 0 ? -1 - std::int64_t{bits & 0x7fffffffu} : std::int64_t{bits};
}

TEST(Scalar, f32_operations) {
  const Triples<std::uint32_t> t(kFloats);
  const struct {
    std::uint8_t op;
    int operands;
    std::uint32_t (*want)(std::uint32_t, std::uint32_t, std::uint32_t);
  } rows[] = {
      {ACP_SC_NEG, 1, [](auto a, auto, auto) { return a ^ 0x80000000u; }},
      {ACP_SC_ABS, 1, [](auto a, auto, auto) { return a & 0x7fffffffu; }},
      // A double holds sums and products of these floats well enough for one correct rounding of +, -, *, / and sqrt.
      {ACP_SC_SQRT, 1, [](auto a, auto, auto) { return arithmetic(std::sqrt(double{f(a)})); }},
      {ACP_SC_ADD, 2, [](auto a, auto b, auto) { return arithmetic(double{f(a)} + double{f(b)}); }},
      {ACP_SC_SUB, 2, [](auto a, auto b, auto) { return arithmetic(double{f(a)} - double{f(b)}); }},
      {ACP_SC_MUL, 2, [](auto a, auto b, auto) { return arithmetic(double{f(a)} * double{f(b)}); }},
      {ACP_SC_DIV, 2, [](auto a, auto b, auto) { return arithmetic(double{f(a)} / double{f(b)}); }},
      {ACP_SC_FMA, 3,
       [](auto a, auto b, auto c) {
         const float r = std::fma(f(a), f(b), f(c));
         return std::isnan(r) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(r);
       }},
      {ACP_SC_MIN, 2,
       [](auto a, auto b, auto) { return is_nan(a) || is_nan(b) ? 0x7fc00000u
                                         : rank(a) < rank(b)    ? a
                                                                : b; }},
      {ACP_SC_MAX, 2,
       [](auto a, auto b, auto) { return is_nan(a) || is_nan(b) ? 0x7fc00000u
                                         : rank(a) > rank(b)    ? a
                                                                : b; }},
  };
  for (const auto& row : rows) {
    std::vector<std::uint32_t> want;
    for (std::size_t i = 0; i < t.a.size(); ++i) want.push_back(row.want(t.a[i], t.b[i], t.c[i]));
    for (const char* name : shims()) {
      EXPECT_EQ((apply_all<std::uint32_t>(name, row.op, ACP_F32, ACP_F32, row.operands, t.a, t.b, t.c)), want)
          << name << ", op " << int{row.op};
    }
  }
}

TEST(Scalar, rint_rounds_ties_to_even_and_keeps_the_zeros_sign) {
  const std::vector<float> x = {0.5f,   1.5f,        2.5f,       -0.5f, -1.5f,
                                -0.25f, 0.49999997f, 8388609.0f, 1e30f, -0.0f};
  const std::vector<float> want = {0.0f, 2.0f, 2.0f, -0.0f, -2.0f, -0.0f, 0.0f, 8388609.0f, 1e30f, -0.0f};
  for (const char* name : shims()) {
    const auto y = apply_all<float>(name, ACP_SC_RINT, ACP_F32, ACP_F32, 1, x, x, x);
    EXPECT_EQ(bits_of(y), bits_of(want)) << name;
  }
}

// A compiler that knows the operands must come to what the device computes.
TEST(Scalar, f32_operations_on_constants) {
  std::vector<std::uint32_t> a = kFloats, b;
  a.insert(a.end(), {0x3f000000, 0x4b000001, 0x7e791dee, 0xf149f2ca});
  for (std::size_t i = 0; i < a.size(); ++i) b.push_back(a[(i * 5 + 3) % a.size()]);
  for (int op = ACP_SC_NEG; op <= ACP_SC_FMA; ++op) {
    SCOPED_TRACE("op " + std::to_string(op));
    const auto code = static_cast<std::uint8_t>(op);
    const int operands = op <= ACP_SC_RINT ? 1 : op < ACP_SC_FMA ? 2 : 3;
    Maker maker;
    Nest nest;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = maker.bits(ACP_F32, a[i]), y = maker.bits(ACP_F32, b[i]);
      const auto value = maker.scalar(code, ACP_F32, x, operands > 1 ? y : 0, operands > 2 ? x : 0);
      nest.writes.push_back({maker.output(ACP_F32, {}), value, {}});
    }
    maker.nest(nest);
    for (const char* name : shims()) {
      std::vector<std::uint32_t> got;
      for (const Bytes& bytes : run(name, maker, {}, std::vector<Bytes>(a.size(), Bytes(4))))
        got.push_back(elements_of<std::uint32_t>(bytes)[0]);
      EXPECT_EQ(got, apply_all<std::uint32_t>("template", code, ACP_F32, ACP_F32, operands, a, b, a)) << name;
    }
  }
}

// The smallest such program: where the library's rint has no value for a number beyond the ints, even the store was dropped.
TEST(Scalar, rint_of_a_constant) {
  constexpr std::uint32_t kLarge = 0x7e7935ee;
  Maker maker;
  const auto y = maker.output(ACP_F32, {1});
  const auto i = maker.iter(0);
  const auto value = maker.scalar(ACP_SC_RINT, ACP_F32, maker.bits(ACP_F32, kLarge));
  maker.nest({.parallel = {1}, .writes = {{y, value, {i}}}});
  for (const char* name : shims()) {
    EXPECT_EQ(elements_of<std::uint32_t>(run(name, maker, {}, {Bytes(4)})[0]), std::vector{kLarge}) << name;
  }
}

TEST(Scalar, comparisons) {
  const Triples<std::uint32_t> t(kFloats);
  std::vector<std::uint8_t> lt, le, eq;
  for (std::size_t i = 0; i < t.a.size(); ++i) {
    const bool ordered = !is_nan(t.a[i]) && !is_nan(t.b[i]);
    const bool zeros = ((t.a[i] | t.b[i]) & 0x7fffffffu) == 0;
    const bool equal = ordered && (zeros || t.a[i] == t.b[i]);
    const bool less = ordered && !zeros && rank(t.a[i]) < rank(t.b[i]);
    lt.push_back(less), eq.push_back(equal), le.push_back(less || equal);
  }
  for (const char* name : shims()) {
    EXPECT_EQ((apply_all<std::uint8_t>(name, ACP_SC_LT, ACP_BOOL, ACP_F32, 2, t.a, t.b, t.c)), lt) << name;
    EXPECT_EQ((apply_all<std::uint8_t>(name, ACP_SC_LE, ACP_BOOL, ACP_F32, 2, t.a, t.b, t.c)), le) << name;
    EXPECT_EQ((apply_all<std::uint8_t>(name, ACP_SC_EQ, ACP_BOOL, ACP_F32, 2, t.a, t.b, t.c)), eq) << name;
  }
}

// Integers through arithmetic of twice the width, cut to the width.
template <typename Integer>
void expect_integers(std::uint8_t dtype) {
  using Limits = std::numeric_limits<Integer>;
  __extension__ using Wide = __int128;
  const Triples<Integer> t({0, 1, -1, 2, 31, -7, Limits::max(), Limits::min(), Limits::min() + 1, 1000003});
  const auto cut = [](Wide x) { return static_cast<Integer>(static_cast<std::uint64_t>(x)); };
  const auto amount = [](Integer x) {
    constexpr Integer kWidth = sizeof(Integer) * 8;
    return ((x % kWidth) + kWidth) % kWidth;
  };
  const struct {
    std::uint8_t op;
    int operands;
    std::function<Integer(Integer, Integer, Integer)> want;
  } rows[] = {
      {ACP_SC_NEG, 1, [&](Integer a, Integer, Integer) { return cut(-Wide{a}); }},
      {ACP_SC_ABS, 1, [&](Integer a, Integer, Integer) { return cut(a < 0 ? -Wide{a} : Wide{a}); }},
      {ACP_SC_ADD, 2, [&](Integer a, Integer b, Integer) { return cut(Wide{a} + b); }},
      {ACP_SC_SUB, 2, [&](Integer a, Integer b, Integer) { return cut(Wide{a} - b); }},
      {ACP_SC_MUL, 2, [&](Integer a, Integer b, Integer) { return cut(Wide{a} * b); }},
      {ACP_SC_MIN, 2, [&](Integer a, Integer b, Integer) { return std::min(a, b); }},
      {ACP_SC_MAX, 2, [&](Integer a, Integer b, Integer) { return std::max(a, b); }},
      {ACP_SC_FMA, 3, [&](Integer a, Integer b, Integer c) { return cut(Wide{cut(Wide{a} * b)} + c); }},
      {ACP_SC_AND, 2, [&](Integer a, Integer b, Integer) { return static_cast<Integer>(a & b); }},
      {ACP_SC_OR, 2, [&](Integer a, Integer b, Integer) { return static_cast<Integer>(a | b); }},
      {ACP_SC_XOR, 2, [&](Integer a, Integer b, Integer) { return static_cast<Integer>(a ^ b); }},
      {ACP_SC_SHL, 2, [&](Integer a, Integer b, Integer) { return cut(Wide{a} * (Wide{1} << amount(b))); }},
      {ACP_SC_SHR, 2, [&](Integer a, Integer b, Integer) { return cut(Wide{a} >> amount(b)); }},
  };
  for (const auto& row : rows) {
    std::vector<Integer> want;
    for (std::size_t i = 0; i < t.a.size(); ++i) want.push_back(row.want(t.a[i], t.b[i], t.c[i]));
    for (const char* name : shims()) {
      EXPECT_EQ((apply_all<Integer>(name, row.op, dtype, dtype, row.operands, t.a, t.b, t.c)), want)
          << name << ", op " << int{row.op};
    }
  }
}

TEST(Scalar, i32_operations) { expect_integers<std::int32_t>(ACP_I32); }
TEST(Scalar, i64_operations) { expect_integers<std::int64_t>(ACP_I64); }

template <typename To, typename From>
void expect_cast(std::uint8_t to, std::uint8_t from, const std::vector<From>& values,
                 const std::vector<To>& want) {
  for (const char* name : shims()) {
    EXPECT_EQ((apply_all<To>(name, ACP_SC_CAST, to, from, 1, values, values, values)), want)
        << name << ": " << int{from} << " to " << int{to};
  }
}

TEST(Scalar, casts) {
  const std::vector<float> floats = {0.9f,           -0.9f,          -1.5f,   2147483520.0f, 2147483648.0f,
                                     -2147483648.0f, -2147483904.0f, 9.3e18f, -9.3e18f,      NAN,
                                     INFINITY,       -INFINITY,      -0.0f,   1e-45f};
  const auto max32 = INT32_MAX, min32 = INT32_MIN;
  const auto max64 = INT64_MAX, min64 = INT64_MIN;
  expect_cast<std::int32_t, float>(
      ACP_I32, ACP_F32, floats,
      {0, 0, -1, 2147483520, max32, min32, min32, max32, min32, 0, max32, min32, 0, 0});
  expect_cast<std::int64_t, float>(
      ACP_I64, ACP_F32, floats,
      {0, 0, -1, 2147483520, 2147483648, -2147483648, -2147483904, max64, min64, 0, max64, min64, 0, 0});
  expect_cast<std::uint8_t, float>(ACP_BOOL, ACP_F32, floats, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1});
  // 2^24 + 1 lies halfway: to even. 2^24 + 3 likewise, upward. 2^63 - 1 rounds up.
  expect_cast<std::uint32_t, std::int64_t>(
      ACP_F32, ACP_I64, {16777217, 16777219, INT64_MAX, -1, 9007199791611905},
      bits_of({16777216.0f, 16777220.0f, 9223372036854775808.0f, -1.0f, 9007200328482816.0f}));
  expect_cast<std::uint32_t, std::int32_t>(ACP_F32, ACP_I32, {16777217, INT32_MIN},
                                           bits_of({16777216.0f, -2147483648.0f}));
  expect_cast<std::int32_t, std::int64_t>(ACP_I32, ACP_I64, {0x123456789, -1}, {0x23456789, -1});
  expect_cast<std::int64_t, std::int32_t>(ACP_I64, ACP_I32, {-2, 5}, {-2, 5});
  expect_cast<std::int64_t, std::uint8_t>(ACP_I64, ACP_BOOL, {0, 1, 255}, {0, 1, 1});
  expect_cast<std::uint32_t, std::uint8_t>(ACP_F32, ACP_BOOL, {0, 1}, {0, 0x3f800000});
  expect_cast<std::uint8_t, std::int64_t>(ACP_BOOL, ACP_I64, {0, 256, -1}, {0, 1, 1});
  expect_cast<std::uint32_t, std::uint32_t>(ACP_F32, ACP_F32, kFloats, kFloats);
}

TEST(Scalar, movement_keeps_nan_bits) {
  for (const char* name : shims()) {
    EXPECT_EQ(
        (apply_all<std::uint32_t>(name, ACP_SC_BITCAST, ACP_I32, ACP_F32, 1, kFloats, kFloats, kFloats)),
        kFloats);
    Maker maker;
    const auto count = static_cast<std::int64_t>(kFloats.size());
    const auto x = maker.input(ACP_F32, {count}), which = maker.input(ACP_BOOL, {count}),
               y = maker.output(ACP_F32, {count});
    const auto i = maker.iter(0);
    const auto a = maker.arg(x, {i});
    const auto chosen =
        maker.scalar(ACP_SC_SELECT, ACP_F32, maker.arg(which, {i}), a, maker.bits(ACP_F32, 0x7f800001));
    maker.nest({.parallel = {count}, .writes = {{y, chosen, {i}}}});
    std::vector<std::uint8_t> choice;
    std::vector<std::uint32_t> want;
    for (std::size_t e = 0; e < kFloats.size(); ++e) {
      choice.push_back(e % 3 == 0 ? 0 : static_cast<std::uint8_t>(e));
      want.push_back(e % 3 == 0 ? 0x7f800001 : kFloats[e]);
    }
    const auto out = run(name, maker, {bytes_of(kFloats), bytes_of(choice)}, {Bytes(kFloats.size() * 4)});
    EXPECT_EQ(elements_of<std::uint32_t>(out[0]), want) << name;
  }
}

}  // namespace
}  // namespace vendors_test
