// The oracle on documents small enough to work out by hand, right ones and wrong ones.
#include "replay/run.h"

#include <gtest/gtest.h>

#include "replay/instantiate.h"
#include "soundness/logical/document_writer.h"

namespace cep::logical::oracle {
namespace {

const Operation kLinear = make_operation("linear");

// y = x w^T over two ranks, w cut by columns: each has half of the sum, and an all_reduce.
struct RowParallel {
  CommKind comm = CommKind::kAllReduce;
  std::int64_t second_begin = 2;
  bool reduce = true;
};
Document row_parallel(const RowParallel& how) {
  DocumentWriter writer;
  const Id x = writer.root(Role::kInput, {3, 4});
  const Id w = writer.root(Role::kParameter, {2, 4});
  const Id y = writer.compute(kLinear, {x, w}, {{3, 2}})[0];
  writer.output(y);
  std::vector<Id> partial;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    const Id px = writer.bound(rank, x, make_box({0, 2 * rank}, {3, 2}));
    const Id pw = writer.bound(rank, w, make_box({0, rank * how.second_begin}, {2, 2}));
    partial.push_back(writer.line(rank, kLinear, {px, pw}, {{3, 2}})[0]);
  }
  const auto whole =
      how.reduce ? writer.exchange({.kind = how.comm, .ranks = {0, 1}}, partial, {3, 2}) : partial;
  for (const Id copy : whole) writer.yield(copy, y);
  return writer.finish();
}

TEST(Oracle, the_reference_is_the_sum_of_products) {
  const Document document = row_parallel({});
  const auto run = run_reference(document, 5);
  ASSERT_EQ(run.fault, "");
  const Array& x = run.values[0];
  const Array& w = run.values[1];
  EXPECT_EQ(x, root_value(document, 0, 5));
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 2; ++c) {
      Wide total = 0;
      for (std::size_t k = 0; k < 4; ++k)
        total += static_cast<Wide>(x.scalars[r * 4 + k]) * w.scalars[c * 4 + k] % kPrime;
      EXPECT_EQ(run.values[2].scalars[r * 2 + c], static_cast<Scalar>(total % kPrime));
    }
  }
}

TEST(Oracle, a_row_parallel_product) {
  EXPECT_TRUE(disagreements(row_parallel({}), 1).empty());
  EXPECT_FALSE(disagreements(row_parallel({.second_begin = 1}), 1).empty())
      << "the second piece of w is another";
  EXPECT_FALSE(disagreements(row_parallel({.reduce = false}), 1).empty()) << "addends delivered as copies";
  EXPECT_FALSE(disagreements(row_parallel({.comm = CommKind::kAllGather}), 1).empty());
}

// y = x w^T over two ranks, w cut by rows: pieces of y, gathered in the order given.
Document column_parallel(const std::vector<std::int64_t>& order) {
  DocumentWriter writer;
  const Id x = writer.root(Role::kInput, {3, 4});
  const Id w = writer.root(Role::kParameter, {2, 4});
  const Id y = writer.compute(kLinear, {x, w}, {{3, 2}})[0];
  writer.output(y);
  std::vector<Id> pieces(2);
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    const Id px = writer.bound(rank, x);
    const Id pw = writer.bound(rank, w, make_box({rank, 0}, {1, 4}));
    pieces[rank == order[0] ? 0 : 1] = writer.line(rank, kLinear, {px, pw}, {{3, 1}})[0];
  }
  for (const Id whole :
       writer.exchange({.kind = CommKind::kAllGather, .ranks = order, .dim = 1}, pieces, {3, 2}))
    writer.yield(whole, y);
  return writer.finish();
}
TEST(Oracle, the_order_of_a_gather_counts) {
  EXPECT_TRUE(disagreements(column_parallel({0, 1}), 1).empty());
  const auto wrong = disagreements(column_parallel({1, 0}), 1);
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].output, 2u);
}

// sum of all of x, each rank delivering its own addend.
Document parts(std::int64_t second_part, std::int64_t number) {
  DocumentWriter writer;
  const Id x = writer.root(Role::kInput, {4});
  const Id y = writer.compute(make_operation("sum_all"), {x}, {{1}})[0];
  writer.output(y);
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    const Id px = writer.bound(rank, x, make_box({2 * rank}, {2}));
    const Id sum = writer.line(rank, make_operation("sum_all"), {px}, {{1}})[0];
    writer.yield(sum, y, make_box({0}, {1}), rank * second_part, number);
  }
  return writer.finish();
}
TEST(Oracle, parts_add_up_and_none_is_missing) {
  EXPECT_TRUE(disagreements(parts(1, 2), 1).empty());
  EXPECT_EQ(disagreements(parts(1, 3), 1).at(0).what, "element 0 lacks part 2");
  EXPECT_EQ(disagreements(parts(0, 1), 1).at(0).what, "copies that differ");
  EXPECT_EQ(disagreements(parts(2, 2), 1).at(0).what, "a part out of range");
}

