// Rules as data: the arithmetic every verdict rests on, as syntax trees.
//
// A Rule takes integers (bounds of a box, ends of a range of k, ...), may refuse to fire (its guard), and yields integers. Its
// meaning says why that is right: for all values of the meaning's variables, hypotheses imply conclusion. The one tree is
// evaluated by the verifier, translated to Z3 by `cep rules prove`, exported as SMT-LIB, and interpreted by cep-check.
//
// Life     the table is a constant; an Expr is an index into its rule's nodes.
// Why      a rule nobody proved must not be able to decide a verdict (decision 0003).
// Spec     CEP 6a (rules).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acp/digest.h"

namespace cep {

using Expr = std::uint16_t;

enum class ExprOp : std::uint8_t {
  kInput,     // value: position among the rule's inputs
  kOutput,    // value: position among the outputs (meaning only)
  kVariable,  // value: position among the meaning's variables (meaning only)
  kConst,     // value
  kAdd,
  kSub,
  kMul,
  kFloorDiv,
  kMod,
  kMin,
  kMax,
  kLt,
  kLe,
  kEq,
  kAnd,
  kOr,
  kNot,
  kIte,
};

struct ExprNode {
  ExprOp op = ExprOp::kConst;
  Expr a = 0;
  Expr b = 0;
  Expr c = 0;
  std::int64_t value = 0;
};

// How the obligations of a rule are generated from its meaning.
enum class Schema : std::uint8_t {
  kArithmetic,  // hypotheses and guard imply conclusion, over the integers
  kFoldAppend,  // guard implies: running a fold from state C(from) over [from,to) gives C(to); base and step, any state
  kTreeLevel,  // guard implies: the joined value is a node of the canonical tree (levels, odd tail passes up)
  kExactlyOnce,  // guard implies: every k is counted once in the joined sum (any commutative monoid)
  kSemilattice,  // guard implies: every k is met at least once (associative, commutative, idempotent)
};

struct NamedExpr {
  std::string_view name;
  Expr expr = 0;
};

struct Rule {
  std::string_view id;    // "index.add"
  std::string_view says;  // one sentence, for people
  Schema schema = Schema::kArithmetic;
  std::vector<std::string_view> inputs;
  std::vector<NamedExpr> guards;  // every one must hold for the rule to fire; the name says what failed
  std::vector<NamedExpr> outputs;
  std::vector<std::string_view> variables;
  std::vector<NamedExpr> hypotheses;
  std::vector<NamedExpr> conclusions;
  std::vector<ExprNode> nodes;
};

// Every rule there is, in a fixed order. Position in the table is the rule's number in certificates.
[[nodiscard]] std::span<const Rule> rule_table();
[[nodiscard]] const Rule* find_rule(std::string_view id);

// Everything about a rule that its proof rests on, one line a part; not its prose.
[[nodiscard]] std::string rule_text(const Rule& rule);
[[nodiscard]] acp::Digest rule_digest(const Rule& rule);
// Whether a proof of exactly this rule is on record in libcep/src/rules/discharged.txt.
[[nodiscard]] bool rule_is_discharged(const Rule& rule);

// Runs a rule of the table. Returns false, and names the failed guard, when it does not fire. Arithmetic that would overflow
// 64 bits counts as not firing ("overflow"); so does a rule that is not in the table, or whose proof is not on record
// ("CEP-RULE-1").
// Shape    inputs.size() == rule.inputs.size(), out.size() == rule.outputs.size().
// Cost     linear in the rule's nodes, no allocation.
[[nodiscard]] bool fire(const Rule& rule, std::span<const std::int64_t> inputs, std::span<std::int64_t> out,
                        std::string_view* failed_guard = nullptr);

}  // namespace cep
