#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "support/run_program.h"

namespace acp::test {
namespace {

using nlohmann::json;

class ConformanceProgram : public ProgramTest {
 protected:
  [[nodiscard]] Outcome conformance(const std::string& arguments) const {
    return run(ACP_CONFORMANCE_PROGRAM " " + arguments);
  }
};

const std::string kShim = " --shim " ACP_TEMPLATE_SHIM " ";

TEST_F(ConformanceProgram, run_ends_0_and_writes_its_report) {
  const auto done = conformance("run --nonce 01 --shard 0/4 --out out --json" + kShim);
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  const json report = json::parse(done.out);
  EXPECT_EQ(report["conformant"], true);
  EXPECT_EQ(report["counts"]["pass"], report["cases"].size());
  EXPECT_GT(report["cases"].size(), 50u);
  EXPECT_EQ(json::parse(read_text(file("out/report.json"))), report);
}

TEST_F(ConformanceProgram, each_claim_is_confirmed_or_not) {
  const auto findings_of = [&](const std::string& mutant) {
    const json report = json::parse(conformance("run --json --nonce 01" + mutant + kShim).out);
    std::map<std::string, std::string> findings;
    for (const json& row : report["claims"]) findings[row["claim"]] = row["finding"];
    return findings;
  };
  auto right = findings_of("");
  EXPECT_EQ(right["exact_orders: chain"], "confirmed");
  EXPECT_EQ(right["subnormals: kept"], "confirmed");
  auto other_order = findings_of(" --mutant chain_as_tree");
  EXPECT_EQ(other_order["exact_orders: chain"], "overstated");
  EXPECT_EQ(other_order["exact_orders: lanes32"], "confirmed");
  EXPECT_EQ(findings_of(" --mutant claims_less")["dtypes without i64"], "understated");
}

// The journal of the first run is changed by hand: the second takes that over, and so did not run the case again.
TEST_F(ConformanceProgram, a_run_is_taken_up) {
  ASSERT_EQ(conformance("run --nonce 01 --shard 0/40 --out out" + kShim).exit, 0);
  std::string journal = read_text(file("out/journal.jsonl"));
  const std::size_t at = journal.find("\"pass\"");
  ASSERT_NE(at, std::string::npos);
  write_text(file("out/journal.jsonl"), journal.replace(at, 6, "\"fail\""));
  EXPECT_EQ(conformance("run --shard 0/40 --out out" + kShim).exit, 1) << "nonce and results of the journal";
  EXPECT_EQ(conformance("run --nonce 02 --shard 0/40 --out out" + kShim).exit, 0)
      << "another nonce begins anew";
}

TEST_F(ConformanceProgram, a_wrong_shim_ends_1_and_its_query_reproduces) {
  const auto done = conformance("run --json --nonce 01 --mutant multiplies_then_adds" + kShim);
  EXPECT_EQ(done.exit, 1);
  std::string query;
  const json report = json::parse(done.out);
  for (const json& found : report["cases"]) {
    if (found["verdict"] == "fail" && found["requirement"] == "ACP-CONF-9") query = found["query"];
  }
  ASSERT_FALSE(query.empty()) << done.out;
  EXPECT_EQ(conformance("case '" + query + "'" + kShim).exit, 0);
  const auto again = conformance("case '" + query + "' --mutant multiplies_then_adds" + kShim);
  EXPECT_EQ(again.exit, 1);
  for (const char* part :
       {"fail", "ACP-CONF-9", "expected 0x", "got      0x", "again: acp-conformance case"}) {
    EXPECT_NE(again.out.find(part), std::string::npos) << part << "\n" << again.out;
  }
}

TEST_F(ConformanceProgram, the_swamping_probe_says_what_it_saw) {
  const auto done = conformance("case num.reduce.add.f32.chain:k=300,seed=1 --mutant chain_as_tree" + kShim);
  EXPECT_EQ(done.exit, 1);
  EXPECT_NE(done.out.find("claimed chain, observed blocked_tree(64)"), std::string::npos) << done.out;
}

TEST_F(ConformanceProgram, a_mutant_is_listed_with_what_killed_it) {
  const auto done = conformance("mutants --mutant chain_as_tree --json" + kShim);
  ASSERT_EQ(done.exit, 0) << done.out;
  const json row = json::parse(done.out)["mutants"].at(0);
  EXPECT_EQ(row["name"], "chain_as_tree");
  EXPECT_EQ(row["breaks"], "ACP-CONF-5");
  EXPECT_EQ(row["for_its_reason"], true);
  EXPECT_EQ(conformance("mutants --mutant nobody" + kShim).exit, 1) << "no mutant was killed";
}

TEST_F(ConformanceProgram, list_names_kinds_and_cases) {
  EXPECT_NE(conformance("list").out.find("num.reduce"), std::string::npos);
  const auto cases = json::parse(conformance("list --json" + kShim).out)["cases"];
  EXPECT_GT(cases.size(), 200u);
}

TEST_F(ConformanceProgram, exit_codes_of_what_goes_wrong) {
  EXPECT_EQ(conformance("run").exit, 2);
  EXPECT_EQ(conformance("run --shard 4/4" + kShim).exit, 2);
  EXPECT_EQ(conformance("run --nonce xyz" + kShim).exit, 2);
  EXPECT_EQ(conformance("case num.magic" + kShim).exit, 2);
  EXPECT_EQ(conformance("case 'a:k'" + kShim).exit, 2);
  EXPECT_EQ(conformance("case acp.state --mutant nobody" + kShim).exit, 2);
  EXPECT_EQ(conformance("run --shim nobody").exit, 4);
}

}  // namespace
}  // namespace acp::test
