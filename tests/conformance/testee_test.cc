#include "conformance/testee/testee.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace conformance {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPlenty{60'000};

// A testee whose shim can't be opened: what the child does is then up to the question.
Testee nothing() {
  return {"nothing", [] { return acp::Result<acp::Shim>(acp::environment("", "not there")); }};
}

TEST(Testee, answers_from_another_process) {
  const auto here = std::to_string(::getpid());
  const Reply reply = ask(nothing(), kPlenty, [](const auto& shim) {
    return shim ? std::string() : shim.error().message + " " + std::to_string(::getpid());
  });
  EXPECT_EQ(reply.end, End::kAnswered);
  EXPECT_EQ(reply.text.substr(0, 10), "not there ");
  EXPECT_NE(reply.text.substr(10), here);
}

TEST(Testee, a_long_answer_arrives_whole) {
  const std::string text(3'000'000, 'x');
  EXPECT_EQ(ask(nothing(), kPlenty, [&](const auto&) { return text; }).text, text);
}

TEST(Testee, a_crash_is_a_crash_and_brings_what_was_said) {
  const Reply reply = ask(nothing(), kPlenty, [](const auto&) -> std::string {
    static_cast<void>(::write(STDERR_FILENO, "last words", 10));
    ::raise(SIGKILL);
    return "";
  });
  EXPECT_EQ(reply.end, End::kCrashed);
  EXPECT_NE(reply.text.find("last words"), std::string::npos) << reply.text;
}

TEST(Testee, ending_without_an_answer_is_a_crash) {
  EXPECT_EQ(ask(nothing(), kPlenty, [](const auto&) -> std::string { ::_exit(0); }).end, End::kCrashed);
  EXPECT_EQ(ask(nothing(), kPlenty, [](const auto&) -> std::string { ::_exit(3); }).end, End::kCrashed);
}

TEST(Testee, a_hang_is_ended) {
  const Reply reply = ask(nothing(), milliseconds(50), [](const auto&) -> std::string {
    for (;;) ::pause();
  });
  EXPECT_EQ(reply.end, End::kHung);
}

TEST(Testee, a_question_that_throws_is_our_fault) {
  const Reply reply =
      ask(nothing(), kPlenty, [](const auto&) -> std::string { throw std::runtime_error("oh"); });
  EXPECT_EQ(reply.end, End::kBroken);
  EXPECT_EQ(reply.text, "oh");
}

}  // namespace
}  // namespace conformance
