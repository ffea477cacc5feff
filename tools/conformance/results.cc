#include "tools/conformance/results.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "acp/host.h"
#include "conformance/acp/suite.h"
#include "conformance/runner/environment.h"
#include "tools/conformance/report.h"
#include "tools/documents/input.h"

namespace tools {
namespace {

constexpr const char* kStatementFile = "/statement.json";
constexpr const char* kSignedFile = "/statement.dsse.json";
constexpr const char* kReportFile = "/report.json";
constexpr const char* kPageFile = "/report.html";

acp::Status make_folder(const std::string& folder) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  return fault ? acp::Status(acp::environment(folder, fault.message())) : acp::ok();
}

// The folder's old statement must not stand beside a new report.
void remove_statements(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::remove(folder + kStatementFile, ignored);
  std::filesystem::remove(folder + kSignedFile, ignored);
}

acp::Status write_statement(const std::string& text, const std::string& folder, const std::string& key_file,
                            Results& results) {
  ACP_CHECK(write_file(folder + kStatementFile, bytes_of(text)));
  results.statement = folder + kStatementFile;
  if (key_file.empty()) return acp::ok();
  ACP_TRY(const acp::SecretKey key, read_secret_key(key_file));
  const auto payload = bytes_of(text);
  const acp::Envelope envelope =
      acp::sign(std::string(acp::kStatementPayloadType), {payload.begin(), payload.end()}, key);
  ACP_CHECK(write_file(folder + kSignedFile, bytes_of(acp::to_json(envelope))));
  results.statement = folder + kSignedFile;
  results.signer = acp::key_id(acp::public_key_of(key));
  return acp::ok();
}

struct ReportOptions {
  std::function<Format()> format;
  std::vector<std::string> folders;
  std::string out, key;
};

acp::Result<Exit> run_report(const ReportOptions& options) {
  const conformance::Suite suite = conformance::acp_suite();
  const std::string out = options.out.empty() ? options.folders.front() : options.out;
  std::vector<FileOf> read = {{"--key", options.key}};
  std::vector<conformance::Journal> journals;
  read.reserve(1 + options.folders.size());
  journals.reserve(options.folders.size());
  for (const std::string& folder : options.folders) {
    ACP_TRY(journals.emplace_back(), conformance::Journal::read(folder));
    read.push_back({"DIR", folder + conformance::kJournalFile});
  }
  ACP_CHECK(prepare_folder(out, read));
  ACP_TRY(const conformance::Report report, conformance::merge(suite, journals));
  ACP_TRY(const Results results, write_results(suite, report, out, options.key));
  print(options.format(), text_of(report) + text_of(results, out), json_of(suite, report, results));
  return report.conformant() && report.missing == 0 ? Exit::kYes : Exit::kNo;
}

struct VerifyOptions {
  std::function<Format()> format;
  std::string statement, descriptor, shim, since;
  std::vector<std::string> trust;
};

// The digest of a shim's file. The shim is not loaded: it is what is in doubt.
acp::Result<acp::Digest> shim_digest(const std::string& name_or_path) {
  ACP_TRY(const std::string file, acp::Shim::find(name_or_path));
  ACP_TRY(const auto bytes, read_file(file));
  return acp::sha256(bytes);
}

// The digest of this suite's cases for the descriptor, when the statement is of this version of it.
acp::Result<std::optional<acp::Digest>> suite_digest_for(const acp::Statement& statement,
                                                         const std::optional<acp::Class>& descriptor) {
  if (!descriptor || statement.suite_version != conformance::kSuiteVersion)
    return std::optional<acp::Digest>{};
  const auto tier = statement.tier == word_of(conformance::Tier::kFull) ? conformance::Tier::kFull
                                                                        : conformance::Tier::kQuick;
  return std::optional(
      conformance::suite_digest(conformance::acp_suite(), conformance::claims_of(*descriptor), tier));
}

acp::Result<Exit> run_verify(const VerifyOptions& options) {
  std::vector<acp::PublicKey> trusted;
  trusted.reserve(options.trust.size());
  for (const std::string& path : options.trust) {
    ACP_TRY(trusted.emplace_back(), read_public_key(path));
  }
  acp::StatementSubject subject;
  std::optional<acp::Class> descriptor;
  if (!options.descriptor.empty()) {
    ACP_TRY(const Input input, read_input(options.descriptor));
    subject.descriptor = acp::sha256(input.wire);
    if (const auto* document = std::get_if<acp::Class>(&input.document)) descriptor = *document;
  }
  if (!options.shim.empty()) {
    ACP_TRY(subject.shim, shim_digest(options.shim));
  }
  if (!options.since.empty()) subject.since = options.since;
  ACP_TRY(const auto bytes, read_file(options.statement));
  if (trusted.empty()) {
    return acp::invalid("ACP-SIG-4", "--trust",
                        "not given: nobody is trusted, so whoever signed this is not; nothing was verified");
  }
  ACP_TRY(const acp::VerifiedStatement found, acp::verify_statement(text_of(bytes), trusted, subject));
  ACP_TRY(const auto suite, suite_digest_for(found.statement, descriptor));
  ACP_CHECK(acp::check_subject(found.statement, {.descriptor = {}, .shim = {}, .suite = suite}));
  const auto checked = [](bool done) { return done ? "checked" : "not asked"; };
  Json json = {{"verified", true},
               {"conformant", found.statement.conformant},
               {"descriptor", acp::to_string(found.statement.descriptor)},
               {"descriptor_checked", subject.descriptor.has_value()},
               {"shim", acp::to_string(found.statement.shim)},
               {"shim_checked", subject.shim.has_value()},
               {"suite", acp::to_string(found.statement.suite)},
               {"suite_checked", suite.has_value()},
               {"tier", found.statement.tier},
               {"issued", found.statement.issued},
               {"issued_checked", subject.since.has_value()},
               {"signers", Json::array()}};
  std::string text = fmt::format("verified   conformant, suite {}, tier {}\n", found.statement.suite_version,
                                 found.statement.tier);
  text += fmt::format("issued     {} {}\n", found.statement.issued, checked(subject.since.has_value()));
  text += fmt::format("descriptor {} {}\n", acp::to_string(found.statement.descriptor),
                      checked(subject.descriptor.has_value()));
  text += fmt::format("shim       {} {}\n", acp::to_string(found.statement.shim),
                      checked(subject.shim.has_value()));
  text +=
      fmt::format("suite      {} {}\n", acp::to_string(found.statement.suite), checked(suite.has_value()));
  for (const acp::PublicKey& signer : found.signers) {
    json["signers"].push_back(acp::key_id(signer));
    text += fmt::format("signed by  {}\n", acp::key_id(signer));
  }
  print(options.format(), text, json);
  return Exit::kYes;
}

}  // namespace

