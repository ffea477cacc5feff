// Partial results over sets of k where order does not count.
//
// A(n), B(n), U(n): what the two parts, and their claimed union, hold of the elements below n. Induction on n; `e` is a part that holds
// nothing. Only ground instances of the laws are given: associativity and commutativity of `join`, for maxima also idempotence.
#include "solver/schemas.h"

namespace cep {

namespace {

constexpr const char* kInA = "(and (<= {a_lo} n) (< n {a_hi}))";
constexpr const char* kInB = "(and (<= {b_lo} n) (< n {b_hi}))";

void declare_parts(Formula& formula) {
  formula.declarations.insert(
      formula.declarations.end(),
      {"(declare-sort Value 0)", "(declare-fun join (Value Value) Value)", "(declare-const e Value)",
       "(declare-fun t (Int) Value)", "(declare-fun A (Int) Value)", "(declare-fun B (Int) Value)",
       "(declare-fun U (Int) Value)", "(declare-const n Int)"});
}

std::string grows(const char* part, const std::string& when) {
  const std::string p = part;
  return "(= (" + p + " (+ n 1)) (ite " + when + " (join (" + p + " n) (t n)) (" + p + " n)))";
}

// The laws at the values of one step.
std::vector<std::string> laws() {
  return {"(= (join (join (A n) (t n)) (B n)) (join (A n) (join (t n) (B n))))",
          "(= (join (t n) (B n)) (join (B n) (t n)))",
          "(= (join (join (A n) (B n)) (t n)) (join (A n) (join (B n) (t n))))"};
}

void add_goals(const Arguments& arguments, const std::string& in_union, std::vector<std::string> step,
               Formula& formula) {
  formula.goals.push_back({"base",
                           {"(= (A n) e)", "(= (B n) e)", "(= (U n) e)", "(= (join e e) e)"},
                           "(= (join (A n) (B n)) (U n))"});
  step.insert(step.end(), {grows("A", with(arguments, kInA)), grows("B", with(arguments, kInB)),
                           grows("U", in_union), "(= (join (A n) (B n)) (U n))"});
  formula.goals.push_back({"step", step, "(= (join (A (+ n 1)) (B (+ n 1))) (U (+ n 1)))"});
}

}  // namespace

void add_exactly_once(const Arguments& arguments, Formula& formula) {
  declare_parts(formula);
  const std::string in_a = with(arguments, kInA);
  const std::string in_b = with(arguments, kInB);
  formula.goals.push_back({"count", {}, "(<= (+ (ite " + in_a + " 1 0) (ite " + in_b + " 1 0)) 1)"});
  add_goals(arguments, "(or " + in_a + " " + in_b + ")", laws(), formula);
}

void add_semilattice(const Arguments& arguments, Formula& formula) {
  declare_parts(formula);
  const std::string in_a = with(arguments, kInA);
  const std::string in_b = with(arguments, kInB);
  const std::string in_union = with(arguments, "(and (<= {lo} n) (< n {hi}))");
  formula.goals.push_back({"union", {}, "(= (or " + in_a + " " + in_b + ") " + in_union + ")"});
  std::vector<std::string> step = laws();
  step.insert(
      step.end(),
      {"(= (join (join (A n) (t n)) (join (B n) (t n))) (join (join (join (A n) (t n)) (B n)) (t n)))",
       "(= (join (join (join (A n) (B n)) (t n)) (t n)) (join (join (A n) (B n)) (join (t n) (t n))))"});
  formula.premises.push_back({"idempotent", "(= (join (t n) (t n)) (t n))"});
  add_goals(arguments, in_union, step, formula);
}

}  // namespace cep