// A value goes round: 0 to 1, and back by the other pair. `crossed`: both send first.
Document ring(bool crossed) {
  DocumentWriter writer;
  const Id x = writer.root(Role::kInput, {2});
  const Id y = writer.compute(make_operation("sum"), {x, x}, {{2}})[0];
  writer.output(y);
  const Id a = writer.bound(0, x);
  const Id b = writer.bound(1, x);
  const Id at_1 = writer.move(0, 1, a);
  const Id at_0 = writer.move(1, 0, b);
  writer.yield(writer.line(0, make_operation("sum"), {a, at_0}, {{2}})[0], y);
  writer.yield(writer.line(1, make_operation("sum"), {b, at_1}, {{2}})[0], y);
  Document document = writer.finish();
  if (crossed) std::swap(document.plan.program.nodes[1], document.plan.program.nodes[2]);
  return document;
}
TEST(Oracle, a_rendezvous_that_waits_for_itself_is_a_deadlock) {
  EXPECT_TRUE(disagreements(ring(false), 1).empty());
  const auto wrong = disagreements(ring(true), 1);
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].output, kNone);
  EXPECT_EQ(wrong[0].what.substr(0, 8), "deadlock");
}

TEST(Oracle, every_collective_by_its_meaning) {
  DocumentWriter writer;
  const Id x = writer.root(Role::kInput, {4, 2});
  const Id y = writer.compute(make_operation("identity"), {x}, {{4, 2}})[0];
  const Id twice = writer.compute(make_operation("sum"), {x, x}, {{4, 2}})[0];
  for (const Id output : {y, twice}) writer.output(output);
  const auto rows = [](std::int64_t rank) { return make_box({2 * rank, 0}, {2, 2}); };
  const auto columns = [](std::int64_t rank) { return make_box({0, rank}, {4, 1}); };
  // Rows to columns by all_to_all; twice by reduce_scatter of two copies, gathered again by broadcast.
  std::vector<Id> cut, copies;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    cut.push_back(writer.bound(rank, x, rows(rank)));
    copies.push_back(writer.bound(rank, x));
  }
  const auto crossed =
      writer.exchange({.kind = CommKind::kAllToAll, .ranks = {0, 1}, .dim = 1, .other_dim = 0}, cut, {4, 1});
  const auto halves =
      writer.exchange({.kind = CommKind::kReduceScatter, .ranks = {0, 1}, .dim = 0}, copies, {2, 2});
  const auto pieces = writer.chunk(1, {.ranks = {0, 1}, .dim = 0}, copies[1], {2, 2});
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    const auto i = static_cast<std::size_t>(rank);
    writer.yield(crossed[i], y, columns(rank));
    for (const Id copy : writer.broadcast({rank, 1 - rank}, halves[i])) writer.yield(copy, twice, rows(rank));
  }
  writer.yield(pieces, y, rows(1));
  const Document document = writer.finish();
  const auto found = disagreements(document, 3);
  EXPECT_TRUE(found.empty()) << found.at(0).what;
}

// Data parallel over `dp`, two halves of the columns over `tp`: rank = 2 dp + tp. Written once.
Document pattern(std::int64_t batch_step) {
  Document document;
  document.reference = row_parallel({}).reference;
  document.reference.program.shapes = {{4, 4}, {2, 4}, {4, 2}};
  Plan& plan = document.plan;
  plan.variables = {{"dp", 2}, {"tp", 2}};
  plan.places = {Affine{0, {2, 1}}};
  plan.groups = {{.ranks = {}, .variable = 1}};
  plan.ranks = 4;
  Program& program = plan.program;
  program.shapes = {{2, 2}, {2, 2}};
  program.operations = {kLinear, make_operation("all_reduce")};
  const auto tensor = [](Role role) {
    return Tensor{.shape = 0, .element = Element::kF32, .role = role, .place = 0};
  };
  program.tensors = {tensor(Role::kInput), tensor(Role::kParameter), tensor(Role::kValue),
                     tensor(Role::kValue)};
  program.operands = {0, 1, 2, 2, 3};
  program.nodes = {
      {.operation = 0, .place = 0, .first_input = 0, .inputs = 2, .first_output = 2, .outputs = 1},
      {.operation = 1,
       .place = 0,
       .first_input = 3,
       .inputs = 1,
       .first_output = 4,
       .outputs = 1,
       .comm = CommKind::kAllReduce,
       .group = 0,
       .message = 0}};
  plan.binds = {{0, 0, {{Affine{0, {batch_step}}, 2}, {Affine{0, {0, 2}}, 2}}},
                {1, 1, {{Affine{0, {}}, 2}, {Affine{0, {0, 2}}, 2}}}};
  plan.yields = {{3, 2, {{Affine{0, {2}}, 2}, {Affine{0, {}}, 2}}, Affine{}, 1}};
  return document;
}
TEST(Oracle, patterns_are_written_out) {
  const Document expanded = instantiate(pattern(2));
  EXPECT_EQ(expanded.plan.program.nodes.size(), 8u);
  EXPECT_EQ(expanded.plan.groups.size(), 2u);
  EXPECT_EQ(expanded.plan.groups[1].ranks, (std::vector<Affine>{{2, {}}, {3, {}}}));
  EXPECT_TRUE(disagreements(pattern(2), 1).empty());
  EXPECT_FALSE(disagreements(pattern(1), 1).empty());
}

}  // namespace
}  // namespace cep::logical::oracle
