#include <atomic>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>
#include <utility>

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

ProofRecord prove(const Obligation& obligation, const ProveOptions& options) {
  ProofRecord record{.subject = obligation.subject,
                     .name = obligation.name,
                     .kind = obligation.kind,
                     .expected = obligation.expected};
  auto begin = std::chrono::steady_clock::now();
  const auto lap = [&begin] {
    const auto end = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::milli>(end - std::exchange(begin, end)).count();
  };
  record.answer = ask(obligation.text, options.timeout_ms, 0);
  for (std::uint32_t seed = 1; obligation.several_seeds && seed < kSeeds; ++seed) {
    if (ask(obligation.text, options.timeout_ms, seed) != record.answer) record.answer = Answer::kUnknown;
  }
  record.ms = lap();
  if (!options.cvc5.empty()) {
    record.second = ask_cvc5(options.cvc5, obligation.text, options.timeout_ms);
    record.second_ms = lap();
  }
  return record;
}

acp::Result<std::vector<ProofRecord>> prove_rules(const ProveOptions& options) {
  ACP_TRY(const std::vector<Obligation> obligations, selected(options.only));
  std::vector<ProofRecord> records(obligations.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < obligations.size(); i = next++) {
      records[i] = prove(obligations[i], options);
    }
  };
  std::vector<std::jthread> others;
  while (others.size() + 1 < options.threads) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // fewer threads take longer
    }
  }
  work();
  others.clear();
  return records;
}

acp::Status solvers_agree(const std::vector<ProofRecord>& records) {
  for (const ProofRecord& record : records) {
    if (!record.contradicted()) continue;
    return acp::invalid("CEP-RULE-4", record.subject,
                        record.name + ": " + std::string(answer_name(record.answer)) + " says Z3, " +
                            std::string(answer_name(*record.second)) + " says cvc5");
  }
  return acp::ok();
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
    const auto must_be = [&](Answer is, const char* solver) {
      return acp::invalid("CEP-RULE-3", record.subject,
                          record.name + " must be " + std::string(answer_name(record.expected)) + ", is " +
                              std::string(answer_name(is)) + solver);
    };
    if (record.answer != record.expected) return must_be(record.answer, "");
    if (!record.second) {
      return acp::invalid("CEP-RULE-3", record.subject, record.name + " was not put to cvc5");
    }
    if (*record.second != record.expected) return must_be(*record.second, " by cvc5");
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
