// Plans at other batches, each proved by itself: what follow_batch() says of all of them must be so for these.
#include <gtest/gtest.h>

#include "cep/batch.h"
#include "cep/equivalence.h"
#include "cep/tree_order.h"
#include "libcep/generate/tiny.h"
#include "soundness/logical/campaign.h"
#include "soundness/logical/plan_mutations.h"

namespace cep::logical {
namespace {

std::vector<BatchAxis> first_of_inputs(const Document& document) {
  std::vector<BatchAxis> axes;
  const Program& program = document.reference.program;
  for (Id id = 0; id < program.tensors.size(); ++id) {
    if (program.tensors[id].role == Role::kInput) axes.push_back({id, 0});
  }
  return axes;
}

bool proved(const Document& document) {
  const auto status = check_logical(document);
  if (!status) ADD_FAILURE() << acp::to_string(status.error());
  return status && std::holds_alternative<Proved>(prove(document));
}
bool to_the_bit(const Document& document) {
  const auto certified = certify(document, digest(document));
  return std::holds_alternative<Certified>(certified) &&
         !find_other_order(document, std::get<Certified>(certified).certificate);
}

// Another batch of a generated plan is what the generator makes for that batch.
void expect_generated(const LlamaShape& shape, const Partition& partition, Form form,
                      const std::string& what) {
  SCOPED_TRACE(what);
  const Document document = made(shape, partition, form);
  const auto found = follow_batch(document, first_of_inputs(document));
  const auto* finding = std::get_if<Finding>(&found);
  ASSERT_EQ(finding, nullptr) << to_string(*finding);
  const auto& family = std::get<BatchFamily>(found);
  EXPECT_EQ(family.sums(), partition.step == Step::kTraining);
  const std::int64_t times = form == Form::kPattern ? 3 : 2;
  const auto large = with_batch(document, family, times);
  ASSERT_TRUE(large.has_value()) << acp::to_string(large.error());
  LlamaShape larger = shape;
  larger.batch *= times;
  EXPECT_EQ(digest(*large), digest(made(larger, partition, form)));
  EXPECT_TRUE(proved(*large));
}

TEST(Family, generated_plans) {
  for (const Form form : {Form::kExpanded, Form::kPattern}) {
    int number = 0;
    for (const Partition& partition : partitions())
      expect_generated(tiny(), partition, form, "partition " + std::to_string(number++));
    for (const Planned& planned : decode_loops())
      expect_generated(planned.shape, planned.partition, form, "decode loop " + std::to_string(number++));
    for (const Planned& planned : interleavings())
      expect_generated(planned.shape, planned.partition, form, "interleaving " + std::to_string(number++));
  }
}
TEST(Family, generated_plans_with_experts) {
  for (const Partition& partition : partitions())
    expect_generated(tiny_experts(), partition, Form::kExpanded, "experts");
}

// Where no value is a sum over samples, bits carry over as well.
TEST(Family, to_the_bit) {
  Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
  partition.step = Step::kInference;
  partition.order = SumOrder::kTree;
  const Document document = made(tiny(), partition);
  const auto found = follow_batch(document, first_of_inputs(document));
  ASSERT_TRUE(std::holds_alternative<BatchFamily>(found));
  EXPECT_FALSE(std::get<BatchFamily>(found).sums());
  ASSERT_TRUE(to_the_bit(document));
  for (const std::int64_t times : {2, 3, 5}) {
    const auto large = with_batch(document, std::get<BatchFamily>(found), times);
    ASSERT_TRUE(large.has_value());
    EXPECT_TRUE(to_the_bit(*large)) << times;
  }
}

// Random plans, right and changed, with any dimension of their inputs taken for the batch.
TEST(Family, random_plans) {
  std::size_t followed = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Document document = oracle::document_of(seed);
    oracle::Random random(seed);
    if (seed % 2 == 1) oracle::mutate(document, random);
    if (!check_logical(document) || !std::holds_alternative<Proved>(prove(document))) continue;
    for (const Id input : {Id{0}, Id{1}, Id{2}, Id{3}}) {
      const Program& program = document.reference.program;
      if (input >= program.tensors.size() || program.tensors[input].role == Role::kValue) continue;
      for (std::uint8_t dim = 0; dim < program.shape(input).size(); ++dim) {
        const auto found = follow_batch(document, std::vector{BatchAxis{input, dim}});
        if (std::holds_alternative<Finding>(found)) {
          ++refused;
          continue;
        }
        ++followed;
        for (const std::int64_t times : {2, 7}) {
          const auto large = with_batch(document, std::get<BatchFamily>(found), times);
          ASSERT_TRUE(large.has_value()) << acp::to_string(large.error());
          EXPECT_TRUE(proved(*large)) << "seed " << seed << ", tensor " << input << ", dimension " << int{dim}
                                      << ", " << times << " times";
        }
      }
    }
  }
  EXPECT_GT(followed, 100u);
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace cep::logical
