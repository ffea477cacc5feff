// What only the gpu shim has: tiled contractions, division and root in integers, a machine without any platform.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "gpu/prelude.h"
#include "gpu/program.h"
#include "vendors/launch.h"

namespace vendors_test {
namespace {

// How many of the program's kernels are made of tiles (they have three dimensions), for a device large enough.
std::size_t tiled_kernels(const Maker& maker) {
  acp_gpu::Facts facts;
  facts.allocation_bytes = facts.local_bytes = 1 << 20;
  facts.parameter_bytes = facts.group_size = 1024;
  acp_gpu::Source source;
  EXPECT_EQ(acp_gpu::write_source(maker.view(), facts, &source, nullptr), ACP_OK);
  return static_cast<std::size_t>(std::count_if(source.nests.begin(), source.nests.end(),
                                                [](const auto& nest) { return nest.dimensions == 3; }));
}

void expect_equal_on_gpu(const Maker& maker, const std::vector<Bytes>& inputs, const Bytes& before) {
  EXPECT_EQ(tiled_kernels(maker), 1u);
  EXPECT_EQ(run("gpu", maker, inputs, {before}), run("cpu", maker, inputs, {before}));
}

// y[b, m, n] = relu(chain over k of x[b, m, k] * w[k, n] from bias[n]), at sizes that fill tiles, leave some, and end between.
void expect_product(std::int64_t batch, std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t k_begin,
                    std::uint8_t order) {
  SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k));
  Maker maker;
  const auto x = maker.input(ACP_F32, {batch, m, k}), w = maker.input(ACP_F32, {k, n}),
             bias = maker.input(ACP_F32, {n}), y = maker.output(ACP_F32, {batch, m, n});
  const auto b = maker.iter(0), i = maker.iter(1), j = maker.iter(2), kk = maker.iter(3);
  const auto init = maker.arg(bias, {j});
  const auto a = maker.arg(x, {b, i, kk}), c = maker.arg(w, {kk, j});
  const auto value = maker.scalar(ACP_SC_MAX, ACP_F32, maker.acc(ACP_F32),
                                  maker.scalar(ACP_SC_NEG, ACP_F32, maker.acc(ACP_F32)));
  maker.nest({.parallel = {batch, m, n},
              .reduce = {k},
              .combiner = ACP_COMBINE_FMA,
              .order = order,
              .block = 1000,
              .init = init,
              .body_a = a,
              .body_b = c,
              .writes = {{y, value, {b, i, j}}},
              .k_begin = k_begin,
              .k_end = k});
  const auto floats = [](std::int64_t count, std::uint32_t seed) {
    std::vector<float> values = plain_floats(static_cast<std::size_t>(count), seed);
    for (std::size_t e = 0; e < values.size(); e += 97) values[e] = std::bit_cast<float>(0x80000001u);
    return bytes_of(values);
  };
  std::vector<float> negative_zeros(static_cast<std::size_t>(n), -0.0f);
  expect_equal_on_gpu(maker, {floats(batch * m * k, 1), floats(k * n, 2), bytes_of(negative_zeros)},
                      Bytes(static_cast<std::size_t>(batch * m * n * 4)));
  expect_equal_on_gpu(maker,
                      {bytes_of(nasty_floats(static_cast<std::size_t>(batch * m * k), 3)),
                       bytes_of(nasty_floats(static_cast<std::size_t>(k * n), 4)), bytes_of(negative_zeros)},
                      Bytes(static_cast<std::size_t>(batch * m * n * 4)));
}

TEST(Tiles, products) {
  expect_product(1, 64, 64, 16, 0, ACP_ORDER_CHAIN);
  expect_product(2, 65, 130, 47, 0, ACP_ORDER_CHAIN);
  expect_product(1, 9, 70, 33, 5, ACP_ORDER_BLOCKED_TREE);
}

// A step over a product of zeros is no step: -0 must stay -0 when the depth is no multiple of a tile's.
TEST(Tiles, no_step_beyond_the_depth) {
  Maker maker;
  const auto x = maker.input(ACP_F32, {16, 9}), w = maker.input(ACP_F32, {9, 16}),
             y = maker.output(ACP_F32, {16, 16});
  const auto i = maker.iter(0), j = maker.iter(1), k = maker.iter(2);
  const auto init = maker.f32(-0.0f), a = maker.arg(x, {i, k}), b = maker.arg(w, {k, j});
  maker.nest({.parallel = {16, 16},
              .reduce = {9},
              .combiner = ACP_COMBINE_FMA,
              .order = ACP_ORDER_CHAIN,
              .init = init,
              .body_a = a,
              .body_b = b,
              .writes = {{y, maker.acc(ACP_F32), {i, j}}}});
  EXPECT_EQ(tiled_kernels(maker), 1u);
  const std::vector<float> zeros(144, 0.0f), negative_zeros(144, -0.0f);
  const auto out = run("gpu", maker, {bytes_of(zeros), bytes_of(negative_zeros)}, {Bytes(1024)});
  EXPECT_EQ(elements_of<std::uint32_t>(out[0]), std::vector<std::uint32_t>(256, 0x80000000u));
}

