// acp-conformance: does a device what its documents say?
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <random>

#include "conformance/acp/suite.h"
#include "conformance/mutants/forgeries.h"
#include "conformance/mutants/misfits.h"
#include "conformance/mutants/mutants.h"
#include "conformance/runner/run.h"
#include "tools/cli/cli.h"
#include "tools/conformance/progress.h"
#include "tools/conformance/report.h"
#include "tools/conformance/results.h"

namespace tools {
namespace {

using Run = std::function<Exit()>;

struct Common {
  std::function<Format()> format;
  std::string shim;
  std::string mutant;
  double limit_s = 20;

  [[nodiscard]] std::chrono::milliseconds limit() const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(limit_s * 1000));
  }
};

void add_common(CLI::App& command, Common& options) {
  options.format = add_format(command);
  command.add_option("--timeout", options.limit_s, "seconds a case may take (default: 20)")
      ->check(CLI::Range(0.01, 86400.0));
}
void add_shim(CLI::App& command, Common& options) {
  command.add_option("--shim", options.shim, "a shim's short name, or the path of its library")->required();
  command.add_option("--mutant", options.mutant, "make the shim wrong first, as this mutant says");
}

acp::Result<conformance::Testee> testee_of(const Common& options) {
  conformance::Testee testee = conformance::testee_of(options.shim);
  if (options.mutant.empty()) return testee;
  const conformance::Mutant* mutant = conformance::mutant_named(options.mutant);
  if (mutant == nullptr) return acp::malformed("ACP-CONF-1", options.mutant, "there is no such mutant");
  return conformance::mutated(testee, *mutant);
}

std::string random_nonce() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

struct RunOptions : Common {
  std::string tier = "quick", shard = "0/1", out, nonce, key;
  bool resume = false;
};

acp::Result<Exit> run_suite(const RunOptions& options) {
  conformance::Options run;
  run.tier = options.tier == "full" ? conformance::Tier::kFull : conformance::Tier::kQuick;
  ACP_TRY(run.shard, conformance::parse_shard(options.shard));
  run.folder = options.out;
  run.resume = options.resume ? conformance::Resume::kYes : conformance::Resume::kNo;
  run.nonce = options.nonce;
  if (run.nonce.empty() && options.resume) run.nonce = conformance::nonce_of_journal(run.folder);
  if (run.nonce.empty()) run.nonce = random_nonce();
  run.limit = options.limit();
  const auto progress = std::make_shared<Progress>();
  run.progress = [progress](std::size_t done, std::size_t total, const conformance::Entry& entry) {
    progress->show(done, total, !is_conformant(entry.outcome.verdict), to_string(entry.query));
  };
  const conformance::Suite suite = conformance::acp_suite();
  ACP_TRY(const conformance::Testee testee, testee_of(options));
  ACP_TRY(const conformance::Report report, conformance::run(suite, testee, run));
  Results results;
  if (!options.out.empty()) {
    ACP_TRY(results, write_results(suite, report, options.out, options.key));
  }
  print(options.format(), text_of(report) + text_of(results, options.out), json_of(suite, report, results));
  return report.conformant() ? Exit::kYes : Exit::kNo;
}

Run add_run(CLI::App& command) {
  auto options = std::make_shared<RunOptions>();
  add_common(command, *options);
  add_shim(command, *options);
  command.add_option("--tier", options->tier, "quick (default) or full")
      ->check(CLI::IsMember({"quick", "full"}));
  command.add_option("--shard", options->shard, "i/n: every n-th case, from the i-th on (default: 0/1)");
  auto* out = command.add_option("--out", options->out, "where journal, reports and statement go");
  command.add_flag("--resume", options->resume, "take up the journal in --out")->needs(out);
  command.add_option("--key", options->key, "the NAME.key that signs the statement")->needs(out);
  command.add_option("--nonce", options->nonce, "hexadecimal; with the descriptor it gives every seed");
  return refusing(options, run_suite);
}

struct CaseOptions : Common {
  std::string query;
};

acp::Result<Exit> run_one(const CaseOptions& options) {
  ACP_TRY(const conformance::Query query, conformance::parse_query(options.query));
  ACP_TRY(const conformance::Testee testee, testee_of(options));
  ACP_TRY(const conformance::Entry entry,
          conformance::run_case(conformance::acp_suite(), testee, query, options.limit(),
                                conformance::Minimise::kYes));
  print(options.format(), text_of(entry, "acp-conformance case --shim " + testee.name),
        conformance::json_of(entry));
  const conformance::Verdict verdict = entry.outcome.verdict;
  if (verdict == conformance::Verdict::kHarnessError) return Exit::kMalformed;
  if (verdict == conformance::Verdict::kDeviceLost) return Exit::kEnvironment;
  return is_conformant(verdict) ? Exit::kYes : Exit::kNo;
}

Run add_case(CLI::App& command) {
  auto options = std::make_shared<CaseOptions>();
  add_common(command, *options);
  add_shim(command, *options);
  command.add_option("QUERY", options->query, "as a report prints it")->required();
  return refusing(options, run_one);
}

struct ListOptions : Common {
  std::string tier = "quick";
};

