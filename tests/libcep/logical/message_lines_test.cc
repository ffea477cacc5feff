#include "cep/message_lines.h"

#include <gtest/gtest.h>

#include "support/logical_cases.h"

namespace cep::logical {
namespace {

std::vector<Id> lines(const MessageLines& messages, Id message) {
  const auto found = messages.lines(message);
  return {found.begin(), found.end()};
}

TEST(MessageLines, lines_of_every_message_in_the_order_of_the_plan) {
  const Document document = support::logical_text(support::kColumns);
  const MessageLines messages(document.plan.program);
  ASSERT_EQ(messages.messages(), 2u);
  EXPECT_EQ(lines(messages, 0), (std::vector<Id>{2, 3}));  // all_gather
  EXPECT_EQ(lines(messages, 1), (std::vector<Id>{4, 5}));  // send, receive
}

TEST(MessageLines, numbers_may_be_left_out) {
  Program program;
  program.nodes.resize(4);
  program.nodes[0].message = 5;
  program.nodes[1].message = 2;
  program.nodes[3].message = 5;
  const MessageLines messages(program);
  ASSERT_EQ(messages.messages(), 6u);
  for (const Id empty : {0u, 1u, 3u, 4u}) EXPECT_EQ(lines(messages, empty), std::vector<Id>{});
  EXPECT_EQ(lines(messages, 2), std::vector<Id>{1});
  EXPECT_EQ(lines(messages, 5), (std::vector<Id>{0, 3}));
  EXPECT_EQ(MessageLines(Program{}).messages(), 0u);
}

TEST(MessageLines, members_in_the_order_of_their_group) {
  Document document = support::logical_text(support::kColumns);
  Plan& plan = document.plan;
  const auto place_of = [&](std::int64_t rank) {
    for (Id place = 0; place < plan.places.size(); ++place)
      if (plan.places[place].constant == rank) return place;
    return kNone;
  };
  plan.groups = {{.ranks = {Affine{2, {}}, Affine{0, {}}, Affine{7, {}}}, .variable = kNone},
                 {.ranks = {}, .variable = 0}};
  EXPECT_EQ(member_places(plan), (std::vector<std::vector<Id>>{{place_of(2), place_of(0), kNone}, {}}));
}

TEST(Making, what_is_cut_and_what_is_joined) {
  struct Row {
    CommKind comm;
    bool cut;
    Id joined;
  };
  for (const Row& row : {Row{CommKind::kAllReduce, false, kNone}, Row{CommKind::kAllGather, false, 1},
                         Row{CommKind::kReduceScatter, true, kNone}, Row{CommKind::kAllToAll, true, 2},
                         Row{CommKind::kChunk, true, kNone}, Row{CommKind::kSend, false, kNone},
                         Row{CommKind::kReceive, false, kNone}, Row{CommKind::kBroadcast, false, kNone}}) {
    const Making how = making({.comm = row.comm, .dim = 1, .other_dim = 2});
    EXPECT_EQ(how.cut, row.cut) << to_string(row.comm);
    EXPECT_EQ(how.joined, row.joined) << to_string(row.comm);
  }
}

}  // namespace
}  // namespace cep::logical
