// RuleBuilder: writes a rule as one would on paper; the operators make nodes of its syntax tree.
//
//   RuleBuilder r("index.add", "The sum of two bounded indices is bounded by the sums of the bounds.");
//   auto [a, b] = r.inputs<2>({"a", "b"});
//   r.output("sum", a + b);
// Guards and outputs are written before anything of the meaning: fire() evaluates nodes up to the last one they use.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "cep/rule.h"

namespace cep {

class RuleBuilder;

// A node under construction. Valid while its builder lives.
struct Term {
  RuleBuilder* owner = nullptr;
  Expr expr = 0;
};

class RuleBuilder {
 public:
  RuleBuilder(std::string_view id, std::string_view says, Schema schema = Schema::kArithmetic);

  template <std::size_t N>
  std::array<Term, N> inputs(const std::array<std::string_view, N>& names) {
    std::array<Term, N> terms;
    for (std::size_t i = 0; i < N; ++i) terms[i] = input(names[i]);
    return terms;
  }
  Term input(std::string_view name);
  Term variable(std::string_view name);
  Term constant(std::int64_t value);
  void guard(std::string_view name, Term condition);
  // Returns the output as the meaning sees it.
  Term output(std::string_view name, Term value);
  void hypothesis(std::string_view name, Term condition);
  // A step of the proof, not an assumption: proved from the guards, hypotheses and lemmas before it. The name begins "lemma.".
  void lemma(std::string_view name, Term condition) { hypothesis(name, condition); }
  void conclusion(std::string_view name, Term condition);
  // An argument of the rule's schema: a conclusion that is an integer (spec CEP 6a.3).
  void argument(std::string_view name, Term value) { conclusion(name, value); }
  Term node(ExprOp op, Term a, Term b = {}, Term c = {});
  // Numbers the nodes in the order the statements reach them: C++ leaves open which operand of an expression is built first, and a
  // rule must have one digest whatever the compiler.
  [[nodiscard]] Rule finish() &&;

 private:
  Term leaf(ExprOp op, std::int64_t value);
  Rule rule_;
};

// clang-format off
inline Term lift(Term like, std::int64_t value) { return like.owner->constant(value); }
inline Term operator+(Term a, Term b) { return a.owner->node(ExprOp::kAdd, a, b); }
inline Term operator-(Term a, Term b) { return a.owner->node(ExprOp::kSub, a, b); }
inline Term operator*(Term a, Term b) { return a.owner->node(ExprOp::kMul, a, b); }
inline Term operator<(Term a, Term b) { return a.owner->node(ExprOp::kLt, a, b); }
inline Term operator<=(Term a, Term b) { return a.owner->node(ExprOp::kLe, a, b); }
inline Term operator==(Term a, Term b) { return a.owner->node(ExprOp::kEq, a, b); }
inline Term operator+(Term a, std::int64_t b) { return a + lift(a, b); }
inline Term operator-(Term a, std::int64_t b) { return a - lift(a, b); }
inline Term operator*(Term a, std::int64_t b) { return a * lift(a, b); }
inline Term operator<(Term a, std::int64_t b) { return a < lift(a, b); }
inline Term operator<(std::int64_t a, Term b) { return lift(b, a) < b; }
inline Term operator<=(std::int64_t a, Term b) { return lift(b, a) <= b; }
inline Term operator<=(Term a, std::int64_t b) { return a <= lift(a, b); }
inline Term operator==(Term a, std::int64_t b) { return a == lift(a, b); }
inline Term floor_div(Term a, Term b) { return a.owner->node(ExprOp::kFloorDiv, a, b); }
inline Term floor_div(Term a, std::int64_t b) { return floor_div(a, lift(a, b)); }
inline Term mod(Term a, Term b) { return a.owner->node(ExprOp::kMod, a, b); }
inline Term min_of(Term a, Term b) { return a.owner->node(ExprOp::kMin, a, b); }
inline Term max_of(Term a, Term b) { return a.owner->node(ExprOp::kMax, a, b); }
inline Term negated(Term a) { return a.owner->node(ExprOp::kNot, a); }
inline Term choose(Term condition, Term yes, Term no) { return yes.owner->node(ExprOp::kIte, condition, yes, no); }
// clang-format on
Term all_of(std::initializer_list<Term> terms);
Term any_of(std::initializer_list<Term> terms);
inline Term implies(Term a, Term b) { return any_of({negated(a), b}); }
inline Term same_truth(Term a, Term b) { return all_of({implies(a, b), implies(b, a)}); }
// lo <= x < hi.
inline Term inside(Term x, Term lo, Term hi) { return all_of({lo <= x, x < hi}); }
// lo <= x <= hi.
inline Term between(Term x, Term lo, Term hi) { return all_of({lo <= x, x <= hi}); }
// x is one of 2^0 ... 2^62.
Term is_power_of_two(Term x);
// The least q with q * b >= a, for b > 0.
inline Term ceil_div(Term a, Term b) { return floor_div(a + b - 1, b); }

}  // namespace cep
