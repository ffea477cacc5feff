// What the schemas and the verifier rest on besides the rules, as statements of their own.
#include "solver/formula.h"

namespace cep {

namespace {

// Lines of the tree's levels: n entries below, N above, N = ceil(n / 2).
std::string half(const std::string& above, const std::string& below) {
  return "(or (= " + below + " (* 2 " + above + ")) (= " + below + " (- (* 2 " + above + ") 1)))";
}

// c0 = ceil(blocks / s) entries at span s make ceil(c0 / 2) = ceil(blocks / 2s) at span 2s; entry t is one of them when its first
// block is there.
Formula tree_count() {
  Formula f{.subject = "calculus.tree.count", .several_seeds = true};
  f.declarations = {"(declare-const blocks Int)", "(declare-const s Int)", "(declare-const c0 Int)",
                    "(declare-const c1 Int)", "(declare-const t Int)"};
  f.premises = {{"not_one_fewer", "(< (* (- c0 1) s) blocks)"},
                {"enough", "(<= blocks (* c0 s))"},
                {"level_rule", half("c1", "c0")}};
  f.lemmas = {{"lemma.span_positive", "(< 0 s)"}};
  f.goals = {{"step", {}, "(and (< (* (- c1 1) (* 2 s)) blocks) (<= blocks (* c1 (* 2 s))))"},
             {"entries", {}, "(= (< t c0) (< (* t s) blocks))"}};
  f.twins = {{"odd_tail_forgotten",
              {"(< 0 s)", "(< (* (- c0 1) s) blocks)", "(<= blocks (* c0 s))", "(= c1 (div c0 2))"},
              "(<= blocks (* c1 (* 2 s)))"}};
  return f;
}

// One level of a range that is node p of some span, reduced by itself. That span is r times the span of level 0 here; the range's
// entries begin at o, and there are c of them, of n of the whole tree. By induction over levels until r = 1, where there is one: the node.
Formula tree_level() {
  Formula f{.subject = "calculus.tree.level", .several_seeds = true};
  f.declarations = {"(define-fun least ((a Int) (b Int)) Int (ite (<= a b) a b))",
                    "(declare-const n0 Int)",
                    "(declare-const n1 Int)",
                    "(declare-const c0 Int)",
                    "(declare-const c1 Int)",
                    "(declare-const r0 Int)",
                    "(declare-const r1 Int)",
                    "(declare-const p Int)",
                    "(define-fun o0 () Int (* p r0))",
                    "(define-fun o1 () Int (* p r1))"};
  f.premises = {{"levels_left", "(<= 1 r1)"},
                {"aligned", "(= r0 (* 2 r1))"},
                {"node_exists", "(and (<= 0 p) (< o0 n0))"},
                {"node_is_complete", "(= c0 (- (least (* (+ p 1) r0) n0) o0))"},
                {"level_rule_of_tree", half("n1", "n0")},
                {"level_rule_of_range", half("c1", "c0")}};
  f.goals = {{"entries", {}, "(= c1 (- (least (* (+ p 1) r1) n1) o1))"},
             {"exists", {}, "(and (<= 0 o1) (< o1 n1))"},
             {"begin", {}, "(and (<= 0 o0) (= o0 (* 2 o1)))"},
             {"complete", {}, "(= c0 (least r0 (- n0 o0)))"}};
  return f;
}

// The values of that level: g are the entries of the whole tree, h those of the range. What it is given was proved just above; it stands
// apart because it multiplies nothing.
Formula tree_values() {
  Formula f{.subject = "calculus.tree.values"};
  f.declarations = {"(declare-sort Value 0)",
                    "(declare-fun add (Value Value) Value)",
                    "(declare-fun g0 (Int) Value)",
                    "(declare-fun g1 (Int) Value)",
                    "(declare-fun h0 (Int) Value)",
                    "(declare-fun h1 (Int) Value)",
                    "(define-fun least ((a Int) (b Int)) Int (ite (<= a b) a b))",
                    "(declare-const n0 Int)",
                    "(declare-const c0 Int)",
                    "(declare-const c1 Int)",
                    "(declare-const r1 Int)",
                    "(declare-const o0 Int)",
                    "(declare-const o1 Int)",
                    "(declare-const u Int)"};
  f.premises = {{"begin", "(= o0 (* 2 o1))"},
                {"complete", "(= c0 (least (* 2 r1) (- n0 o0)))"},
                {"level_rule_of_range", half("c1", "c0")}};
  const auto entry = [](const std::string& above, const std::string& below, const std::string& n,
                        const std::string& t) {
    return "(= (" + above + " " + t + ") (ite (< (+ (* 2 " + t + ") 1) " + n + ") (add (" + below + " (* 2 " +
           t + ")) (" + below + " (+ (* 2 " + t + ") 1))) (" + below + " (* 2 " + t + "))))";
  };
  const auto same = [](const std::string& i) {
    return "(=> (and (<= 0 " + i + ") (< " + i + " c0)) (= (h0 " + i + ") (g0 (+ o0 " + i + "))))";
  };
  f.goals = {{"values",
              {"(<= 0 u)", "(< u c1)", entry("h1", "h0", "c0", "u"), entry("g1", "g0", "n0", "(+ o1 u)"),
               same("(* 2 u)"), same("(+ (* 2 u) 1)")},
              "(= (h1 u) (g1 (+ o1 u)))"}};
  return f;
}

Formula tree_top() {
  Formula f{.subject = "calculus.tree.top"};
  f.declarations = {"(define-fun least ((a Int) (b Int)) Int (ite (<= a b) a b))", "(declare-const n Int)",
                    "(declare-const p Int)", "(declare-const c Int)"};
  f.premises = {{"node_exists", "(< p n)"}, {"node_is_complete", "(= c (- (least (+ p 1) n) p))"}};
  f.goals = {{"one_entry", {}, "(= c 1)"}};
  return f;
}

// Once entry 0 covers all blocks, so does entry 0 of every larger span, with the same value.
Formula tree_root() {
  Formula f{.subject = "calculus.tree.root"};
  f.declarations = {"(declare-sort Value 0)", "(declare-fun add (Value Value) Value)",
                    "(declare-fun N (Int Int) Value)", "(declare-const s Int)", "(declare-const blocks Int)"};
  f.premises = {{"some", "(< 0 blocks)"},
                {"covers", "(<= blocks s)"},
                {"level_rule",
                 "(=> (and (< 0 s) (< (* 0 s) blocks))"
                 " (= (N (* 2 s) 0) (ite (< (* 1 s) blocks) (add (N s 0) (N s 1)) (N s 0))))"}};
  f.goals = {{"same_value", {}, "(= (N (* 2 s) 0) (N s 0))"}, {"still_covers", {}, "(<= blocks (* 2 s))"}};
  return f;
}

// Joining in another shape than the order's, even with a commutative addition.
Formula order_shapes() {
  Formula f{.subject = "calculus.order.shapes"};
  f.declarations = {"(declare-sort Value 0)",
                    "(declare-fun add (Value Value) Value)",
                    "(declare-const s0 Value)",
                    "(declare-const s1 Value)",
                    "(declare-const s2 Value)",
                    "(declare-const s3 Value)",
                    "(define-fun index () Value (add (add (add s0 s1) s2) s3))",
                    "(define-fun tree () Value (add (add s0 s1) (add s2 s3)))"};
  const auto commutes = [](const std::string& a, const std::string& b) {
    return "(= (add " + a + " " + b + ") (add " + b + " " + a + "))";
  };
  f.twins = {{"presummed_halves_in_index_order",
              {commutes("s0", "s1"), commutes("s2", "s3"), commutes("(add s0 s1)", "(add s2 s3)")},
              "(= tree index)"},
             {"children_of_two_parents",
              {commutes("s0", "s3"), commutes("s1", "s2"), commutes("(add s0 s3)", "(add s1 s2)")},
              "(= (add (add s1 s2) (add s0 s3)) tree)"},
             {"ring_rotation",
              {commutes("s0", "s3"), commutes("s1", "s2")},
              "(= (add (add (add s1 s2) s3) s0) index)"}};
  return f;
}

// The verifier keeps, for every byte, the last writer w and the readers since. It asks a new access x to come after w, a
// write also after those readers. Then x comes after every earlier access a that it conflicts with, by one step of transitivity.
Formula race(bool write) {
  Formula f{.subject = write ? "calculus.race.write" : "calculus.race.read"};
  f.declarations = {"(declare-sort Access 0)",  "(declare-fun before (Access Access) Bool)",
                    "(declare-const w Access)", "(declare-const a Access)",
                    "(declare-const x Access)", "(declare-fun reads_since (Access) Bool)"};
  f.premises = {{"after_last_writer", "(before w x)"},
                {"transitive", "(=> (and (before a w) (before w x)) (before a x))"}};
  if (write) {
    f.premises.push_back({"after_readers", "(=> (reads_since a) (before a x))"});
    f.premises.push_back({"earlier_accesses_are_known", "(or (= a w) (before a w) (reads_since a))"});
  } else {
    f.premises.push_back({"earlier_writers_are_known", "(or (= a w) (before a w))"});
  }
  f.goals = {{"ordered", {}, "(before a x)"}};
  return f;
}

// Views with the same corner, and the same step along every axis, agree at every point: one axis more.
Formula view_axes() {
  Formula f{.subject = "calculus.view.axes"};
  f.declarations = {"(declare-fun F (Int) Int)",
                    "(declare-fun V (Int) Int)",
                    "(declare-fun f (Int) Int)",
                    "(declare-fun v (Int) Int)",
                    "(declare-const axis Int)",
                    "(assert (= (F (+ axis 1)) (+ (F axis) (f axis))))",
                    "(assert (= (V (+ axis 1)) (+ (V axis) (v axis))))"};
  f.premises = {{"axes_before", "(= (F axis) (V axis))"}, {"this_axis", "(= (f axis) (v axis))"}};
  f.goals = {{"step", {}, "(= (F (+ axis 1)) (V (+ axis 1)))"}};
  return f;
}

// Boxes that lie in an output of n elements and share none hold each of them at most once. If their elements together are as many as the output's,
// each is held exactly once: one element more. Parts by number, likewise.
Formula cover() {
  Formula f{.subject = "calculus.cover"};
  f.declarations = {"(declare-const held Int)  ; of the elements before", "(declare-const before Int)",
                    "(declare-const this Int)"};
  f.premises = {{"at_most_once", "(<= this 1)"}, {"at_most_once_before", "(<= held before)"}};
  f.goals = {{"at_most_all", {}, "(<= (+ held this) (+ before 1))"},
             {"all_means_each", {}, "(=> (= (+ held this) (+ before 1)) (and (= held before) (= this 1)))"}};
  return f;
}

// Single operations of binary32, in the theory of floats: nothing larger goes through it.
Formula zeros() {
  Formula f{.subject = "calculus.zero"};
  f.declarations = {"(define-sort F () (_ FloatingPoint 8 24))", "(declare-const x F)",
                    "(declare-const w F)"};
  const std::string add = "(fp.add roundNearestTiesToEven ";
  f.goals = {{"minus_zero_is_neutral", {}, "(= " + add + "x (_ -zero 8 24)) x)"},
             {"minus_zero_is_neutral_on_the_left", {}, "(= " + add + "(_ -zero 8 24) x) x)"},
             {"masked_tap_keeps_other_accumulators",
              {"(not (fp.isZero x))", "(not (fp.isNaN w))", "(not (fp.isInfinite w))"},
              "(= (fp.fma roundNearestTiesToEven w (_ +zero 8 24) x) x)"}};
  f.twins = {{"plus_zero_is_neutral", {}, "(= " + add + "x (_ +zero 8 24)) x)"},
             {"masked_tap_keeps_minus_zero",
              {"(not (fp.isNaN w))", "(not (fp.isInfinite w))"},
              "(= (fp.fma roundNearestTiesToEven w (_ +zero 8 24) (_ -zero 8 24)) (_ -zero 8 24))"}};
  return f;
}

// Our maximum and minimum (IEEE 754-2019: NaN wins, -0 < +0) are semilattices on binary32, NaN being one value.
Formula extremum(const std::string& name, const std::string& compare, const std::string& zero_wins) {
  Formula f{.subject = "calculus." + name};
  f.declarations = {"(define-sort F () (_ FloatingPoint 8 24))",
                    "(define-fun pick ((a F) (b F)) F (ite (or (fp.isNaN a) (fp.isNaN b)) (_ NaN 8 24)"
                    " (ite (and (fp.isZero a) (fp.isZero b)) (ite (" +
                        zero_wins + " a) a b) (ite (" + compare + " a b) a b))))",
                    "(define-fun naive ((a F) (b F)) F (ite (" + compare + " a b) a b))",
                    "(declare-const x F)",
                    "(declare-const y F)",
                    "(declare-const z F)"};
  f.goals = {{"commutative", {}, "(= (pick x y) (pick y x))"},
             {"associative", {}, "(= (pick (pick x y) z) (pick x (pick y z)))"},
             {"idempotent", {}, "(= (pick x x) x)"}};
  f.twins = {{"comparison_alone_commutes", {}, "(= (naive x y) (naive y x))"},
             {"comparison_alone_associates", {}, "(= (naive (naive x y) z) (naive x (naive y z)))"}};
  return f;
}

}  // namespace

std::vector<Formula> calculus_formulas() {
  return {tree_count(),
          tree_level(),
          tree_values(),
          tree_top(),
          tree_root(),
          order_shapes(),
          race(true),
          race(false),
          view_axes(),
          cover(),
          zeros(),
          extremum("maximum", "fp.gt", "fp.isPositive"),
          extremum("minimum", "fp.lt", "fp.isNegative")};
}

}  // namespace cep
