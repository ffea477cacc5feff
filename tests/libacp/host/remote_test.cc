// A shim in another process: the same answers, and an error instead of whatever goes wrong there.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "acp/host.h"
#include "support/no_threads.h"
#include "vendors/launch.h"

namespace acp {
namespace {

using namespace std::chrono_literals;
using vendors_test::Bytes;
using vendors_test::bytes_of;
using Clock = std::chrono::steady_clock;

// a[i, j] = sum over k of x[i, k] * w[k, j]
vendors_test::Maker product(std::int64_t n) {
  vendors_test::Maker maker;
  const auto x = maker.input(ACP_F32, {n, n}), w = maker.input(ACP_F32, {n, n}),
             y = maker.output(ACP_F32, {n, n});
  const auto i = maker.iter(0), j = maker.iter(1), k = maker.iter(2);
  const auto a = maker.arg(x, {i, k}), b = maker.arg(w, {k, j});
  maker.nest({.parallel = {n, n},
              .reduce = {n},
              .combiner = ACP_COMBINE_FMA,
              .order = ACP_ORDER_CHAIN,
              .body_a = a,
              .body_b = b,
              .writes = {{y, maker.acc(ACP_F32), {i, j}}}});
  return maker;
}

Device device_on(const Shim& shim) { return shim.device(0).value(); }
Shim apart(const std::string& name, LoadOptions options = {}) {
  options.isolation = Isolation::kProcess;
  auto shim = Shim::load(name, options);
  if (!shim) {
    ADD_FAILURE() << to_string(shim.error());
    std::abort();
  }
  return *std::move(shim);
}

void expect_lost(const Error& error, const std::string& words) {
  EXPECT_EQ(error.family, Family::kEnvironment) << to_string(error);
  EXPECT_EQ(error.requirement, "ACP-PROC-3") << to_string(error);
  EXPECT_NE(error.message.find(words), std::string::npos) << to_string(error);
}

TEST(Remote, no_thread_for_the_connection_is_an_error) {
  const auto shim = [] {
    const cep::support::NoThreads none;
    return Shim::load("template", {.isolation = Isolation::kProcess});
  }();
  ASSERT_FALSE(shim.has_value());
  expect_lost(shim.error(), "no thread for the shim's connection");
}

TEST(Remote, a_product_has_the_same_bits_in_either_process) {
  const std::int64_t n = 24;
  const vendors_test::Maker maker = product(n);
  const auto count = static_cast<std::size_t>(n * n);
  const std::vector<Bytes> inputs = {bytes_of(vendors_test::nasty_floats(count, 1)),
                                     bytes_of(vendors_test::plain_floats(count, 2))};
  for (const char* name : {"cpu", "template"}) {
    const Shim shim = apart(name);
    EXPECT_NE(shim.process_id(), 0);
    EXPECT_NE(shim.process_id(), ::getpid());
    const auto here = vendors_test::run(name, maker, inputs, {Bytes(count * 4)});
    const auto there = vendors_test::launch(device_on(shim), maker.view(), inputs, {Bytes(count * 4)});
    ASSERT_TRUE(there.has_value()) << to_string(there.error());
    EXPECT_EQ(*there, here) << name;
  }
}

TEST(Remote, is_named_by_its_suffix) {
  const Shim shim = Shim::load("template@process").value();
  EXPECT_NE(shim.process_id(), 0);
  EXPECT_NE(shim.library().find("libacp_shim_template.so"), std::string::npos);
  const Shim here = Shim::load("template").value();
  EXPECT_EQ(here.process_id(), 0);
  EXPECT_EQ(here.library(), shim.library());
  EXPECT_EQ(device_on(shim).class_document().value().identity.product, "template");
}

// Longer than a lane and longer than the window, at odd offsets.
TEST(Remote, long_transfers_arrive_whole) {
  const Shim shim = apart("cpu");
  for (const std::size_t size : {0ul, 1ul, 4194304ul, 4194305ul, 9000001ul, 40000000ul}) {
    const Memory memory = device_on(shim).allocate(size + 3, 64).value();
    Bytes sent(size), got(size);
    for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<std::byte>(i * 2654435761u >> 13);
    ASSERT_TRUE(memory.write(3, sent).has_value());
    ASSERT_TRUE(memory.read(3, got).has_value());
    EXPECT_TRUE(sent == got) << size;
  }
}

TEST(Remote, a_long_range_that_ends_too_late_moves_nothing) {
  const Shim shim = apart("cpu");
  const std::size_t size = 9'000'000;
  const Memory memory = device_on(shim).allocate(size, 64).value();
  ASSERT_TRUE(memory.write(0, Bytes(size, std::byte{1})).has_value());
  const auto refused = memory.write(1, Bytes(size, std::byte{2}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().requirement, "ACP-SHIM-6");
  EXPECT_EQ(refused.error().path, "size_bytes");
  Bytes got(size);
  ASSERT_TRUE(memory.read(0, got).has_value());
  EXPECT_TRUE(got == Bytes(size, std::byte{1}));
}

TEST(Remote, a_slot_that_is_missing_there_is_missing_here) {
  ::setenv("ACP_FAULT", "no_state", 1);
  const Shim shim = apart("faulty");
  EXPECT_EQ(shim.slots().get_state, nullptr);
  EXPECT_EQ(device_on(shim).state().error().requirement, "ACP-SHIM-4");
}

TEST(Remote, a_refusal_to_load_comes_back) {
  const auto refused = Shim::load("/lib/x86_64-linux-gnu/libm.so.6@process");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().requirement, "ACP-SHIM-12") << to_string(refused.error());
  EXPECT_EQ(refused.error().family, Family::kMalformed);
}

TEST(Remote, many_threads_share_a_connection) {
  const Shim shim = apart("cpu");
  const vendors_test::Maker maker = product(8);
  const std::vector<Bytes> inputs = {bytes_of(vendors_test::plain_floats(64, 1)),
                                     bytes_of(vendors_test::plain_floats(64, 2))};
  const auto expected = vendors_test::run("cpu", maker, inputs, {Bytes(256)});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  threads.reserve(6);
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const auto got = vendors_test::launch(device_on(shim), maker.view(), inputs, {Bytes(256)});
        if (got && *got == expected) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 60);
}

TEST(Remote, a_long_wait_is_ended_by_a_signal_from_another_thread) {
  const Shim shim = apart("template");
  const Timeline timeline = device_on(shim).create_timeline().value();
  const auto late = timeline.wait(1, 700'000'000);  // longer than one slice
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().family, Family::kEnvironment);
  EXPECT_NE(late.error().requirement, "ACP-PROC-3");
  std::thread signaller([&] {
    std::this_thread::sleep_for(600ms);
    EXPECT_TRUE(timeline.signal(1).has_value());
  });
  EXPECT_TRUE(timeline.wait(1, UINT64_MAX).has_value());
  signaller.join();
}

