// What every generated program begins with: the scalar operations of region programs, in OpenCL C 1.2.
//
// An F32 value is carried as its bits (u32), so that nothing but arithmetic can change a NaN. A BOOL is a u32 of 0 or 1.
#pragma once

namespace acp_gpu {

// Exactly one of these two comes first.
inline constexpr char kRoundedByDevice[] = R"(
#pragma OPENCL FP_CONTRACT OFF
static float divide(float x, float y) { return x / y; }
static float root(float x) { return sqrt(x); }
)";

// For a device that does not promise correctly rounded division and root: both in integers.
// A number is sign * m * 2^e with 2^23 <= m < 2^24; the quotient gets 26 bits or more and a sticky bit, then one rounding.
inline constexpr char kRoundedByIntegers[] = R"(
#pragma OPENCL FP_CONTRACT OFF
static int unpack(uint bits, ulong* m) {
  int e = (int)((bits >> 23) & 0xffu);
  *m = bits & 0x7fffffu;
  if (e == 0) {
    int up = (int)clz((uint)*m) - 8;
    *m <<= up;
    return -149 - up;
  }
  *m |= 0x800000u;
  return e - 150;
}
/* m * 2^e, m above 0, rounded once to nearest even. Bit 0 of m also says that something below it was cut off. */
static uint pack(uint sign, ulong m, int e) {
  int top = 63 - (int)clz(m);
  int cut = top - 23;
  if (e + cut < -149) cut = -149 - e;
  if (cut > 62) return sign;
  ulong q = cut > 0 ? m >> cut : m << -cut;
  if (cut > 0) {
    ulong rest = m & ((1UL << cut) - 1UL), half_way = 1UL << (cut - 1);
    if (rest > half_way || (rest == half_way && (q & 1UL))) ++q;
  }
  e += cut;
  if (q >> 24) { q >>= 1; ++e; }
  if (q < 0x800000UL) return sign | (uint)q;
  if (e + 150 >= 255) return sign | 0x7f800000u;
  return sign | ((uint)(e + 150) << 23) | ((uint)q & 0x7fffffu);
}
static float divide(float x, float y) {
  uint a = as_uint(x), b = as_uint(y), sign = (a ^ b) & 0x80000000u;
  a &= 0x7fffffffu;
  b &= 0x7fffffffu;
  if (a > 0x7f800000u || b > 0x7f800000u || (a == 0x7f800000u && b == 0x7f800000u) || (a == 0u && b == 0u))
    return as_float(0x7fc00000u);
  if (a == 0x7f800000u || b == 0u) return as_float(sign | 0x7f800000u);
  if (b == 0x7f800000u || a == 0u) return as_float(sign);
  ulong m, n;
  int e = unpack(a, &m) - unpack(b, &n) - 30;
  ulong q = (m << 30) / n;
  if (q * n != (m << 30)) q |= 1UL;
  return as_float(pack(sign, q, e));
}
static float root(float x) {
  uint a = as_uint(x);
  if ((a & 0x7fffffffu) == 0u || a == 0x7f800000u) return x;
  if (a > 0x7f800000u) return as_float(0x7fc00000u);
  ulong m, q = 0;
  int e = unpack(a, &m);
  if (e & 1) { m <<= 1; --e; }
  m <<= 30;
  for (ulong bit = 1UL << 27; bit; bit >>= 1)
    if ((q | bit) * (q | bit) <= m) q |= bit;
  q = q * q == m ? q << 1 : q << 1 | 1UL;
  return as_float(pack(0u, q, e / 2 - 16));
}
)";

