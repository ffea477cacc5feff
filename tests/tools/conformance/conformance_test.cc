#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "tools/conformance/progress.h"

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
  EXPECT_EQ(conformance("run --resume --shard 0/40 --out out" + kShim).exit, 1)
      << "nonce and results of the journal";
  EXPECT_EQ(conformance("run --resume --nonce 02 --shard 0/40 --out out" + kShim).exit, 0)
      << "another nonce begins anew";
  write_text(file("out/journal.jsonl"), journal);
  EXPECT_EQ(conformance("run --nonce 01 --shard 0/40 --out out" + kShim).exit, 0) << "not told to resume";
}

// What a run reads is what it may not write, by whatever name; and where nothing can be written is told before the run.
TEST_F(ConformanceProgram, results_replace_nothing_that_is_read) {
  ASSERT_EQ(run(ACP_PROGRAM " keygen lab && mkdir out page && mkdir page/report.html").exit, 0);
  const auto refused = [&](int exit, const std::string& arguments, const std::string& words) {
    const auto done = conformance(arguments);
    EXPECT_EQ(done.exit, exit) << arguments << done.out;
    EXPECT_NE(done.err.find(words), std::string::npos) << done.err;
  };
  const std::string key = read_text(file("lab.key")), part = " --nonce 01 --shard 0/40" + kShim;
  for (const char* name :
       {"journal.jsonl", "report.json", "report.html", "statement.json", "statement.dsse.json"}) {
    ASSERT_EQ(run(std::string("ln lab.key out/") + name).exit, 0);
    refused(2, "run --out out --key lab.key" + part, "would replace what is read as --key [CEP-INPUT-1]");
    EXPECT_EQ(read_text(file(std::string("out/") + name)), key) << name;
    ASSERT_EQ(run(std::string("rm out/") + name).exit, 0);
  }
  EXPECT_EQ(read_text(file("lab.key")), key);
  refused(4, "run --out lab.key" + part, "lab.key");
  refused(4, "run --out page" + part, "page/report.html: cannot be written: Is a directory");
  EXPECT_FALSE(std::filesystem::exists(file("page/journal.jsonl"))) << "nothing was run";
  ASSERT_EQ(conformance("run --out part" + part).exit, 0);
  const std::string journal = read_text(file("part/journal.jsonl"));
  ASSERT_EQ(run("ln -s ../part/journal.jsonl out/report.html").exit, 0);
  refused(2, "report part --out out", "would replace what is read as DIR [CEP-INPUT-1]");
  EXPECT_EQ(read_text(file("part/journal.jsonl")), journal);
  EXPECT_EQ(conformance("report part").exit, 1)
      << "cases are missing; a report beside its journal is the default";
}

