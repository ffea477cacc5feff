#include <gtest/gtest.h>

#include <ctime>

#include "logical/checks.h"
#include "support/edit.h"
#include "support/logical_cases.h"

namespace cep::logical {
namespace {

using support::edit;
using support::expect_accepted;
using support::expect_refused;
using support::kColumns;
using support::kColumnsPattern;
using support::logical_text;

struct Case {
  const char *from, *to, *path, *words;  // without a path: accepted
};

void expect_cases(std::string_view requirement, const std::string& text, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Document document = logical_text(edit(text, c.from, c.to));
    if (*c.path == 0) {
      expect_accepted(document);
    } else {
      expect_refused(document, requirement, c.path, c.words);
    }
  }
}

// Every kind of communication once, over ranks 0 and 1.
const std::string kKinds = R"(
    input x:f32[4,4]
    y:f32[4,4] = identity x
    output y
    plan kinds ranks 2
    @0 x0:f32[4,4] = bind x [0:4,0:4]
    @1 x1:f32[4,4] = bind x [0:4,0:4]
    @0 r0:f32[4,4] = all_reduce x0 over 0,1 msg r
    @1 r1:f32[4,4] = all_reduce x1 over 0,1 msg r
    @0 s0:f32[2,4] = reduce_scatter{dim=0} r0 over 0,1 msg s
    @1 s1:f32[2,4] = reduce_scatter{dim=0} r1 over 0,1 msg s
    @0 t0:f32[4,2] = all_to_all{dim=1,other_dim=0} s0 over 1,0 msg t
    @1 t1:f32[4,2] = all_to_all{dim=1,other_dim=0} s1 over 1,0 msg t
    @0 g0:f32[4,4] = all_gather{dim=1} t0 over 0,1 msg g
    @1 g1:f32[4,4] = all_gather{dim=1} t1 over 0,1 msg g
    @1 c1:f32[4,2] = chunk{dim=1} g1 over 0,1
    @1 broadcast{root=1} c1 over 0,1 msg b
    @0 b0:f32[4,2] = broadcast{root=1} over 0,1 msg b
)";

TEST(CheckLogical, accepts_every_kind_of_communication) { expect_accepted(logical_text(kKinds)); }

// The processor time to check many lines of the last member of a group.
std::clock_t time_to_check(std::int64_t members) {
  constexpr Id kLines = 50'000;
  Plan plan;
  plan.ranks = members;
  plan.places = {{members - 1, {}}};
  plan.groups.resize(1);
  for (std::int64_t rank = 0; rank < members; ++rank) plan.groups[0].ranks.push_back({rank, {}});
  Program& program = plan.program;
  program.shapes = {{members}, {1}};
  program.operations = {{"chunk", false, {}}};
  program.tensors.resize(kLines + 1, {1, Element::kF32, Role::kValue, 0, 0});
  program.tensors[0].shape = 0;
  for (Id line = 0; line < kLines; ++line) {
    Node node;
    node.place = node.group = 0;
    node.comm = CommKind::kChunk;
    node.first_input = 2 * line;
    node.first_output = 2 * line + 1;
    node.inputs = node.outputs = 1;
    program.nodes.push_back(node);
    program.operands.insert(program.operands.end(), {0, line + 1});
  }
  const std::clock_t begin = std::clock();
  EXPECT_TRUE(check_communications(plan).has_value());
  return std::clock() - begin;
}
TEST(CheckLogical, lines_of_a_large_group_take_no_longer) {
  EXPECT_LT(time_to_check(1 << 14), 5 * time_to_check(2) + CLOCKS_PER_SEC / 20);
}

