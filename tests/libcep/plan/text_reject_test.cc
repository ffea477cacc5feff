#include <gtest/gtest.h>

#include "cep/plan.h"
#include "support/thread_plan.h"

namespace cep {
namespace {

constexpr std::string_view kHead =
    "cep-plan 1 p\ndevice d shim cpu\narena m on d bytes 64\nbuffer b in m at 0 f32[2,3]\nqueue q on "
    "d\ntimeline t by q\n";
constexpr int kHeadLines = 6;

// The line is refused with the id, in its place; the head alone is not.
void expect_refused(const std::string& line, std::string_view requirement, acp::Family family) {
  ASSERT_TRUE(parse_plan(kHead, support::thread_workload()));
  const auto plan = parse_plan(std::string(kHead) + line + "\n", support::thread_workload());
  ASSERT_FALSE(plan) << line;
  EXPECT_EQ(plan.error().requirement, requirement) << line << ": " << to_string(plan.error());
  EXPECT_EQ(plan.error().family, family) << line;
  EXPECT_EQ(plan.error().path, "line " + std::to_string(kHeadLines + 1)) << line;
}

TEST(Reject, CEP_TEXT_1_unknown_words) {
  for (const char* line : {
           "gizmo x",
           "queue q2 at d",
           "queue q2 on d d",
           "guarantee exact",
           "buffer c in m at 0 f99[2]",
           "buffer c in m at 0 f32",
           "buffer c in m at 0 f32[2",
           "step x q copy b -> b",
           "step x @q move b -> b",
           "step x @q copy b",
           "step x @q copy b b",
           "step x @q combine sub fold b -> b",
           "step x @q combine add list b -> b",
           "step x @q combine add fold b b -> b",
           "step x @q compute mm A = b -> Y = b",
           "step x @q compute mm : A b -> Y = b",
           "step x @q compute mm : A = b, -> Y = b",
           "step x @q fill b{+0;2;1 = 0x0",
           "step x @q fill b",
           "step \"x @q fill b = 0x0",
           "step \"\\q\" @q fill b = 0x0",
           "step \"\\xG0\" @q fill b = 0x0",
           "device e shim cpu document",
           "device",
           "arena * on d bytes 4",
       }) {
    expect_refused(line, "CEP-TEXT-1", acp::Family::kMalformed);
  }
}

TEST(Reject, CEP_TEXT_2_names_not_declared) {
  for (const char* line : {
           "reassociate nn",
           "arena n on e bytes 4",
           "buffer c in n at 0 f32[2]",
           "queue q2 on e",
           "timeline u by r",
           "input C = b",
           "input A = c",
           "output Y = c[0:1]",
           "step x @r copy b -> b",
           "step x @q copy c -> b",
           "step x @q signal u 1",
           "step x @q wait u 1",
           "step x @q compute nn : -> Y = b",
       }) {
    expect_refused(line, "CEP-TEXT-2", acp::Family::kInvalid);
  }
}

TEST(Reject, CEP_TEXT_3_names_declared_twice) {
  const std::string zero = "sha256:" + std::string(64, '0');
  for (const std::string& line : {
           std::string("device d shim cpu"),
           std::string("arena m on d bytes 4"),
           std::string("buffer b in m at 0 f32[2]"),
           std::string("queue q on d"),
           std::string("timeline t by q"),
       }) {
    expect_refused(line, "CEP-TEXT-3", acp::Family::kInvalid);
  }
  for (const std::string line : {"guarantee real", "reassociate mm", "step x @q wait t 1"}) {
    const auto once = std::string(kHead) + line + "\n";
    ASSERT_TRUE(parse_plan(once, support::thread_workload())) << line;
    const auto twice = parse_plan(once + line + "\n", support::thread_workload());
    ASSERT_FALSE(twice) << line;
    EXPECT_EQ(twice.error().requirement, "CEP-TEXT-3");
    EXPECT_EQ(twice.error().path, "line 8");
  }
  const auto twice =
      parse_plan("cep-plan 1 p\nworkload " + zero + "\nworkload " + zero + "\n", support::thread_workload());
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().requirement, "CEP-TEXT-3");
}

TEST(Reject, CEP_TEXT_4_bad_numbers_and_boxes) {
  for (const char* line : {
           "workload sha256:00",
           "arena n on d bytes x",
           "arena n on d bytes 0x10",
           "arena n on d bytes 99999999999999999999",
           "buffer c in m at 0 f32[-1]",
           "buffer c in m at 0 f32[2,]",
           "step x @q wait t -1",
           "step x @q wait t 18446744073709551616",
           "step x @q fill b = 0",
           "step x @q fill b = 0x",
           "step x @q fill b = 0x12345678901234567",
           "step x @q fill b[0:2] = 0x0",
           "step x @q fill b[0:2,0:4] = 0x0",
           "step x @q fill b[0:2,2:1] = 0x0",
           "step x @q fill b[0:2,3] = 0x0",
           "step x @q fill b{+0;2,3;1} = 0x0",
           "step x @q fill b{+0;-2;1} = 0x0",
           "input A[-1:2,0:4] = b",
           "step x @q compute mm k 4:2 : -> Y = b",
           "step x @q compute mm k 4 : -> Y = b",
       }) {
    expect_refused(line, "CEP-TEXT-4", acp::Family::kMalformed);
  }
}

TEST(Reject, CEP_TEXT_5_limits) {
  const auto repeat = [](int n, const std::string& text) {
    std::string all;
    for (int i = 0; i < n; ++i) all += text;
    return all;
  };
  for (const std::string& line : {
           "device " + std::string(257, 'x') + " shim cpu",
           "device \"" + std::string(257, ' ') + "\" shim cpu",
           std::string("arena n on d bytes 281474976710657"),
           std::string("buffer c in m at 0 f32[1,1,1,1,1,1,1,1,1]"),
           std::string("buffer c in m at 0 f32[16777216,16777216,16777216]"),
           std::string("input A[0:1,0:1,0:1,0:1,0:1,0:1,0:1,0:1,0:1] = b"),
           std::string("input A[0:281474976710657,0:1] = b"),
           std::string("step x @q fill b{+0;281474976710656;281474976710656} = 0x0"),
           "step x @q combine add fold " + repeat(1024, "b, ") + "b -> b",
           "step x @q compute mm : " + repeat(1024, "A = b, ") + "A = b -> Y = b",
           "# " + std::string(std::size_t{1} << 22, 'x'),
       }) {
    expect_refused(line, "CEP-TEXT-5", acp::Family::kLimit);
  }
}

TEST(Reject, CEP_TEXT_5_one_below_the_limit_is_read) {
  for (const std::string& line : {
           "device " + std::string(256, 'x') + " shim cpu",
           std::string("arena n on d bytes 281474976710656"),
           std::string("buffer c in m at 0 f32[1,1,1,1,1,1,1,1]"),
       }) {
    EXPECT_TRUE(parse_plan(std::string(kHead) + line, support::thread_workload())) << line;
  }
}

TEST(Reject, CEP_TEXT_6_wrong_first_line) {
  for (const char* text : {"", "\n\n# nothing\n", "cep-plan 2 p\n", "cep-plan 1\n", "cep-plan 1 p q\n",
                           "plan 1 p\n", "device d shim cpu\ncep-plan 1 p\n"}) {
    const auto plan = parse_plan(text, support::thread_workload());
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().requirement, "CEP-TEXT-6") << text;
    EXPECT_EQ(plan.error().family, acp::Family::kMalformed);
    EXPECT_EQ(plan.error().path, "line 1");
  }
  EXPECT_TRUE(parse_plan("\n# a note first\ncep-plan 1 p", support::thread_workload()));
}

}  // namespace
}  // namespace cep
