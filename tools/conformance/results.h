// What a run leaves in a folder: report.json, report.html and, when the run is complete, its statement, signed where there is a key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/report/report.h"
#include "tools/cli/outputs.h"
#include "tools/cli/refusing.h"

namespace tools {

// What became of the statement.
struct Results {
  std::string statement;  // its file; empty: none, cases are missing
  std::string signer;     // a key id; empty: not signed
};

// Makes the folder, unless it is there, and looks whether results and what else is `written` can stand there and replace nothing that is read.
//
// Errors   CEP-INPUT-1 a file of the results is one that is read; environment: one cannot be written.
// Spec     CEP 8.3, CEP-INPUT-1.
[[nodiscard]] acp::Status prepare_folder(const std::string& folder, const std::vector<FileOf>& read,
                                         std::vector<FileOf> written = {});

// Writes folder/report.json, report.html, statement.json and, signed, statement.dsse.json. Of an earlier run nothing stays that this one
// does not replace.
//
// Errors   environment; ACP-KEY-1 the key's file holds none.
// Spec     ACP 7.7, ACP 8.
[[nodiscard]] acp::Result<Results> write_results(const conformance::Suite& suite,
                                                 const conformance::Report& report, const std::string& folder,
                                                 const std::string& key_file);

// acp-conformance report DIR...
[[nodiscard]] std::function<Exit()> add_report(CLI::App& command);
// acp-conformance verify STATEMENT
[[nodiscard]] std::function<Exit()> add_verify(CLI::App& command);

// The report as JSON, with what became of its statement.
[[nodiscard]] Json json_of(const conformance::Suite& suite, const conformance::Report& report,
                           const Results& results);
[[nodiscard]] std::string text_of(const Results& results, const std::string& folder);

}  // namespace tools
