#include "solver/formula.h"

#include "acp/result.h"
#include "solver/schemas.h"
#include "solver/translate.h"

namespace cep {

namespace {

std::string open(const Formula& formula, Answer expected) {
  std::string text =
      "(set-info :status " + std::string(answer_name(expected)) + ")\n(set-logic " + formula.logic + ")\n";
  for (const auto& line : formula.declarations) text += line + "\n";
  return text;
}

std::string assertion(std::string_view what) { return "(assert " + std::string(what) + ")\n"; }

std::string conjunction(const std::vector<std::string>& parts, const std::string& last) {
  std::string text = "(and";
  for (const auto& part : parts) text += " " + part;
  return text + " " + last + ")";
}

std::string negation(const std::string& text) { return "(not " + text + ")"; }

std::string close() { return "(check-sat)\n"; }

// Premises and the first `lemmas` lemmas.
std::string given(const Formula& formula, Answer expected, Costly costly, std::size_t lemmas) {
  std::string text = open(formula, expected);
  for (const auto& premise : formula.premises) {
    if (costly == Costly::kYes || premise.costly == Costly::kNo) text += assertion(premise.text);
  }
  for (std::size_t i = 0; i < lemmas; ++i) text += assertion(formula.lemmas[i].text);
  return text;
}

Formula only_goal(const Formula& formula, const std::string& name) {
  Formula narrowed = formula;
  if (!name.empty()) std::erase_if(narrowed.goals, [&](const Goal& goal) { return goal.name != name; });
  return narrowed;
}

std::vector<Premise> without(const std::vector<Premise>& premises, std::size_t dropped) {
  std::vector<Premise> rest = premises;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(dropped));
  return rest;
}

// The rule with one output shifted: a bound off by one, the next node.
std::vector<Obligation> shifted_outputs(const Rule& rule) {
  std::vector<Obligation> twins;
  for (std::size_t i = 0; i < rule.outputs.size(); ++i) {
    for (const int shift : {1, -1}) {
      Rule shifted = rule;
      shifted.nodes.push_back({.op = ExprOp::kConst, .value = shift});
      shifted.nodes.push_back(
          {.op = ExprOp::kAdd, .a = rule.outputs[i].expr, .b = static_cast<Expr>(shifted.nodes.size() - 1)});
      shifted.outputs[i].expr = static_cast<Expr>(shifted.nodes.size() - 1);
      const Formula formula = formula_of(shifted);
      twins.push_back(
          {.subject = formula.subject,
           .name = "twin." + std::string(rule.outputs[i].name) + (shift > 0 ? ".above" : ".below"),
           .kind = ObligationKind::kTwin,
           .expected = Answer::kSat,
           .text = some_goal_fails(formula, formula.premises)});
    }
  }
  return twins;
}

}  // namespace

std::string_view kind_name(ObligationKind kind) {
  switch (kind) {
    case ObligationKind::kProof: return "proof";
    case ObligationKind::kPremises: return "premises";
    case ObligationKind::kDropped: return "dropped";
    case ObligationKind::kTwin: return "twin";
  }
  return "unknown";
}

std::string with(const Arguments& arguments, std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      text += pattern[i];
      continue;
    }
    const std::size_t end = pattern.find('}', i);
    ACP_ASSERT(end != std::string_view::npos);
    const auto found = arguments.find(pattern.substr(i + 1, end - i - 1));
    ACP_ASSERT(found != arguments.end());
    text += found->second;
    i = end;
  }
  return text;
}

