// acp-conformance mutants: every wrong shim, forged piece of evidence, wrong workload and document of the corpus, and who found it.
#pragma once

#include <chrono>
#include <string>

#include "conformance/mutants/mutants.h"
#include "tools/cli/cli.h"

namespace tools {

struct MutantHunt {
  std::string shim;       // that is made wrong
  std::string one;        // only the mutant of this name; empty: all
  std::string documents;  // the folder of the corpus of documents
  conformance::Hunt how = conformance::Hunt::kKiller;
  std::chrono::milliseconds limit{};
};

// Prints a table. kYes: each was found, for its reason.
//
// Errors   ACP-CONF-1 there is no such mutant; environment: the corpus cannot be read.
// Spec     ACP 7.6.
[[nodiscard]] acp::Result<Exit> run_mutants(const MutantHunt& hunt, Format format);

}  // namespace tools
