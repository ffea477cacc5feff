// test_soundness_logical_campaign [--documents N] [--mutants M] [--seed S] [--show SEED]: random logical plans and M mutants of each, put to
// the prover, against the oracle; prints what it saw.
//
// Document i has seed S + i. Exit 0: nothing was wrongly proved, every unchanged plan was proved, as it is and as a pattern, the
// checker accepted the certificate of whatever was proved, and the rig agrees with itself; 1 otherwise; 2 usage.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cep/distgraph.h"
#include "cep/equivalence.h"
#include "cep/fold.h"
#include "soundness/logical/campaign.h"
#include "tools/cep-check/logical/check.h"

namespace {

using cep::logical::Document;
using cep::logical::oracle::Counts;
using cep::logical::oracle::Judgement;
using cep::logical::oracle::Tally;

// Why it is not proved, without the facts behind it: reasons are counted. What is proved is certified, and the certificate checked.
std::string reason(const Document& document, Judgement& judgement) {
  auto verdict = cep::logical::certify(document, {});
  const auto* refused = std::get_if<cep::logical::NotProved>(&verdict);
  if (refused == nullptr) {
    auto& certificate = std::get<cep::logical::Certified>(verdict).certificate;
    const acp::Status status = cep_check::logical::check(document, certificate, {});
    if (!status.has_value()) judgement.refused_certificate = acp::to_string(status.error());
    ++judgement.certificates;
    if (!judgement.certifies) {
      judgement.certifies = [certificate = std::move(certificate)](const Document& other) {
        return cep::logical::check_logical(other) && cep_check::logical::check(other, certificate, {});
      };
    }
    return {};
  }
  const std::string& message = refused->finding.message;
  return refused->finding.id + " " + message.substr(0, message.find_first_of(";{"));
}

// As it is, and folded into a pattern where it can be.
Judgement judge(const Document& document) {
  if (const acp::Status status = cep::logical::check_logical(document); !status.has_value())
    return {.proved = false, .why = acp::to_string(status.error()), .pattern = {}, .pattern_why = {}};
  Judgement judgement{.proved = false, .why = {}, .pattern = cep::logical::fold(document), .pattern_why = {}};
  judgement.why = reason(document, judgement);
  judgement.proved = judgement.why.empty();
  if (!judgement.pattern) return judgement;
  const acp::Status status = cep::logical::check_logical(*judgement.pattern);
  judgement.pattern_why =
      status.has_value() ? reason(*judgement.pattern, judgement) : acp::to_string(status.error());
  judgement.proved = judgement.proved || judgement.pattern_why.empty();
  return judgement;
}

void print(const char* name, const Counts& counts) {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%-26s %8llu different %8llu  of them refused %8llu  equal: proved %8llu refused %8llu certified "
      "%8llu\n",
      name, number(counts.applied), number(counts.different), number(counts.refused),
      number(counts.equal_proved), number(counts.equal_refused), number(counts.equal_certified));
}

void print(const Tally& tally, double seconds) {
  for (const auto& [name, counts] : tally.mutated) print(std::string(name).c_str(), counts);
  const Counts all = tally.all();
  print("all mutants", all);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "documents %llu of %llu lines, proved %llu; of those that carry sums on, %llu of "
      "%llu\n",
      number(tally.documents), number(tally.lines), number(tally.proved), number(tally.carried_proved),
      number(tally.carried));
  for (const auto& [why, count] : tally.false_alarms)
    std::printf("  not proved %llu times, first at seed %llu: %s\n", static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(tally.first_false_alarm.at(why)), why.c_str());
  std::printf("patterns proved %llu of %llu\n", number(tally.patterns_proved), number(tally.patterns));
  for (const auto& [why, count] : tally.pattern_refusals)
    std::printf("  proved as it is, not as a pattern, %llu times, first at seed %llu: %s\n", number(count),
                number(tally.first_pattern_refusal.at(why)), why.c_str());
  for (const std::string& text : tally.rig_faults) std::printf("RIG FAULT %s\n", text.c_str());
  for (const std::string& text : tally.wrongly_proved) std::printf("WRONGLY PROVED %s\n", text.c_str());
  for (const std::string& text : tally.checker_faults) std::printf("CHECKER FAULT %s\n", text.c_str());
  std::printf("certificates of what was proved %llu; faults of the checker %zu\n", number(tally.certificates),
              tally.checker_faults.size());
  std::printf("%.1f s, %.0f mutants a second; wrongly proved %zu, rig faults %zu\n", seconds,
              static_cast<double>(all.applied) / seconds, tally.wrongly_proved.size(),
              tally.rig_faults.size());
}

void show(std::uint64_t seed) {
  const Document document = cep::logical::oracle::document_of(seed);
  std::printf("%s", cep::logical::write_distgraph(document).c_str());
  const Judgement verdict = judge(document);
  std::printf("%s\n", verdict.proved ? "proved" : verdict.why.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t documents = 100;
  std::uint64_t mutants = 20;
  std::uint64_t seed = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(argv[i + 1], &end, 10);
    if (*end != '\0') return 2;
    if (std::strcmp(argv[i], "--documents") == 0) {
      documents = value;
    } else if (std::strcmp(argv[i], "--mutants") == 0) {
      mutants = value;
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      seed = value;
    } else if (std::strcmp(argv[i], "--show") == 0) {
      show(value);
      return 0;
    } else {
      return 2;
    }
  }
  if (argc % 2 == 0) return 2;
  std::printf("seeds %llu to %llu, %llu mutants each\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seed + documents - 1),
              static_cast<unsigned long long>(mutants));
  Tally tally;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < documents; ++i) {
    run_case(seed + i, mutants, judge, tally);
    if (tally.wrongly_proved.size() + tally.rig_faults.size() + tally.checker_faults.size() >= 20) break;
  }
  print(tally, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  const bool sound = tally.wrongly_proved.empty() && tally.rig_faults.empty() && tally.checker_faults.empty();
  const bool complete = tally.false_alarms.empty() && tally.pattern_refusals.empty();
  return sound && complete && tally.documents == documents ? 0 : 1;
}