Formula formula_of(const Rule& rule) {
  Formula formula;
  formula.subject = rule.id;
  formula.several_seeds = is_nonlinear(rule);
  formula.declarations = declare(rule);
  for (const auto& guard : rule.guards) {
    formula.premises.push_back({std::string(guard.name), to_smtlib(rule, guard.expr)});
  }
  for (const auto& hypothesis : rule.hypotheses) {
    const bool lemma = hypothesis.name.starts_with("lemma.");
    (lemma ? formula.lemmas : formula.premises)
        .push_back({.name = std::string(hypothesis.name), .text = to_smtlib(rule, hypothesis.expr)});
  }
  Arguments arguments;
  for (const auto& conclusion : rule.conclusions) {
    if (is_condition(rule, conclusion.expr)) {
      formula.goals.push_back({std::string(conclusion.name), {}, to_smtlib(rule, conclusion.expr)});
    } else {
      arguments[std::string(conclusion.name)] = to_smtlib(rule, conclusion.expr);
    }
  }
  switch (rule.schema) {
    case Schema::kArithmetic: break;
    case Schema::kFoldAppend: add_fold_append(arguments, formula); break;
    case Schema::kTreeLevel: add_tree_level(arguments, formula); break;
    case Schema::kExactlyOnce: add_exactly_once(arguments, formula); break;
    case Schema::kSemilattice: add_semilattice(arguments, formula); break;
  }
  return formula;
}

std::string some_goal_fails(const Formula& formula, const std::vector<Premise>& premises) {
  std::string text = open(formula, Answer::kSat);
  for (const auto& premise : premises) text += assertion(premise.text);
  std::string any = "(or";
  for (const auto& goal : formula.goals) any += "\n  " + conjunction(goal.context, negation(goal.text));
  return text + assertion(any + ")") + close();
}

std::vector<Obligation> obligations_of(const Formula& formula) {
  std::vector<Obligation> all;
  const auto add = [&](std::string name, ObligationKind kind, Answer expected, std::string text) {
    // A model is a model under any seed; a proof of products that only one seed finds is not relied on.
    const bool several_seeds = formula.several_seeds && kind == ObligationKind::kProof;
    all.push_back({formula.subject, std::move(name), kind, expected, several_seeds, std::move(text)});
  };
  for (std::size_t i = 0; i < formula.lemmas.size(); ++i) {
    const Premise& lemma = formula.lemmas[i];
    add("proof." + lemma.name, ObligationKind::kProof, Answer::kUnsat,
        given(formula, Answer::kUnsat, lemma.costly, i) + assertion(negation(lemma.text)) + close());
  }
  for (const auto& goal : formula.goals) {
    const auto question = [&](Answer expected, Costly costly) {
      std::string text = given(formula, expected, costly, formula.lemmas.size());
      for (const auto& line : goal.context) text += assertion(line);
      return text;
    };
    add("proof." + goal.name, ObligationKind::kProof, Answer::kUnsat,
        question(Answer::kUnsat, goal.costly) + assertion(negation(goal.text)) + close());
    add("premises." + goal.name, ObligationKind::kPremises, Answer::kSat,
        question(Answer::kSat, Costly::kYes) + close());
  }
  for (std::size_t i = 0; i < formula.premises.size(); ++i) {
    add("dropped." + formula.premises[i].name, ObligationKind::kDropped, Answer::kSat,
        some_goal_fails(only_goal(formula, formula.premises[i].breaks), without(formula.premises, i)));
  }
  for (const auto& twin : formula.twins) {
    std::string text = open(formula, Answer::kSat);
    for (const auto& line : twin.context) text += assertion(line);
    add("twin." + twin.name, ObligationKind::kTwin, Answer::kSat,
        text + assertion(negation(twin.text)) + close());
  }
  return all;
}

std::vector<Obligation> obligations_of(const Rule& rule) {
  std::vector<Obligation> all = obligations_of(formula_of(rule));
  for (Obligation& twin : shifted_outputs(rule)) all.push_back(std::move(twin));
  return all;
}

std::vector<Obligation> calculus_obligations() {
  std::vector<Obligation> all;
  for (const Formula& formula : calculus_formulas()) {
    for (Obligation& obligation : obligations_of(formula)) all.push_back(std::move(obligation));
  }
  return all;
}

std::vector<Obligation> all_obligations() {
  std::vector<Obligation> all;
  for (const Rule& rule : rule_table()) {
    for (Obligation& obligation : obligations_of(rule)) all.push_back(std::move(obligation));
  }
  for (Obligation& obligation : calculus_obligations()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace cep
