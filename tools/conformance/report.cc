#include "tools/conformance/report.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace tools {
namespace {

bool is_conformant(conformance::Verdict verdict) {
  return verdict == conformance::Verdict::kPass || verdict == conformance::Verdict::kUnsupported;
}

std::string_view word_of(conformance::Tier tier) {
  return tier == conformance::Tier::kFull ? "full" : "quick";
}

// One that ends the same way and is smaller comes first: it is what a person wants to run.
std::string reproducer(const conformance::Entry& entry) {
  return entry.minimised.empty() ? to_string(entry.query) : entry.minimised;
}

}  // namespace

Json json_of(const conformance::Entry& entry) {
  return {{"query", to_string(entry.query)},
          {"verdict", word_of(entry.outcome.verdict)},
          {"requirement", entry.outcome.requirement},
          {"words", entry.outcome.words},
          {"expected", entry.outcome.expected},
          {"got", entry.outcome.got},
          {"minimised", entry.minimised},
          {"milliseconds", entry.took.count()}};
}

Json json_of(const conformance::Report& report) {
  Json json = {{"conformant", report.conformant()},
               {"shim", report.testee},
               {"suite", report.header.suite},
               {"tier", word_of(report.tier)},
               {"shard", fmt::format("{}/{}", report.shard.index, report.shard.count)},
               {"document_digest", report.described.document_digest},
               {"binary_digest", report.described.binary_digest},
               {"nonce", report.header.nonce},
               {"seed", report.seed}};
  const auto counts = report.counts();
  for (const conformance::Verdict verdict : conformance::kVerdicts) {
    const auto found = counts.find(verdict);
    json["counts"][std::string(word_of(verdict))] = found == counts.end() ? 0 : found->second;
  }
  json["claims"] = Json::array();
  for (const conformance::ClaimFinding& found : report.findings()) {
    json["claims"].push_back(
        {{"claim", found.claim}, {"finding", word_of(found.finding)}, {"observed", found.observed}});
  }
  json["cases"] = Json::array();
  for (const conformance::Entry& entry : report.entries) json["cases"].push_back(json_of(entry));
  return json;
}

std::string text_of(const conformance::Entry& entry, const std::string& again) {
  const conformance::Outcome& outcome = entry.outcome;
  std::string text = fmt::format("{:<13} {}", word_of(outcome.verdict), to_string(entry.query));
  if (!outcome.requirement.empty()) text += fmt::format(" [{}]", outcome.requirement);
  text += "\n";
  if (!outcome.words.empty()) text += fmt::format("  {}\n", outcome.words);
  if (!outcome.expected.empty() || !outcome.got.empty())
    text += fmt::format("  expected {}\n  got      {}\n", outcome.expected, outcome.got);
  if (!is_conformant(outcome.verdict)) text += fmt::format("  again: {} '{}'\n", again, reproducer(entry));
  return text;
}

std::string text_of(const conformance::Report& report) {
  const acp::Identity& identity = report.described.document.identity;
  std::string text = fmt::format("shim       {} ({} {}, {})\ndocument   {}\nseed       {} (nonce {})\n",
                                 report.testee, identity.vendor, identity.product, identity.version,
                                 report.described.document_digest, report.seed, report.header.nonce);
  text += fmt::format("cases      {}, tier {}, shard {}/{}\n", report.entries.size(), word_of(report.tier),
                      report.shard.index, report.shard.count);
  for (const auto& [verdict, count] : report.counts())
    text += fmt::format("{:<10} {}\n", word_of(verdict), count);
  for (const conformance::ClaimFinding& found : report.findings()) {
    text += fmt::format("{:<30} {}{}{}\n", found.claim, word_of(found.finding),
                        found.observed.empty() ? "" : ", ", found.observed);
  }
  for (const conformance::Entry& entry : report.entries) {
    if (!is_conformant(entry.outcome.verdict))
      text += text_of(entry, "acp-conformance case --shim " + report.testee);
  }
  return text + (report.conformant() ? "conformant\n" : "NOT conformant\n");
}

}  // namespace tools
