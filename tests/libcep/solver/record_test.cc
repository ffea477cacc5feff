// The record of proofs, and what happens to a rule that is not on it.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "cep/solver.h"

namespace cep {
namespace {

// The record as if every question had been answered as it must be.
std::vector<ProofRecord> perfect_records() {
  std::vector<ProofRecord> records;
  for (const Obligation& obligation : all_obligations()) {
    records.push_back({.subject = obligation.subject,
                       .name = obligation.name,
                       .kind = obligation.kind,
                       .expected = obligation.expected,
                       .answer = obligation.expected,
                       .second = obligation.expected});
  }
  return records;
}

TEST(Record, names_every_rule_and_its_obligations_as_they_are_now) {
  std::map<std::string, std::pair<std::string, std::string>> lines;
  std::ifstream file(RECORD);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    words >> lines[name].first >> lines[name].second;
  }
  ASSERT_EQ(lines.size(), rule_table().size() + 1);
  for (const Rule& rule : rule_table()) {
    const auto& [digest, obligations] = lines[std::string(rule.id)];
    EXPECT_EQ(digest, acp::to_hex(rule_digest(rule))) << rule.id << ": run cep rules prove --write";
    EXPECT_EQ(obligations, acp::to_hex(digest_of(obligations_of(rule)))) << rule.id;
    EXPECT_TRUE(rule_is_discharged(rule)) << rule.id;
  }
  EXPECT_EQ(lines["calculus"].second, acp::to_hex(digest_of(calculus_obligations())));
}

TEST(Record, is_written_from_complete_answers) {
  const auto text = discharged_text(perfect_records());
  ASSERT_TRUE(text.has_value());
  std::ifstream file(RECORD);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  EXPECT_EQ(*text, bytes.str());
}

TEST(Reject, CEP_RULE_1_edited_rule_does_not_fire) {
  const Rule* rule = find_rule("index.add");
  ASSERT_NE(rule, nullptr);
  const std::array<std::int64_t, 4> inputs{1, 2, 3, 4};
  std::array<std::int64_t, 2> out{};
  std::string_view why;
  EXPECT_TRUE(fire(*rule, inputs, out, &why));

  Rule edited = *rule;
  for (ExprNode& node : edited.nodes) {
    if (node.op == ExprOp::kAdd) node.op = ExprOp::kSub;
  }
  EXPECT_FALSE(rule_is_discharged(edited));
  EXPECT_FALSE(fire(edited, inputs, out, &why));
  EXPECT_EQ(why, "CEP-RULE-1");
}

TEST(Reject, CEP_RULE_1_every_part_of_a_rule_counts) {
  const Rule* rule = find_rule("tree.join");
  ASSERT_NE(rule, nullptr);
  Rule renamed = *rule;
  renamed.id = "tree.meet";
  EXPECT_FALSE(rule_is_discharged(renamed));
  Rule unguarded = *rule;
  unguarded.guards.pop_back();
  EXPECT_FALSE(rule_is_discharged(unguarded));
  Rule swapped = *rule;
  std::swap(swapped.inputs[0], swapped.inputs[1]);
  EXPECT_FALSE(rule_is_discharged(swapped));
  Rule other_schema = *rule;
  other_schema.schema = Schema::kArithmetic;
  EXPECT_FALSE(rule_is_discharged(other_schema));
  Rule other_prose = *rule;  // prose is not part of the proof
  other_prose.says = "";
  EXPECT_TRUE(rule_is_discharged(other_prose));
}

TEST(Reject, CEP_RULE_2_no_such_rule) {
  const auto records = prove_rules({.only = "index.nothing"});
  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().requirement, "CEP-RULE-2");
  const auto count = export_obligations(testing::TempDir(), "index.nothing");
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().requirement, "CEP-RULE-2");
}

TEST(Reject, CEP_RULE_3_unknown_is_not_proved) {
  auto records = perfect_records();
  records[7].answer = Answer::kUnknown;
  const auto text = discharged_text(records);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().requirement, "CEP-RULE-3");
}

TEST(Reject, CEP_RULE_3_unknown_to_the_second_solver) {
  auto records = perfect_records();
  records[7].second = Answer::kUnknown;
  const auto text = discharged_text(records);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().requirement, "CEP-RULE-3");
  records[7].second.reset();  // nor without it
  EXPECT_FALSE(discharged_text(records).has_value());
}

TEST(Reject, CEP_RULE_3_question_left_out) {
  auto records = perfect_records();
  records.pop_back();
  const auto text = discharged_text(records);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().requirement, "CEP-RULE-3");
}

TEST(Export, writes_one_file_a_question_that_asks_the_same) {
  const auto count = export_obligations(testing::TempDir(), "sum.whole");
  ASSERT_TRUE(count.has_value());
  std::size_t seen = 0;
  for (const Obligation& obligation : all_obligations()) {
    if (obligation.subject != "sum.whole") continue;
    std::ifstream file(testing::TempDir() + "/sum.whole." + obligation.name + ".smt2");
    std::ostringstream bytes;
    bytes << file.rdbuf();
    EXPECT_NE(bytes.str().find("(set-info :status " + std::string(answer_name(obligation.expected)) + ")"),
              std::string::npos);
    EXPECT_EQ(bytes.str(), obligation.text);
    EXPECT_EQ(ask(bytes.str(), 5000, 0), obligation.expected);
    ++seen;
  }
  EXPECT_EQ(seen, *count);
  EXPECT_GE(seen, 4u);
}

}  // namespace
}  // namespace cep
