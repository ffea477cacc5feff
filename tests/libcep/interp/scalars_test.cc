// Scalar operators over bits, each line from IEEE 754-2019 or from numerics.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cep/interp.h"

namespace cep {
namespace {

// One scalar operator applied to constants of `from`, through a region with one point.
std::uint64_t applied(std::uint8_t code, Dtype from, Dtype to, std::uint64_t a, std::uint64_t b,
                      std::uint64_t c) {
  RegionBuilder builder;
  const auto x = builder.input({from, {}});
  const auto y = builder.input({from, {}});
  const auto z = builder.input({from, {}});
  const auto out = builder.output({to, {}});
  builder.begin_nest({}, {});
  const auto p = builder.arg(builder.read(x, {})), q = builder.arg(builder.read(y, {})),
             r = builder.arg(builder.read(z, {}));
  RegionBuilder::Id value = 0;
  switch (code) {
    case ACP_SC_NEG:
    case ACP_SC_ABS:
    case ACP_SC_SQRT:
    case ACP_SC_RINT: value = builder.unary(code, p); break;
    case ACP_SC_FMA: value = builder.fma(p, q, r); break;
    case ACP_SC_CAST: value = builder.cast(p, to); break;
    case ACP_SC_BITCAST: value = builder.bitcast(p, to); break;
    default: value = builder.binary(code, p, q); break;
  }
  builder.write(out, {}, value);
  builder.end_nest();
  const Region region = std::move(builder).finish();
  Elements ea = {{a, 0}}, eb = {{b, 0}}, ec = {{c, 0}}, result(1);
  EXPECT_TRUE(interpret(region, Domain::kBits, {&ea, &eb, &ec, &result}).has_value());
  return result[0].lo;
}

constexpr std::uint64_t kOne = 0x3f800000, kTwo = 0x40000000, kThree = 0x40400000, kZero = 0,
                        kMinusZero = 0x80000000, kInf = 0x7f800000, kMinusInf = 0xff800000, kNan = 0x7fc00000,
                        kPayload = 0xffc12345, kSmallest = 1, kLargest = 0x7f7fffff;

struct FloatCase {
  std::uint8_t code;
  std::uint64_t a, b, c, expected;
};

const FloatCase kFloats[] = {
    {ACP_SC_ADD, kOne, kOne, 0, kTwo},
    {ACP_SC_ADD, kInf, kMinusInf, 0, kNan},
    {ACP_SC_ADD, kPayload, kOne, 0, kNan},
    {ACP_SC_ADD, kMinusZero, kMinusZero, 0, kMinusZero},
    {ACP_SC_ADD, kMinusZero, kZero, 0, kZero},
    {ACP_SC_ADD, kSmallest, kSmallest, 0, 2},
    {ACP_SC_ADD, kLargest, kLargest, 0, kInf},
    {ACP_SC_SUB, kOne, kOne, 0, kZero},
    {ACP_SC_MUL, kTwo, kMinusZero, 0, kMinusZero},
    {ACP_SC_MUL, kZero, kInf, 0, kNan},
    {ACP_SC_MUL, 0x00800000, 0x3f000000, 0, 0x00400000},  // the smallest normal halved is subnormal
    {ACP_SC_DIV, kOne, kThree, 0, 0x3eaaaaab},
    {ACP_SC_DIV, kOne, kMinusZero, 0, kMinusInf},
    {ACP_SC_DIV, kZero, kZero, 0, kNan},
    {ACP_SC_FMA, 0x3f800800, 0x3f800800, 0xbf801000, 0x33800000},  // (1+2^-12)^2 - (1+2^-11) = 2^-24
    {ACP_SC_FMA, kZero, kInf, kOne, kNan},
    {ACP_SC_SQRT, kTwo, 0, 0, 0x3fb504f3},
    {ACP_SC_SQRT, kMinusZero, 0, 0, kMinusZero},
    {ACP_SC_SQRT, 0xbf800000, 0, 0, kNan},
    {ACP_SC_RINT, 0x3f000000, 0, 0, kZero},       // 0.5 to even
    {ACP_SC_RINT, 0x3fc00000, 0, 0, kTwo},        // 1.5
    {ACP_SC_RINT, 0x40200000, 0, 0, kTwo},        // 2.5
    {ACP_SC_RINT, 0xbe800000, 0, 0, kMinusZero},  // -0.25
    {ACP_SC_RINT, kPayload, 0, 0, kNan},
    {ACP_SC_NEG, kPayload, 0, 0, 0x7fc12345},
    {ACP_SC_ABS, kPayload, 0, 0, 0x7fc12345},
    {ACP_SC_ABS, kMinusZero, 0, 0, kZero},
    {ACP_SC_MAX, kMinusZero, kZero, 0, kZero},
    {ACP_SC_MAX, kZero, kMinusZero, 0, kZero},
    {ACP_SC_MIN, kMinusZero, kZero, 0, kMinusZero},
    {ACP_SC_MIN, kZero, kMinusZero, 0, kMinusZero},
    {ACP_SC_MAX, kOne, kPayload, 0, kNan},
    {ACP_SC_MIN, kPayload, kOne, 0, kNan},
    {ACP_SC_MAX, kMinusInf, kOne, 0, kOne},
};

TEST(Float, arithmetic) {
  for (const FloatCase& row : kFloats) {
    EXPECT_EQ(applied(row.code, Dtype::kF32, Dtype::kF32, row.a, row.b, row.c), row.expected)
        << "operator " << int{row.code} << " of " << std::hex << row.a << ", " << row.b;
  }
}

const FloatCase kComparisons[] = {
    {ACP_SC_LT, kMinusZero, kZero, 0, 0}, {ACP_SC_LE, kMinusZero, kZero, 0, 1},
    {ACP_SC_EQ, kMinusZero, kZero, 0, 1}, {ACP_SC_LT, kOne, kTwo, 0, 1},
    {ACP_SC_LE, kTwo, kOne, 0, 0},        {ACP_SC_EQ, kNan, kNan, 0, 0},
    {ACP_SC_LE, kNan, kNan, 0, 0},        {ACP_SC_LT, kMinusInf, kNan, 0, 0},
};

TEST(Float, comparison) {
  for (const FloatCase& row : kComparisons) {
    EXPECT_EQ(applied(row.code, Dtype::kF32, Dtype::kBool, row.a, row.b, 0), row.expected) << int{row.code};
  }
}

struct CastCase {
  std::uint8_t code;
  Dtype from, to;
  std::uint64_t value, expected;
};
std::uint64_t wide(std::int64_t value) { return static_cast<std::uint64_t>(value); }
constexpr std::int64_t kI32Max = std::numeric_limits<std::int32_t>::max(),
                       kI32Min = std::numeric_limits<std::int32_t>::min(),
                       kI64Max = std::numeric_limits<std::int64_t>::max(),
                       kI64Min = std::numeric_limits<std::int64_t>::min();

TEST(Cast, truncates_saturates_and_maps_nan_to_zero) {
  const CastCase rows[] = {
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI32, 0xbff00000, wide(-1)},  // -1.875
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI32, kNan, 0},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI32, 0x4f000000, wide(kI32Max)},  // 2^31
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI32, 0xcf000000, wide(kI32Min)},  // -2^31
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI32, kMinusInf, wide(kI32Min)},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI64, 0x5f000000, wide(kI64Max)},  // 2^63
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI64, 0xdf000000, wide(kI64Min)},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kI64, 0x5effffff, 0x7fffff8000000000},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kBool, kMinusZero, 0},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kBool, kNan, 1},
      {ACP_SC_CAST, Dtype::kF32, Dtype::kBool, kSmallest, 1},
      {ACP_SC_CAST, Dtype::kI64, Dtype::kF32, 16777217, 0x4b800000},  // 2^24 + 1 ties to even
      {ACP_SC_CAST, Dtype::kI64, Dtype::kF32, wide(-3), 0xc0400000},
      {ACP_SC_CAST, Dtype::kI64, Dtype::kI32, 0x1'8000'0001, wide(kI32Min + 1)},
      {ACP_SC_CAST, Dtype::kI32, Dtype::kI64, wide(-5), wide(-5)},
      {ACP_SC_CAST, Dtype::kI64, Dtype::kBool, 0x1'0000'0000, 1},
      {ACP_SC_CAST, Dtype::kBool, Dtype::kF32, 1, kOne},
      {ACP_SC_BITCAST, Dtype::kF32, Dtype::kI32, 0xff812345, wide(static_cast<std::int32_t>(0xff812345))},
      {ACP_SC_BITCAST, Dtype::kI32, Dtype::kF32, wide(-1), 0xffffffff},
  };
  for (const CastCase& row : rows) {
    EXPECT_EQ(applied(row.code, row.from, row.to, row.value, 0, 0), row.expected) << std::hex << row.value;
  }
}

