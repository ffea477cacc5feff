// Workload JSON: what a person writes means the same as what the builder builds; what means nothing is refused.
#include "tools/files/workload_json.h"

#include <gtest/gtest.h>

#include "cep/certificate.h"
#include "support/verify_text.h"

namespace tools {
namespace {

const std::string kThread = R"({"cep": 1, "name": "thread",
  "inputs": [{"name": "A", "type": "f32[4,8]"}, {"name": "B", "type": "f32[8,4]"}],
  "nodes": [{"name": "mm", "op": "MatMul", "inputs": ["A", "B"], "outputs": ["Y"]}],
  "outputs": ["Y"]})";

void expect_refused(const std::string& text, const std::string& id) {
  const auto read = parse_workload_json(text);
  ASSERT_FALSE(read.has_value()) << text;
  EXPECT_EQ(read.error().requirement, id) << acp::to_string(read.error());
}
std::string edited(const std::string& from, const std::string& to) {
  return cep::support::edit(kThread, from, to);
}

TEST(WorkloadJson, MeansWhatTheBuilderBuilds) {
  const auto read = parse_workload_json(kThread);
  ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
  EXPECT_EQ(*read, cep::support::thread_workload());
}

TEST(WorkloadJson, ReadsWhatItWrites) {
  for (const char* order : {"chain", "blocked_tree:2", "blocked_index:4"}) {
    const auto read =
        parse_workload_json(edited("\"op\"", std::string("\"order\": \"") + order + "\", \"op\""));
    ASSERT_TRUE(read.has_value()) << acp::to_string(read.error());
    const auto again = parse_workload_json(workload_to_json(*read));
    ASSERT_TRUE(again.has_value()) << acp::to_string(again.error());
    EXPECT_EQ(*again, *read);
  }
}

TEST(Reject, CEP_JSON_1_not_json) {
  expect_refused("{", "CEP-JSON-1");
  expect_refused(edited("\"name\": \"mm\"", "\"name\": \"mm\", \"name\": \"mm\""), "CEP-JSON-1");
}
TEST(Reject, CEP_JSON_2_unknown_or_missing_key) {
  expect_refused(edited("\"cep\": 1", "\"cep\": 2"), "CEP-JSON-2");
  expect_refused(edited("\"op\"", "\"opp\""), "CEP-JSON-2");
  expect_refused(edited("\"name\": \"A\", ", ""), "CEP-JSON-2");
}
TEST(Reject, CEP_JSON_3_value_of_another_kind) {
  expect_refused(edited("f32[4,8]", "f32[4,8"), "CEP-JSON-3");
  expect_refused(edited("f32[4,8]", "f99[4,8]"), "CEP-JSON-3");
  expect_refused(edited("f32[4,8]", "f32[-4]"), "CEP-JSON-3");
  expect_refused(edited("\"MatMul\"", "7"), "CEP-JSON-3");
  expect_refused(edited("\"op\"", "\"order\": \"sideways\", \"op\""), "CEP-JSON-3");
  expect_refused(edited("\"op\"", "\"attributes\": {\"axis\": 9223372036854775808}, \"op\""), "CEP-JSON-3");
}
TEST(Reject, CEP_JSON_3_numbers_that_would_become_others) {
  const auto with = [](const std::string& value) {
    return edited("\"op\"", "\"attributes\": {\"a\": " + value + "}, \"op\"");
  };
  for (const char* text :
       {"18446744073709551616", "-9223372036854775809", "1e39", "-1e39", "3.5e38", "[0.5, 16777217]",
        "[0.5, 9223372036854775808]", "[0.5, -1e39]", "\"\\\\\", \"b\": 18446744073709551616"})
    expect_refused(with(text), "CEP-JSON-3");
  // What is in range is read; MatMul has no attribute.
  for (const char* text : {"9223372036854775807", "-9223372036854775808", "1e38", "0.1", "[0.5, 16777216]",
                           "1E-60", "\"18446744073709551616\"", "\"\\\"18446744073709551616\""})
    expect_refused(with(text), "CEP-OP-2");
  expect_refused(with("1e400"), "CEP-JSON-1");
}
TEST(Reject, CEP_JSON_4_name_not_made_before) {
  expect_refused(edited("[\"A\", \"B\"]", "[\"A\", \"C\"]"), "CEP-JSON-4");
}
TEST(Reject, CEP_JSON_5_over_the_limit) {
  expect_refused(std::string((std::size_t{16} << 20) + 1, ' '), "CEP-JSON-5");
}
TEST(Reject, CEP_GRAPH_5_outputs_the_operator_does_not_have) {
  expect_refused(edited("[\"Y\"]}]", "[\"Y\", \"Z\"]}]"), "CEP-GRAPH-5");
}

}  // namespace
}  // namespace tools
