#include "tools/cep/rules_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "cep/rule.h"
#include "cep/solver.h"
#include "tools/cli/outputs.h"

namespace tools {

namespace {

struct Prove {
  std::function<Format()> format;
  cep::ProveOptions options;
  std::string solver;
  std::string write;
};

// What one solver made of a rule, or of a statement of the calculus.
struct Tally {
  bool wrong = false;
  bool unknown = false;
  double ms = 0;
  void count(cep::Answer answer, cep::Answer expected, double its_ms) {
    ms += its_ms;
    if (answer == expected) return;
    (answer == cep::Answer::kUnknown ? unknown : wrong) = true;
  }
  [[nodiscard]] bool proved() const { return !wrong && !unknown; }
  [[nodiscard]] std::string_view verdict() const {
    if (wrong) return "REFUTED";
    return unknown ? "undecided" : "proved";
  }
};

// A line of the table.
struct Row {
  std::string subject;
  std::size_t proofs = 0;
  std::size_t checks = 0;  // premises, dropped premises, twins
  Tally z3{};
  std::optional<Tally> cvc5{};  // where it was asked
  [[nodiscard]] Tally both() const {
    const Tally second = cvc5.value_or(Tally{});
    return {z3.wrong || second.wrong, z3.unknown || second.unknown, z3.ms + second.ms};
  }
};

std::vector<Row> rows_of(const std::vector<cep::ProofRecord>& records) {
  std::vector<Row> rows;
  for (const auto& record : records) {
    if (rows.empty() || rows.back().subject != record.subject) rows.push_back({.subject = record.subject});
    Row& row = rows.back();
    (record.kind == cep::ObligationKind::kProof ? row.proofs : row.checks) += 1;
    row.z3.count(record.answer, record.expected, record.ms);
    if (!record.second) continue;
    if (!row.cvc5) row.cvc5.emplace();
    row.cvc5->count(*record.second, record.expected, record.second_ms);
  }
  return rows;
}

Exit exit_of_rows(const std::vector<Row>& rows) {
  bool unknown = false;
  for (const Row& row : rows) {
    if (row.both().wrong) return Exit::kNo;
    unknown = unknown || row.both().unknown;
  }
  return unknown ? Exit::kUndecided : Exit::kYes;
}

std::string in_table(const std::optional<Tally>& tally) {
  if (!tally) return fmt::format("{:<9} {:>7}", "not asked", "-");
  return fmt::format("{:<9} {:>7.0f}", tally->verdict(), tally->ms);
}

std::string table(const std::vector<Row>& rows, const std::vector<cep::ProofRecord>& records) {
  std::string text = fmt::format("{:<22} {:>11} {:>6}  {:<9} {:>7}  {:<9} {:>7}\n", "rule", "obligations",
                                 "twins", "z3", "ms", "cvc5", "ms");
  std::size_t proofs = 0, checks = 0, by_z3 = 0, by_cvc5 = 0;
  bool asked = false;
  Tally z3, cvc5;
  for (const Row& row : rows) {
    text += fmt::format("{:<22} {:>11} {:>6}  {}  {}\n", row.subject, row.proofs, row.checks,
                        in_table(row.z3), in_table(row.cvc5));
    proofs += row.proofs;
    checks += row.checks;
    z3.ms += row.z3.ms;
    by_z3 += row.z3.proved() ? 1 : 0;
    if (!row.cvc5) continue;
    asked = true;
    cvc5.ms += row.cvc5->ms;
    by_cvc5 += row.cvc5->proved() ? 1 : 0;
  }
  for (const auto& record : records) {
    const auto other = [&](const char* solver, cep::Answer answer) {
      if (answer == record.expected) return;
      text += fmt::format("{} {}: must be {}, {} says {}\n", record.subject, record.name,
                          answer_name(record.expected), solver, answer_name(answer));
    };
    other("z3", record.answer);
    other("cvc5", record.second.value_or(record.expected));
  }
  text += fmt::format("{} rules, {} obligations, {} twins; z3 proved {} in {:.1f} s; ", rows.size(), proofs,
                      checks, by_z3, z3.ms / 1000);
  return text + (asked ? fmt::format("cvc5 proved {} in {:.1f} s\n", by_cvc5, cvc5.ms / 1000)
                       : std::string("cvc5 was not asked\n"));
}

Json json_of(const std::vector<Row>& rows, const std::vector<cep::ProofRecord>& records) {
  Json json = {{"rules", Json::array()}, {"questions", Json::array()}};
  for (const Row& row : rows) {
    Json line = {{"rule", row.subject}, {"obligations", row.proofs},
                 {"twins", row.checks}, {"verdict", row.both().verdict()},
                 {"ms", row.both().ms}, {"z3", {{"verdict", row.z3.verdict()}, {"ms", row.z3.ms}}},
                 {"cvc5", nullptr}};
    if (row.cvc5) line["cvc5"] = {{"verdict", row.cvc5->verdict()}, {"ms", row.cvc5->ms}};
    json["rules"].push_back(std::move(line));
  }
  for (const auto& record : records) {
    Json line = {{"rule", record.subject},
                 {"name", record.name},
                 {"kind", kind_name(record.kind)},
                 {"expected", answer_name(record.expected)},
                 {"z3", {{"answer", answer_name(record.answer)}, {"ms", record.ms}}},
                 {"cvc5", nullptr}};
    if (record.second) {
      line["cvc5"] = {{"answer", answer_name(*record.second)}, {"ms", record.second_ms}};
    }
    json["questions"].push_back(std::move(line));
  }
  return json;
}

// Z3 alone where it is told so, or where cvc5 is not installed and nobody insists.
acp::Status choose_solvers(Prove& prove) {
  prove.options.threads = std::max(1u, std::thread::hardware_concurrency());
  if (prove.solver == "z3") return acp::ok();
  prove.options.cvc5 = cep::find_cvc5();
  if (!prove.options.cvc5.empty() || prove.solver.empty()) return acp::ok();
  return acp::environment("cvc5", "not installed; the package of that name has it, $CEP_CVC5 may name it");
}

acp::Result<Exit> run_prove(Prove prove) {
  ACP_CHECK(choose_solvers(prove));
  ACP_CHECK(check_outputs({}, {{"--write", prove.write}}));
  ACP_TRY(const auto records, cep::prove_rules(prove.options));
  const std::vector<Row> rows = rows_of(records);
  print(prove.format(), table(rows, records), json_of(rows, records));
  ACP_CHECK(cep::solvers_agree(records));
  if (!prove.write.empty()) {
    ACP_TRY(const std::string text, cep::discharged_text(records));
    ACP_CHECK(write_file(prove.write, bytes_of(text)));
  }
  return exit_of_rows(rows);
}

Exit run_list(Format format) {
  std::string text;
  Json json = Json::array();
  for (const cep::Rule& rule : cep::rule_table()) {
    const bool proved = cep::rule_is_discharged(rule);
    text += fmt::format("{:<20} {}  {}\n", rule.id, proved ? "proved    " : "NOT PROVED", rule.says);
    Json row = {{"rule", rule.id}, {"proved", proved}, {"says", rule.says}, {"inputs", rule.inputs}};
    row["guards"] = Json::array();
    row["outputs"] = Json::array();
    for (const auto& guard : rule.guards) row["guards"].push_back(guard.name);
    for (const auto& output : rule.outputs) row["outputs"].push_back(output.name);
    json.push_back(std::move(row));
  }
  print(format, text, json);
  return Exit::kYes;
}

struct Export {
  std::function<Format()> format;
  std::string directory;
  std::string only;
};

acp::Result<Exit> run_export(const Export& options) {
  ACP_TRY(const std::size_t count, cep::export_obligations(options.directory, options.only));
  print(options.format(), fmt::format("{} files in {}\n", count, options.directory),
        {{"directory", options.directory}, {"files", count}});
  return Exit::kYes;
}

Exit exit_or_fail(Format format, const acp::Result<Exit>& result) {
  return result ? *result : fail(format, result.error());
}

}  // namespace

std::function<Exit()> add_rules_command(CLI::App& command) {
  command.require_subcommand(1);
  auto prove = std::make_shared<Prove>();
  CLI::App* proving = command.add_subcommand("prove", "put every obligation to both solvers");
  prove->format = add_format(*proving);
  proving->add_option("--only", prove->options.only, "one rule, or one calculus.* statement");
  proving->add_option("--timeout-ms", prove->options.timeout_ms,
                      "per question, solver and seed (default: 10000)");
  proving->add_option("--solver", prove->solver, "z3, or both (default: both where cvc5 is installed)")
      ->check(CLI::IsMember({"z3", "both"}));
  proving->add_option("--write", prove->write, "record the proofs in this file, if all of them were found");

  CLI::App* listing =
      command.add_subcommand("list", "every rule: what it says, and whether its proof is on record");
  auto list_format = add_format(*listing);

  auto exporting_options = std::make_shared<Export>();
  CLI::App* exporting = command.add_subcommand("export", "write the obligations as SMT-LIB 2 files");
  exporting_options->format = add_format(*exporting);
  exporting->add_option("DIRECTORY", exporting_options->directory, "an existing directory")->required();
  exporting->add_option("--only", exporting_options->only, "one rule, or one calculus.* statement");

  return [=] {
    if (proving->parsed()) return exit_or_fail(prove->format(), run_prove(*prove));
    if (listing->parsed()) return run_list(list_format());
    return exit_or_fail(exporting_options->format(), run_export(*exporting_options));
  };
}

}  // namespace tools
