// Neither end trusts the other: messages that no end of ours would send.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "host/connection.h"
#include "host/remote_shim.h"
#include "host/values.h"
#include "vendors/maker.h"

namespace acp::rpc {
namespace {

using namespace std::chrono_literals;

std::string library_of(const std::string& name) {
  return std::string(std::getenv("ACP_SHIM_PATH")) + "/libacp_shim_" + name + ".so";
}

// The host process of the template, asked by hand.
class ByHand {
 public:
  ByHand() : window_(Window::create().value()) {
    auto child = start_host(library_of("template"), window_).value();
    const int socket = child->take_socket();
    connection_ = std::make_unique<Connection>(socket, std::move(child), LoadOptions{});
    ask(&schema::Shim::Client::negotiateRequest, [](auto& request) {
      request.setAbiMin(1);
      request.setAbiMax(1);
    });
  }

  // The refusal, or an error of an empty requirement.
  template <typename Request, typename Fill>
  Error ask(Request (schema::Shim::Client::*method)(kj::Maybe<capnp::MessageSize>), const Fill& fill) {
    Error error;
    const bool answered = connection_->call([&](schema::Shim::Client& shim) {
      auto request = (shim.*method)(nullptr);
      fill(request);
      return request.send().then([&](auto&& answer) {
        if (answer.getStatus().getReturned() != ACP_OK) error = error_of(answer.getStatus());
      });
    });
    EXPECT_TRUE(answered);
    return error;
  }

