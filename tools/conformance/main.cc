// acp-conformance: does a device what its documents say?
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "conformance/acp/suite.h"
#include "conformance/mutants/mutants.h"
#include "conformance/runner/run.h"
#include "tools/cli/cli.h"
#include "tools/conformance/mutants.h"
#include "tools/conformance/progress.h"
#include "tools/conformance/report.h"
#include "tools/conformance/results.h"
#include "tools/documents/input.h"

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
      ->check(seconds_within(0.01, 86400.0));
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
  // A key that cannot sign shows before the run, not after it.
  if (!options.key.empty()) ACP_CHECK(read_secret_key(options.key));
  if (!options.out.empty()) {
    ACP_CHECK(prepare_folder(options.out, {{"--shim", options.shim}, {"--key", options.key}},
                             {{"--out", options.out + conformance::kJournalFile}}));
  }
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
  std::string documents;
};

// Where the corpus lies unless the command line says so.
std::string corpus() {
  if (const char* named = std::getenv("ACP_DOCUMENTS"); named != nullptr) return named;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (program.parent_path() / CEP_DOCUMENTS).lexically_normal().string();
}

acp::Result<Exit> hunt_mutants(const MutantOptions& options) {
  return run_mutants(
      {options.shim, options.one, options.documents.empty() ? corpus() : options.documents,
       options.whole ? conformance::Hunt::kWholeSuite : conformance::Hunt::kKiller, options.limit()},
      options.format());
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
  command.add_option(
      "--documents", options->documents,
      "the corpus of documents (default: $ACP_DOCUMENTS, or the one that is installed with this program)");
  return refusing(options, hunt_mutants);
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
          {"mutants", "does the suite find every wrong shim, and is every wrong document refused?",
           tools::add_mutants},
      });
}
