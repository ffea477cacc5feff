// Which rules have a proof on record. The record is text in the tree; the build turns it into the table included below.
#include <array>
#include <utility>

#include "cep/rule.h"

namespace cep {

namespace {

// {rule, digest of its text}
constexpr std::pair<std::string_view, std::string_view> kDischarged[] = {
    {"", ""},
#include "rules/discharged.inc"
};

void append(std::string& text, std::string_view kind, const std::vector<NamedExpr>& parts) {
  for (const NamedExpr& part : parts) {
    text += std::string(kind) + " " + std::string(part.name) + " " + std::to_string(part.expr) + "\n";
  }
}

}  // namespace

std::string rule_text(const Rule& rule) {
  std::string text =
      "rule " + std::string(rule.id) + " schema " + std::to_string(static_cast<int>(rule.schema)) + "\n";
  for (const auto& input : rule.inputs) text += "input " + std::string(input) + "\n";
  for (const auto& variable : rule.variables) text += "variable " + std::string(variable) + "\n";
  append(text, "guard", rule.guards);
  append(text, "output", rule.outputs);
  append(text, "hypothesis", rule.hypotheses);
  append(text, "conclusion", rule.conclusions);
  for (const ExprNode& node : rule.nodes) {
    text += "node";
    for (const std::int64_t field : {std::int64_t{static_cast<std::uint8_t>(node.op)}, std::int64_t{node.a},
                                     std::int64_t{node.b}, std::int64_t{node.c}, node.value}) {
      text += " " + std::to_string(field);
    }
    text += "\n";
  }
  return text;
}

acp::Digest rule_digest(const Rule& rule) { return acp::sha256(std::string_view(rule_text(rule))); }

bool rule_is_discharged(const Rule& rule) {
  const std::string digest = acp::to_hex(rule_digest(rule));
  for (const auto& [id, proved] : kDischarged) {
    if (id == rule.id && proved == digest) return true;
  }
  return false;
}

}  // namespace cep
