// The HTML report: one file, no script, no reference to anything outside it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "conformance/report/report.h"
#include "conformance/report/style.h"

namespace conformance {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string badge(std::string_view word, std::string_view tone) {
  return fmt::format("<span class=\"badge {}\">{}</span>", tone, escaped(word));
}
std::string badge_of(std::string_view verdict) {
  if (verdict == "pass") return badge(verdict, "good");
  return badge(verdict, verdict == "unsupported" ? "" : "bad");
}
std::string badge_of(Finding finding) {
  switch (finding) {
    case Finding::kConfirmed: return badge(word_of(finding), "good");
    case Finding::kOverstated: return badge(word_of(finding), "bad");
    case Finding::kUnderstated: return badge(word_of(finding), "warn");
    case Finding::kUnverifiable: return badge(word_of(finding), "");
  }
  return "";
}

// The digits in which two texts differ stand out, in both.
std::array<std::string, 2> side_by_side(const std::string& expected, const std::string& got) {
  std::array<std::string, 2> marked;
  const std::array<const std::string*, 2> texts = {&expected, &got};
  for (std::size_t side = 0; side < 2; ++side) {
    const std::string& own = *texts[side];
    const std::string& other = *texts[1 - side];
    if (own.size() != other.size()) {
      marked[side] = escaped(own);
      continue;
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::string digit = escaped(own.substr(i, 1));
      marked[side] += own[i] == other[i] ? digit : "<mark>" + digit + "</mark>";
    }
  }
  return marked;
}

class Page {
 public:
  Page(const Suite& suite, const Report& report, const Attestation& attestation)
      : suite_(suite), report_(report), attestation_(attestation), counts_(report.counts()) {}

  std::string make() {
    const acp::Identity& id = report_.document.identity;
    add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    add(escaped(id.product + " conformance report") + "</title>\n<style>" + kStyle +
        "</style></head>\n<body><main>\n");
    summary();
    failures();
    claims();
    requirements();
    coverage();
    operators();
    binding();
    confidence();
    add("</main></body></html>\n");
    return std::move(text_);
  }