acp::Status prepare_folder(const std::string& folder, const std::vector<FileOf>& read,
                           std::vector<FileOf> written) {
  ACP_CHECK(make_folder(folder));
  // Statements are removed even where none is written.
  for (const char* name : {kStatementFile, kSignedFile, kReportFile, kPageFile})
    written.push_back({"--out", folder + name});
  return check_outputs(read, written);
}

acp::Result<Results> write_results(const conformance::Suite& suite, const conformance::Report& report,
                                   const std::string& folder, const std::string& key_file) {
  ACP_CHECK(make_folder(folder));
  remove_statements(folder);
  Results results;
  const std::string issued = conformance::utc_now();
  if (report.missing == 0) {
    ACP_TRY(const acp::Statement statement, conformance::statement_of(suite, report, issued));
    ACP_CHECK(write_statement(acp::to_json(statement), folder, key_file, results));
  }
  const std::string json =
      json_of(suite, report, results).dump(2, ' ', false, Json::error_handler_t::replace);
  ACP_CHECK(write_file(folder + kReportFile, bytes_of(json + "\n")));
  const std::string html = conformance::html_of(suite, report, {issued, results.signer});
  ACP_CHECK(write_file(folder + kPageFile, bytes_of(html)));
  return results;
}

Json json_of(const conformance::Suite& suite, const conformance::Report& report, const Results& results) {
  Json json = conformance::json_of(suite, report);
  json["statement"] = results.statement.empty() ? Json() : Json(results.statement);
  json["signer"] = results.signer.empty() ? Json() : Json(results.signer);
  return json;
}

std::string text_of(const Results& results, const std::string& folder) {
  if (folder.empty()) return "";
  std::string text = fmt::format("report     {}/report.html\n", folder);
  if (results.statement.empty()) return text + "statement  none: cases are missing, merge all shards\n";
  return text + fmt::format("statement  {}, {}\n", results.statement,
                            results.signer.empty() ? "not signed" : "signed by " + results.signer);
}

std::function<Exit()> add_report(CLI::App& command) {
  auto options = std::make_shared<ReportOptions>();
  options->format = add_format(command);
  command.add_option("DIR", options->folders, "folders with the journals of one run's shards")->required();
  command.add_option("--out", options->out, "where the report goes (default: the first DIR)");
  command.add_option("--key", options->key, "the NAME.key that signs the statement");
  return refusing(options, run_report);
}

std::function<Exit()> add_verify(CLI::App& command) {
  auto options = std::make_shared<VerifyOptions>();
  options->format = add_format(command);
  command.add_option("STATEMENT", options->statement, "a signed statement (statement.dsse.json)")->required();
  command.add_option(
      "--trust", options->trust,
      "public keys (NAME.pub), one of which must have signed: without any, no statement is verified");
  command.add_option("--descriptor", options->descriptor, "the device's Class: it must be about this one");
  command.add_option(
      "--shim", options->shim,
      "the shim's short name, or the path of its library: it must be about this file, which is "
      "read and not loaded");
  command
      .add_option("--since", options->since,
                  "a time, as 2026-01-31T12:00:00Z: it must not have been issued before; no statement says "
                  "how long it holds")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return acp::is_time(text) ? std::string() : "is not a time, as 2026-01-31T12:00:00Z";
          },
          "TIME"));
  return refusing(options, run_verify);
}

}  // namespace tools
