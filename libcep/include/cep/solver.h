// The solver room: proves the rules once, for all their inputs. Nothing of it runs while a plan is verified.
//
// An Obligation is one question in SMT-LIB 2 with the answer it must have. `unsat` ones say that a rule's meaning follows; `sat` ones
// keep them honest: hypotheses that contradict each other prove anything, and a guard that can go without harm, or an
// output that can be off by one, shows that the question asks too little.
// Spec     CEP 6a (rules).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/rule.h"

namespace cep {

enum class Answer : std::uint8_t {
  kUnsat = 1,
  kSat = 2,
  kUnknown = 3
};  // kUnknown: also timeouts and faults of the solver
[[nodiscard]] std::string_view answer_name(Answer answer);

enum class ObligationKind : std::uint8_t {
  kProof = 1,     // premises and the negated goal: must be unsat
  kPremises = 2,  // premises alone: must be sat
  kDropped = 3,   // one premise dropped: must be sat
  kTwin = 4,      // the rule changed for the worse: must be sat
};
[[nodiscard]] std::string_view kind_name(ObligationKind kind);

struct Obligation {
  std::string subject;  // the rule, or "calculus.*" for what is common to all rules
  std::string name;     // "proof.bounded", "dropped.positive"
  ObligationKind kind = ObligationKind::kProof;
  Answer expected = Answer::kUnsat;
  bool several_seeds = false;  // non-linear: must have this answer under every seed of kSeeds
  std::string text;            // SMT-LIB 2, complete
};
inline constexpr std::uint32_t kSeeds = 5;

// Everything that must hold of a rule, whether it is in the table or not.
[[nodiscard]] std::vector<Obligation> obligations_of(const Rule& rule);
// What the schemas and the verifier rest on besides the rules: levels of the tree, chains of accesses, neutral elements, maximum.
[[nodiscard]] std::vector<Obligation> calculus_obligations();
// All of the above, for the rule table.
[[nodiscard]] std::vector<Obligation> all_obligations();

// Puts one question to Z3. Never throws; a solver that gives up, or breaks, answers kUnknown.
// Threads  calls are independent.
[[nodiscard]] Answer ask(const std::string& text, std::uint32_t timeout_ms, std::uint32_t seed);

// The second solver: cvc5, a program of its own, one process a question, which reads exactly `text`. It is ended after timeout_ms and
// may use 4 GiB. A fault, a limit, and output that is not one answer are kUnknown.
// Threads  calls are independent.
[[nodiscard]] Answer ask_cvc5(const std::string& program, const std::string& text, std::uint32_t timeout_ms);
// $CEP_CVC5, or the program of that name in $PATH; empty: not installed.
[[nodiscard]] std::string find_cvc5();

struct ProofRecord {
  std::string subject;
  std::string name;
  ObligationKind kind = ObligationKind::kProof;
  Answer expected = Answer::kUnsat;
  Answer answer = Answer::kUnknown;  // Z3's; with several seeds: kUnknown unless all agree
  double ms = 0;                     // wall time, all seeds together
  std::optional<Answer> second{};    // cvc5's, where it was asked
  double second_ms = 0;
  [[nodiscard]] bool as_expected() const { return answer == expected && (!second || *second == expected); }
  // One says that there is a model, the other that there is none.
  [[nodiscard]] bool contradicted() const {
    return second && answer != *second && answer != Answer::kUnknown && *second != Answer::kUnknown;
  }
};

struct ProveOptions {
  std::uint32_t timeout_ms = 10'000;  // per question, solver and seed
  std::string only{};                 // a rule, or "calculus.*" subject; empty: all
  std::string cvc5{};                 // the program; empty: Z3 alone is asked
  std::size_t threads = 1;
};
[[nodiscard]] ProofRecord prove(const Obligation& obligation, const ProveOptions& options);
// Errors   CEP-RULE-2 `only` names nothing.
// Spec     CEP 6a.4.
[[nodiscard]] acp::Result<std::vector<ProofRecord>> prove_rules(const ProveOptions& options = {});
// Errors   CEP-RULE-4 the solvers contradict each other.
// Spec     CEP 6a.4.
[[nodiscard]] acp::Status solvers_agree(const std::vector<ProofRecord>& records);

// The text of libcep/src/rules/discharged.txt: one line a rule, its digest and that of its obligations.
// Errors   CEP-RULE-3 an obligation was not answered by both solvers as expected, or was not put at all.
// Spec     CEP 6a.5.
[[nodiscard]] acp::Result<std::string> discharged_text(const std::vector<ProofRecord>& records);
[[nodiscard]] acp::Digest digest_of(const std::vector<Obligation>& obligations);

// Writes every obligation as SUBJECT.NAME.smt2 into an existing directory, for a second solver; the expected answer stands in the
// file, as (set-info :status ...). Returns how many.
// Errors   CEP-RULE-2 `only` names nothing; environment when a file cannot be written.
// Spec     CEP 6a.4.
[[nodiscard]] acp::Result<std::size_t> export_obligations(const std::string& directory,
                                                          const std::string& only = {});

}  // namespace cep
