#include "tools/cep/rules_command.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cep/rule.h"
#include "cep/solver.h"

namespace tools {

namespace {

struct Prove {
  std::function<Format()> format;
  cep::ProveOptions options;
  std::string write;
};

// A line of the table: one rule, or one statement of the calculus.
struct Row {
  std::string subject;
  std::size_t proofs = 0;
  std::size_t checks = 0;  // premises, dropped premises, twins
  bool wrong = false;
  bool unknown = false;
  double ms = 0;
};

std::vector<Row> rows_of(const std::vector<cep::ProofRecord>& records) {
  std::vector<Row> rows;
  for (const auto& record : records) {
    if (rows.empty() || rows.back().subject != record.subject) rows.push_back({.subject = record.subject});
    Row& row = rows.back();
    (record.kind == cep::ObligationKind::kProof ? row.proofs : row.checks) += 1;
    row.ms += record.ms;
    if (record.as_expected()) continue;
    (record.answer == cep::Answer::kUnknown ? row.unknown : row.wrong) = true;
  }
  return rows;
}

std::string_view verdict_of(const Row& row) {
  if (row.wrong) return "REFUTED";
  return row.unknown ? "undecided" : "proved";
}

Exit exit_of_rows(const std::vector<Row>& rows) {
  bool unknown = false;
  for (const Row& row : rows) {
    if (row.wrong) return Exit::kNo;
    unknown = unknown || row.unknown;
  }
  return unknown ? Exit::kUndecided : Exit::kYes;
}

std::string table(const std::vector<Row>& rows, const std::vector<cep::ProofRecord>& records) {
  std::string text =
      fmt::format("{:<22} {:>11} {:>6}  {:<9} {:>8}\n", "rule", "obligations", "twins", "verdict", "ms");
  Row sum;
  std::size_t proved = 0;
  for (const Row& row : rows) {
    text += fmt::format("{:<22} {:>11} {:>6}  {:<9} {:>8.0f}\n", row.subject, row.proofs, row.checks,
                        verdict_of(row), row.ms);
    sum.proofs += row.proofs;
    sum.checks += row.checks;
    sum.ms += row.ms;
    proved += row.wrong || row.unknown ? 0 : 1;
  }
  for (const auto& record : records) {
    if (record.as_expected()) continue;
    text += fmt::format("{} {}: must be {}, is {}\n", record.subject, record.name,
                        answer_name(record.expected), answer_name(record.answer));
  }
  return text + fmt::format("{} of {} proved: {} obligations, {} twins, {:.1f} s\n", proved, rows.size(),
                            sum.proofs, sum.checks, sum.ms / 1000);
}

Json json_of(const std::vector<Row>& rows, const std::vector<cep::ProofRecord>& records) {
  Json json = {{"rules", Json::array()}, {"questions", Json::array()}};
  for (const Row& row : rows) {
    json["rules"].push_back({{"rule", row.subject},
                             {"obligations", row.proofs},
                             {"twins", row.checks},
                             {"verdict", verdict_of(row)},
                             {"ms", row.ms}});
  }
  for (const auto& record : records) {
    json["questions"].push_back({{"rule", record.subject},
                                 {"name", record.name},
                                 {"kind", kind_name(record.kind)},
                                 {"expected", answer_name(record.expected)},
                                 {"answer", answer_name(record.answer)},
                                 {"ms", record.ms}});
  }
  return json;
}

acp::Result<Exit> run_prove(const Prove& prove) {
  ACP_TRY(const auto records, cep::prove_rules(prove.options));
  const std::vector<Row> rows = rows_of(records);
  print(prove.format(), table(rows, records), json_of(rows, records));
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
  CLI::App* proving = command.add_subcommand("prove", "put every obligation to the solver");
  prove->format = add_format(*proving);
  proving->add_option("--only", prove->options.only, "one rule, or one calculus.* statement");
  proving->add_option("--timeout-ms", prove->options.timeout_ms, "per question and seed (default: 10000)");
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