// Three shards, one report, one signed statement; then the check, and what it must refuse.
TEST_F(ConformanceProgram, shards_become_a_statement_that_is_verified_offline) {
  ASSERT_EQ(run(ACP_PROGRAM " keygen lab && " ACP_PROGRAM " keygen other").exit, 0);
  ASSERT_EQ(run(ACP_PROGRAM " probe " ACP_TEMPLATE_SHIM " -o device").exit, 0);
  std::string folders;
  for (const char* shard : {"0", "1", "2"}) {
    const std::string folder = std::string("part-") + shard;
    std::string words = "run --nonce 01 --shard ";
    words.append(shard).append("/3 --out ").append(folder).append(kShim);
    ASSERT_EQ(conformance(words).exit, 0);
    EXPECT_FALSE(std::filesystem::exists(file(folder + "/statement.json"))) << "a part is no statement";
    folders += " " + folder;
  }
  EXPECT_EQ(conformance("report part-0 part-1 --out two").exit, 1) << "cases are missing";
  const auto report = conformance("report --json --out all --key lab.key" + folders);
  ASSERT_EQ(report.exit, 0) << report.out << report.err;
  EXPECT_EQ(json::parse(report.out)["statement"], "all/statement.dsse.json");
  EXPECT_EQ(json::parse(report.out)["shards"].size(), 3u);
  EXPECT_NE(read_text(file("all/report.html")).find("signed, key id"), std::string::npos);

  const std::string about = " --descriptor device.0.acp --shim " ACP_TEMPLATE_SHIM;
  const auto verified = conformance("verify --json all/statement.dsse.json --trust lab.pub" + about);
  ASSERT_EQ(verified.exit, 0) << verified.out << verified.err;
  const json found = json::parse(verified.out);
  for (const char* what : {"verified", "conformant", "descriptor_checked", "shim_checked", "suite_checked"})
    EXPECT_EQ(found[what], true) << what;
  EXPECT_EQ(found["issued_checked"], false);
  const auto recent =
      conformance("verify --json all/statement.dsse.json --trust lab.pub --since 2026-01-01T00:00:00Z");
  ASSERT_EQ(recent.exit, 0) << recent.err;
  EXPECT_EQ(json::parse(recent.out)["issued_checked"], true);
  EXPECT_EQ(conformance("verify all/statement.dsse.json --trust lab.pub --since 2026-01-01").exit, 2);
  // By its short name the library is looked up, and not loaded: this one could not be.
  ASSERT_EQ(run("mkdir shims && cp lab.pub shims/libacp_shim_paper.so").exit, 0);
  EXPECT_NE(run("ACP_SHIM_PATH=shims " ACP_CONFORMANCE_PROGRAM
                " verify --json all/statement.dsse.json --trust lab.pub --shim paper")
                .out.find("ACP-STMT-6"),
            std::string::npos);

  const auto refused = [&](const std::string& arguments, const std::string& id) {
    const auto done = conformance("verify --json " + arguments);
    EXPECT_NE(done.exit, 0) << arguments;
    EXPECT_EQ(json::parse(done.out)["error"]["requirement"], id) << arguments;
  };
  refused("all/statement.dsse.json --trust other.pub", "ACP-SIG-4");
  refused("all/statement.dsse.json", "ACP-SIG-4");
  const auto untrusted = conformance("verify all/statement.dsse.json" + about);
  EXPECT_EQ(untrusted.exit, 1);
  EXPECT_EQ(untrusted.out, "");
  EXPECT_NE(untrusted.err.find("nobody is trusted, so whoever signed this is not"), std::string::npos)
      << untrusted.err;
  refused("all/statement.json --trust lab.pub", "ACP-SIG-1");
  refused("all/statement.dsse.json --trust lab.pub --since 9999-01-01T00:00:00Z", "ACP-STMT-11");
  refused("all/statement.dsse.json --trust lab.pub --shim " ACP_CONFORMANCE_PROGRAM, "ACP-STMT-6");
  ASSERT_EQ(run(ACP_PROGRAM " export device.0.acp -o device.json").exit, 0);
  const std::string text = read_text(file("device.json"));
  write_text(file("device.json"), std::string(text).replace(text.find("A0"), 2, "A1"));
  refused("all/statement.dsse.json --trust lab.pub --descriptor device.json", "ACP-STMT-5");
  const std::string whole = read_text(file("all/statement.dsse.json"));
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 12) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write_text(file("changed.json"), changed);
    const auto done = conformance("verify --json changed.json --trust lab.pub");
    EXPECT_NE(done.exit, 0) << at;
    EXPECT_NE(json::parse(done.out)["error"]["requirement"], "") << at;
  }
}

TEST(ProgressLine, says_how_far_and_how_long) {
  using std::chrono::milliseconds;
  EXPECT_EQ(tools::progress_line(6, 12, milliseconds(90'000), 0, "num.x"),
            "[############............] 6/12 eta 1:30 num.x");
  EXPECT_EQ(tools::progress_line(0, 12, milliseconds(5), 0, ""), "[........................] 0/12 eta 0:00 ");
  EXPECT_EQ(tools::progress_line(12, 12, milliseconds(5000), 3, "x"),
            "[########################] 12/12 eta 0:00 3 wrong x");
  EXPECT_EQ(tools::progress_line(1, 2, milliseconds(0), 0, std::string(300, 'x')).size(), 100u);
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
  EXPECT_EQ(conformance("mutants --mutant lying_key_id").exit, 0) << "a forgery";
  EXPECT_EQ(conformance("mutants --mutant carried.no_wait").exit, 0) << "a document";
  EXPECT_EQ(conformance("mutants --mutant carried.no_wait --documents no_such_folder").exit, 4);
  EXPECT_EQ(conformance("mutants --mutant no_such").exit, 2);
  const auto done = conformance("mutants --mutant chain_as_tree --json" + kShim);
  ASSERT_EQ(done.exit, 0) << done.out;
  const json row = json::parse(done.out)["mutants"].at(0);
  EXPECT_EQ(row["name"], "chain_as_tree");
  EXPECT_EQ(row["breaks"], "ACP-CONF-5");
  EXPECT_EQ(row["for_its_reason"], true);
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
  EXPECT_EQ(conformance("run --resume" + kShim).exit, 2) << "nothing to take up";
  EXPECT_EQ(conformance("report nowhere").exit, 4);
  std::filesystem::create_directories(file("endless"));
  std::filesystem::create_symlink("/dev/zero", file("endless/journal.jsonl"));
  EXPECT_EQ(conformance("report endless").exit, 4);
  EXPECT_EQ(conformance("verify nowhere").exit, 4);
}

}  // namespace
}  // namespace acp::test
