#include "wire/rules_digest.h"

#include <gtest/gtest.h>

#include <set>

#include "cep/certificate.h"

namespace cep {
namespace {

Rule small_rule() {
  Rule rule;
  rule.id = "test.add";
  rule.says = "a and b give a + b";
  rule.inputs = {"a", "b"};
  rule.guards = {{"not_negative", 2}};
  rule.outputs = {{"sum", 3}};
  rule.variables = {"x"};
  rule.hypotheses = {{"h", 2}};
  rule.conclusions = {{"c", 2}};
  rule.nodes = {{ExprOp::kInput, 0, 0, 0, 0},
                {ExprOp::kInput, 0, 0, 0, 1},
                {ExprOp::kLe, 0, 1, 0, 0},
                {ExprOp::kAdd, 0, 1, 0, 0}};
  return rule;
}

TEST(RulesDigest, of_the_table_in_force) {
  EXPECT_EQ(digest_of_rules(), wire::digest_of_rules(rule_table()));
  EXPECT_NE(digest_of_rules(), wire::digest_of_rules(rule_table().subspan(1)));
}

TEST(RulesDigest, changes_with_everything_a_rule_computes_or_claims) {
  std::set<acp::Digest> digests;
  const auto add = [&](auto change) {
    std::vector<Rule> rules = {small_rule(), small_rule()};
    change(rules);
    EXPECT_TRUE(digests.insert(wire::digest_of_rules(rules)).second) << "change " << digests.size();
  };
  add([](auto&) {});
  add([](auto& r) { r.pop_back(); });
  add([](auto& r) { r[0].id = "test.sub"; });
  add([](auto& r) { r[1].id = "test.sub"; });
  add([](auto& r) { r[0].schema = Schema::kFoldAppend; });
  add([](auto& r) { r[0].inputs[1] = "c"; });
  add([](auto& r) { r[0].inputs = {"ab"}; });
  add([](auto& r) { r[0].guards[0].name = "other"; });
  add([](auto& r) { r[0].guards[0].expr = 1; });
  add([](auto& r) { r[0].guards.clear(); });
  add([](auto& r) { r[0].outputs[0].expr = 0; });
  add([](auto& r) { r[0].variables.clear(); });
  add([](auto& r) { std::swap(r[0].variables, r[0].inputs); });
  add([](auto& r) { r[0].hypotheses.clear(); });
  add([](auto& r) { r[0].conclusions.clear(); });
  add([](auto& r) { r[0].nodes[3].op = ExprOp::kSub; });
  add([](auto& r) { r[0].nodes[3].a = 1; });
  add([](auto& r) { r[0].nodes[3].b = 0; });
  add([](auto& r) { r[0].nodes[3].c = 1; });
  add([](auto& r) { r[0].nodes[3].value = -1; });
}

TEST(RulesDigest, prose_does_not_count) {
  std::vector<Rule> rules = {small_rule()};
  const acp::Digest before = wire::digest_of_rules(rules);
  rules[0].says = "the sum";
  EXPECT_EQ(wire::digest_of_rules(rules), before);
}

}  // namespace
}  // namespace cep