 private:
  void add(std::string_view text) { text_ += text; }
  [[nodiscard]] std::size_t count(Verdict verdict) const {
    const auto found = counts_.find(verdict);
    return found == counts_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::size_t good() const { return count(Verdict::kPass) + count(Verdict::kUnsupported); }
  [[nodiscard]] std::string command(std::string_view what) const {
    return "acp-conformance " + std::string(what) + " --shim " + report_.header.testee;
  }

  void summary() {
    const acp::Identity& id = report_.document.identity;
    const bool whole = report_.missing == 0;
    add("<header><div class=\"head\"><div><h1>" + escaped(id.product) + "</h1><p class=\"dim\">" +
        escaped(id.vendor) + ", stepping " + escaped(id.stepping) + ", software " + escaped(id.version) +
        "</p></div>");
    if (!report_.conformant()) {
      add(badge("not conformant", "bad"));
    } else {
      add(whole ? badge("conformant", "good") : badge("conformant so far", "warn"));
    }
    add("</div>\n<div class=\"tiles\">");
    tile(report_.entries.size(), whole ? "cases" : fmt::format("cases, {} more not run", report_.missing));
    for (const Verdict verdict : kVerdicts) {
      if (count(verdict) > 0 || verdict == Verdict::kPass || verdict == Verdict::kFail)
        tile(count(verdict), std::string(word_of(verdict)));
    }
    add("</div>\n<div class=\"bar\" aria-hidden=\"true\">");
    segment(count(Verdict::kPass), "");
    segment(count(Verdict::kUnsupported), "none");
    segment(report_.entries.size() - good(), "bad");
    std::int64_t took = 0;
    for (const Entry& entry : report_.entries) took += entry.took.count();
    add(fmt::format("</div><p class=\"dim\">Suite {}, tier {}, {:.0f} s of cases, {}.</p></header>\n",
                    escaped(report_.header.suite), escaped(report_.header.tier),
                    static_cast<double>(took) / 1000, escaped(attestation_.issued)));
  }
  void tile(std::size_t number, const std::string& what) {
    add(fmt::format("<div class=\"tile\"><b>{}</b><small>{}</small></div>", number, escaped(what)));
  }
  void segment(std::size_t number, std::string_view tone) {
    if (number > 0) add(fmt::format("<i class=\"{}\" style=\"flex-grow:{}\"></i>", tone, number));
  }

  void failures() {
    if (good() == report_.entries.size()) return;
    add("<h2 id=\"failures\">Failures</h2>\n");
    for (const Entry& entry : report_.entries) {
      if (!is_conformant(entry.outcome.verdict)) failure(entry);
    }
  }
  void failure(const Entry& entry) {
    const Outcome& outcome = entry.outcome;
    const std::string again = entry.minimised.empty() ? to_string(entry.query) : entry.minimised;
    add("<div class=\"card fail\">" + badge_of(word_of(outcome.verdict)) + " <b class=\"mono\">" +
        escaped(outcome.requirement) + "</b><p class=\"mono\">" + escaped(to_string(entry.query)) + "</p>");
    if (!outcome.words.empty()) add("<p>" + escaped(outcome.words) + "</p>");
    if (!outcome.expected.empty() || !outcome.got.empty()) {
      const auto [expected, got] = side_by_side(outcome.expected, outcome.got);
      add("<div class=\"bits\"><span class=\"dim\">expected</span><code>" + expected +
          "</code><span class=\"dim\">got</span><code>" + got + "</code></div>");
    }
    add("<pre><code>" + escaped(command("case") + " '" + again + "'") + "</code></pre></div>\n");
  }

  void claims() {
    add("<h2>Claims and what was measured</h2>\n<div class=\"card\"><table "
        "class=\"rows\"><thead><tr><th>claim</th>"
        "<th>finding</th><th class=\"n\">cases</th><th>observed</th></tr></thead><tbody>\n");
    for (const ClaimFinding& row : report_.findings()) {
      add("<tr><td><code>" + escaped(row.claim) + "</code></td><td>" + badge_of(row.finding) +
          fmt::format("</td><td class=\"n\" data-of=\"cases\">{}</td><td class=\"wide\">", row.cases) +
          escaped(row.observed) + "</td></tr>\n");
    }
    add("</tbody></table></div>\n");
  }

  void requirements() {
    add("<h2>Requirements</h2>\n<div class=\"card\"><table "
        "class=\"rows\"><thead><tr><th>sentence</th><th>verdict</th>"
        "<th class=\"n\">cases</th><th>asked by</th></tr></thead><tbody>\n");
    std::vector<acp::RequirementVerdict> rows = report_.requirements(suite_);
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return place(a.id) < place(b.id); });
    for (const acp::RequirementVerdict& row : rows) {
      add("<tr><td><code>" + escaped(row.id) + "</code></td><td>" + badge_of(row.verdict) +
          fmt::format("</td><td class=\"n\" data-of=\"cases\">{}</td><td class=\"wide\">", row.cases) +
          escaped(askers(row.id)) + "</td></tr>\n");
    }
    add("</tbody></table></div>\n");
  }
  // ACP-CONF-5 stands before ACP-CONF-10: topic, then number.
  static std::pair<std::string, int> place(const std::string& id) {
    const std::size_t dash = id.rfind('-');
    if (dash == std::string::npos) return {id, 0};
    return {id.substr(0, dash), std::atoi(id.c_str() + dash + 1)};
  }
  // The kinds whose cases here were about it.
  [[nodiscard]] std::string askers(const std::string& id) const {
    std::vector<std::string_view> names;
    for (const Entry& entry : report_.entries) {
      const Kind* kind = kind_of(suite_, entry.query);
      if (kind == nullptr || std::find(names.begin(), names.end(), kind->name) != names.end()) continue;
      const std::vector<std::string> ids = about(*kind, entry.query);
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) names.push_back(kind->name);
    }
    std::string text;
    for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
  }

  void coverage() {
    add("<h2>Coverage</h2>\n<div class=\"card\"><table class=\"rows\"><thead><tr><th>kind</th><th>what it "
        "asks</th>"
        "<th class=\"n\">passed</th><th class=\"n\">time</th></tr></thead><tbody>\n");
    for (const Kind& kind : suite_) {
      std::size_t cases = 0, passed = 0;
      std::int64_t took = 0;
      for (const Entry& entry : report_.entries) {
        if (kind_of(suite_, entry.query) != &kind) continue;
        ++cases;
        took += entry.took.count();
        passed += is_conformant(entry.outcome.verdict) ? 1 : 0;
      }
      add("<tr><td><code>" + escaped(kind.name) + "</code></td><td class=\"wide\">" + escaped(kind.what) +
          "</td>");
      if (cases == 0) {
        add("<td class=\"n\">" + badge("not claimed", "") + "</td><td></td></tr>\n");
      } else {
        add(fmt::format("<td class=\"n\">{}</td><td class=\"n\">{:.1f} s</td></tr>\n", ratio(passed, cases),
                        static_cast<double>(took) / 1000));
      }
    }
    add("</tbody></table></div>\n");
  }
  static std::string ratio(std::size_t passed, std::size_t cases) {
    const std::string text = fmt::format("{}/{}", passed, cases);
    return passed == cases ? text : badge(text, "bad");
  }

  void operators() {
    const std::vector<OperatorCoverage> rows = operator_coverage(report_);
    std::vector<std::string> untested;
    std::string tested;
    for (const OperatorCoverage& row : rows) {
      if (row.by_order.empty()) {
        untested.push_back(row.name);
        continue;
      }
      tested += "<tr><td><code>" + escaped(row.name) + "</code></td><td class=\"wide\">";
      for (const auto& [order, cell] : row.by_order) {
        if (!order.empty()) tested += "<small>" + escaped(order) + "</small> ";
        tested += ratio(cell.passed, cell.cases) + "&ensp;";
      }
      tested += "</td></tr>\n";
    }
    add(fmt::format("<h2>Operators</h2>\n<p>{} of {} operators were run, in every claimed order.</p>\n",
                    rows.size() - untested.size(), rows.size()));
    if (!tested.empty()) {
      add("<div class=\"card\"><table "
          "class=\"rows\"><thead><tr><th>operator</th><th>passed</th></tr></thead><tbody>\n" +
          tested + "</tbody></table></div>\n");
    }
    if (untested.empty()) return;
    add("<p class=\"dim\">No row of the descriptor covers a case of: ");
    for (std::size_t i = 0; i < untested.size(); ++i) add((i == 0 ? "" : ", ") + escaped(untested[i]));
    add(".</p>\n");
  }

  void binding() {
    add("<h2>What this is about</h2>\n<div class=\"card\"><table class=\"rows\"><tbody>\n");
    row("descriptor", report_.header.document_digest);
    row("shim", report_.header.binary_digest);
    row("suite", report_.header.suite_digest);
    row("nonce", report_.header.nonce);
    row("seed", report_.seed);
    for (const std::string& environment : report_.environments) row("environment", environment);
    for (const std::string& shard : report_.shards) row("shard", shard);
    row("statement", report_.missing > 0           ? "none: the run is not complete"
                     : attestation_.signer.empty() ? "not signed: a report, no evidence"
                                                   : "signed, key id " + attestation_.signer);
    add("</tbody></table></div>\n<pre><code>" +
        escaped(command("run") + " --tier " + report_.header.tier + " --nonce " + report_.header.nonce) +
        "</code></pre>\n");
  }
  void row(std::string_view name, std::string_view value) {
    add("<tr><td>" + escaped(name) + "</td><td class=\"wide\"><code>" + escaped(value) +
        "</code></td></tr>\n");
  }

  void confidence() {
    add("<h2>How far this goes</h2>\n<p>Every comparison is of bits with the reference interpreter or with "
        "values worked "
        "out by hand: one wrong bit of a tested element fails its case, there is no tolerance. Tested are "
        "the cases listed "
        "above, with inputs that follow from the seed; other shapes and values are not.");
    add(report_.tier == Tier::kFull
            ? " Tier full asks each claim often, with long reductions.</p>\n"
            : " Tier quick asks each claim at least once; tier full asks longer.</p>\n");
  }

  const Suite& suite_;
  const Report& report_;
  const Attestation& attestation_;
  std::map<Verdict, std::size_t> counts_;
  std::string text_;
};

}  // namespace

std::string html_of(const Suite& suite, const Report& report, const Attestation& attestation) {
  return Page(suite, report, attestation).make();
}

}  // namespace conformance
