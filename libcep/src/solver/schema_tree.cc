// Nodes of the blocked tree.
//
// N(s, t) is entry t at span s; it is there when t >= 0 and t * s < blocks, which is to say t < ceil(blocks / s)
// (calculus.tree.count). The level rule defines N(2s, t) from N(s, 2t) and N(s, 2t + 1). What a rule says about one level is
// proved here; that levels follow each other is proved once, in calculus.tree.*.
#include "acp/result.h"
#include "solver/schemas.h"

namespace cep {

namespace {

// Entry t of span 2s.
std::string level_rule(const std::string& s, const std::string& t) {
  return with({{"s", s}, {"t", t}},
              "(=> (and (< 0 {s}) (<= 0 {t}) (< (* (* 2 {t}) {s}) blocks)) (= (N (* 2 {s}) {t})"
              " (ite (< (* (+ (* 2 {t}) 1) {s}) blocks) (add (N {s} (* 2 {t})) (N {s} (+ (* 2 {t}) 1)))"
              " (N {s} (* 2 {t})))))");
}

void declare_nodes(const Arguments& arguments, Formula& formula) {
  formula.declarations.insert(
      formula.declarations.end(),
      {"(declare-sort Value 0)", "(declare-fun add (Value Value) Value)", "(declare-fun N (Int Int) Value)",
       with(arguments, "(define-fun blocks () Int {blocks})")});
}

void add_join(const Arguments& arguments, Formula& formula) {
  declare_nodes(arguments, formula);
  const std::string a = with(arguments, "(N {left_span} {left_position})");
  const std::string b = with(arguments, "(N {right_span} {right_position})");
  const std::string sum = "(add " + a + " " + b + ")";
  const std::string level = level_rule(arguments.at("left_span"), arguments.at("position"));
  formula.premises.push_back({"addition_commutes", "(= " + sum + " (add " + b + " " + a + "))"});
  formula.goals.push_back({"is_parent", {level}, "(= " + sum + with(arguments, " (N {span} {position}))")});
  formula.goals.push_back(
      {"is_entry", {}, with(arguments, "(and (<= 0 {position}) (< (* {position} {span}) blocks))")});
}

void add_pass_up(const Arguments& arguments, Formula& formula) {
  declare_nodes(arguments, formula);
  const std::string level = level_rule(arguments.at("child_span"), arguments.at("position"));
  formula.goals.push_back({"same_value",
                           {level},
                           with(arguments, "(= (N {child_span} {child_position}) (N {span} {position}))")});
  formula.goals.push_back(
      {"is_entry", {}, with(arguments, "(and (<= 0 {position}) (< (* {position} {span}) blocks))")});
}

// R is entry 0 of any span that has no other; they are all equal (calculus.tree.root).
void add_root(const Arguments& arguments, Formula& formula) {
  declare_nodes(arguments, formula);
  formula.declarations.push_back("(declare-const R Value)");
  formula.goals.push_back({"is_whole",
                           {with(arguments, "(=> (and (< 0 blocks) (<= blocks {span})) (= R (N {span} 0)))")},
                           with(arguments, "(= R (N {span} {position}))")});
}

// A range of k reduced by itself: its own block u against block first + u of the whole. A block is there when it holds an
// element, or is block 0. The start of the induction over levels that calculus.tree.level carries on, to the one entry at `span`.
void add_block(const Arguments& arguments, Formula& formula) {
  formula.declarations.insert(
      formula.declarations.end(),
      {with(arguments, "(define-fun first () Int (* {position} {span}))"), "(declare-const u Int)",
       with(arguments,
            "(define-fun is_block ((i Int)) Bool (and (<= 0 i) (or (= i 0) (< (* i {block}) {length}))))"),
       with(arguments,
            "(define-fun is_own ((i Int)) Bool (and (<= 0 i) (or (= i 0) (< (* i {block}) (- {to} "
            "{from})))))")});
  std::string powers = "(or";
  for (int exponent = 0; exponent <= 62; ++exponent) {
    powers += with(arguments, " (= {span} ") + std::to_string(std::int64_t{1} << exponent) + ")";
  }
  // 63 cases, of which nearly everything only needs that they are positive.
  for (Premise& premise : formula.premises) {
    if (premise.name != "span_power_of_two") continue;
    premise.costly = Costly::kYes;
    premise.breaks = "power_of_two";
  }
  formula.lemmas = {
      {"lemma.span_positive", with(arguments, "(< 0 {span})"), Costly::kYes},
      {"lemma.first", with(arguments, "(= {from} (* first {block}))")},
      {"lemma.starts", with(arguments, "(= (* (+ first u) {block}) (+ {from} (* u {block})))")},
      {"lemma.node_end",
       with(arguments, "(= (* (+ {position} 1) {block} {span}) (+ {from} (* {span} {block})))")},
      {"lemma.below", with(arguments, "(=> (< u {span}) (<= (+ (* u {block}) {block}) (* {span} {block})))")},
      {"lemma.above", with(arguments, "(=> (<= {span} u) (<= (* {span} {block}) (* u {block})))")}};
  formula.goals.push_back({"power_of_two", {}, powers + ")", Costly::kYes});
  formula.goals.push_back(
      {"range", {}, with(arguments, "(and (<= 0 {from}) (<= {from} {to}) (<= {to} {length}))")});
  formula.goals.push_back({"is_entry", {}, with(arguments, "(and (<= 0 {position}) (is_block first))")});
  formula.goals.push_back({"own_blocks",
                           {"(<= 0 u)"},
                           with(arguments, "(= (is_own u) (and (< u {span}) (is_block (+ first u))))")});
  formula.goals.push_back(
      {"same_cuts",
       {"(is_own u)"},
       with(arguments,
            "(and (= (+ {from} (* u {block})) (* (+ first u) {block}))"
            " (= (least (+ {from} (* (+ u 1) {block})) {to}) (least (* (+ first u 1) {block}) {length})))")});
}

}  // namespace

void add_tree_level(const Arguments& arguments, Formula& formula) {
  if (arguments.contains("right_span")) return add_join(arguments, formula);
  if (arguments.contains("child_span")) return add_pass_up(arguments, formula);
  if (arguments.contains("from")) return add_block(arguments, formula);
  add_root(arguments, formula);
}

}  // namespace cep
