#include "tools/conformance/report.h"

#include <fmt/core.h>

#include "tools/cli/cli.h"

namespace tools {
namespace {

// One that ends the same way and is smaller comes first: it is what a person wants to run.
std::string reproducer(const conformance::Entry& entry) {
  return entry.minimised.empty() ? to_string(entry.query) : entry.minimised;
}

}  // namespace

std::string text_of(const conformance::Entry& entry, const std::string& again) {
  const conformance::Outcome& outcome = entry.outcome;
  std::string text = fmt::format("{:<13} {}", word_of(outcome.verdict), to_string(entry.query));
  if (!outcome.requirement.empty()) text += fmt::format(" [{}]", outcome.requirement);
  text += "\n";
  // A shim may say what it likes.
  if (!outcome.words.empty()) text += fmt::format("  {}\n", printable(outcome.words));
  if (!outcome.expected.empty() || !outcome.got.empty())
    text +=
        fmt::format("  expected {}\n  got      {}\n", printable(outcome.expected), printable(outcome.got));
  if (!is_conformant(outcome.verdict)) text += fmt::format("  again: {} '{}'\n", again, reproducer(entry));
  return text;
}

std::string text_of(const conformance::Report& report) {
  const acp::Identity& identity = report.document.identity;
  std::string text = fmt::format("shim       {} ({} {}, {})\ndocument   {}\nseed       {} (nonce {})\n",
                                 report.header.testee, identity.vendor, identity.product, identity.version,
                                 report.header.document_digest, report.seed, report.header.nonce);
  text += fmt::format("cases      {}, tier {}", report.entries.size(), report.header.tier);
  for (const std::string& shard : report.shards) text += ", shard " + shard;
  text += report.missing > 0 ? fmt::format(", {} cases not run\n", report.missing) : "\n";
  for (const auto& [verdict, count] : report.counts())
    text += fmt::format("{:<10} {}\n", word_of(verdict), count);
  for (const conformance::ClaimFinding& found : report.findings()) {
    text += fmt::format("{:<30} {}{}{}\n", found.claim, word_of(found.finding),
                        found.observed.empty() ? "" : ", ", found.observed);
  }
  for (const conformance::Entry& entry : report.entries) {
    if (!is_conformant(entry.outcome.verdict))
      text += text_of(entry, "acp-conformance case --shim " + report.header.testee);
  }
  return text + (report.conformant() ? "conformant" : "NOT conformant") +
         (report.missing > 0 ? " so far\n" : "\n");
}

}  // namespace tools
