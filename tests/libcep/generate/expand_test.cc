// What a pattern stands for, on plans written by hand.
#include "libcep/generate/tiny.h"

namespace cep::logical {
namespace {

// Two variables a in 0..2, b in 0..3; a place at rank 3 a + b, one line over b, one send from it to rank 6 + 3 a + b.
Document pattern() {
  Document document;
  Plan& plan = document.plan;
  plan.variables = {{.name = "a", .size = 2}, {.name = "b", .size = 3}};
  plan.ranks = 12;
  plan.places = {{.constant = 0, .by_variable = {3, 1}}, {.constant = 6, .by_variable = {3, 1}}};
  plan.groups = {{.ranks = {}, .variable = 0},
                 {.ranks = {plan.places[0], plan.places[1]}, .variable = kNone}};
  Program& program = plan.program;
  program.shapes = {{4}};
  program.operations = {
      {.name = "all_reduce", .backward = false, .attributes = {}},
      {.name = "send", .backward = false, .attributes = {}},
      {.name = "receive", .backward = false, .attributes = {}},
      {.name = "embedding", .backward = false, .attributes = {{"start", Affine{7, {0, 10}}}}}};
  program.tensors = {{.place = 0}, {.place = 0}, {.place = 1}};
  program.operands = {0, 1, 1, 2};
  program.nodes = {{.operation = 0,
                    .place = 0,
                    .first_input = 0,
                    .inputs = 1,
                    .first_output = 1,
                    .outputs = 1,
                    .comm = CommKind::kAllReduce,
                    .group = 0,
                    .message = 5},
                   {.operation = 1,
                    .place = 0,
                    .first_input = 2,
                    .inputs = 1,
                    .first_output = 3,
                    .comm = CommKind::kSend,
                    .group = 1,
                    .message = 8},
                   {.operation = 2,
                    .place = 1,
                    .first_input = 3,
                    .first_output = 3,
                    .outputs = 1,
                    .comm = CommKind::kReceive,
                    .group = 1,
                    .message = 8},
                   {.operation = 3, .place = 1, .first_input = 3, .first_output = 3}};
  plan.binds = {{.tensor = 0, .reference = 0, .box = {{.begin = {0, {24, 4}}, .size = 4}}}};
  plan.yields = {
      {.tensor = 2, .reference = 1, .box = {{.begin = {}, .size = 4}}, .part = {1, {3, 1}}, .parts = 6}};
  return document;
}

std::vector<std::int64_t> ranks_of(const Plan& plan, Id group) {
  std::vector<std::int64_t> ranks;
  for (const Affine& rank : plan.groups[group].ranks) ranks.push_back(rank.constant);
  return ranks;
}

TEST(Expand, MembersOfACommunicationFollowEachOther) {
  const auto document = expand(pattern());
  ASSERT_TRUE(document);
  const Plan& plan = document->plan;
  EXPECT_TRUE(plan.variables.empty());
  ASSERT_EQ(plan.places.size(), 12U);
  ASSERT_EQ(plan.program.nodes.size(), 24U);
  const struct {
    std::int64_t rank;
    Id message, input;
    std::vector<std::int64_t> members;
  } kReduces[] = {{0, 0, 0, {0, 3}}, {3, 0, 3, {0, 3}}, {1, 1, 1, {1, 4}},
                  {4, 1, 4, {1, 4}}, {2, 2, 2, {2, 5}}, {5, 2, 5, {2, 5}}};
  for (std::size_t i = 0; i < 6; ++i) {
    const Node& node = plan.program.nodes[i];
    EXPECT_EQ(plan.places[node.place].constant, kReduces[i].rank) << i;
    EXPECT_EQ(node.message, kReduces[i].message) << i;
    EXPECT_EQ(plan.program.inputs(node)[0], kReduces[i].input) << i;
    EXPECT_EQ(plan.program.outputs(node)[0], 6 + kReduces[i].input) << i;
    EXPECT_EQ(ranks_of(plan, node.group), kReduces[i].members) << i;
  }
  for (Id p = 0; p < 6; ++p) {
    const Node& send = plan.program.nodes[6 + 2 * p];
    const Node& receive = plan.program.nodes[7 + 2 * p];
    EXPECT_EQ(send.place, p);
    EXPECT_EQ(receive.place, 6 + p);
    EXPECT_EQ(send.message, 3 + p);
    EXPECT_EQ(receive.message, 3 + p);
    EXPECT_EQ(ranks_of(plan, send.group), (std::vector<std::int64_t>{p, 6 + p}));
    EXPECT_EQ(plan.program.outputs(receive)[0], 12 + p);
  }
}

TEST(Expand, ValuesArePutIn) {
  const auto document = expand(pattern());
  ASSERT_TRUE(document);
  const Plan& plan = document->plan;
  ASSERT_EQ(plan.binds.size(), 6U);
  ASSERT_EQ(plan.yields.size(), 6U);
  for (Id p = 0; p < 6; ++p) {  // a = p / 3, b = p % 3
    EXPECT_EQ(plan.binds[p].tensor, p);
    EXPECT_EQ(plan.binds[p].box[0].begin, (Affine{4 * p + 12 * (p / 3), {}}));
    EXPECT_EQ(plan.yields[p].tensor, 12 + p);
    EXPECT_EQ(plan.yields[p].part, (Affine{1 + p, {}}));
    const Operation& operation = plan.program.operations[plan.program.nodes[18 + p].operation];
    EXPECT_EQ(std::get<Affine>(operation.attributes[0].value), (Affine{7 + 10 * (p % 3), {}}));
  }
}

// A plan without variables stands for itself.
TEST(Expand, OnceIsEnough) {
  const auto once = expand(pattern());
  ASSERT_TRUE(once);
  const auto twice = expand(*once);
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->plan.program.operands, once->plan.program.operands);
  EXPECT_EQ(twice->plan.groups, once->plan.groups);
}

}  // namespace
}  // namespace cep::logical