TEST(Reject, CEP_LOGICAL_4_lines_and_members) {
  expect_cases(
      "CEP-LOGICAL-4", kColumns,
      {{"    @1 a1:f32[4,6] = all_gather{dim=1} y1 over 0,1 msg a\n", "", "plan.nodes[2]", "1 of 2 members"},
       {"    @0 send a0 over 0,2 msg s\n", "", "plan.nodes[4]", "1 of 2 members"},
       {"y1 over 0,1 msg a", "y1 over 0,1 msg b", "plan.nodes[2]", "1 of 2 members"},
       {"y1 over 0,1 msg a", "y1 over 1,0 msg a", "plan.nodes[3]", "other members"},
       {"y1 over 0,1 msg a", "y1 over 0,2 msg a", "plan.nodes[3]", "not a member"},
       {"y1 over 0,1 msg a", "y1 over 1,1 msg a", "plan.nodes[3]", "member twice"},
       {"send a0 over 0,2 msg s", "send a0 over 2,0 msg s", "plan.nodes[4]", "not an end"},
       {"receive over 0,2 msg s", "receive over 0,2,1 msg s", "plan.nodes[5]", "not an end"},
       {"a1:f32[4,6] = all_gather{dim=1} y1 over 0,1 msg a",
        "a1:f32[4,6] = all_gather{dim=1} y1 over 0,1 msg a\n    @1 a3:f32[4,6] = all_gather{dim=1} y1 over "
        "0,1 msg a",
        "plan.nodes[4]", "second line of its rank"},
       {"send a0 over 0,2 msg s", "send a0 over 0,2 msg s\n    @0 send a0 over 0,2 msg s", "plan.nodes[5]",
        "second line of its rank"}});
}

TEST(Reject, CEP_LOGICAL_4_shapes_and_kinds) {
  expect_cases(
      "CEP-LOGICAL-4", kKinds,
      {{"@0 t0:f32[4,2] = all_to_all{dim=1,other_dim=0}", "@0 t0:f32[2,4] = all_to_all{dim=1,other_dim=1}",
        "plan.nodes[5]", "another dimension"},
       {"r0:f32[4,4]", "r0:f32[4,2]", "plan.nodes[0]", "shape"},
       {"r0:f32[4,4]", "r0:f16[4,4]", "plan.nodes[0]", "element"},
       {"g0:f32[4,4] = all_gather{dim=1}", "g0:f32[4,4] = all_gather{dim=0}", "plan.nodes[6]", "shape"},
       {"g0:f32[4,4] = all_gather{dim=1}", "g0:f32[4,4] = all_gather{dim=2}", "plan.nodes[6]", "shape"},
       {"c1:f32[4,2] = chunk{dim=1} g1 over 0,1", "c1:f32[4,2] = chunk{dim=1} g1 over 1,0", "", ""},
       {"c1:f32[4,2] = chunk{dim=1} g1 over 0,1", "c1:f32[4,2] = chunk{dim=0} g1 over 0,1", "plan.nodes[8]",
        "shape"},
       {"c1:f32[4,2] = chunk{dim=1} g1 over 0,1", "c1:f32[4,2] = chunk{dim=1} g1 over 0", "plan.nodes[8]",
        "not a member"},
       {"c1:f32[4,2] = chunk{dim=1} g1 over 0,1", "c1:f32[4,2] = chunk{dim=1} g1", "plan.nodes[8]",
        "without a group"},
       {"c1:f32[4,2] = chunk{dim=1} g1 over 0,1", "c1:f32[4,2] = chunk{dim=1} g1 over 0,1 msg c",
        "plan.nodes[8]", "message"},
       {"@1 r1:f32[4,4] = all_reduce x1", "@1 r1:f32[4,4] = all_reduce x1 x1", "plan.nodes[1]",
        "takes 1 and gives 1"},
       {"b0:f32[4,2] = broadcast{root=1}", "b0:f32[4,4] = broadcast{root=1}", "plan.nodes[10]",
        "another shape"},
       {"b0:f32[4,2] = broadcast{root=1}", "b0:f32[4,2] = broadcast{root=0}", "plan.nodes[10]",
        "takes 1 and gives 0"},
       {"b0:f32[4,2] = broadcast{root=1}", "b0:f32[4,2] = broadcast{root=2}", "plan.nodes[10]", "root"},
       {"@1 r1:f32[4,4] = all_reduce x1 over 0,1 msg r",
        "@1 r1:f32[4,4] = all_to_all{dim=0,other_dim=0} x1 over 0,1 msg r", "plan.nodes[1]",
        "another communication"}});
}

TEST(Reject, CEP_LOGICAL_4_an_operation_that_is_not_the_communication) {
  Document document = logical_text(kColumns);
  Program& program = document.plan.program;
  Operation& gather = program.operations[program.nodes[2].operation];
  gather.attributes = {{"dim", std::int64_t{1}}};
  expect_refused(document, "CEP-LOGICAL-4", "plan.nodes[2]", "another than its communication");
  gather = {"all_reduce", false, {}};
  expect_refused(document, "CEP-LOGICAL-4", "plan.nodes[2]", "another than its communication");
  gather = {"all_gather", false, {}};
  expect_accepted(document);
}

