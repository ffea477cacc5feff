#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "cep/plan.h"
#include "support/random_plan.h"
#include "support/thread_plan.h"

namespace cep {
namespace {

using support::kThreadPlan;
using support::thread_workload;

TEST(PlanText, the_thread_reads_as_the_value_it_says) {
  const auto plan = parse_plan(kThreadPlan, thread_workload());
  ASSERT_TRUE(plan) << to_string(plan.error());
  EXPECT_EQ(plan->name, "thread");
  EXPECT_EQ(plan->workload, acp::sha256("workload"));
  EXPECT_EQ(plan->guarantee, Grade::kBitwise);
  ASSERT_EQ(plan->devices.size(), 2u);
  EXPECT_EQ(plan->devices[1], (Device{"d1", "template", acp::sha256("document 1")}));
  EXPECT_EQ(plan->arenas[1], (Arena{"m1", 1, 4096}));
  EXPECT_EQ(plan->buffers[6], (Buffer{"acc1", 1, 192, {Dtype::kF32, {4, 4}}}));
  EXPECT_EQ(plan->queues[1], (Queue{"q1", 1}));
  EXPECT_EQ(plan->timelines[0], (Timeline{"t0", 0}));
  const auto whole = [](BufferId id) { return View{id, 0, {4, 4}, {4, 1}}; };
  EXPECT_EQ(plan->inputs[2], (Slice{0, {{0, 4}, {4, 8}}, whole(3)}));
  EXPECT_EQ(plan->outputs[0], (Slice{2, {{0, 0}, {4, 4}}, whole(6)}));
  ASSERT_EQ(plan->steps.size(), 5u);
  EXPECT_EQ(plan->steps[1], (Step{"done", 0, Signal{0, 1}}));
  EXPECT_EQ(plan->steps[2], (Step{"ready", 1, Wait{0, 1}}));
  EXPECT_EQ(plan->steps[3], (Step{"carry", 1, Copy{whole(2), whole(5)}}));
  const Compute rest{.node = 0,
                     .inputs = {{0, {{0, 4}, {4, 8}}, whole(3)}, {1, {{4, 0}, {8, 4}}, whole(4)}},
                     .outputs = {{2, {{0, 0}, {4, 4}}, whole(6)}},
                     .k = KRange{4, 8},
                     .seed = whole(5)};
  EXPECT_EQ(plan->steps[4], (Step{"rest", 1, rest}));
}

TEST(PlanText, the_thread_prints_as_it_was_written) {
  const auto plan = parse_plan(kThreadPlan, thread_workload());
  ASSERT_TRUE(plan) << to_string(plan.error());
  EXPECT_EQ(to_text(*plan, thread_workload()), kThreadPlan);
}

// What follows declares everything the lines of the table below may name.
constexpr std::string_view kHead =
    "cep-plan 1 p\ndevice d shim cpu\narena m on d bytes 64\nbuffer b in m at 0 f32[2,3]\nbuffer s in m at "
    "32 i64[]\n"
    "queue q on d\ntimeline t by q\n";

Plan parsed(const std::string& lines) {
  auto plan = parse_plan(std::string(kHead) + lines, thread_workload());
  EXPECT_TRUE(plan) << lines << to_string(plan.error());
  return std::move(plan).value_or(Plan{});
}

TEST(PlanText, views) {
  const struct {
    std::string_view text;
    View view;
    std::string_view canonical;
  } rows[] = {
      {"b", {0, 0, {2, 3}, {3, 1}}, "b"},
      {"b[0:2,0:3]", {0, 0, {2, 3}, {3, 1}}, "b"},
      {"b[1:2,1:3]", {0, 16, {1, 2}, {3, 1}}, "b[1:2,1:3]"},
      {"b[2:2,0:3]", {0, 24, {0, 3}, {3, 1}}, "b[2:2,0:3]"},
      {"b{+16;1,2;3,1}", {0, 16, {1, 2}, {3, 1}}, "b[1:2,1:3]"},
      {"b{0;3,2;1,3}", {0, 0, {3, 2}, {1, 3}}, "b{+0;3,2;1,3}"},
      {"b{+2;1;1}", {0, 2, {1}, {1}}, "b{+2;1;1}"},
      {"b{-4;1;-1}", {0, -4, {1}, {-1}}, "b{-4;1;-1}"},
      {"s", {1, 0, {}, {}}, "s"},
      {"s[]", {1, 0, {}, {}}, "s"},
      {"s{+8;;}", {1, 8, {}, {}}, "s{+8;;}"},
  };
  for (const auto& row : rows) {
    const Plan plan = parsed("step x @q fill " + std::string(row.text) + " = 0x0\n");
    ASSERT_EQ(plan.steps.size(), 1u);
    EXPECT_EQ(std::get<Fill>(plan.steps[0].what).target, row.view) << row.text;
    const std::string line = "step x @q fill " + std::string(row.canonical) + " = 0x00000000\n";
    EXPECT_TRUE(to_text(plan, thread_workload()).ends_with(line)) << to_text(plan, thread_workload());
  }
}

TEST(PlanText, shorter_ways_to_write_the_same) {
  const struct {
    std::string_view text;
    std::string_view canonical;
  } rows[] = {
      {"input A = b", "input A[0:4,0:8] = b\n"},
      {"step x @q fill b=0xFF # note", "step x @q fill b = 0x000000ff\n"},
      {"  step\tx @ q fill b = 0x123456789abcdef0\r", "step x @q fill b = 0x123456789abcdef0\n"},
      {"step x @q copy b->s", "step x @q copy b -> s\n"},
      {"step x @q combine add tree b,b->b", "step x @q combine add tree b, b -> b\n"},
      {"step \"x\" @q wait t 18446744073709551615", "step x @q wait t 18446744073709551615\n"},
      {"step \"a \\x0a\\\"\" @q signal t 0", "step \"a \\x0a\\\"\" @q signal t 0\n"},
      {"step x @q compute mm : -> ", "step x @q compute mm :  -> \n"},
  };
  for (const auto& row : rows) {
    const std::string text = to_text(parsed(std::string(row.text) + "\n"), thread_workload());
    EXPECT_TRUE(text.ends_with(row.canonical)) << text;
  }
}

TEST(PlanText, what_is_left_out_has_its_default) {
  const Plan plan = parsed("");
  EXPECT_EQ(plan.workload, acp::Digest{});
  EXPECT_EQ(plan.devices[0].document, acp::Digest{});
  EXPECT_EQ(plan.guarantee, Grade::kBitwise);
  EXPECT_EQ(parsed("guarantee real\nreassociate mm\n").reassociated, std::vector<NodeId>{0});
}

TEST(PlanText, an_id_that_stands_for_nothing_prints_as_text_no_reader_takes) {
  Plan plan = parsed("");
  plan.steps.push_back({"x", 7, Copy{{9, 0, {}, {}}, {0, 0, {}, {}}}});
  const std::string text = to_text(plan, thread_workload());
  EXPECT_NE(text.find("step x @?7 copy ?9{+0;;} -> b{+0;;}"), std::string::npos) << text;
  EXPECT_FALSE(parse_plan(text, thread_workload()));
}

RC_GTEST_PROP(PlanText, every_plan_survives_its_text, ()) {
  const Workload workload = thread_workload();
  const Plan plan = support::random_plan(workload);
  const std::string text = to_text(plan, workload);
  const auto again = parse_plan(text, workload);
  if (!again) RC_FAIL(to_string(again.error()) + "\n" + text);
  RC_ASSERT(*again == plan);
  RC_ASSERT(to_text(*again, workload) == text);
}

// Any damage to a text is refused, or read as a plan whose text is stable.
RC_GTEST_PROP(PlanText, damaged_text_is_read_or_refused, ()) {
  const Workload workload = thread_workload();
  std::string text = to_text(support::random_plan(workload), workload);
  for (int n = *rc::gen::inRange(1, 4); n > 0; --n) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] =
        *rc::gen::element('[', ']', ':', ',', '-', '>', '0', '9', ' ', '\n', '"', '{', '}', 'k', '#', '\0');
  }
  const auto plan = parse_plan(text, workload);
  if (!plan) {
    RC_ASSERT(plan.error().requirement.starts_with("CEP-TEXT-"));
    RC_ASSERT(plan.error().path.starts_with("line "));
    return;
  }
  const auto again = parse_plan(to_text(*plan, workload), workload);
  RC_ASSERT(static_cast<bool>(again));
  RC_ASSERT(*again == *plan);
}

}  // namespace
}  // namespace cep
