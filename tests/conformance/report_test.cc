// What is written about a run: JSON, HTML, the statement.
#include "conformance/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "acp/text.h"
#include "conformance/acp/suite.h"
#include "conformance/mutants/mutants.h"

namespace conformance {
namespace {

Report report_of(const Suite& suite, const Testee& testee) {
  Options options;
  options.nonce = "5eed";
  options.limit = std::chrono::seconds(60);
  return run(suite, testee, options).value();
}

const Report& good() {
  static const Report report = report_of(detector_kinds(), testee_of("template"));
  return report;
}
const Report& bad() {
  static const Report report =
      report_of(detector_kinds(), mutated(testee_of("template"), *mutant_named("multiplies_then_adds")));
  return report;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Report, each_sentence_has_the_worst_verdict_of_its_cases) {
  const auto verdict = [](const Report& report, std::string_view id) {
    const auto rows = report.requirements(detector_kinds());
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.id == id; });
    return found == rows.end() ? std::string("none") : found->verdict;
  };
  EXPECT_EQ(verdict(good(), "ACP-CONF-9"), "pass");
  EXPECT_EQ(verdict(bad(), "ACP-CONF-9"), "fail");
  EXPECT_EQ(verdict(bad(), "ACP-CONF-7"), "pass");
  EXPECT_EQ(verdict(good(), "ACP-CONF-5"), "none") << "no case of this suite is about it";
}

TEST(Report, every_kind_says_what_it_is_about) {
  const Claims claims = claims_of(good().document);
  const Suite suite = acp_suite();
  for (const Query& query : queries_of(suite, claims, Tier::kFull, "")) {
    const std::vector<std::string> ids = about(*kind_of(suite, query), query);
    ASSERT_FALSE(ids.empty()) << to_string(query);
    for (const std::string& id : ids) EXPECT_TRUE(id.starts_with("ACP-") || id.starts_with("CEP-")) << id;
  }
}

TEST(Report, a_statement_says_what_was_found) {
  const auto statement = statement_of(detector_kinds(), good(), "2026-01-31T12:00:00Z");
  ASSERT_TRUE(statement.has_value()) << acp::to_string(statement.error());
  EXPECT_TRUE(acp::check(*statement).has_value());
  EXPECT_TRUE(statement->conformant);
  EXPECT_EQ(statement->counts[0], good().entries.size());
  EXPECT_EQ(acp::to_string(statement->descriptor), good().header.document_digest);
  EXPECT_EQ(acp::parse_statement(acp::to_json(*statement)).value(), *statement);
  const auto other = statement_of(detector_kinds(), bad(), "2026-01-31T12:00:00Z");
  ASSERT_TRUE(other.has_value());
  EXPECT_FALSE(other->conformant);
  EXPECT_GT(other->counts[1], 0u);
  EXPECT_TRUE(acp::check(*other).has_value());
}

TEST(Reject, ACP_CONF_19_a_statement_of_a_part) {
  Report part = good();
  part.entries.pop_back();
  part.missing = 1;
  const auto statement = statement_of(detector_kinds(), part, "");
  ASSERT_FALSE(statement.has_value());
  EXPECT_EQ(statement.error().requirement, "ACP-CONF-19");
}

TEST(Report, the_page_stands_alone) {
  for (const Report* report : {&good(), &bad()}) {
    const std::string page = html_of(detector_kinds(), *report, {"2026-01-31T12:00:00Z", "abcd"});
    for (const char* outside : {"http:", "https:", "src=", "<script", "@import", "url(", "href=", "<link"})
      EXPECT_EQ(page.find(outside), std::string::npos) << outside;
    for (const char* tag : {"table", "div", "span", "tr", "td", "p", "code", "pre", "header", "main"}) {
      EXPECT_EQ(count_of(page, std::string("<") + tag + ">") + count_of(page, std::string("<") + tag + " "),
                count_of(page, std::string("</") + tag + ">"))
          << tag;
    }
    EXPECT_NE(page.find(report->header.binary_digest), std::string::npos);
  }
}

TEST(Report, the_page_shows_a_failure_with_its_bits_and_how_to_see_it_again) {
  const std::string page = html_of(detector_kinds(), bad(), {});
  const Report& report = bad();
  const auto wrong = std::find_if(report.entries.begin(), report.entries.end(),
                                  [](const Entry& entry) { return !is_conformant(entry.outcome.verdict); });
  ASSERT_NE(wrong, report.entries.end());
  EXPECT_NE(page.find("case --shim " + report.header.testee + " &#39;" + to_string(wrong->query) + "&#39;"),
            std::string::npos);
  EXPECT_NE(page.find("<mark>"), std::string::npos) << "the digits that differ stand out";
  EXPECT_EQ(html_of(detector_kinds(), good(), {}).find("<h2 id=\"failures\">"), std::string::npos);
}

TEST(Report, what_a_shim_says_is_never_markup) {
  Report report = bad();
  report.document.identity.product = "<script>alert(1)</script>";
  report.header.testee = "\"><img>";
  for (Entry& entry : report.entries) entry.outcome.words = "<b>&'";
  const std::string page = html_of(detector_kinds(), report, {});
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_EQ(page.find("<img>"), std::string::npos);
  EXPECT_EQ(page.find("<b>&'"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;&amp;&#39;"), std::string::npos);
}

TEST(Report, json_counts_what_it_lists) {
  const auto json = json_of(detector_kinds(), bad());
  std::size_t failed = 0;
  for (const auto& row : json["cases"]) failed += row["verdict"] == "fail" ? 1 : 0;
  EXPECT_EQ(json["counts"]["fail"], failed);
  EXPECT_EQ(json["conformant"], false);
  EXPECT_EQ(json["complete"], true);
}

TEST(Report, operators_are_counted_by_order) {
  Report report = good();
  report.entries = {
      {parse_query("num.op.MatMul:case=0,order=chain").value(), pass(), "", {}},
      {parse_query("num.op.MatMul:case=1,order=chain").value(), fail("ACP-CONF-10", ""), "", {}},
      {parse_query("num.op.Relu:case=0").value(), pass(), "", {}}};
  for (const OperatorCoverage& row : operator_coverage(report)) {
    if (row.name == "MatMul") {
      EXPECT_EQ(row.by_order.at("chain").cases, 2u);
      EXPECT_EQ(row.by_order.at("chain").passed, 1u);
    } else if (row.name == "Relu") {
      EXPECT_EQ(row.by_order.at("").passed, 1u);
    } else {
      EXPECT_TRUE(row.by_order.empty()) << row.name;
    }
  }
}

}  // namespace
}  // namespace conformance
