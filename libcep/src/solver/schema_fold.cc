// Folds in order, over any state and any step: chains, carried accumulators, blocks in index order.
//
// C(n) is the canonical state after n elements, defined for n <= length; G(h) the state of the run at hand before element h. The run
// starts at `begin` with `held`. Induction on h over [begin, end): base, step, and what its end means.
#include "acp/result.h"
#include "solver/schemas.h"

namespace cep {

namespace {

void add_start(const Arguments& arguments, Formula& formula) {
  formula.declarations.insert(
      formula.declarations.end(),
      {"(declare-sort State 0)", "(declare-fun C (Int) State)", "(declare-const init State)"});
  const std::string definition = "(= (C 0) init)";
  formula.goals.push_back({"init_is_state", {definition}, with(arguments, "(= init (C {begin}))")});
}

}  // namespace

void add_fold_append(const Arguments& arguments, Formula& formula) {
  if (!arguments.contains("end")) return add_start(arguments, formula);
  formula.declarations.insert(
      formula.declarations.end(),
      {"(declare-sort State 0)", "(declare-fun f (State Int) State)  ; one step: any function of state and k",
       "(declare-fun C (Int) State)", "(declare-fun G (Int) State)", "(declare-const held State)",
       "(declare-const h Int)"});
  formula.premises.push_back({"held_is_the_state", with(arguments, "(= held (C {seed}))")});
  const std::string start = with(arguments, "(= (G {begin}) held)");
  formula.goals.push_back({"base", {start}, with(arguments, "(= (G {begin}) (C {begin}))")});
  formula.goals.push_back({"step",
                           {with(arguments, "(<= {begin} h)"), with(arguments, "(< h {end})"),
                            with(arguments, "(=> (and (<= 0 h) (< h {length})) (= (C (+ h 1)) (f (C h) h)))"),
                            "(= (G (+ h 1)) (f (G h) h))", "(= (G h) (C h))"},
                           "(= (G (+ h 1)) (C (+ h 1)))"});
  formula.goals.push_back({"end",
                           {with(arguments, "(=> (<= {begin} {end}) (= (G {end}) (C {end})))")},
                           with(arguments, "(= (G {end}) (C {result}))")});
  // An accumulator that starts from something else than the state it should continue.
  formula.twins.push_back({"accumulator_from_init",
                           {with(arguments, "(= held (C 0))"), with(arguments, "(= {seed} {begin})"),
                            with(arguments, "(< 0 {begin})"), start},
                           with(arguments, "(= (G {begin}) (C {begin}))")});
  formula.twins.push_back(
      {"step_without_induction",
       {with(arguments, "(= {begin} 0)"), "(= h 1)", "(= (C 2) (f (C 1) 1))", "(= (G 2) (f (G 1) 1))"},
       "(= (G (+ h 1)) (C (+ h 1)))"});
}

}  // namespace cep