// y[n, m, o, p] = chain over (r, s, c) of x[n, c, 2o + r - 1, p + 2s - 2] (0 in the padding) * w[m, c, r, s].
TEST(Tiles, windows_with_strides_and_padding) {
  const std::int64_t images = 2, channels = 5, side = 13, maps = 21, taps = 3, high = 7, wide = 13;
  Maker maker;
  const auto x = maker.input(ACP_F32, {images, channels, side, side}),
             w = maker.input(ACP_F32, {maps, channels, taps, taps}),
             y = maker.output(ACP_F32, {images, maps, high, wide});
  const auto n = maker.iter(0), m = maker.iter(1), o = maker.iter(2), p = maker.iter(3), r = maker.iter(4),
             s = maker.iter(5), c = maker.iter(6);
  const auto at_o = maker.plus_constant(maker.plus(maker.index(ACP_IX_SCALE, o, 0, 2), r), -1);
  const auto at_p = maker.plus_constant(maker.plus(p, maker.index(ACP_IX_SCALE, s, 0, 2)), -2);
  const auto tap = maker.arg(maker.read(x, {n, c, at_o, at_p}, {{at_o, 0, 0, side}, {at_p, 0, 0, side}}, 0));
  const auto weight = maker.arg(w, {m, c, r, s});
  maker.nest({.parallel = {images, maps, high, wide},
              .reduce = {taps, taps, channels},
              .combiner = ACP_COMBINE_FMA,
              .order = ACP_ORDER_CHAIN,
              .body_a = tap,
              .body_b = weight,
              .writes = {{y, maker.acc(ACP_F32), {n, m, o, p}}}});
  expect_equal_on_gpu(maker,
                      {bytes_of(nasty_floats(static_cast<std::size_t>(images * channels * side * side), 5)),
                       bytes_of(plain_floats(static_cast<std::size_t>(maps * channels * taps * taps), 6))},
                      Bytes(static_cast<std::size_t>(images * maps * high * wide * 4)));
}

// The words for a device that does not round division and root correctly, run on one that does.
TEST(Integers, division_and_root_round_correctly) {
  cl_platform_id platform = nullptr;
  cl_device_id device = nullptr;
  ASSERT_EQ(clGetPlatformIDs(1, &platform, nullptr), CL_SUCCESS);
  ASSERT_EQ(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr), CL_SUCCESS);
  const cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, nullptr);
  const cl_command_queue queue = clCreateCommandQueue(context, device, 0, nullptr);
  const char* texts[] = {acp_gpu::kRoundedByIntegers, acp_gpu::kPrelude,
                         "__kernel void both(__global uint* a, __global uint* b) {\n"
                         "size_t i = get_global_id(0); uint x = a[i], y = b[i];\n"
                         "a[i] = div_f32(x, y); b[i] = sqrt_f32(x); }\n"};
  const cl_program program = clCreateProgramWithSource(context, 3, texts, nullptr, nullptr);
  ASSERT_EQ(clBuildProgram(program, 1, &device, "", nullptr, nullptr), CL_SUCCESS);
  const cl_kernel kernel = clCreateKernel(program, "both", nullptr);
  constexpr std::size_t kCount = std::size_t{1} << 20;
  auto a = elements_of<std::uint32_t>(bytes_of(nasty_floats(kCount, 7)));
  auto b = elements_of<std::uint32_t>(bytes_of(nasty_floats(kCount, 8)));
  // A quarter of near-equal exponents, so that quotients are not all at the ends; and subnormal quotients.
  for (std::size_t i = 0; i < kCount; i += 4) b[i] = (a[i] & 0x7f800000u) ^ (b[i] & 0x80ffffffu);
  for (std::size_t i = 1; i < kCount; i += 4) a[i] &= 0x81ffffffu, b[i] = (b[i] & 0x80ffffffu) | 0x3f000000u;
  std::vector<std::uint32_t> quotients, roots;
  const auto arithmetic = [](float x) {
    return std::isnan(x) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(x);
  };
  for (std::size_t i = 0; i < kCount; ++i) {
    quotients.push_back(arithmetic(std::bit_cast<float>(a[i]) / std::bit_cast<float>(b[i])));
    roots.push_back(arithmetic(std::sqrt(std::bit_cast<float>(a[i]))));
  }
  const auto buffer = [&](std::vector<std::uint32_t>& values) {
    return clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, kCount * 4, values.data(),
                          nullptr);
  };
  const cl_mem x = buffer(a), y = buffer(b);
  clSetKernelArg(kernel, 0, sizeof x, &x);
  clSetKernelArg(kernel, 1, sizeof y, &y);
  const std::size_t group = 64;
  ASSERT_EQ(clEnqueueNDRangeKernel(queue, kernel, 1, nullptr, &kCount, &group, 0, nullptr, nullptr),
            CL_SUCCESS);
  ASSERT_EQ(clEnqueueReadBuffer(queue, x, CL_TRUE, 0, kCount * 4, a.data(), 0, nullptr, nullptr), CL_SUCCESS);
  ASSERT_EQ(clEnqueueReadBuffer(queue, y, CL_TRUE, 0, kCount * 4, b.data(), 0, nullptr, nullptr), CL_SUCCESS);
  EXPECT_TRUE(a == quotients);
  EXPECT_TRUE(b == roots);
  clReleaseMemObject(x), clReleaseMemObject(y), clReleaseKernel(kernel), clReleaseProgram(program);
  clReleaseCommandQueue(queue), clReleaseContext(context);
}

TEST(Gpu, says_what_is_missing_where_no_platform_is_installed) {
  ::setenv("OCL_ICD_VENDORS", "/nonexistent", 1);
  const auto shim = acp::Shim::load("gpu");
  ASSERT_FALSE(shim.has_value());
  EXPECT_EQ(shim.error().family, acp::Family::kEnvironment) << acp::to_string(shim.error());
}

}  // namespace
}  // namespace vendors_test