TEST(Reject, CEP_LOGICAL_4_patterns) {
  expect_cases(
      "CEP-LOGICAL-4", kColumnsPattern,
      {{"= all_gather{dim=1} ys over tp", "= all_gather{dim=1} ys over dp", "", ""},
       {"as:f32[2,6] = all_gather{dim=1} ys over tp", "as:f32[2,9] = all_gather{dim=1} ys over tp",
        "plan.nodes[1]", "shape"},
       {"= all_gather{dim=1} ys over tp", "= all_gather{dim=1} ys over 2*dp,2*dp+1", "plan.nodes[1]",
        "not a member"},
       {"send as over 2*dp+tp,2*dp+tp+4 msg s", "send as over 2*dp+tp,2*tp+dp+4 msg s", "plan.nodes[3]",
        "other members"},
       {"send as over 2*dp+tp,2*dp+tp+4 msg s", "send as over tp msg s", "plan.nodes[2]", "one by one"}});
  Document document = logical_text(kColumnsPattern);
  Node second = document.plan.program.nodes[1];
  document.plan.program.tensors.push_back(document.plan.program.tensors[3]);
  document.plan.program.operands.push_back(6);
  second.first_output = static_cast<std::uint32_t>(document.plan.program.operands.size() - 1);
  document.plan.program.nodes.push_back(second);
  expect_refused(document, "CEP-LOGICAL-4", "plan.nodes[5]", "stands for all its members");
}

// Two messages between the same ranks, each line of a rank its own.
const std::string kTwoMessages = R"(
    input x:f32[2]
    y:f32[2] = identity x
    output y
    plan two ranks 2
    @0 x0:f32[2] = bind x [0:2]
    @1 x1:f32[2] = bind x [0:2]
    @0 a0:f32[2] = all_reduce x0 over 0,1 msg a
    @0 b0:f32[2] = all_reduce x0 over 0,1 msg b
    @1 a1:f32[2] = all_reduce x1 over 0,1 msg a
    @1 b1:f32[2] = all_reduce x1 over 0,1 msg b
    @0 send a0 over 0,1 msg s
    @0 send b0 over 0,1 msg t
    @1 s1:f32[2] = receive over 0,1 msg s
    @1 t1:f32[2] = receive over 0,1 msg t
)";

TEST(Reject, CEP_LOGICAL_7_calls_of_a_group_in_another_order) {
  expect_accepted(logical_text(kTwoMessages));
  const std::string first = "    @1 a1:f32[2] = all_reduce x1 over 0,1 msg a\n",
                    second = "    @1 b1:f32[2] = all_reduce x1 over 0,1 msg b\n";
  expect_refused(logical_text(edit(kTwoMessages, first + second, second + first)), "CEP-LOGICAL-7",
                 "plan.nodes[2]", "call 0 of its rank");
  // The same ranks in another order are the same communicator.
  std::string turned = edit(edit(kTwoMessages, "x0 over 0,1 msg b", "x0 over 1,0 msg b"), second,
                            "    @1 b1:f32[2] = all_reduce x1 over 1,0 msg b\n");
  expect_accepted(logical_text(turned));
  const std::string turned_second = "    @1 b1:f32[2] = all_reduce x1 over 1,0 msg b\n";
  expect_refused(logical_text(edit(turned, first + turned_second, turned_second + first)), "CEP-LOGICAL-7",
                 "plan.nodes[2]");
}

TEST(Reject, CEP_LOGICAL_7_messages_of_a_pair_in_another_order) {
  expect_refused(
      logical_text(
          edit(kTwoMessages,
               "    @1 s1:f32[2] = receive over 0,1 msg s\n    @1 t1:f32[2] = receive over 0,1 msg t\n",
               "    @1 t1:f32[2] = receive over 0,1 msg t\n    @1 s1:f32[2] = receive over 0,1 msg s\n")),
      "CEP-LOGICAL-7", "plan.nodes[6]", "receive 0 of its pair");
}

