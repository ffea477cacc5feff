// Formula: what is to be proved of one subject, before it is turned into questions.
#pragma once

#include <string>
#include <vector>

#include "cep/rule.h"
#include "cep/solver.h"

namespace cep {

// A costly premise is left out where it is not asked for: a proof that does without it is a proof.
enum class Costly : std::uint8_t { kNo, kYes };

// A named assumption. Dropping any one must break some goal, else it should not be there.
struct Premise {
  std::string name;
  std::string text;
  Costly costly = Costly::kNo;  // of a lemma: whether it needs the costly premises
  std::string breaks{};         // the goal that fails without it; empty: let the solver find one
};
// context: definitions at the instances this goal uses, and its induction hypothesis.
struct Goal {
  std::string name;
  std::vector<std::string> context;
  std::string text;
  Costly costly = Costly::kNo;  // whether it needs the costly premises
};
// A false statement: with its own assertions, and the negation of `text`, there is a model.
struct Twin {
  std::string name;
  std::vector<std::string> context;
  std::string text;
};

// lemmas: each is proved from the premises and the lemmas before it, then used by the goals.
struct Formula {
  std::string subject;
  std::string logic = "ALL";
  bool several_seeds = false;
  std::vector<std::string> declarations{};
  std::vector<Premise> premises{};
  std::vector<Premise> lemmas{};
  std::vector<Goal> goals{};
  std::vector<Twin> twins{};
};

[[nodiscard]] Formula formula_of(const Rule& rule);
[[nodiscard]] std::vector<Formula> calculus_formulas();
// Questions of a formula: proofs, premises, dropped premises, twins.
[[nodiscard]] std::vector<Obligation> obligations_of(const Formula& formula);
// The question whether any goal fails.
[[nodiscard]] std::string some_goal_fails(const Formula& formula, const std::vector<Premise>& premises);

}  // namespace cep
