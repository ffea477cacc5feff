#include <chrono>
#include <fstream>
#include <set>

#include "cep/solver.h"
#include "solver/formula.h"

namespace cep {

namespace {

acp::Result<std::vector<Obligation>> selected(const std::string& only) {
  std::vector<Obligation> obligations;
  for (Obligation& obligation : all_obligations()) {
    if (only.empty() || obligation.subject == only) obligations.push_back(std::move(obligation));
  }
  if (obligations.empty())
    return acp::malformed("CEP-RULE-2", only, "no rule or calculus statement of this name");
  return obligations;
}

}  // namespace

std::string_view answer_name(Answer answer) {
  switch (answer) {
    case Answer::kUnsat: return "unsat";
    case Answer::kSat: return "sat";
    case Answer::kUnknown: break;
  }
  return "unknown";
}

ProofRecord prove(const Obligation& obligation, std::uint32_t timeout_ms) {
  const auto begin = std::chrono::steady_clock::now();
  ProofRecord record{.subject = obligation.subject,
                     .name = obligation.name,
                     .kind = obligation.kind,
                     .expected = obligation.expected};
  record.answer = ask(obligation.text, timeout_ms, 0);
  for (std::uint32_t seed = 1; obligation.several_seeds && seed < kSeeds; ++seed) {
    if (ask(obligation.text, timeout_ms, seed) != record.answer) record.answer = Answer::kUnknown;
  }
  record.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return record;
}

acp::Result<std::vector<ProofRecord>> prove_rules(const ProveOptions& options) {
  ACP_TRY(const std::vector<Obligation> obligations, selected(options.only));
  std::vector<ProofRecord> records;
  for (const Obligation& obligation : obligations) records.push_back(prove(obligation, options.timeout_ms));
  return records;
}

acp::Digest digest_of(const std::vector<Obligation>& obligations) {
  acp::Sha256 hash;
  for (const Obligation& obligation : obligations) {
    hash.update(obligation.name);
    hash.update(obligation.several_seeds ? " under all seeds " : " ");
    hash.update(answer_name(obligation.expected));
    hash.update("\n");
    hash.update(obligation.text);
  }
  return hash.finish();
}

acp::Result<std::string> discharged_text(const std::vector<ProofRecord>& records) {
  std::set<std::pair<std::string, std::string>> answered;
  for (const ProofRecord& record : records) {
    if (!record.as_expected()) {
      return acp::invalid("CEP-RULE-3", record.subject,
                          record.name + " must be " + std::string(answer_name(record.expected)) + ", is " +
                              std::string(answer_name(record.answer)));
    }
    answered.emplace(record.subject, record.name);
  }
  for (const Obligation& obligation : all_obligations()) {
    if (!answered.contains({obligation.subject, obligation.name})) {
      return acp::invalid("CEP-RULE-3", obligation.subject, obligation.name + " was not put to the solver");
    }
  }
  std::string text =
      "# Rules whose obligations were discharged: name, digest of the rule, digest of its obligations.\n"
      "# Written by `cep rules prove --write`.\n";
  for (const Rule& rule : rule_table()) {
    text += std::string(rule.id) + " " + acp::to_hex(rule_digest(rule)) + " " +
            acp::to_hex(digest_of(obligations_of(rule))) + "\n";
  }
  return text + "calculus - " + acp::to_hex(digest_of(calculus_obligations())) + "\n";
}

acp::Result<std::size_t> export_obligations(const std::string& directory, const std::string& only) {
  ACP_TRY(const std::vector<Obligation> obligations, selected(only));
  for (const Obligation& obligation : obligations) {
    const std::string path = directory + "/" + obligation.subject + "." + obligation.name + ".smt2";
    std::ofstream file(path, std::ios::binary);
    file << obligation.text;
    if (!file.flush()) return acp::environment(path, "cannot be written");
  }
  return obligations.size();
}

}  // namespace cep