TEST(Reject, ACP_PROC_3_killed_while_a_wait_is_pending) {
  std::atomic<int> ends{0};
  std::string how;
  const Shim shim = apart("cpu", {.on_end = [&](std::string_view words) {
                            how = words;
                            ++ends;
                          }});
  const Device device = device_on(shim);
  const Timeline timeline = device.create_timeline().value();
  const Memory memory = device.allocate(64, 64).value();
  const Queue queue = device.create_queue().value();
  std::thread killer([&] {
    std::this_thread::sleep_for(100ms);
    ::kill(static_cast<pid_t>(shim.process_id()), SIGKILL);
  });
  const auto begin = Clock::now();
  const auto waited = timeline.wait(1, UINT64_MAX);
  killer.join();
  ASSERT_FALSE(waited.has_value());
  expect_lost(waited.error(), "Killed");
  EXPECT_LT(Clock::now() - begin, 20s);
  EXPECT_EQ(ends, 1);
  EXPECT_NE(how.find("Killed"), std::string::npos) << how;
  // And everything after it.
  Bytes bytes(4);
  expect_lost(timeline.query().error(), "Killed");
  expect_lost(timeline.signal(1).error(), "Killed");
  expect_lost(memory.read(0, bytes).error(), "Killed");
  expect_lost(queue.submit({.waits = {}, .launches = {}, .signals = {{&timeline, 1}}}).error(), "Killed");
  expect_lost(queue.status().error(), "Killed");
  expect_lost(device.allocate(8, 8).error(), "Killed");
  expect_lost(shim.device_count().error(), "Killed");
  acp_status status = ACP_STRUCT(acp_status, ACP_TYPE_STATUS);
  std::uint32_t count = 0;
  EXPECT_EQ(shim.slots().enumerate(shim.slots().self, &count, &status), ACP_ENVIRONMENT);
  EXPECT_EQ(status.code, ACP_CODE_DEVICE_LOST);
}