TEST(Integer, arithmetic_wraps_at_its_width) {
  const auto i32 = [](std::uint8_t code, std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(applied(code, Dtype::kI32, Dtype::kI32, wide(a), wide(b), 0));
  };
  const auto i64 = [](std::uint8_t code, std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(applied(code, Dtype::kI64, Dtype::kI64, wide(a), wide(b), 0));
  };
  EXPECT_EQ(i32(ACP_SC_ADD, kI32Max, 1), kI32Min);
  EXPECT_EQ(i32(ACP_SC_MUL, 65536, 65536), 0);
  EXPECT_EQ(i32(ACP_SC_NEG, kI32Min, 0), kI32Min);
  EXPECT_EQ(i64(ACP_SC_SUB, kI64Min, 1), kI64Max);
  EXPECT_EQ(i64(ACP_SC_MAX, -3, 2), 2);
  EXPECT_EQ(i64(ACP_SC_MIN, -3, 2), -3);
  EXPECT_EQ(i32(ACP_SC_SHL, 1, 31), kI32Min);
  EXPECT_EQ(i32(ACP_SC_SHR, -8, 1), -4);
  EXPECT_EQ(i64(ACP_SC_SHR, kI64Min, 63), -1);
  EXPECT_EQ(i32(ACP_SC_XOR, -1, 5), -6);
  EXPECT_EQ(i64(ACP_SC_AND, 12, 10), 8);
  EXPECT_EQ(i64(ACP_SC_OR, 12, 10), 14);
}

}  // namespace
}  // namespace cep
