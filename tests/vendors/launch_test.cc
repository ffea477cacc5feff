// Queues and timelines: waiting, retaining, order.
#include <gtest/gtest.h>
#include <pmmintrin.h>

#include <optional>
#include <thread>

#include "vendors/launch.h"

namespace vendors_test {
namespace {

constexpr std::uint64_t kMinute = 60'000'000'000;

// y[i] = x[i] + 1
Maker increment(std::int64_t count) {
  Maker maker;
  const auto x = maker.input(ACP_I32, {count}), y = maker.output(ACP_I32, {count});
  const auto i = maker.iter(0);
  const auto sum = maker.scalar(ACP_SC_ADD, ACP_I32, maker.arg(x, {i}), maker.bits(ACP_I32, 1));
  maker.nest({.parallel = {count}, .writes = {{y, sum, {i}}}});
  return maker;
}

TEST(Queue, waits_for_every_point_across_queues) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Executable step = device.compile(increment(4).view()).value();
    const acp::Timeline gate = device.create_timeline().value(), first = device.create_timeline().value(),
                        done = device.create_timeline().value();
    const acp::Memory a = device.allocate(16, 64).value(), b = device.allocate(16, 64).value(),
                      c = device.allocate(16, 64).value();
    ASSERT_TRUE(a.write(0, bytes_of<std::int32_t>({1, 2, 3, INT32_MAX})).has_value());
    const acp::Queue q0 = device.create_queue().value(), q1 = device.create_queue().value();
    ASSERT_TRUE(
        q1.submit({{{&first, 1}, {&gate, 2}}, {{&step, {{&b, 0}, {&c, 0}}}}, {{&done, 5}}}).has_value());
    ASSERT_TRUE(q0.submit({{{&gate, 1}}, {{&step, {{&a, 0}, {&b, 0}}}}, {{&first, 1}}}).has_value());
    const auto early = done.wait(5, 20'000'000);
    ASSERT_FALSE(early.has_value()) << "nothing may run before the gate opens";
    EXPECT_EQ(early.error().family, acp::Family::kEnvironment);
    EXPECT_EQ(first.query().value(), 0u);
    ASSERT_TRUE(gate.signal(1).has_value());
    ASSERT_TRUE(first.wait(1, kMinute).has_value());
    EXPECT_EQ(done.query().value(), 0u);
    ASSERT_TRUE(gate.signal(2).has_value());
    ASSERT_TRUE(done.wait(5, kMinute).has_value());
    Bytes out(16);
    ASSERT_TRUE(c.read(0, out).has_value());
    EXPECT_EQ(elements_of<std::int32_t>(out), (std::vector<std::int32_t>{3, 4, 5, INT32_MIN + 1}));
  }
}

TEST(Queue, a_submission_keeps_what_it_names) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Timeline gate = device.create_timeline().value(), done = device.create_timeline().value();
    const acp::Queue queue = device.create_queue().value();
    const acp::Memory out = device.allocate(16, 64).value();
    {
      const acp::Executable step = device.compile(increment(4).view()).value();
      const acp::Memory in = device.allocate(16, 64).value();
      ASSERT_TRUE(in.write(0, bytes_of<std::int32_t>({9, 9, 9, 9})).has_value());
      ASSERT_TRUE(queue.submit({{{&gate, 1}}, {{&step, {{&in, 0}, {&out, 0}}}}, {{&done, 1}}}).has_value());
    }
    ASSERT_TRUE(gate.signal(1).has_value());
    ASSERT_TRUE(done.wait(1, kMinute).has_value());
    Bytes bytes(16);
    ASSERT_TRUE(out.read(0, bytes).has_value());
    EXPECT_EQ(elements_of<std::int32_t>(bytes), (std::vector<std::int32_t>(4, 10)));
  }
}

TEST(Queue, freeing_a_queue_signals_what_it_drops) {
  for (const char* name : shims()) {
    const acp::Device device = device_of(name);
    const acp::Timeline never = device.create_timeline().value(), done = device.create_timeline().value();
    std::optional<acp::Queue> queue = device.create_queue().value();
    ASSERT_TRUE(queue->submit({{{&never, 1}}, {}, {{&done, 1}}}).has_value());
    queue.reset();
    EXPECT_EQ(done.query().value(), 1u);
  }
}

// A caller that flushes subnormals must not change results (numerics, rule 11).
TEST(Queue, the_callers_floating_point_environment_does_not_matter) {
  Maker maker;
  const auto x = maker.input(ACP_F32, {1000}), y = maker.output(ACP_F32, {1000});
  const auto i = maker.iter(0);
  const auto v = maker.arg(x, {i});
  maker.nest(
      {.parallel = {1000}, .writes = {{y, maker.scalar(ACP_SC_MUL, ACP_F32, v, maker.f32(0.5f)), {i}}}});
  for (const char* name : shims()) {
    const unsigned int before = _mm_getcsr();
    _mm_setcsr(before | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON | _MM_ROUND_UP);
    const auto out =
        run(name, maker, {bytes_of(std::vector<std::uint32_t>(1000, 0x00000006))}, {Bytes(4000)});
    _mm_setcsr(before);
    EXPECT_EQ(elements_of<std::uint32_t>(out[0]), std::vector<std::uint32_t>(1000, 0x00000003)) << name;
  }
}

}  // namespace
}  // namespace vendors_test