TEST(Reject, ACP_PROC_3_a_crash_in_a_call) {
  ::setenv("ACP_FAULT", "crash_on_compile", 1);
  const Shim shim = apart("faulty");
  expect_lost(device_on(shim).compile(product(2).view()).error(), "ended with status 7");
  ::setenv("ACP_FAULT", "crash_on_negotiate", 1);
  expect_lost(Shim::load("faulty@process").error(), "ended with status 7");
}

TEST(Reject, ACP_PROC_3_no_answer_within_the_callers_patience) {
  for (const char* fault : {"hang_on_read", "hang_on_submit"}) {
    ::setenv("ACP_FAULT", fault, 1);
    const Shim shim = apart("faulty", {.patience = 300ms});
    const Device device = device_on(shim);
    const Queue queue = device.create_queue().value();
    const Memory memory = device.allocate(64, 64).value();
    Bytes bytes(4);
    const auto begin = Clock::now();
    const auto status = fault == std::string("hang_on_read")
                            ? memory.read(0, bytes)
                            : queue.submit({.waits = {}, .launches = {}, .signals = {}});
    ASSERT_FALSE(status.has_value());
    expect_lost(status.error(), "no answer for 300 ms");
    EXPECT_LT(Clock::now() - begin, 20s);
  }
}

TEST(Reject, ACP_PROC_3_a_process_that_was_stopped) {
  const Shim shim = apart("template", {.patience = 1000ms});
  const Timeline timeline = device_on(shim).create_timeline().value();
  ::kill(static_cast<pid_t>(shim.process_id()), SIGSTOP);
  expect_lost(timeline.wait(1, UINT64_MAX).error(), "no answer");
}

TEST(Remote, closing_is_quiet_unless_something_goes_wrong) {
  const struct {
    const char* fault;
    const char* words;
  } rows[] = {{"nothing", ""},
              {"crash_on_release", "ended with status 7"},
              {"hang_on_release", "ended with status 4"}};
  for (const auto& row : rows) {
    ::setenv("ACP_FAULT", row.fault, 1);
    std::string how;
    {
      const Shim shim = apart("faulty", {.on_end = [&](std::string_view words) { how = words; }});
    }
    EXPECT_EQ(how.empty(), *row.words == '\0') << how;
    EXPECT_NE(how.find(row.words), std::string::npos) << how;
  }
}

bool has_ended(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t at = text.rfind(')');
  return at == std::string::npos || text[at + 2] == 'Z' || text[at + 2] == 'X';
}

TEST(Reject, ACP_PROC_5_the_process_ends_with_its_caller) {
  for (const char* fault : {"nothing", "hang_on_submit"}) {
    ::setenv("ACP_FAULT", fault, 1);
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const pid_t caller = ::fork();
    if (caller == 0) {
      const Shim shim = apart("faulty");
      const auto process = static_cast<pid_t>(shim.process_id());
      const Queue queue = device_on(shim).create_queue().value();
      if (::write(pipe[1], &process, sizeof process) != sizeof process) ::_exit(1);
      // Returns at once or never.
      static_cast<void>(queue.submit({.waits = {}, .launches = {}, .signals = {}}));
      for (;;) ::pause();
    }
    pid_t process = 0;
    ASSERT_EQ(::read(pipe[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
    std::this_thread::sleep_for(200ms);
    EXPECT_FALSE(has_ended(process));
    ::kill(caller, SIGKILL);
    ASSERT_EQ(::waitpid(caller, nullptr, 0), caller);
    const auto begin = Clock::now();
    while (!has_ended(process) && Clock::now() - begin < 60s) std::this_thread::sleep_for(20ms);
    EXPECT_TRUE(has_ended(process)) << fault;
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
}

TEST(Reject, ACP_PROC_6_no_program_to_start) {
  ::setenv("ACP_SHIM_HOST", "/nowhere/acp-shim-host", 1);
  const auto refused = Shim::load("template@process");
  ::unsetenv("ACP_SHIM_HOST");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().family, Family::kEnvironment);
  EXPECT_EQ(refused.error().requirement, "ACP-PROC-6") << to_string(refused.error());
}

}  // namespace
}  // namespace acp
