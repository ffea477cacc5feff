// Plans that are proved to the bit, and others, run on free terms: what is equal there is equal in any arithmetic.
#include "replay/terms.h"

#include <gtest/gtest.h>

#include "cep/equivalence.h"
#include "cep/tree_order.h"
#include "libcep/equivalence/plans.h"
#include "libcep/generate/tiny.h"
#include "replay/instantiate.h"
#include "replay/run.h"

namespace cep::logical {
namespace {

using oracle::Terms;

std::uint64_t row(const std::vector<std::uint64_t>& terms) {
  oracle::SumOf<Terms> sum;
  for (const std::uint64_t digest : terms) sum.take({.digest = digest});
  return sum.value().digest;
}

TEST(Terms, even_rows_are_halves_and_odd_ones_run_from_the_left) {
  const auto sum = [](std::uint64_t a, std::uint64_t b) {
    return add(Terms{.digest = a}, Terms{.digest = b}).digest;
  };
  EXPECT_EQ(row({11, 12, 13}), sum(sum(11, 12), 13));
  EXPECT_EQ(row({11, 12, 13, 14}), sum(sum(11, 12), sum(13, 14)));
  EXPECT_NE(row({11, 12, 13, 14}), sum(sum(sum(11, 12), 13), 14));
  EXPECT_EQ(row({11, 12, 13, 14, 15, 16}), sum(row({11, 12, 13}), row({14, 15, 16})));
  EXPECT_EQ(row({11, 12}), row({12, 11}));
  EXPECT_NE(row({11, 12, 13}), row({12, 13, 11}));
  EXPECT_EQ(row({11, 0, 0, 12}), sum(11, 12)) << "what is left out has a place, and changes nothing";
  EXPECT_NE(row({11, 0, 12, 13}), row({11, 12, 13}));
}

// The first element that is computed in another way; "" where there is none.
std::string other_terms(const Document& document) {
  const Document expanded = oracle::instantiate(document);
  const auto found =
      compare(expanded, oracle::run_reference<Terms>(document, 1), oracle::run_plan<Terms>(expanded, 1));
  return found.empty() ? "" : document.reference.names[found.front().output] + ": " + found.front().what;
}
bool in_tree_order(const Document& document) {
  const auto certified = certify(document, digest(document));
  if (!std::holds_alternative<Certified>(certified)) return false;
  return !find_other_order(document, std::get<Certified>(certified).certificate);
}
void expect_same(const Document& document, bool ordered, const std::string& what) {
  EXPECT_EQ(in_tree_order(document), ordered) << what;
  EXPECT_EQ(other_terms(document).empty(), ordered) << what << ": " << other_terms(document);
}

TEST(Terms, written_plans) {
  expect_same(support::logical_text(kTensorParallel), true, "columns, then rows");
  expect_same(support::logical_text(kTensorParallelPattern), true, "as a pattern");
  expect_same(support::logical_text(kDataParallel), true, "replicas and micro-batches");
}

// Whatever is generated in tree order has the reference's terms; what is generated without is right over the reals, and in tensor-parallel
// training, or over more than two micro-batches, computed in another way.
TEST(Terms, generated_training) {
  for (const std::int64_t dp : {1, 2}) {
    for (const std::int64_t tp : {1, 2}) {
      for (const std::int64_t batches : {1, 4}) {
        for (const SumOrder order : {SumOrder::kTree, SumOrder::kAny}) {
          Partition partition{.dp = dp, .tp = tp, .pp = 2, .micro_batches = batches};
          partition.order = order;
          LlamaShape shape = tiny();
          shape.layers = 2;
          const auto document = generate_llama(shape, partition);
          ASSERT_TRUE(document.has_value()) << acp::to_string(document.error());
          expect_same(*document, order == SumOrder::kTree || (tp == 1 && batches < 4),
                      std::to_string(dp) + " x " + std::to_string(tp) + " x " + std::to_string(batches));
        }
      }
    }
  }
}

TEST(Terms, generated_experts) {
  for (const Step step : {Step::kTraining, Step::kInference}) {
    for (const std::int64_t tp : {2, 4}) {
      Partition partition{.dp = 2, .tp = tp, .pp = 2, .micro_batches = 2, .step = step};
      partition.order = SumOrder::kTree;
      LlamaShape shape = tiny_experts();
      shape.kv_heads = 4;
      const auto document = generate_llama(shape, partition);
      ASSERT_TRUE(document.has_value()) << acp::to_string(document.error());
      expect_same(*document, true, "experts on " + std::to_string(tp));
    }
  }
}

TEST(Terms, generated_inference) {
  for (const bool sequence : {false, true}) {
    for (const bool vocabulary : {false, true}) {
      Partition partition{.dp = 2, .tp = 2, .pp = 2, .micro_batches = 2};
      partition.step = Step::kInference;
      partition.sequence_parallel = sequence;
      partition.vocabulary_parallel = vocabulary;
      const auto document = generate_llama(tiny(), partition);
      ASSERT_TRUE(document.has_value());
      expect_same(*document, true, "inference");
    }
  }
}

}  // namespace
}  // namespace cep::logical
