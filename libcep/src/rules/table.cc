#include "rules/table.h"

#include <functional>

#include "rules/evaluate.h"

namespace cep {

namespace {

struct Table {
  std::vector<Rule> rules;
  std::vector<bool> discharged;  // by position
};

Table make_table() {
  Table table;
  for (auto* topic : {index_rules, box_rules, fold_rules, tree_rules, sum_rules, memory_rules, piece_rules}) {
    for (Rule& rule : topic()) table.rules.push_back(std::move(rule));
  }
  for (const Rule& rule : table.rules) table.discharged.push_back(rule_is_discharged(rule));
  return table;
}

const Table& the_table() {
  static const Table table = make_table();
  return table;
}

// Digests are compared once, when the table is made: firing costs no more than a look at the rule's position.
bool may_fire(const Rule& rule) {
  const Table& table = the_table();
  const Rule* first = table.rules.data();
  if (std::less<>{}(&rule, first) || !std::less<>{}(&rule, first + table.rules.size())) return false;
  return table.discharged[static_cast<std::size_t>(&rule - first)];
}

}  // namespace

std::span<const Rule> rule_table() { return the_table().rules; }

const Rule* find_rule(std::string_view id) {
  for (const Rule& rule : rule_table()) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

bool fire(const Rule& rule, std::span<const std::int64_t> inputs, std::span<std::int64_t> out,
          std::string_view* failed_guard) {
  if (!may_fire(rule)) {
    if (failed_guard != nullptr) *failed_guard = "CEP-RULE-1";
    return false;
  }
  return evaluate_rule(rule, inputs, out, failed_guard);
}

}  // namespace cep