 private:
  Window window_;
  std::unique_ptr<Connection> connection_;
};

void expect_malformed(const Error& error, const std::string& requirement, const std::string& path) {
  EXPECT_EQ(error.family, Family::kMalformed) << to_string(error);
  EXPECT_EQ(error.requirement, requirement) << to_string(error);
  EXPECT_EQ(error.path, path) << to_string(error);
}

TEST(Reject, ACP_PROC_1_handles_that_were_not_given) {
  using Client = schema::Shim::Client;
  ByHand host;
  std::uint64_t memory = 0;
  ASSERT_EQ(host.ask(&Client::memoryAllocRequest,
                     [](auto& request) {
                       request.setSizeBytes(64);
                       request.setAlignment(64);
                     })
                .requirement,
            "");
  memory = 1;  // the first number
  for (const std::uint64_t number : {std::uint64_t{2}, ~std::uint64_t{0}}) {
    expect_malformed(host.ask(&Client::memoryReadRequest, [&](auto& request) { request.setMemory(number); }),
                     "ACP-PROC-1", "memory");
    expect_malformed(host.ask(&Client::memoryWriteRequest, [&](auto& request) { request.setMemory(number); }),
                     "ACP-PROC-1", "memory");
  }
  // Of another kind.
  expect_malformed(host.ask(&Client::queueStatusRequest, [&](auto& request) { request.setQueue(memory); }),
                   "ACP-PROC-1", "queue");
  expect_malformed(
      host.ask(&Client::timelineQueryRequest, [&](auto& request) { request.setTimeline(memory); }),
      "ACP-PROC-1", "timeline");
  ASSERT_EQ(host.ask(&Client::queueCreateRequest, [](auto&) {}).requirement, "");
  const auto submit = [&](auto fill) {
    return host.ask(&Client::queueSubmitRequest, [&](auto& request) {
      request.setQueue(2);
      request.initSubmission().initHeader().setSize(sizeof(acp_submission));
      request.getSubmission().getHeader().setType(ACP_TYPE_SUBMISSION);
      fill(request.getSubmission());
    });
  };
  EXPECT_EQ(submit([](auto) {}).requirement, "");
  expect_malformed(submit([](auto s) { s.initWaits(1)[0].setTimeline(9); }), "ACP-PROC-1",
                   "submission.waits");
  expect_malformed(submit([](auto s) { s.initSignals(1)[0].setTimeline(9); }), "ACP-PROC-1",
                   "submission.signals");
  expect_malformed(submit([](auto s) { s.initLaunches(1)[0].setExecutable(1); }), "ACP-PROC-1",
                   "submission.launches.executable");
  expect_malformed(submit([](auto s) { s.initLaunches(1)[0].initBindings(1)[0].setMemory(2); }), "ACP-PROC-1",
                   "submission.launches.bindings");
}

TEST(Reject, ACP_PROC_2_ranges_and_regions_of_the_wrong_length) {
  using Client = schema::Shim::Client;
  ByHand host;
  ASSERT_EQ(host.ask(&Client::memoryAllocRequest,
                     [](auto& request) {
                       request.setSizeBytes(64);
                       request.setAlignment(64);
                     })
                .requirement,
            "");
  const std::uint64_t big = ~std::uint64_t{0};
  const std::array<std::array<std::uint64_t, 2>, 5> ranges = {
      {{kWindowBytes, 1}, {kWindowBytes + 1, 0}, {1, kWindowBytes}, {big, 2}, {2, big}}};
  for (const auto& pair : ranges) {
    const auto fill = [&pair](auto range) {
      range.setOffsetBytes(pair[0]);
      range.setSizeBytes(pair[1]);
    };
    expect_malformed(host.ask(&Client::memoryReadRequest,
                              [&](auto& request) {
                                request.setMemory(1);
                                fill(request.initTarget());
                              }),
                     "ACP-PROC-2", "range");
    expect_malformed(host.ask(&Client::memoryWriteRequest,
                              [&](auto& request) {
                                request.setMemory(1);
                                fill(request.initSource());
                              }),
                     "ACP-PROC-2", "range");
  }
  const auto compile = [&](std::vector<std::uint32_t> counts, std::uint32_t bytes) {
    return host.ask(&Client::compileRequest, [&](auto& request) {
      auto region = request.initRegion();
      region.setSize(sizeof(acp_region));
      region.setVersion(ACP_REGION_VERSION);
      auto list = region.initCounts(static_cast<unsigned>(counts.size()));
      for (unsigned i = 0; i < counts.size(); ++i) list.set(i, counts[i]);
      region.initArrays(bytes);
    });
  };
  expect_malformed(compile({0, 0, 0}, 0), "ACP-PROC-2", "region.counts");
  expect_malformed(compile({1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0), "ACP-PROC-2", "region.arrays");
  expect_malformed(compile({1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, sizeof(acp_operand) + 8), "ACP-PROC-2",
                   "region.arrays");
  const std::uint32_t all = ~std::uint32_t{0};
  expect_malformed(compile({all, all, all, all, all, all, all, all, all, all}, 64), "ACP-PROC-2",
                   "region.arrays");
}

TEST(Values, a_region_arrives_as_it_was) {
  vendors_test::Maker maker;
  const auto x = maker.input(ACP_F32, {4}), y = maker.output(ACP_F32, {4});
  const auto i = maker.iter(0);
  maker.nest({.parallel = {4}, .writes = {{y, maker.arg(x, {i}), {i}}}});
  capnp::MallocMessageBuilder message;
  auto sent = message.initRoot<schema::Region>();
  acp_region view = maker.view();
  view.guards = nullptr;
  write(sent, view);
  const auto got = ReceivedRegion::read(sent.asReader());
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->view().size, view.size);
  EXPECT_EQ(got->view().operand_count, view.operand_count);
  EXPECT_EQ(std::memcmp(got->view().operands, view.operands, view.operand_count * sizeof(acp_operand)), 0);
  EXPECT_EQ(std::memcmp(got->view().scalars, view.scalars, view.scalar_count * sizeof(acp_scalar_node)), 0);
  EXPECT_EQ(std::memcmp(got->view().stages, view.stages, view.stage_count * sizeof(acp_stage)), 0);
  EXPECT_EQ(got->view().guards, nullptr);
  EXPECT_NE(got->view().stages, nullptr);
  EXPECT_EQ(got->view().loops == nullptr, view.loops == nullptr);
}

// The other end says this and nothing else.
Error opened_against(const std::vector<unsigned char>& bytes) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  std::thread peer([&] {
    std::array<char, 4096> heard{};
    static_cast<void>(::read(ends[1], heard.data(), heard.size()) +
                      ::write(ends[1], bytes.data(), bytes.size()));
    ::shutdown(ends[1], SHUT_WR);
    while (::read(ends[1], heard.data(), heard.size()) > 0) {
    }
    ::close(ends[1]);
  });
  const auto opened = open_remote(ends[0], Window::create().value(), nullptr, {.patience = 10s});
  peer.join();
  if (!opened) return opened.error();
  opened->slots.release(opened->slots.self);
  return {};
}

std::vector<unsigned char> words(const std::vector<std::uint32_t>& numbers) {
  std::vector<unsigned char> bytes(numbers.size() * 4);
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

TEST(Reject, ACP_PROC_4_frames_over_the_limits) {
  EXPECT_EQ(opened_against(words({0xffffffff, 0})).requirement, "ACP-PROC-4");  // 2^32 segments
  EXPECT_EQ(opened_against(words({512, 0})).requirement, "ACP-PROC-4");         // 513
  EXPECT_EQ(opened_against(words({0, 0x00800001})).requirement, "ACP-PROC-4");  // 64 MiB and a word
  EXPECT_EQ(opened_against(words({1, 0x00800000, 1, 0})).requirement, "ACP-PROC-4");
  EXPECT_EQ(opened_against(words({0, 1})).requirement, "ACP-PROC-3");  // only cut short
  EXPECT_EQ(opened_against({}).family, Family::kEnvironment);
}

TEST(Remote, noise_from_the_other_end_is_an_error) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<unsigned char> bytes(8 + random() % 400);
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random() % 4 == 0 ? random() : 0);
    // A frame that fits, so that what is inside is read.
    const auto body = static_cast<std::uint32_t>((bytes.size() - 8) / 8);
    std::memset(bytes.data(), 0, 8);
    std::memcpy(bytes.data() + 4, &body, 4);
    EXPECT_EQ(opened_against(bytes).family, Family::kEnvironment) << round;
  }
}

}  // namespace
}  // namespace acp::rpc