// Two ranks that exchange something.
const std::string kExchange = R"(
    input x:f32[2]
    y:f32[2] = identity x
    output y
    plan exchange ranks 2
    @0 x0:f32[2] = bind x [0:2]
    @1 x1:f32[2] = bind x [0:2]
    @0 send x0 over 0,1 msg a
    @0 b0:f32[2] = receive over 1,0 msg b
    @1 a1:f32[2] = receive over 0,1 msg a
    @1 send x1 over 1,0 msg b
)";

TEST(Reject, CEP_LOGICAL_8_both_send_first) {
  expect_accepted(logical_text(kExchange));
  expect_refused(logical_text(edit(
                     kExchange, "    @1 a1:f32[2] = receive over 0,1 msg a\n    @1 send x1 over 1,0 msg b\n",
                     "    @1 send x1 over 1,0 msg b\n    @1 a1:f32[2] = receive over 0,1 msg a\n")),
                 "CEP-LOGICAL-8", "plan.nodes[0]",
                 "rank 0 waits in send (node 5) for rank 1, which waits in send (node 8) for rank 0");
}

// However many ranks wait, the message names eight.
TEST(Reject, CEP_LOGICAL_8_a_ring_of_twelve) {
  std::string binds, sends, receives;
  for (int rank = 0; rank < 12; ++rank) {
    const std::string own = std::to_string(rank), next = std::to_string((rank + 1) % 12);
    binds += "    @" + own + " x" + own + ":f32[2] = bind x [0:2]\n";
    sends += "    @" + own + " send x" + own + " over " + own + "," + next + " msg m" + own + "\n";
    receives +=
        "    @" + next + " b" + next + ":f32[2] = receive over " + own + "," + next + " msg m" + own + "\n";
  }
  const auto document =
      logical_text("    input x:f32[2]\n    y:f32[2] = identity x\n    output y\n    plan ring ranks 12\n" +
                   binds + sends + receives);
  expect_refused(document, "CEP-LOGICAL-8", "plan.nodes[0]",
                 " for rank 8, and so on over 4 more, back to rank 0");
  expect_refused(document, "CEP-LOGICAL-8", "plan.nodes[0]", "rank 0 waits in send");
}

TEST(Reject, CEP_LOGICAL_8_three_groups_in_a_ring) {
  const auto plan = [](const std::string& last_first, const std::string& last_second) {
    return logical_text(R"(
    input x:f32[2]
    y:f32[2] = identity x
    output y
    plan ring ranks 3
    @0 x0:f32[2] = bind x [0:2]
    @1 x1:f32[2] = bind x [0:2]
    @2 x2:f32[2] = bind x [0:2]
    @0 a0:f32[2] = all_reduce x0 over 0,1 msg a
    @0 c0:f32[2] = all_reduce x0 over 0,2 msg c
    @1 b1:f32[2] = all_reduce x1 over 1,2 msg b
    @1 a1:f32[2] = all_reduce x1 over 0,1 msg a
)" + last_first + last_second);
  };
  const std::string c = "    @2 c2:f32[2] = all_reduce x2 over 0,2 msg c\n",
                    b = "    @2 b2:f32[2] = all_reduce x2 over 1,2 msg b\n";
  expect_accepted(plan(b, c));
  expect_refused(plan(c, b), "CEP-LOGICAL-8", "plan.nodes[0]");
}

TEST(Reject, CEP_LOGICAL_8_in_a_pattern) {
  const auto plan = [](const std::string& first, const std::string& second) {
    return logical_text(R"(
    input x:f32[2]
    y:f32[2] = identity x
    output y
    plan exchange ranks 8
    variable tp 4
    @tp x0:f32[2] = bind x [0:2]
    @tp+4 x1:f32[2] = bind x [0:2]
    @tp send x0 over tp,tp+4 msg a
    @tp b0:f32[2] = receive over tp+4,tp msg b
)" + first + second);
  };
  const std::string a = "    @tp+4 a1:f32[2] = receive over tp,tp+4 msg a\n",
                    b = "    @tp+4 send x1 over tp+4,tp msg b\n";
  expect_accepted(plan(a, b));
  expect_refused(plan(b, a), "CEP-LOGICAL-8", "plan.nodes[0]", "rank tp+4");
}

}  // namespace
}  // namespace cep::logical