inline constexpr char kPrelude[] = R"(
typedef uint u32;
#define NO_FAULT 0xffffffffu
/* Arithmetic gives one NaN only. */
static u32 one_nan(u32 x) { return (x & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : x; }
static u32 neg_f32(u32 a) { return a ^ 0x80000000u; }
static u32 abs_f32(u32 a) { return a & 0x7fffffffu; }
static u32 sqrt_f32(u32 a) { return one_nan(as_uint(root(as_float(a)))); }
/* By two sums, which round to even: a platform's own rint may go through int, and then has no value for large constants. */
static u32 rint_f32(u32 a) {
  u32 m = a & 0x7fffffffu;
  return m >= 0x4b000000u ? one_nan(a) : as_uint((as_float(m) + 8388608.0f) - 8388608.0f) | (a & 0x80000000u);
}
/* A raw result is a NaN when it should be, but any NaN. */
static u32 rawadd_f32(u32 a, u32 b) { return as_uint(as_float(a) + as_float(b)); }
static u32 rawfma_f32(u32 a, u32 b, u32 c) { return as_uint(fma(as_float(a), as_float(b), as_float(c))); }
static u32 add_f32(u32 a, u32 b) { return one_nan(rawadd_f32(a, b)); }
static u32 sub_f32(u32 a, u32 b) { return one_nan(as_uint(as_float(a) - as_float(b))); }
static u32 mul_f32(u32 a, u32 b) { return one_nan(as_uint(as_float(a) * as_float(b))); }
static u32 div_f32(u32 a, u32 b) { return one_nan(as_uint(divide(as_float(a), as_float(b)))); }
static u32 fma_f32(u32 a, u32 b, u32 c) { return one_nan(rawfma_f32(a, b, c)); }
static u32 is_nan(u32 a) { return (a & 0x7fffffffu) > 0x7f800000u; }
/* Bits as integers that order like the numbers, -0 below +0. */
static int ranked(u32 a) { return (int)a < 0 ? (int)(a ^ 0x7fffffffu) : (int)a; }
static u32 min_f32(u32 a, u32 b) {
  return is_nan(a) | is_nan(b) ? 0x7fc00000u : (ranked(a) < ranked(b) ? a : b);
}
static u32 max_f32(u32 a, u32 b) {
  return is_nan(a) | is_nan(b) ? 0x7fc00000u : (ranked(a) > ranked(b) ? a : b);
}
static u32 lt_f32(u32 a, u32 b) { return as_float(a) < as_float(b) ? 1u : 0u; }
static u32 le_f32(u32 a, u32 b) { return as_float(a) <= as_float(b) ? 1u : 0u; }
static u32 eq_f32(u32 a, u32 b) { return as_float(a) == as_float(b) ? 1u : 0u; }
/* Integers wrap: sums and products are unsigned. */
#define INTEGERS(S, T, U, BITS) \
  static T neg_##S(T a) { return (T)((U)0 - (U)a); } \
  static T abs_##S(T a) { return a < 0 ? neg_##S(a) : a; } \
  static T add_##S(T a, T b) { return (T)((U)a + (U)b); } \
  static T sub_##S(T a, T b) { return (T)((U)a - (U)b); } \
  static T mul_##S(T a, T b) { return (T)((U)a * (U)b); } \
  static T min_##S(T a, T b) { return a < b ? a : b; } \
  static T max_##S(T a, T b) { return a > b ? a : b; } \
  static T fma_##S(T a, T b, T c) { return (T)((U)a * (U)b + (U)c); } \
  static T and_##S(T a, T b) { return a & b; } \
  static T or_##S(T a, T b) { return a | b; } \
  static T xor_##S(T a, T b) { return a ^ b; } \
  static T shl_##S(T a, T b) { return (T)((U)a << ((U)b & (U)(BITS - 1))); } \
  static T shr_##S(T a, T b) { return a >> ((U)b & (U)(BITS - 1)); } \
  static u32 lt_##S(T a, T b) { return a < b ? 1u : 0u; } \
  static u32 le_##S(T a, T b) { return a <= b ? 1u : 0u; } \
  static u32 eq_##S(T a, T b) { return a == b ? 1u : 0u; }
INTEGERS(i32, int, uint, 32)
INTEGERS(i64, long, ulong, 64)
static u32 and_bool(u32 a, u32 b) { return a & b; }
static u32 or_bool(u32 a, u32 b) { return a | b; }
static u32 xor_bool(u32 a, u32 b) { return a ^ b; }
static u32 eq_bool(u32 a, u32 b) { return a == b ? 1u : 0u; }
/* Casts: toward zero, saturating, NaN gives 0. */
static int f32_to_i32(u32 a) {
  float x = as_float(a);
  if (is_nan(a)) return 0;
  if (x >= 2147483648.0f) return 0x7fffffff;
  if (x < -2147483648.0f) return -0x7fffffff - 1;
  return (int)x;
}
static long f32_to_i64(u32 a) {
  float x = as_float(a);
  if (is_nan(a)) return 0L;
  if (x >= 9223372036854775808.0f) return 0x7fffffffffffffffL;
  if (x < -9223372036854775808.0f) return -0x7fffffffffffffffL - 1L;
  return (long)x;
}
static u32 f32_to_bool(u32 a) { return (a & 0x7fffffffu) != 0u ? 1u : 0u; }
static u32 i32_to_f32(int a) { return as_uint((float)a); }
static u32 i64_to_f32(long a) { return as_uint((float)a); }
static u32 bool_to_f32(u32 a) { return a != 0u ? 0x3f800000u : 0u; }
static int i64_to_i32(long a) { return (int)(uint)(ulong)a; }
static long i32_to_i64(int a) { return (long)a; }
static u32 i32_to_bool(int a) { return a != 0 ? 1u : 0u; }
static u32 i64_to_bool(long a) { return a != 0L ? 1u : 0u; }
static int bool_to_i32(u32 a) { return (int)a; }
static long bool_to_i64(u32 a) { return (long)a; }
static int f32_bits_i32(u32 a) { return (int)a; }
static u32 i32_bits_f32(int a) { return (u32)a; }
/* Index expressions that may hold anything: quotients toward minus infinity, sums that wrap. */
static long floor_div(long a, long b) { return a / b - (a % b < 0L ? 1L : 0L); }
static long floor_mod(long a, long b) { long r = a % b; return r < 0L ? r + b : r; }
)";

}  // namespace acp_gpu
