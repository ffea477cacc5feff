#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <limits>

#include "cep/certificate.h"
#include "support/random_certificate.h"
#include "support/random_workload.h"
#include "support/thread_plan.h"
#include "wire/workload.h"

namespace cep {
namespace {

// Bits, not numbers: a NaN attribute must come back as it went.
bool same(const Workload& a, const Workload& b);
bool same(const Attribute& a, const Attribute& b) {
  if (a.name != b.name || a.value.index() != b.value.index()) return false;
  if (const auto* x = std::get_if<float>(&a.value)) {
    return std::bit_cast<std::uint32_t>(*x) == std::bit_cast<std::uint32_t>(std::get<float>(b.value));
  }
  if (const auto* x = std::get_if<std::vector<float>>(&a.value)) {
    const auto& y = std::get<std::vector<float>>(b.value);
    return std::equal(x->begin(), x->end(), y.begin(), y.end(), [](float p, float q) {
      return std::bit_cast<std::uint32_t>(p) == std::bit_cast<std::uint32_t>(q);
    });
  }
  return a.value == b.value;
}
bool same(const Node& a, const Node& b) {
  const auto same_attribute = [](const Attribute& x, const Attribute& y) { return same(x, y); };
  const auto same_body = [](const Workload& x, const Workload& y) { return same(x, y); };
  return a.name == b.name && a.domain == b.domain && a.op == b.op && a.inputs == b.inputs &&
         a.outputs == b.outputs && a.order == b.order &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(),
                    same_attribute) &&
         std::equal(a.body.begin(), a.body.end(), b.body.begin(), b.body.end(), same_body);
}
bool same(const Workload& a, const Workload& b) {
  return a.name == b.name && a.tensors == b.tensors && a.inputs == b.inputs && a.outputs == b.outputs &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                    [](const Node& x, const Node& y) { return same(x, y); });
}

bool same(const Fact& a, const Fact& b) {
  return a.slice == b.slice && a.part == b.part && a.grade == b.grade && a.step == b.step;
}
bool same(const Certificate& a, const Certificate& b) {
  const Proved& p = a.proof;
  const Proved& q = b.proof;
  return a.workload == b.workload && a.plan == b.plan && a.rules == b.rules && a.documents == b.documents &&
         p.guarantee == q.guarantee && p.lowered_by == q.lowered_by && p.order == q.order &&
         p.used == q.used && p.made == q.made && p.output_facts == q.output_facts &&
         std::equal(
             p.outputs.begin(), p.outputs.end(), q.outputs.begin(), q.outputs.end(),
             [](const auto& x, const auto& y) { return x.tensor == y.tensor && x.grade == y.grade; }) &&
         std::equal(p.assumptions.begin(), p.assumptions.end(), q.assumptions.begin(), q.assumptions.end(),
                    [](const auto& x, const auto& y) {
                      return x.device == y.device && x.document == y.document && x.contract == y.contract;
                    }) &&
         std::equal(p.facts.begin(), p.facts.end(), q.facts.begin(), q.facts.end(),
                    [](const Fact& x, const Fact& y) { return same(x, y); });
}

RC_GTEST_PROP(Wire, every_workload_survives, ()) {
  const Workload workload = support::random_workload();
  const auto again = wire::decode_unchecked_workload(encode(workload));
  if (!again) RC_FAIL(to_string(again.error()));
  RC_ASSERT(same(*again, workload));
}

RC_GTEST_PROP(Wire, every_plan_survives, ()) {
  const Plan plan = support::random_plan(support::thread_workload());
  const auto again = decode_plan(encode(plan));
  if (!again) RC_FAIL(to_string(again.error()));
  RC_ASSERT(*again == plan);
  RC_ASSERT(digest_of(*again) == digest_of(plan));
}

RC_GTEST_PROP(Wire, every_certificate_survives, ()) {
  const Certificate certificate = support::random_certificate(support::thread_workload());
  const auto again = decode_certificate(encode(certificate));
  if (!again) RC_FAIL(to_string(again.error()));
  RC_ASSERT(same(*again, certificate));
}

// Two plans have one digest only if they are one plan.
RC_GTEST_PROP(Wire, the_digest_sees_every_difference, ()) {
  const Workload workload = support::thread_workload();
  const Plan a = support::random_plan(workload);
  Plan b = a;
  b.steps = support::random_plan(workload).steps;
  RC_ASSERT((digest_of(a) == digest_of(b)) == (a == b));
}

TEST(Wire, the_thread_and_its_plan) {
  const Workload workload = support::thread_workload();
  const auto workload_again = decode_workload(encode(workload));
  ASSERT_TRUE(workload_again) << to_string(workload_again.error());
  EXPECT_EQ(*workload_again, workload);
  const auto plan = parse_plan(support::kThreadPlan, workload);
  ASSERT_TRUE(plan);
  const auto plan_again = decode_plan(encode(*plan));
  ASSERT_TRUE(plan_again) << to_string(plan_again.error());
  EXPECT_EQ(to_text(*plan_again, workload), support::kThreadPlan);
}

TEST(Wire, empty_values_survive) {
  EXPECT_TRUE(decode_plan(encode(Plan{})));
  EXPECT_TRUE(decode_workload(encode(Workload{})));
  EXPECT_TRUE(decode_certificate(encode(Certificate())));
}

TEST(Wire, an_absent_range_is_not_an_empty_one) {
  Plan plan;
  Compute compute;
  plan.steps = {{"a", 0, compute}};
  compute.k = KRange{0, 0};
  compute.seed = View{};
  plan.steps.push_back({"b", 0, compute});
  const auto again = decode_plan(encode(plan));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, plan);
}

TEST(Wire, a_decoded_workload_has_been_checked) {
  Workload workload = support::thread_workload();
  workload.outputs = {9};
  const auto again = decode_workload(encode(workload));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().requirement, "CEP-GRAPH-1");
}

TEST(Wire, certify_names_what_was_proved) {
  const Workload workload = support::thread_workload();
  const auto plan = parse_plan(support::kThreadPlan, workload);
  ASSERT_TRUE(plan);
  Context context;
  context.digests = {acp::sha256("document 0"), acp::sha256("document 1")};
  Proved proof;
  proof.guarantee = Grade::kBitwise;
  const Certificate certificate = certify(workload, *plan, context, proof);
  EXPECT_EQ(certificate.workload, acp::sha256(encode(workload)));
  EXPECT_EQ(certificate.plan, acp::sha256(encode(*plan)));
  EXPECT_EQ(certificate.rules, digest_of_rules());
  EXPECT_EQ(certificate.documents, context.digests);
  EXPECT_EQ(certificate.proof.guarantee, Grade::kBitwise);
}

}  // namespace
}  // namespace cep