acp::Result<Exit> run_list(const ListOptions& options) {
  const conformance::Suite suite = conformance::acp_suite();
  std::string text;
  Json json = {{"kinds", Json::array()}};
  for (const conformance::Kind& kind : suite) {
    text += fmt::format("{:<22} {}\n", kind.name, kind.what);
    json["kinds"].push_back({{"name", kind.name}, {"what", kind.what}});
  }
  if (!options.shim.empty()) {
    ACP_TRY(const conformance::Testee testee, testee_of(options));
    ACP_TRY(const conformance::Described described, conformance::describe(testee, options.limit()));
    const auto tier = options.tier == "full" ? conformance::Tier::kFull : conformance::Tier::kQuick;
    text.clear();
    for (const conformance::Query& query :
         conformance::queries_of(suite, conformance::claims_of(described.document), tier, "")) {
      text += to_string(query) + "\n";
      json["cases"].push_back(to_string(query));
    }
  }
  print(options.format(), text, json);
  return Exit::kYes;
}

Run add_list(CLI::App& command) {
  auto options = std::make_shared<ListOptions>();
  add_common(command, *options);
  command.add_option("--shim", options->shim, "list the cases that this shim's claims select");
  command.add_option("--tier", options->tier, "quick (default) or full")
      ->check(CLI::IsMember({"quick", "full"}));
  return refusing(options, run_list);
}

struct MutantOptions : Common {
  bool whole = false;
  std::string one;
};

acp::Result<Exit> run_mutants(const MutantOptions& options) {
  const conformance::Suite suite = conformance::acp_suite();
  const conformance::Testee base = conformance::testee_of(options.shim);
  std::string text = fmt::format("{:<24} {:<13} {:<34} {}\n", "mutant", "breaks", "killed by", "verdict");
  Json json = {{"base", options.shim}, {"mutants", Json::array()}};
  std::size_t survivors = 0;
  for (const conformance::Mutant& mutant : conformance::mutants()) {
    if (!options.one.empty() && options.one != mutant.name) continue;
    ACP_TRY(const conformance::Kill kill,
            conformance::hunt(suite, base, mutant,
                              options.whole ? conformance::Hunt::kWholeSuite : conformance::Hunt::kKiller,
                              options.limit()));
    if (!kill.for_its_reason) ++survivors;
    text += fmt::format("{:<24} {:<13} {:<34} {}\n", mutant.name, mutant.breaks,
                        kill.killed_by.empty() ? "-" : kill.killed_by,
                        kill.for_its_reason      ? std::string("killed: ") + kill.words
                        : kill.killed_by.empty() ? "SURVIVES"
                                                 : "KILLED FOR ANOTHER REASON: " + kill.words);
    json["mutants"].push_back({{"name", mutant.name},
                               {"breaks", mutant.breaks},
                               {"what", mutant.what},
                               {"killed_by", kill.killed_by},
                               {"for_its_reason", kill.for_its_reason},
                               {"words", kill.words},
                               {"failed", kill.failed}});
  }
  const auto put_to_check = [&](std::string_view name, std::string_view breaks, std::string_view what,
                                std::string_view check, const acp::Status& refused) {
    const bool for_its_reason = !refused && refused.error().requirement == breaks;
    const std::string words = refused ? "accepted" : acp::to_string(refused.error());
    if (!for_its_reason) ++survivors;
    text += fmt::format("{:<24} {:<13} {:<34} {}\n", name, breaks, check,
                        (for_its_reason ? "killed: "
                         : refused      ? "SURVIVES "
                                        : "KILLED FOR ANOTHER REASON: ") +
                            words);
    json["mutants"].push_back({{"name", name},
                               {"breaks", breaks},
                               {"what", what},
                               {"killed_by", refused ? "" : check},
                               {"for_its_reason", for_its_reason},
                               {"words", words},
                               {"failed", Json::array()}});
  };
  for (const conformance::Forgery& forgery : conformance::forgeries()) {
    if (!options.one.empty() && options.one != forgery.name) continue;
    put_to_check(forgery.name, forgery.breaks, forgery.what, "check of evidence",
                 forgery.attempt(conformance::true_evidence()));
  }
  for (const conformance::Misfit& misfit : conformance::misfits()) {
    if (!options.one.empty() && options.one != misfit.name) continue;
    put_to_check(misfit.name, misfit.breaks, misfit.what, "check of a workload", misfit.attempt());
  }
  if (!options.one.empty() && json["mutants"].empty())
    return acp::malformed("ACP-CONF-1", options.one, "there is no such mutant");
  json["survivors"] = survivors;
  print(options.format(),
        text + fmt::format("{} mutants, {} not killed for their reason\n", json["mutants"].size(), survivors),
        json);
  return survivors == 0 ? Exit::kYes : Exit::kNo;
}

Run add_mutants(CLI::App& command) {
  auto options = std::make_shared<MutantOptions>();
  add_common(command, *options);
  options->shim = "template";
  options->limit_s = 5;
  command.add_option("--shim", options->shim, "the shim that is made wrong (default: template)");
  command.add_option("--mutant", options->one, "only this one");
  command.add_flag("--whole-suite", options->whole,
                   "run every case on each, not only the one that must kill it");
  return refusing(options, run_mutants);
}

}  // namespace
}  // namespace tools

int main(int argc, char** argv) {
  return tools::run_commands(
      argc, argv, "Does a device what its documents say?",
      {
          {"run", "put the whole suite to a shim", tools::add_run},
          {"report", "make the report of a run again, from the journals of all its shards",
           tools::add_report},
          {"verify", "check a signed statement, offline", tools::add_verify},
          {"list", "kinds of cases, or the cases a shim's claims select", tools::add_list},
          {"case", "run one case by its query", tools::add_case},
          {"mutants", "does the suite find every wrong shim?", tools::add_mutants},
      });
}
