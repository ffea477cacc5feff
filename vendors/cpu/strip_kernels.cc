// Compiled once per instruction set, see CMakeLists.txt. Uses no library function that could be emitted here and linked elsewhere.
#include "strip_kernels.h"

namespace acp_cpu {
namespace {

using F32 = float;
using U8 = std::uint8_t;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using I32 = std::int32_t;
using I64 = std::int64_t;

U32 bits(F32 x) { return __builtin_bit_cast(U32, x); }
F32 value(U32 x) { return __builtin_bit_cast(F32, x); }

// Arithmetic returns one NaN only (numerics, rule 3).
F32 one_nan(F32 x) { return x == x ? x : value(0x7fc00000u); }

// IEEE 754-2019 minimum and maximum: NaN wins, -0 is below +0. Equal numbers differ in the sign bit at most.
F32 larger(F32 x, F32 y) {
  const F32 ordered = x == y ? value(bits(x) & bits(y)) : (x > y ? x : y);
  return x == x && y == y ? ordered : value(0x7fc00000u);
}
F32 smaller(F32 x, F32 y) {
  const F32 ordered = x == y ? value(bits(x) | bits(y)) : (x < y ? x : y);
  return x == x && y == y ? ordered : value(0x7fc00000u);
}

// Unsigned of the same width: integer arithmetic wraps.
template <typename T>
struct WrapOf;
template <>
struct WrapOf<I32> {
  using Type = U32;
};
template <>
struct WrapOf<I64> {
  using Type = U64;
};
template <typename T>
using Wrap = typename WrapOf<T>::Type;
template <typename T>
T wrapped(Wrap<T> x) {
  return static_cast<T>(x);
}

struct Neg {
  static F32 of(F32 x) { return value(bits(x) ^ 0x80000000u); }
  template <typename T>
  static T of(T x) {
    return wrapped<T>(Wrap<T>{0} - static_cast<Wrap<T>>(x));
  }
};
struct Abs {
  static F32 of(F32 x) { return value(bits(x) & 0x7fffffffu); }
  template <typename T>
  static T of(T x) {
    return x < 0 ? Neg::of(x) : x;
  }
};
struct Sqrt {
  static F32 of(F32 x) { return one_nan(__builtin_sqrtf(x)); }
};
struct Rint {
  static F32 of(F32 x) { return one_nan(__builtin_rintf(x)); }
};
struct Add {
  static F32 of(F32 x, F32 y) { return one_nan(x + y); }
  template <typename T>
  static T of(T x, T y) {
    return wrapped<T>(static_cast<Wrap<T>>(x) + static_cast<Wrap<T>>(y));
  }
};
struct Sub {
  static F32 of(F32 x, F32 y) { return one_nan(x - y); }
  template <typename T>
  static T of(T x, T y) {
    return wrapped<T>(static_cast<Wrap<T>>(x) - static_cast<Wrap<T>>(y));
  }
};
struct Mul {
  static F32 of(F32 x, F32 y) { return one_nan(x * y); }
  template <typename T>
  static T of(T x, T y) {
    return wrapped<T>(static_cast<Wrap<T>>(x) * static_cast<Wrap<T>>(y));
  }
};
struct Div {
  static F32 of(F32 x, F32 y) { return one_nan(x / y); }
};
struct Min {
  static F32 of(F32 x, F32 y) { return smaller(x, y); }
  template <typename T>
  static T of(T x, T y) {
    return x < y ? x : y;
  }
};
struct Max {
  static F32 of(F32 x, F32 y) { return larger(x, y); }
  template <typename T>
  static T of(T x, T y) {
    return x > y ? x : y;
  }
};
struct Fma {
  static F32 of(F32 x, F32 y, F32 z) { return one_nan(__builtin_fmaf(x, y, z)); }
  template <typename T>
  static T of(T x, T y, T z) {
    return Add::of(Mul::of(x, y), z);
  }
};
struct Lt {
  template <typename T>
  static U8 of(T x, T y) {
    return x < y;
  }
};
struct Le {
  template <typename T>
  static U8 of(T x, T y) {
    return x <= y;
  }
};
struct Eq {
  template <typename T>
  static U8 of(T x, T y) {
    return x == y;
  }
};
struct And {
  template <typename T>
  static T of(T x, T y) {
    return static_cast<T>(x & y);
  }
};
struct Or {
  template <typename T>
  static T of(T x, T y) {
    return static_cast<T>(x | y);
  }
};
struct Xor {
  template <typename T>
  static T of(T x, T y) {
    return static_cast<T>(x ^ y);
  }
};
struct Shl {
  template <typename T>
  static T of(T x, T y) {
    return wrapped<T>(static_cast<Wrap<T>>(x) << (static_cast<Wrap<T>>(y) & (sizeof(T) * 8 - 1)));
  }
};
struct Shr {
  template <typename T>
  static T of(T x, T y) {
    return x >> (static_cast<Wrap<T>>(y) & (sizeof(T) * 8 - 1));
  }
};
struct Select {
  template <typename T>
  static T of(U8 x, T y, T z) {
    return x != 0 ? y : z;
  }
};

// Toward zero; saturates; NaN gives 0. kLimit is the first number above the type's range.
template <typename T>
T cut(F32 x, F32 limit, T lowest, T highest) {
  const bool inside = x >= -limit && x < limit;
  const T whole = static_cast<T>(inside ? x : 0.0f);
  const T outside = x != x ? T{0} : (x > 0 ? highest : lowest);
  return inside ? whole : outside;
}
struct ToF32 {
  template <typename T>
  static F32 of(T x) {
    return static_cast<F32>(x);
  }
};
struct ToI32 {
  static I32 of(F32 x) { return cut<I32>(x, 0x1p31f, INT32_MIN, INT32_MAX); }
  template <typename T>
  static I32 of(T x) {
    return static_cast<I32>(static_cast<U32>(x));
  }
};
struct ToI64 {
  static I64 of(F32 x) { return cut<I64>(x, 0x1p63f, INT64_MIN, INT64_MAX); }
  template <typename T>
  static I64 of(T x) {
    return static_cast<I64>(x);
  }
};
struct ToBool {
  template <typename T>
  static U8 of(T x) {
    return x != T{0};
  }
};
struct Same {
  template <typename T>
  static T of(T x) {
    return x;
  }
};

template <typename R, typename X, typename Op>
void map1(void* __restrict out, const void* __restrict a, const void*, const void*, I64 count) {
  auto* r = static_cast<R*>(out);
  const auto* x = static_cast<const X*>(a);
  for (I64 j = 0; j < count; ++j) r[j] = Op::of(x[j]);
}
template <typename R, typename X, typename Op>
void map2(void* __restrict out, const void* __restrict a, const void* __restrict b, const void*, I64 count) {
  auto* r = static_cast<R*>(out);
  const auto* x = static_cast<const X*>(a);
  const auto* y = static_cast<const X*>(b);
  for (I64 j = 0; j < count; ++j) r[j] = Op::of(x[j], y[j]);
}
template <typename R, typename X, typename Op>
void map3(void* __restrict out, const void* __restrict a, const void* __restrict b, const void* __restrict c,
          I64 count) {
  auto* r = static_cast<R*>(out);
  const auto* x = static_cast<const X*>(a);
  const auto* y = static_cast<const R*>(b);
  const auto* z = static_cast<const R*>(c);
  for (I64 j = 0; j < count; ++j) r[j] = Op::of(x[j], y[j], z[j]);
}
template <typename T>
void splat(void* __restrict out, const void* __restrict a, const void*, const void*, I64 count) {
  auto* r = static_cast<T*>(out);
  const T x = *static_cast<const T*>(a);
  for (I64 j = 0; j < count; ++j) r[j] = x;
}

template <typename T, typename Op, bool kOneA>
void step2(void* __restrict acc, const void* __restrict a, const void*, I64 count) {
  auto* r = static_cast<T*>(acc);
  const auto* x = static_cast<const T*>(a);
  for (I64 j = 0; j < count; ++j) r[j] = Op::of(r[j], x[kOneA ? 0 : j]);
}
template <typename T, bool kOneA, bool kOneB>
void step_fma(void* __restrict acc, const void* __restrict a, const void* __restrict b, I64 count) {
  auto* r = static_cast<T*>(acc);
  const auto* x = static_cast<const T*>(a);
  const auto* y = static_cast<const T*>(b);
  for (I64 j = 0; j < count; ++j) r[j] = Fma::of(x[kOneA ? 0 : j], y[kOneB ? 0 : j], r[j]);
}

// A NaN stays a NaN through FMA steps, so making it the one NaN can wait for the last.
template <I64 kLanes>
void fma_lanes(F32* __restrict acc, const F32* a, I64 a_move, const F32* b, I64 b_move, I64 steps) {
  F32 sum[kLanes];
  for (I64 j = 0; j < kLanes; ++j) sum[j] = acc[j];
  for (I64 k = 0; k < steps; ++k, a += a_move, b += b_move) {
    const F32 x = *a;
    for (I64 j = 0; j < kLanes; ++j) sum[j] = __builtin_fmaf(x, b[j], sum[j]);
  }
  for (I64 j = 0; j < kLanes; ++j) acc[j] = one_nan(sum[j]);
}
void fma_run_one_a(F32* acc, const F32* a, I64 a_move, const F32* b, I64 b_move, I64 steps, I64 count) {
  if (steps == 0) return;
  I64 j = 0;
  for (; j + 32 <= count; j += 32) fma_lanes<32>(acc + j, a, a_move, b + j, b_move, steps);
  for (; j + 8 <= count; j += 8) fma_lanes<8>(acc + j, a, a_move, b + j, b_move, steps);
  for (; j < count; ++j) fma_lanes<1>(acc + j, a, a_move, b + j, b_move, steps);
}

template <typename Op>
constexpr void map1_numbers(Map (&row)[kDtypes]) {
  row[ACP_F32] = map1<F32, F32, Op>;
  row[ACP_I32] = map1<I32, I32, Op>;
  row[ACP_I64] = map1<I64, I64, Op>;
}
template <typename Op>
constexpr void map2_numbers(Map (&row)[kDtypes]) {
  row[ACP_F32] = map2<F32, F32, Op>;
  row[ACP_I32] = map2<I32, I32, Op>;
  row[ACP_I64] = map2<I64, I64, Op>;
}
template <typename Op>
constexpr void compares(Map (&row)[kDtypes]) {
  row[ACP_F32] = map2<U8, F32, Op>;
  row[ACP_I32] = map2<U8, I32, Op>;
  row[ACP_I64] = map2<U8, I64, Op>;
  row[ACP_BOOL] = map2<U8, U8, Op>;
}
template <typename Op>
constexpr void bitwise(Map (&row)[kDtypes]) {
  row[ACP_I32] = map2<I32, I32, Op>;
  row[ACP_I64] = map2<I64, I64, Op>;
  row[ACP_BOOL] = map2<U8, U8, Op>;
}
template <typename From>
constexpr void casts(Map (&row)[kDtypes]) {
  row[ACP_F32] = map1<F32, From, ToF32>;
  row[ACP_I32] = map1<I32, From, ToI32>;
  row[ACP_I64] = map1<I64, From, ToI64>;
  row[ACP_BOOL] = map1<U8, From, ToBool>;
}
template <typename Op>
constexpr void steps(Step (&rows)[2][2][kDtypes]) {
  for (int b = 0; b < 2; ++b) {
    rows[0][b][ACP_F32] = step2<F32, Op, false>;
    rows[0][b][ACP_I32] = step2<I32, Op, false>;
    rows[0][b][ACP_I64] = step2<I64, Op, false>;
    rows[1][b][ACP_F32] = step2<F32, Op, true>;
    rows[1][b][ACP_I32] = step2<I32, Op, true>;
    rows[1][b][ACP_I64] = step2<I64, Op, true>;
  }
}
template <bool kOneA, bool kOneB>
constexpr void fma_steps(Step (&row)[kDtypes]) {
  row[ACP_F32] = step_fma<F32, kOneA, kOneB>;
  row[ACP_I32] = step_fma<I32, kOneA, kOneB>;
  row[ACP_I64] = step_fma<I64, kOneA, kOneB>;
}

constexpr KernelTable make_table(const ContractKernels& contract) {
  KernelTable t = {};
  t.contract = &contract;
  map1_numbers<Neg>(t.map[ACP_SC_NEG]);
  map1_numbers<Abs>(t.map[ACP_SC_ABS]);
  t.map[ACP_SC_SQRT][ACP_F32] = map1<F32, F32, Sqrt>;
  t.map[ACP_SC_RINT][ACP_F32] = map1<F32, F32, Rint>;
  map2_numbers<Add>(t.map[ACP_SC_ADD]);
  map2_numbers<Sub>(t.map[ACP_SC_SUB]);
  map2_numbers<Mul>(t.map[ACP_SC_MUL]);
  t.map[ACP_SC_DIV][ACP_F32] = map2<F32, F32, Div>;
  map2_numbers<Min>(t.map[ACP_SC_MIN]);
  map2_numbers<Max>(t.map[ACP_SC_MAX]);
  t.map[ACP_SC_FMA][ACP_F32] = map3<F32, F32, Fma>;
  t.map[ACP_SC_FMA][ACP_I32] = map3<I32, I32, Fma>;
  t.map[ACP_SC_FMA][ACP_I64] = map3<I64, I64, Fma>;
  compares<Lt>(t.map[ACP_SC_LT]);
  compares<Le>(t.map[ACP_SC_LE]);
  compares<Eq>(t.map[ACP_SC_EQ]);
  // Movement: F32 as integers, so that no unit can quieten a NaN.
  t.map[ACP_SC_SELECT][ACP_F32] = map3<U32, U8, Select>;
  t.map[ACP_SC_SELECT][ACP_I32] = map3<U32, U8, Select>;
  t.map[ACP_SC_SELECT][ACP_I64] = map3<U64, U8, Select>;
  t.map[ACP_SC_SELECT][ACP_BOOL] = map3<U8, U8, Select>;
  t.map[ACP_SC_BITCAST][ACP_F32] = map1<U32, U32, Same>;
  t.map[ACP_SC_BITCAST][ACP_I32] = map1<U32, U32, Same>;
  bitwise<And>(t.map[ACP_SC_AND]);
  bitwise<Or>(t.map[ACP_SC_OR]);
  bitwise<Xor>(t.map[ACP_SC_XOR]);
  t.map[ACP_SC_SHL][ACP_I32] = map2<I32, I32, Shl>;
  t.map[ACP_SC_SHL][ACP_I64] = map2<I64, I64, Shl>;
  t.map[ACP_SC_SHR][ACP_I32] = map2<I32, I32, Shr>;
  t.map[ACP_SC_SHR][ACP_I64] = map2<I64, I64, Shr>;
  casts<F32>(t.cast[ACP_F32]);
  casts<I32>(t.cast[ACP_I32]);
  casts<I64>(t.cast[ACP_I64]);
  casts<U8>(t.cast[ACP_BOOL]);
  t.cast[ACP_F32][ACP_F32] = map1<U32, U32, Same>;
  t.splat[ACP_F32] = t.splat[ACP_I32] = splat<U32>;
  t.splat[ACP_I64] = splat<U64>;
  t.splat[ACP_BOOL] = splat<U8>;
  fma_steps<false, false>(t.step[ACP_COMBINE_FMA][0][0]);
  fma_steps<false, true>(t.step[ACP_COMBINE_FMA][0][1]);
  fma_steps<true, false>(t.step[ACP_COMBINE_FMA][1][0]);
  fma_steps<true, true>(t.step[ACP_COMBINE_FMA][1][1]);
  steps<Add>(t.step[ACP_COMBINE_ADD]);
  steps<Max>(t.step[ACP_COMBINE_MAX]);
  steps<Min>(t.step[ACP_COMBINE_MIN]);
  t.fma_run_one_a = fma_run_one_a;
  return t;
}

}  // namespace

namespace ACP_CPU_SET {
constinit const KernelTable kTable = make_table(kContract);
}  // namespace ACP_CPU_SET

}  // namespace acp_cpu
